"""What of a trace is exported, as plain tables: the initial state, the texts, the actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACTIONS, INITIAL, TEXTS, Table

#: Rows that are turned into text at once.
CHUNK_ROWS = 20_000

#: The columns by which one row is told from all others, where one column does.
_KEYS = ("id", "seq")


@dataclass(frozen=True)
class Exported:
    """A table by the name that it has in every format.

    Attributes:
        name: as in the trace's folder.
        columns: with their Polars types.
        optional: those that may be null.
        key: the column that names a row; empty where no single one does.
    """

    name: str
    columns: dict[str, pl.DataType]
    optional: frozenset[str]
    key: str


#: What each action comes after, one row per pair, for formats without lists.
ACTION_AFTER = Exported(
    "action_after", {"seq": pl.Int64(), "after": pl.Int64()}, frozenset(), key=""
)


def described(table: Table) -> Exported:
    """A table of a trace, without its folder."""
    key = next((name for name in _KEYS if name in table.columns), "")
    return Exported(PurePosixPath(table.path).stem, table.columns, table.optional, key)


def state_parts(trace: Trace) -> Iterator[tuple[Exported, Iterator[pl.DataFrame]]]:
    """Every table of the initial state and the texts, each in chunks, in the order to load them."""
    for table in (*INITIAL, TEXTS):
        yield described(table), trace.table(table).iter_slices(CHUNK_ROWS)


def flat_parts(trace: Trace) -> Iterator[tuple[Exported, Iterator[pl.DataFrame]]]:
    """All tables for formats without lists: :data:`ACTION_AFTER` stands beside the actions."""
    yield from state_parts(trace)
    actions = trace.actions()
    columns = {name: kind for name, kind in ACTIONS.columns.items() if name != "after"}
    flat = Exported(ACTIONS.path, columns, ACTIONS.optional, key="seq")
    yield flat, actions.select(list(columns)).iter_slices(CHUNK_ROWS)
    pairs = actions.select("seq", "after").explode("after").drop_nulls()
    yield ACTION_AFTER, pairs.iter_slices(CHUNK_ROWS)


def nested_parts(trace: Trace) -> Iterator[tuple[Exported, Iterator[pl.DataFrame]]]:
    """All tables for formats with lists."""
    yield from state_parts(trace)
    yield described(ACTIONS), trace.actions().iter_slices(CHUNK_ROWS)
