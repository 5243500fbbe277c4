"""The tables of a trace and their columns: the one definition that writer and readers check.

A trace is a folder::

    manifest.json               how it was made, counts, digest; written last
    texts.parquet               the bank of texts that actions refer to
    population/accounts.parquet persons and brands
    population/posts.parquet    the brands' posts that can be commented on
    state/*.parquet             what a backend must hold before the first action
    actions/cell=*/*.parquet    the actions, ordered by time within a cell

Times are integer microseconds since Monday 00:00 of the first simulated week. Ids of accounts run
from 0 over all cells; an action's ``seq`` is ``cell << 40 | n``.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import polars as pl

from dmsim.vocabulary import (
    Action,
    ContentKind,
    Kind,
    Platform,
    Reason,
    Region,
    Setting,
    Standing,
    Thread,
    Verdict,
    Via,
    Violation,
    names,
)

#: Raised whenever a reader of the old tables could misunderstand the new ones.
SCHEMA_VERSION = 2

CELL_SHIFT = 40


@cache
def words(enumeration: type[IntEnum]) -> pl.Enum:
    """The Polars type of a column that holds members of an enumeration."""
    return pl.Enum(names(enumeration))


@dataclass(frozen=True, eq=False)
class Table:
    """A table's place in the folder and its columns; only ``optional`` ones may hold nulls."""

    path: str
    columns: dict[str, pl.DataType]
    optional: frozenset[str] = frozenset()

    @property
    def schema(self) -> pl.Schema:
        """The columns as a Polars schema."""
        return pl.Schema(self.columns)


