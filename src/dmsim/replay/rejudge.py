"""A finished record judged at once: what a :class:`Judge` says action by action, over all rows.

Several processes that share a replay each know their own rows only, and what one of them did may
throw into doubt what another one asked. So their merged rows are judged once more, in the order in
which they finished. What came as demanded and rests on nothing in doubt is a match without a look
at it; only what differs, what is missing, and what rests on either is judged one by one.
"""

import heapq
from collections.abc import Iterator, Mapping, Set
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import OF_TARGET, Judge, Judgement, State, unordered_pairs
from dmsim.replay.owners import Owners
from dmsim.replay.schedule import Ints, Schedule
from dmsim.rules.races import order_matters
from dmsim.rules.resources import Resource, reading
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict, names

_VERDICTS = names(Verdict)
_REASONS = names(Reason)

#: Fates of what was never to be sent.
_WITHHELD = (Fate.UNSUPPORTED, Fate.LEFT_OUT)


class Rejudged(NamedTuple):
    """What a whole record is found to be.

    Attributes:
        judgements: a code of :class:`Judgement` per row, ``uint8``.
        origins: for each row that could not be judged or sent because of another: that other; for
            each in ``untimed`` and ``unpromised`` itself.
        untimed: rows that came out otherwise and rest on elapsed time that was not promised.
        unpromised: rows that came out otherwise than a rule demands that is not promised.
    """

    judgements: npt.NDArray[np.uint8]
    origins: dict[int, int]
    untimed: set[int]
    unpromised: set[int]


def rejudge(
    schedule: Schedule,
    judge: Judge,
    fates: npt.NDArray[np.uint8],
    start: Ints,
    done: Ints,
    outcomes: Mapping[int, Outcome],
    withheld: Ints,
    cause: Mapping[int, int],
) -> Rejudged:
    """Judge all actions of a record in the order in which they finished.

    Args:
        schedule: the actions.
        judge: of the schedule's actions; it has judged nothing yet.
        fates: a code of :class:`Fate` per row.
        start: when each was sent, nanoseconds from T0, negative where it was not.
        done: when each was answered, or given up.
        outcomes: what came of those that came out otherwise than demanded; others may be there too.
        withheld: per row the one that the adapter cannot express, or that was left out, and without
            which it cannot be sent; -1 where nothing is in the way.
        cause: for each skipped row the one that began the chain.
    """
    answered = fates == Fate.ANSWERED
    judgements = np.where(answered, Judgement.MATCH, Judgement.NONE).astype(np.uint8)
    origins: dict[int, int] = {}
    races = _Races(schedule, judge, fates, start, done, outcomes)
    judgements[answered & races.unordered] = Judgement.UNORDERED
    queue = _Queue(_moments(schedule, done))
    readers = _Readers(schedule, judge.owners)
    queue.add(np.union1d(np.fromiter(outcomes, np.int64), np.flatnonzero(~answered)))
    queue.add(np.array(sorted(races.undecided), dtype=np.int64))
    for row in queue:
        known = len(judge.doubts)
        if answered[row]:
            outcome = outcomes.get(row) or _demanded(schedule, row)
            if races.unordered[row]:
                judgements[row], origin = judge.judge_raced(row, outcome, races.with_(row))
            else:
                judgements[row], origin = judge.judge(row, outcome)
            if row in races.undecided:
                judge.missing(row, row)
        else:
            origin = int(withheld[row]) if fates[row] in _WITHHELD else -1
            judge.missing(row, origin if origin >= 0 else cause.get(row, row))
        if origin >= 0 and (answered[row] or origin != row):
            origins[row] = origin
        for state in islice(reversed(judge.doubts), len(judge.doubts) - known):
            queue.add(readers.of(state))
    judgements[fates == Fate.UNSUPPORTED] = Judgement.UNSUPPORTED
    judgements[fates == Fate.LEFT_OUT] = Judgement.LEFT_OUT
    judgements[fates == Fate.SKIPPED] = Judgement.SKIPPED
    first = {row: origins.get(origin, origin) for row, origin in cause.items()}
    return Rejudged(judgements, origins | first, judge.untimed, judge.unpromised)


def _demanded(schedule: Schedule, row: int) -> Outcome:
    """What was demanded of a row that came so, or of which it does not matter what came."""
    return Outcome(_VERDICTS[schedule.verdict[row]], _REASONS[schedule.reason[row]])


def _moments(schedule: Schedule, done: Ints) -> Ints:
    """When each row met its fate: its answer, or when it could have begun at the earliest."""
    moments = done.copy()
    missing = np.flatnonzero(done < 0)
    moments[missing] = schedule.intended[missing]
    before, after = schedule.edges()
    concerned = np.isin(after, missing)
    before, after = before[concerned], after[concerned]
    order = np.argsort(after, kind="stable")
    bounds = np.searchsorted(after[order], np.stack((missing, missing + 1)))
    # A prerequisite stands before what comes after it, so its moment is known by then.
    for row, first, last in zip(missing.tolist(), *bounds.tolist(), strict=True):
        if first < last:
            moments[row] = max(moments[row], moments[before[order[first:last]]].max())
    return moments


