"""A trace thinned to fewer persons by whole conversations, so that what is kept stays right.

Persons are taken in the order of a hash of their ids and the trace's seed, each with all
conversations it has. Whatever an action that is kept reads must have been written as in the trace:
so whoever writes it is kept too, until nothing more is missing
(:data:`dmsim.rules.resources.ACCESS`).
"""

from dataclasses import dataclass
from hashlib import blake2b

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from dmsim.errors import UsageError
from dmsim.replay.owners import Owners, owners_of
from dmsim.replay.schedule import Ints, Schedule
from dmsim.rules.resources import Resource, reading, writing
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS
from dmsim.vocabulary import ContentKind, Kind, Reason, word

Mask = npt.NDArray[np.bool_]

#: No person takes part, so it is kept only where something rests on it.
_LAST = np.iinfo(np.int64).max

#: What the other side of an action names, as its own side names it.
_SAME = {
    Resource.TARGET: Resource.ACTOR,
    Resource.AUTHOR: Resource.ACTOR,
    Resource.PRESENCE_OF_TARGET: Resource.PRESENCE_OF_ACTOR,
    Resource.DEVICE_OF_TARGET: Resource.DEVICE_OF_ACTOR,
}


class Thinned(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a trace: persons who act, pairs that have to do with each other, actions."""

    persons: int
    conversations: int
    actions: int


@dataclass(frozen=True)
class _Touches:
    """Which row reads or writes which state: one entry for each of both, ordered by row.

    Attributes:
        row: of the schedule.
        state: a number for each state.
        reads: whether the verdict of the row rests on it.
        writes: whether the row may change it.
        is_pair: whether it is a conversation.
        is_account: whether it is an account, whose readers may come in any order.
        states: how many states there are.
    """

    row: Ints
    state: Ints
    reads: Mask
    writes: Mask
    is_pair: Mask
    is_account: Mask
    states: int


def thin(
    trace: Trace, actions: pl.DataFrame, schedule: Schedule, users: int
) -> tuple[pl.DataFrame, Thinned]:
    """Keep as many whole conversations as ``users`` persons have.

    Args:
        trace: whose actions they are.
        actions: the frame that the schedule was made of.
        schedule: made of it.
        users: how many persons may act at most.

    Returns:
        the rows that are kept, with what they come after, and what they are.

    Raises:
        UsageError: not even one person's conversations rest on so few.
    """
    touches = _touches(schedule, _owners(trace, schedule))
    persons = _persons(trace)
    hashes = _hashes(schedule, persons, trace.manifest.seed)
    kept = _most_with(schedule, touches, persons, hashes, users)
    after = _after(actions["after"], schedule, touches, kept)
    left = actions.with_columns(after).filter(pl.Series(kept))
    return left, _thinned(schedule, kept, persons)


def _most_with(
    schedule: Schedule, touches: _Touches, persons: Mask, hashes: Ints, users: int
) -> Mask:
    """The most that at most so many persons do: more persons taken never leave fewer."""
    everything = np.ones(len(schedule), dtype=np.bool_)
    if _acting(schedule, everything, persons) <= users:
        return everything
    bounds = np.unique(hashes[hashes < _LAST])
    fewest, most = 0, len(bounds)
    least, best = 0, ~everything
    while fewest < most:
        middle = (fewest + most + 1) // 2
        kept = _closed(schedule, touches, hashes <= bounds[middle - 1])
        acting = _acting(schedule, kept, persons)
        if acting <= users:
            fewest, best = middle, kept
        else:
            most, least = middle - 1, acting
    if not fewest:
        raise UsageError(
            f"--users {users}: one person's conversations rest on what {least} persons do; give "
            f"{least} or more"
        )
    return best


def _closed(schedule: Schedule, touches: _Touches, kept: Mask) -> Mask:
    """With all that is needed for the verdicts of what is kept."""
    while True:
        read = np.zeros(touches.states, dtype=np.bool_)
        read[touches.state[touches.reads & kept[touches.row]]] = True
        needed = read[touches.state] & (touches.writes | touches.is_pair)
        grown = kept.copy()
        grown[touches.row[needed]] = True
        named = schedule.binder[grown]
        grown[named[named >= 0]] = True
        if np.array_equal(grown, kept):
            return kept
        kept = grown


def _after(after: pl.Series, schedule: Schedule, touches: _Touches, kept: Mask) -> pl.Series:
    """What rows come after, where a row between two that touch the same state is gone.

    Readers of an account are in no order, so there its writers alone follow each other.
    """
    entries = kept[touches.row] & (touches.writes | ~touches.is_account)
    row, state = touches.row[entries], touches.state[entries]
    order = np.argsort(state, kind="stable")
    row, state = row[order], state[order]
    follows = (state[1:] == state[:-1]) & (row[1:] != row[:-1])
    before, later = row[:-1][follows], row[1:][follows]
    added = (
        pl.DataFrame({"row": later, "also": schedule.seq[before]})
        .unique()
        .group_by("row")
        .agg("also")
    )
    rows = pl.DataFrame({"row": np.arange(len(schedule)), "after": after})
    none = pl.lit([], dtype=pl.List(pl.Int64))
    joined = rows.join(added, on="row", how="left", maintain_order="left")
    return joined.select(
        pl.col("after").list.set_union(pl.col("also").fill_null(none)).list.sort().alias("after")
    )["after"]


def _touches(schedule: Schedule, owners: Owners) -> _Touches:
    parts: list[tuple[Resource, Ints, Ints, Mask, Mask]] = []
    for resource in Resource:
        reads = np.array(reading(resource))[schedule.action]
        writes = np.array(writing(resource))[schedule.action]
        if resource == Resource.PAGE:
            # How much a page has sent matters only where it was too much.
            reads &= schedule.reason == Reason.RATE_LIMITED
        if resource == Resource.AUTHOR:
            reads &= schedule.content == ContentKind.VIDEO
        rows = np.flatnonzero(reads | writes)
        key = _keys(schedule, resource, rows, owners)
        kind = _SAME.get(resource, resource)
        parts.append((kind, rows, key, reads[rows], writes[rows]))
    return _numbered([*parts, *_of_shared_devices(parts, owners)])


def _of_shared_devices(
    parts: list[tuple[Resource, Ints, Ints, Mask, Mask]], owners: Owners
) -> list[tuple[Resource, Ints, Ints, Mask, Mask]]:
    """A ban of a device may stop all accounts that are used on it (Q25)."""
    shared = {device for account, device in owners.devices.items() if account != device}
    on_shared = {a: d for a, d in owners.devices.items() if d in shared}
    accounts = np.array(sorted(on_shared), dtype=np.int64)
    devices = np.array([on_shared[account] for account in accounts.tolist()], dtype=np.int64)
    found = []
    for kind, rows, key, reads, _ in parts:
        if kind == Resource.ACTOR:
            those = reads & np.isin(key, accounts)
            device = devices[np.searchsorted(accounts, key[those])]
            nothing = np.zeros(len(device), dtype=np.bool_)
            found.append((Resource.DEVICE_OF_ACTOR, rows[those], device, ~nothing, nothing))
    return found


def _numbered(parts: list[tuple[Resource, Ints, Ints, Mask, Mask]]) -> _Touches:
    """Give each state a number of its own and order all by row."""
    numbers, kinds = [], []
    states = 0
    for kind in sorted({part[0] for part in parts}):
        keys = np.concatenate([part[2] for part in parts if part[0] == kind])
        found, number = np.unique(keys, return_inverse=True)
        numbers.append(number + states)
        kinds.append(np.full(len(keys), kind))
        states += len(found)
    parts = sorted(parts, key=lambda part: part[0])
    row = np.concatenate([part[1] for part in parts])
    order = np.argsort(row, kind="stable")
    kind_of = np.concatenate(kinds)[order]
    return _Touches(
        row=row[order],
        state=np.concatenate(numbers)[order],
        reads=np.concatenate([part[3] for part in parts])[order],
        writes=np.concatenate([part[4] for part in parts])[order],
        is_pair=kind_of == Resource.PAIR,
        is_account=kind_of == Resource.ACTOR,
        states=states,
    )


def _keys(schedule: Schedule, resource: Resource, rows: Ints, owners: Owners) -> Ints:
    """Which state of its kind each of the rows touches."""
    actor, target, uses = schedule.actor[rows], schedule.target[rows], schedule.uses[rows]
    if resource == Resource.PAIR:
        return np.minimum(actor, target) << 32 | np.maximum(actor, target)
    if resource == Resource.COMMENT:
        binds = schedule.binds[rows]
        return np.where(binds >= 0, binds, uses)
    if resource == Resource.AUTHOR:
        return np.array([owners.authors.get(video, -1) for video in uses.tolist()], dtype=np.int64)
    is_targets = resource in _SAME
    account = target if is_targets else actor
    if _SAME.get(resource, resource) == Resource.DEVICE_OF_ACTOR:
        devices = [owners.devices.get(one, one) for one in account.tolist()]
        return np.array(devices, dtype=np.int64)
    return account


def _owners(trace: Trace, schedule: Schedule) -> Owners:
    """As the judge needs them, but with the devices of all accounts."""
    accounts = pl.read_parquet(trace.path / ACCOUNTS.path, columns=["id", "device"])
    devices = dict(zip(accounts["id"].to_list(), accounts["device"].to_list(), strict=True))
    return owners_of(trace, schedule)._replace(devices=devices)


def _persons(trace: Trace) -> Mask:
    """Which accounts are persons."""
    kinds = pl.read_parquet(trace.path / ACCOUNTS.path, columns=["kind"])["kind"]
    return (kinds == word(Kind.PERSON)).to_numpy()


def _hashes(schedule: Schedule, persons: Mask, seed: int) -> Ints:
    """Of each row the lesser hash of the persons who take part in it."""
    size = len(persons)
    of_account = np.full(size + 1, _LAST)
    taking_part = np.unique(np.concatenate((schedule.actor, schedule.target)))
    for account in taking_part[(taking_part >= 0) & (taking_part < size)].tolist():
        if persons[account]:
            digest = blake2b(f"{seed}/{account}".encode(), digest_size=8).digest()
            of_account[account] = int.from_bytes(digest, "big") >> 2
    # -1, for no target, finds the last entry.
    least: Ints = np.minimum(of_account[schedule.actor], of_account[schedule.target])
    return least


def _acting(schedule: Schedule, kept: Mask, persons: Mask) -> int:
    return int(np.count_nonzero(persons[np.unique(schedule.actor[kept])]))


def _thinned(schedule: Schedule, kept: Mask, persons: Mask) -> Thinned:
    with_target = kept & (schedule.target >= 0)
    actor, target = schedule.actor[with_target], schedule.target[with_target]
    pairs = np.unique(np.minimum(actor, target) << 32 | np.maximum(actor, target))
    return Thinned(
        persons=_acting(schedule, kept, persons),
        conversations=len(pairs),
        actions=int(np.count_nonzero(kept)),
    )
