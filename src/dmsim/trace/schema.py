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

from dmsim.vocabulary import Action, Kind, Platform, Reason, Setting, Thread, Verdict, Via, names

#: Raised whenever a reader of the old tables could misunderstand the new ones.
SCHEMA_VERSION = 1

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
    },
)
POSTS = Table(
    "population/posts.parquet",
    {"id": pl.Int32(), "page": pl.Int32()},
)
SETTINGS = Table(
    "state/settings.parquet",
    {"account": pl.Int32(), "setting": words(Setting)},
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
#: thread without meaning); a ``deleted`` row says that the requester's request was deleted.
THREADS = Table(
    "state/threads.parquet",
    {"requester": pl.Int32(), "other": pl.Int32(), "thread": words(Thread)},
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
TEXTS = Table(
    "texts.parquet",
    {"id": pl.Int32(), "locale": pl.String(), "text": pl.String()},
)
#: ``target`` is the other account (for a comment: the page), ``uses`` the object an action names
#: (the post commented on, the comment replied to), ``binds`` the object it creates (a comment),
#: ``setting`` what ``change_setting`` chose, ``after`` the ``seq`` of every action that must have
#: finished before this one starts. ``verdict`` and ``reason`` are what the rules demand.
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
        "via": words(Via),
        "platform": words(Platform),
        "verdict": words(Verdict),
        "reason": words(Reason),
        "after": pl.List(pl.Int64()),
    },
    optional=frozenset({"target", "uses", "binds", "text", "setting"}),
)

#: Everything a backend is filled with before the first action, in the order it must be loaded.
INITIAL = (ACCOUNTS, POSTS, SETTINGS, FOLLOWS, CONTACTS, BLOCKS, THREADS, COMMENTS)