#: ``device`` is the account whose device this one uses (mostly its own), ``joined`` when it was
#: created, ``everyone_offered`` whether it may choose the setting "Everyone" (R60).
ACCOUNTS = Table(
    "population/accounts.parquet",
    {
        "id": pl.Int32(),
        "kind": words(Kind),
        "name": pl.String(),
        "age": pl.UInt8(),
        "registered": pl.Boolean(),
        "locale": pl.String(),
        "platform": words(Platform),
        "archetype": pl.String(),
        "region": words(Region),
        "device": pl.Int32(),
        "joined": pl.Int64(),
        "everyone_offered": pl.Boolean(),
    },
)
POSTS = Table(
    "population/posts.parquet",
    {"id": pl.Int32(), "page": pl.Int32()},
)
#: Who is whose guardian (R14).
GUARDIANS = Table(
    "population/guardians.parquet",
    {"guardian": pl.Int32(), "teen": pl.Int32()},
)
#: Whom the platform suggests to whom as people one may know (R4); a row holds for both.
ACQUAINTANCES = Table(
    "population/acquaintances.parquet",
    {"account": pl.Int32(), "other": pl.Int32()},
)
SETTINGS = Table(
    "state/settings.parquet",
    {
        "account": pl.Int32(),
        "setting": words(Setting),
        "read_status": pl.Boolean(),
        "filter_requests": pl.Boolean(),
        "allow_business": pl.Boolean(),
        "notifications": pl.Boolean(),
        "family_restricted": pl.Boolean(),
    },
)
#: Accounts with a record: the penalty and its end, violations so far and the gravest of them,
#: reports against the account with the time of the last, reports that wait for a decision, and
#: whether the device of this account is banned.
STANDINGS = Table(
    "state/standings.parquet",
    {
        "account": pl.Int32(),
        "standing": words(Standing),
        "until": pl.Int64(),
        "violations": pl.Int32(),
        "worst": words(Violation),
        "reports": pl.Int32(),
        "last_report": pl.Int64(),
        "open_reports": pl.Int32(),
        "device_banned": pl.Boolean(),
    },
)
#: When accounts opened the inbox last; those that never did have no row.
PRESENCE = Table(
    "state/presence.parquet",
    {"account": pl.Int32(), "active": pl.Int64()},
)
FOLLOWS = Table(
    "state/follows.parquet",
    {"follower": pl.Int32(), "followed": pl.Int32()},
)
CONTACTS = Table(
    "state/contacts.parquet",
    {"account": pl.Int32(), "other": pl.Int32()},
)
BLOCKS = Table(
    "state/blocks.parquet",
    {"blocker": pl.Int32(), "blocked": pl.Int32()},
)
#: One row per pair of accounts that has a conversation. ``requester`` is who asked (for an accepted
#: thread whoever wrote first); a ``deleted`` row says that the requester's request was deleted.
#: ``requested_count`` counts the requester's messages since the conversation was last open or new,
#: ``filtered`` says that the open request is a filtered one. Of each side: messages unread,
#: messages in its own view, whether it muted the conversation.
THREADS = Table(
    "state/threads.parquet",
    {
        "requester": pl.Int32(),
        "other": pl.Int32(),
        "thread": words(Thread),
        "requested_count": pl.Int32(),
        "filtered": pl.Boolean(),
        "requester_unread": pl.Int32(),
        "other_unread": pl.Int32(),
        "requester_visible": pl.Int32(),
        "other_visible": pl.Int32(),
        "requester_muted": pl.Boolean(),
        "other_muted": pl.Boolean(),
    },
)
COMMENTS = Table(
    "state/comments.parquet",
    {
        "id": pl.Int64(),
        "post": pl.Int32(),
        "author": pl.Int32(),
        "publicly_replied": pl.Boolean(),
        "privately_replied": pl.Boolean(),
    },
)
VIDEOS = Table(
    "state/videos.parquet",
    {"id": pl.Int64(), "author": pl.Int32(), "private": pl.Boolean()},
)
#: The sticker sets in each account's panel, by place.
STICKER_SETS = Table(
    "state/sticker_sets.parquet",
    {"account": pl.Int32(), "sticker_set": pl.Int32(), "place": pl.Int32()},
)
#: ``violation`` and ``detected`` label what moderation sees in a text: a server cannot judge
#: made-up sentences, so the label travels with them.
TEXTS = Table(
    "texts.parquet",
    {
        "id": pl.Int32(),
        "locale": pl.String(),
        "text": pl.String(),
        "violation": words(Violation),
        "detected": pl.Boolean(),
    },
)
#: ``target`` is the other account (for a comment: the page, for a video: its author), ``uses`` the
#: object an action names (the post commented on, the comment replied to, the content shared, the
#: video, the sticker set), ``binds`` the object it creates (a comment), ``setting`` what
#: ``change_setting`` chose, ``content`` what a message carries, ``switch`` what is switched on or
#: off (settings, a guardian's restriction; on is a video made private, and a moderator's decision
#: that closes a report), ``violation`` what a moderator found, ``until`` the end of the penalty
#: given for it, ``fanout`` the first ``seq`` of the actions that are one share to several
#: addressees, ``after`` the ``seq`` of every action that must have finished before this one starts.
#: ``verdict`` and ``reason`` are what the rules demand.
ACTIONS = Table(
    "actions",
    {
        "seq": pl.Int64(),
        "at": pl.Int64(),
        "actor": pl.Int32(),
        "action": words(Action),
        "target": pl.Int32(),
        "uses": pl.Int64(),
        "binds": pl.Int64(),
        "text": pl.Int32(),
        "setting": words(Setting),
        "content": words(ContentKind),
        "switch": pl.Boolean(),
        "violation": words(Violation),
        "until": pl.Int64(),
        "fanout": pl.Int64(),
        "via": words(Via),
        "platform": words(Platform),
        "verdict": words(Verdict),
        "reason": words(Reason),
        "after": pl.List(pl.Int64()),
    },
    optional=frozenset(
        {
            "target",
            "uses",
            "binds",
            "text",
            "setting",
            "content",
            "switch",
            "violation",
            "until",
            "fanout",
        }
    ),
)

#: Everything a backend is filled with before the first action, in the order it must be loaded.
INITIAL = (
    ACCOUNTS,
    POSTS,
    GUARDIANS,
    ACQUAINTANCES,
    SETTINGS,
    STANDINGS,
    PRESENCE,
    FOLLOWS,
    CONTACTS,
    BLOCKS,
    THREADS,
    COMMENTS,
    VIDEOS,
    STICKER_SETS,
)
