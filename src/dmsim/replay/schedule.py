"""When each action is to be sent, and what it must wait for: arithmetic on a trace's columns."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dmsim.errors import UsageError
from dmsim.trace.schema import OF_COMMENTS
from dmsim.vocabulary import Action

Ints = npt.NDArray[np.int64]

#: The columns of the actions that a replay needs.
COLUMNS = [
    "seq", "at", "actor", "action", "target", "uses", "binds", "text", "setting", "content",
    "switch", "violation", "until", "fanout", "via", "verdict", "reason", "after",
]  # fmt: skip

_NS_PER_US = 1_000
_LONGEST_NS = 365 * 86_400 * 1_000_000_000


@dataclass(frozen=True)
class Schedule:
    """The actions of a trace in the order of their intended times, one row each.

    All arrays are int64 of length n, enum columns and switches as their codes, -1 where a column
    is empty.

    Attributes:
        intended: nanoseconds from T0.
        waits_for: how many prerequisites inside the recorded window each row has.
        first: of length n + 1; ``dependents[first[row]:first[row + 1]]`` are the rows that come
            after ``row``.
        dependents: rows, grouped by what they depend on.
        binder: the row that creates the object which this row uses, or -1.
    """

    seq: Ints
    at: Ints
    actor: Ints
    action: Ints
    target: Ints
    uses: Ints
    binds: Ints
    text: Ints
    setting: Ints
    content: Ints
    switch: Ints
    violation: Ints
    until: Ints
    fanout: Ints
    via: Ints
    verdict: Ints
    reason: Ints
    intended: Ints
    waits_for: Ints
    first: Ints
    dependents: Ints
    binder: Ints

    def __len__(self) -> int:
        return len(self.seq)

    def edges(self) -> tuple[Ints, Ints]:
        """All pairs (prerequisite, dependent) as two arrays of rows."""
        return np.repeat(np.arange(len(self)), np.diff(self.first)), self.dependents


def make_schedule(actions: pl.DataFrame, from_us: int, speed: float) -> Schedule:
    """Lay a trace's actions out for a replay.

    An ``after`` that names an action outside the recorded window counts as satisfied: what it did
    is part of the initial state.

    Args:
        actions: the columns :data:`COLUMNS`, ordered by ``at`` and ``seq``.
        from_us: the start of the recorded window, which is replayed at T0.
        speed: how many simulated seconds pass in one second.

    Raises:
        UsageError: an action comes after a later one, which no replay can keep, or the replay
            would take years.
    """
    columns = {name: as_codes(actions[name]) for name in COLUMNS if name != "after"}
    binder = _binders(columns)
    before, row = _prerequisites(actions["after"], columns["seq"], binder)
    if np.any(before >= row):
        seq = columns["seq"][row[np.argmax(before >= row)]]
        raise UsageError(f"action seq {seq} comes after a later one; simulate the trace again")
    size = len(actions)
    order = np.argsort(before, kind="stable")
    return Schedule(
        **columns,
        intended=_intended(columns["at"], from_us, speed),
        waits_for=np.bincount(row, minlength=size).astype(np.int64),
        first=np.concatenate(([0], np.cumsum(np.bincount(before, minlength=size)))).astype(
            np.int64
        ),
        dependents=row[order],
        binder=binder,
    )


def not_sent_because_of(schedule: Schedule, kinds: Collection[Action]) -> Ints:
    """For each row the one of the given kinds because of which it cannot be sent.

    That is the row itself, or the one that creates what it names; -1 where nothing is in the way.
    """
    not_sent = np.isin(schedule.action, list(kinds))
    binder = schedule.binder
    named = np.where((binder >= 0) & not_sent[binder], binder, -1)
    return np.where(not_sent, np.arange(len(schedule)), named)


def as_codes(column: pl.Series) -> Ints:
    """A column as integers: words as their codes, -1 where it is empty."""
    physical = column.to_physical() if isinstance(column.dtype, pl.Enum) else column
    return physical.cast(pl.Int64).fill_null(-1).to_numpy()


def _intended(at: Ints, from_us: int, speed: float) -> Ints:
    exact = np.rint((at - from_us) * (_NS_PER_US / speed))
    if exact.max(initial=0) > _LONGEST_NS:
        raise UsageError(f"a speed of {speed:g} would take more than a year; raise --speed")
    intended: Ints = exact.astype(np.int64)
    return intended


def _binders(columns: dict[str, Ints]) -> Ints:
    """The row that writes the comment that another names; those of the initial state have none."""
    created = np.flatnonzero((columns["action"] == Action.COMMENT) & (columns["binds"] >= 0))
    naming = np.isin(columns["action"], OF_COMMENTS)
    binder = np.full(len(naming), -1, dtype=np.int64)
    rows, creators = _look_up(columns["uses"][naming], columns["binds"][created])
    binder[np.flatnonzero(naming)[rows]] = created[creators]
    return binder


def _prerequisites(after: pl.Series, seq: Ints, binder: Ints) -> tuple[Ints, Ints]:
    """Each pair (prerequisite, dependent) once, as two arrays of rows."""
    lengths = after.list.len().fill_null(0).to_numpy().astype(np.int64)
    named = after.explode().drop_nulls().cast(pl.Int64).to_numpy()
    dependents = np.repeat(np.arange(len(seq)), lengths)
    found, before = _look_up(named, seq)
    bound = np.flatnonzero(binder >= 0)
    pairs = np.stack(
        (
            np.concatenate((before, binder[bound])),
            np.concatenate((dependents[found], bound)),
        )
    )
    pairs = np.unique(pairs, axis=1)
    return pairs[0], pairs[1]


def _look_up(wanted: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Positions in ``wanted`` whose value is among the unique ``keys``, and where in ``keys``."""
    if not len(keys) or not len(wanted):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    hit = np.flatnonzero(keys[order[place]] == wanted)
    return hit, order[place[hit]]