class _Races:
    """Which actions overlapped others that they conflict with.

    Attributes:
        unordered: which did, by row.
        undecided: the rows after which the state is open, whatever came of them, because it
            depends on which of two changes the backend made first.
    """

    def __init__(
        self,
        schedule: Schedule,
        judge: Judge,
        fates: npt.NDArray[np.uint8],
        start: Ints,
        done: Ints,
        outcomes: Mapping[int, Outcome],
    ) -> None:
        self.unordered = np.zeros(len(schedule), dtype=np.bool_)
        self.undecided: set[int] = set()
        self._racing: dict[int, set[Action]] = {}
        before, after = unordered_pairs(schedule, start, done)
        self.unordered[before] = self.unordered[after] = True

        def changes(row: int) -> bool:
            known = fates[row] == Fate.ANSWERED
            demanded = _demanded(schedule, row)
            return judge.may_change(row, outcomes.get(row, demanded) if known else None)

        for one, other in zip(before.tolist(), after.tolist(), strict=True):
            changed = [row for row in (one, other) if changes(row)]
            actions = [Action(schedule.action[row]) for row in (one, other)]
            if one in changed:
                self._racing.setdefault(other, set()).add(actions[0])
            if other in changed:
                self._racing.setdefault(one, set()).add(actions[1])
            if len(changed) == 2 and order_matters(*actions):
                self.undecided.add(one if done[one] > done[other] else other)

    def with_(self, row: int) -> Set[Action]:
        """The actions that overlapped a row and may have changed something."""
        return self._racing.get(row, set())


class _Queue:
    """Rows that have to be looked at, each once, in the order in which they finished."""

    def __init__(self, moments: Ints) -> None:
        self._rows = np.argsort(moments, kind="stable")
        self._turn = np.empty(len(moments), dtype=np.int64)
        self._turn[self._rows] = np.arange(len(moments))
        self._seen = np.zeros(len(moments), dtype=np.bool_)
        self._heap: list[int] = []
        self._now = -1

    def add(self, rows: Ints) -> None:
        """Rows that have had their turn are left alone: they finished before there was a doubt."""
        turns = self._turn[rows]
        turns = turns[~self._seen[turns] & (turns > self._now)]
        self._seen[turns] = True
        for turn in turns.tolist():
            heapq.heappush(self._heap, turn)

    def __iter__(self) -> Iterator[int]:
        while self._heap:
            self._now = heapq.heappop(self._heap)
            yield int(self._rows[self._now])


class _Readers:
    """Which rows read a state."""

    def __init__(self, schedule: Schedule, owners: Owners) -> None:
        self._base = int(max(schedule.actor.max(initial=0), schedule.target.max(initial=0))) + 2
        found: dict[Resource, list[tuple[Ints, Ints]]] = {}
        for resource in Resource:
            rows = np.flatnonzero(np.array(reading(resource))[schedule.action])
            kind, keys, rows = self._named(resource, rows, schedule, owners)
            found.setdefault(kind, []).append((keys, rows))
        self._index = {kind: _sorted(parts) for kind, parts in found.items()}

    def of(self, state: State) -> Ints:
        keys, rows = self._index[state.kind]
        key = self._key(state.one, state.other)
        first, last = np.searchsorted(keys, [key, key + 1])
        return rows[first:last]

    def _named(
        self, resource: Resource, rows: Ints, schedule: Schedule, owners: Owners
    ) -> tuple[Resource, Ints, Ints]:
        """The kind of state that rows name by a resource, the state of each, and those rows."""
        actor, target, uses = schedule.actor[rows], schedule.target[rows], schedule.uses[rows]
        if resource == Resource.PAIR:
            low, high = np.minimum(actor, target), np.maximum(actor, target)
            return resource, (low + 1) * self._base + high + 1, rows
        if resource == Resource.COMMENT:
            return resource, self._keys(uses), rows
        if resource == Resource.AUTHOR:
            videos = schedule.content[rows] == ContentKind.VIDEO
            authors = _looked_up(owners.authors, uses[videos], -1)
            return Resource.ACTOR, self._keys(authors), rows[videos]
        kind = OF_TARGET.get(resource, resource)
        accounts = actor if kind == resource else target
        if kind == Resource.DEVICE_OF_ACTOR:
            accounts = _looked_up(owners.devices, accounts, None)
        return kind, self._keys(accounts), rows

    def _keys(self, ids: Ints) -> Ints:
        return (ids + 1) * self._base

    def _key(self, one: int, other: int) -> int:
        return (one + 1) * self._base + other + 1


def _looked_up(known: Mapping[int, int], ids: Ints, default: int | None) -> Ints:
    found = [known.get(one, one if default is None else default) for one in ids.tolist()]
    return np.array(found, dtype=np.int64)


def _sorted(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    keys, rows = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]
