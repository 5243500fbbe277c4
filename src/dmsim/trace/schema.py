"""The tables of a trace and their columns: the one definition that writer and readers check.

A trace is a folder::

    manifest.json               how it was made, counts, digest; written last
    texts.parquet               the bank of texts that actions refer to
    population/accounts.parquet persons and brands
    population/posts.parquet    the brands' posts that can be commented on
    state/*.parquet             what a backend must hold before the first action
    actions/cell=*/*.parquet    the actions, ordered by time within a cell
    care/*.parquet              what became of the customers' cases, and what the staff did

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
    Ending,
    Kind,
    Platform,
    Reason,
    Region,
    Setting,
    Standing,
    Thread,
    Topic,
    Verdict,
    Via,
    Violation,
    names,
)

#: Raised whenever a reader of the old tables could misunderstand the new ones.
SCHEMA_VERSION = 4

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
#: created, ``everyone_offered`` whether it may choose the setting "Everyone" (R60), ``utc_offset``
#: by how many µs its clock is ahead of the trace's (Q8).
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
        "utc_offset": pl.Int64(),
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
#: messages in its own view, whether it muted the conversation. Of a person and a brand:
#: ``by_private_reply`` whether a private reply opened the conversation, ``answered`` when the
#: person wrote or accepted last, -1 for never and for other pairs.
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
        "by_private_reply": pl.Boolean(),
        "answered": pl.Int64(),
    },
)
COMMENTS = Table(
    "state/comments.parquet",
    {
        "id": pl.Int64(),
        "post": pl.Int32(),
        "author": pl.Int32(),
        "at": pl.Int64(),
        "publicly_replied": pl.Boolean(),
        "privately_replied": pl.Boolean(),
    },
)
#: What pages have sent of what is limited by rate: private replies in the ``hour`` that is under
#: way or was the last with any, mailings and sponsored messages in such a ``second``; both count
#: from Monday 00:00, -1 for none yet.
PAGES = Table(
    "state/pages.parquet",
    {
        "page": pl.Int32(),
        "hour": pl.Int64(),
        "private_replies": pl.Int32(),
        "second": pl.Int64(),
        "mailed": pl.Int32(),
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
#: made-up sentences, so the label travels with them. ``topic`` is what a comment is about,
#: ``personal`` says that the text asks for personal data (R152-R154).
TEXTS = Table(
    "texts.parquet",
    {
        "id": pl.Int32(),
        "locale": pl.String(),
        "text": pl.String(),
        "violation": words(Violation),
        "detected": pl.Boolean(),
        "topic": words(Topic),
        "personal": pl.Boolean(),
    },
    optional=frozenset({"topic"}),
)
#: ``target`` is the other account (for a comment: the page, for a video: its author), ``uses`` the
#: object an action names (the post commented on, the comment replied to or read or whose case ends,
#: the content shared, the video, the sticker set), ``binds`` the object it creates (a comment),
#: ``setting`` what ``change_setting`` chose, ``content`` what a message carries, ``switch`` what is
#: switched on or off (settings, a guardian's restriction; on is a video made private, a moderator's
#: decision that closes a report, a public reply that tells of a private one, a private reply that
#: asks for personal data, a brand's message that leads to another channel, a mailing that expects
#: an answer), ``violation`` what a moderator found, ``until`` the end of the penalty given for it,
#: ``fanout`` the first ``seq`` of the actions that are one share to several addressees, ``after``
#: the ``seq`` of every action that must have finished before this one starts. ``verdict`` and
#: ``reason`` are what the rules demand; of an action that a log tells of without its outcome nobody
#: knows what is demanded: ``verdict`` is null.
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
            "verdict",
        }
    ),
)

#: Actions whose ``uses`` is a comment, which may have been written earlier in the same trace.
OF_COMMENTS = (
    Action.PUBLIC_REPLY,
    Action.PRIVATE_REPLY,
    Action.READ_COMMENT,
    Action.RESOLVE,
    Action.HAND_OFF,
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
    PAGES,
    VIDEOS,
    STICKER_SETS,
)

#: One row per case of a customer that was open in the recorded window: a ``comment`` (an id of the
#: cell; none for ``topic`` message), or a message that belongs to no earlier case. ``complex`` and
#: ``personal``: it takes long, it needs personal data. The moments are when it was ``written``,
#: answered publicly and privately, when the customer ``returned`` to the thread and was
#: ``answered`` there for the first time by a human, and when it ``ended``; those that did not come
#: are null. ``turns`` counts the answers in the thread, ``escalated`` whether it went public.
CASES = Table(
    "care/cases.parquet",
    {
        "case": pl.Int64(),
        "team": pl.String(),
        "page": pl.Int32(),
        "person": pl.Int32(),
        "comment": pl.Int64(),
        "topic": words(Topic),
        "locale": pl.String(),
        "complex": pl.Boolean(),
        "personal": pl.Boolean(),
        "written": pl.Int64(),
        "public": pl.Int64(),
        "private": pl.Int64(),
        "returned": pl.Int64(),
        "answered": pl.Int64(),
        "ended": pl.Int64(),
        "ending": words(Ending),
        "escalated": pl.Boolean(),
        "turns": pl.Int32(),
    },
    optional=frozenset({"comment", "public", "private", "returned", "answered", "ended"}),
)
#: One row per team and hour of the clock that begins at ``at``, as far as the recorded window goes:
#: agent time in µs that the roster schedules, that was worked (without breaks and shrinkage, with
#: overtime for what was at hand), and that was spent handling; the backlog at the end of the hour,
#: by the age of what waits.
STAFF = Table(
    "care/staff.parquet",
    {
        "team": pl.String(),
        "at": pl.Int64(),
        "scheduled": pl.Int64(),
        "present": pl.Int64(),
        "busy": pl.Int64(),
        "backlog": pl.Int32(),
        "older_than_1h": pl.Int32(),
        "older_than_4h": pl.Int32(),
        "older_than_24h": pl.Int32(),
    },
)

#: What a simulation says of the staff; no backend is filled with it.
RESULTS = (CASES, STAFF)
