"""Outcome against verdict.

A difference is a mismatch only where the run kept the order that the verdict rests on, and where
all that it rests on had itself come out as the rules demand. The state of the backend is in doubt
wherever an action came out differently or could not be sent: what rests on such state is
*unjudged* and names the action that brought the doubt. What an action rests on and what it may
change stands in :mod:`dmsim.rules.resources`.

Where the backend's time runs otherwise than the trace's (any speed but 1, and a backend that does
not take the simulated time of requests), penalties end, presence fades, reports and comments grow
old, and windows close at other moments: a difference that may come from that is unjudged too, and
its origin is *time*.

An action without a verdict is unjudged in itself. What it left behind is in doubt as well: nobody
knows whether it came out as it did when it was recorded.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.replay.owners import Owners
from dmsim.replay.schedule import Ints, Schedule
from dmsim.rules.facts import Policy
from dmsim.rules.races import legal
from dmsim.rules.resources import ACCESS, Resource
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict, names, word


class Judgement(IntEnum):
    """How outcome and verdict compare; ``NONE`` where there is no outcome to compare."""

    NONE = 0
    MATCH = 1
    MISMATCH = 2
    UNORDERED = 3
    UNJUDGED = 4
    UNSUPPORTED = 5
    SKIPPED = 6
    LEFT_OUT = 7


class State(NamedTuple):
    """A piece of a backend's state: a pair, an account, a comment, a page's rates and so on."""

    kind: Resource
    one: int
    other: int = -1


#: What an action names of its target, as the target itself names it.
OF_TARGET = {
    Resource.TARGET: Resource.ACTOR,
    Resource.PRESENCE_OF_TARGET: Resource.PRESENCE_OF_ACTOR,
    Resource.DEVICE_OF_TARGET: Resource.DEVICE_OF_ACTOR,
}

_VERDICTS = names(Verdict)
_REASONS = names(Reason)

#: The code of a verdict that nobody knows, as a byte.
_UNKNOWN = 255

#: Verdicts of which the reason counts too.
_WITH_REASON = frozenset({Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN})

#: Outcomes that leave everything as it was.
_HARMLESS = frozenset(
    word(verdict) for verdict in (Verdict.REFUSED, Verdict.REMOVED, Verdict.SHOWN, Verdict.HIDDEN)
)

#: Reasons that hold for a while only, or from a while on.
_PASSING = frozenset(
    word(reason)
    for reason in (
        Reason.SENDER_SANCTIONED,
        Reason.RECIPIENT_SANCTIONED,
        Reason.NOT_ACTIVE,
        Reason.COMMENT_TOO_OLD,
        Reason.OUTSIDE_WINDOW,
        Reason.RATE_LIMITED,
    )
)
_RATE_LIMITED = word(Reason.RATE_LIMITED)
_OF_PRESENCE = frozenset({word(Verdict.SHOWN), word(Verdict.HIDDEN)})


def same(outcome: Outcome, verdict: int, reason: int) -> bool:
    """Whether an outcome is what the rules demand, with its reason where it has to give one.

    An answer that leaves the choice between several is held to one of them.
    """
    if outcome.among:
        return (_VERDICTS[verdict], _REASONS[reason]) in outcome.among
    return outcome.verdict == _VERDICTS[verdict] and (
        verdict not in _WITH_REASON or outcome.reason == _REASONS[reason]
    )


class Judge:
    """Judges the actions of one replay, in the order in which they finish.

    The dispatcher starts an action only when all that conflicts with it earlier in the trace has
    finished, so the doubts known at that moment are all there are.

    Args:
        schedule: the actions and their verdicts.
        policy: the rules' policy that gave the verdicts.
        owners: whose videos and devices the actions name.
        time_promised: whether as much time passes for the backend as in the trace. Where it does
            not, a difference that may come from elapsed time alone is no mismatch.
        promises: whether the backend keeps the rule that demands a verdict for a reason. Where it
            does not, a difference is no mismatch.

    Attributes:
        untimed: the rows that came out otherwise and rest on elapsed time that was not promised.
        unpromised: the rows that came out otherwise than a rule demands that is not promised.
        doubts: each state in doubt, in the order in which they came, with the row that brought it.
        owners: as given.
    """

    def __init__(
        self,
        schedule: Schedule,
        policy: Policy,
        owners: Owners,
        *,
        time_promised: bool = True,
        promises: Callable[[Verdict, Reason], bool] = lambda _, __: True,
    ) -> None:
        self.untimed: set[int] = set()
        self.unpromised: set[int] = set()
        self._schedule = schedule
        self._action = schedule.action.tolist()
        self._actor = schedule.actor.data
        self._target = schedule.target.data
        self._uses = schedule.uses.data
        self._binds = schedule.binds.data
        self._content = schedule.content.data
        self._verdict = bytes(schedule.verdict.astype(np.uint8))
        self._reason = bytes(schedule.reason.astype(np.uint8))
        self.owners = owners
        self._policy = policy
        self._time_promised = time_promised
        self._promises = promises
        # An unsafe source's request is filtered, and whether it is unsafe changes with time.
        unfiltered = Verdict.REQUESTS if policy.strangers_to_requests else Verdict.INBOX
        self._of_requests = {word(Verdict.FILTERED), word(unfiltered)}
        self.doubts: dict[State, int] = {}

    def anew(self) -> "Judge":
        """The same judge, who has seen nothing yet."""
        promised = self._time_promised
        return Judge(
            self._schedule,
            self._policy,
            self.owners,
            time_promised=promised,
            promises=self._promises,
        )

    def judge(self, row: int, outcome: Outcome) -> tuple[Judgement, int]:
        """Judge an answered action.

        Returns:
            the judgement and, for an unjudged one, the row that brought the doubt (else -1); that
            is the row itself where it rests on time or a rule that was not promised.
        """
        if self._verdict[row] == _UNKNOWN:
            self._cast_doubt(row, row)
            return Judgement.UNJUDGED, -1
        matches = same(outcome, self._verdict[row], self._reason[row])
        if not self.doubts and matches:
            return Judgement.MATCH, -1
        origin = self._doubt_about(row, outcome)
        if origin < 0:
            if matches:
                return Judgement.MATCH, -1
            if not self._promises(Verdict(self._verdict[row]), Reason(self._reason[row])):
                self.unpromised.add(row)
            elif self._time_promised or not self._rests_on_time(row, outcome):
                self._cast_doubt_by(row, row, outcome)
                return Judgement.MISMATCH, -1
            else:
                self.untimed.add(row)
            origin = row
        self._cast_doubt_by(row, origin, outcome)
        return Judgement.UNJUDGED, origin

    def judge_raced(
        self, row: int, outcome: Outcome, racing: Iterable[Action]
    ) -> tuple[Judgement, int]:
        """Judge an answered action that overlapped others it conflicts with.

        What some order of them could have brought is unordered; anything else is as wrong as
        outside of a race. What came otherwise than demanded casts doubt all the same.

        Args:
            row: the action.
            outcome: what came of it.
            racing: the actions that it overlapped and that may have changed something.

        Returns:
            as :meth:`judge`; the origin also of an unordered one that rests on what is in doubt.
        """
        if self._verdict[row] == _UNKNOWN:
            return Judgement.UNORDERED, self.judge(row, outcome)[1]
        origin = self._doubt_about(row, outcome)
        matches = same(outcome, self._verdict[row], self._reason[row])
        if origin < 0:
            if matches:
                return Judgement.UNORDERED, -1
            if not self._is_legal(row, outcome, racing):
                return self.judge(row, outcome)
        self._cast_doubt_by(row, origin if origin >= 0 else row, outcome)
        return Judgement.UNORDERED, origin

    def may_change(self, row: int, outcome: Outcome | None) -> bool:
        """Whether an action that was sent may have changed anything; ``None`` where nobody knows.

        It may where it was to, and where what came of it says so.
        """
        if outcome is None or self._demanded(row) not in _HARMLESS:
            return True
        return not all(verdict in _HARMLESS for verdict, _ in outcome.readings)

    def missing(self, row: int, origin: int) -> None:
        """Note that an action was not sent, or that nobody knows what it left behind.

        Args:
            row: the action.
            origin: the row because of which: the action itself, or the one without which it could
                not be sent.
        """
        if self._demanded(row) not in _HARMLESS:
            self._cast_doubt(row, origin)

    def _demanded(self, row: int) -> str:
        """The verdict's word; empty where nobody knows it."""
        verdict = self._verdict[row]
        return "" if verdict == _UNKNOWN else _VERDICTS[verdict]

    def _is_legal(self, row: int, outcome: Outcome, racing: Iterable[Action]) -> bool:
        demanded = Verdict(self._verdict[row]), Reason(self._reason[row])
        allowed = legal(Action(self._action[row]), *demanded, racing, self._policy)
        return any(same(outcome, verdict, reason) for verdict, reason in allowed)

    def _rests_on_time(self, row: int, outcome: Outcome) -> bool:
        """Whether more or less elapsed time may be all that is behind a difference."""
        given = {reason for verdict, reason in outcome.readings if verdict in _HARMLESS}
        if given & _PASSING or _REASONS[self._reason[row]] in _PASSING:
            return True
        both = {outcome.verdict, self._demanded(row)}
        if self._action[row] == Action.CHECK_PRESENCE:
            return both <= _OF_PRESENCE
        return both == self._of_requests

    def _doubt_about(self, row: int, outcome: Outcome) -> int:
        if self.doubts:
            for state in self.states(row, ACCESS[self._action[row]].reads):
                if state in self.doubts and not self._too_few_to_matter(row, state, outcome):
                    return self.doubts[state]
        return -1

    def _too_few_to_matter(self, row: int, state: State, outcome: Outcome) -> bool:
        """How much a page has sent matters only where it is, or was to be, too much."""
        if state.kind != Resource.PAGE:
            return False
        given = {reason for _, reason in outcome.readings}
        return _RATE_LIMITED not in {*given, _REASONS[self._reason[row]]}

    def _cast_doubt_by(self, row: int, origin: int, outcome: Outcome) -> None:
        """Nothing is in doubt where neither what was demanded nor what came changes anything."""
        harmless = all(verdict in _HARMLESS for verdict, _ in outcome.readings)
        if not (harmless and self._demanded(row) in _HARMLESS):
            self._cast_doubt(row, origin)

    def _cast_doubt(self, row: int, origin: int) -> None:
        for state in self.states(row, ACCESS[self._action[row]].writes):
            self.doubts.setdefault(state, origin)

    def states(self, row: int, resources: tuple[Resource, ...]) -> Iterator[State]:
        """What an action means by some resources."""
        actor, target = self._actor[row], self._target[row]
        for resource in resources:
            if resource == Resource.PAIR:
                yield State(resource, min(actor, target), max(actor, target))
            elif resource == Resource.COMMENT:
                created = self._action[row] == Action.COMMENT
                yield State(resource, self._binds[row] if created else self._uses[row])
            elif resource == Resource.AUTHOR:
                if self._content[row] == ContentKind.VIDEO:
                    yield State(Resource.ACTOR, self.owners.authors.get(self._uses[row], -1))
            else:
                kind = OF_TARGET.get(resource, resource)
                account = actor if kind == resource else target
                if kind == Resource.DEVICE_OF_ACTOR:
                    account = self.owners.devices.get(account, account)
                yield State(kind, account)


def unordered_rows(schedule: Schedule, start: Ints, done: Ints) -> npt.NDArray[np.bool_]:
    """Which actions overlapped one they conflict with, or started before a prerequisite finished.

    Both ends of such a pair are meant.

    Args:
        schedule: whose edges are the conflicts.
        start: when each action was sent, negative where it was not.
        done: when each was answered, negative where it was not.
    """
    rows = np.zeros(len(schedule), dtype=np.bool_)
    for end in unordered_pairs(schedule, start, done):
        rows[end] = True
    return rows


def unordered_pairs(schedule: Schedule, start: Ints, done: Ints) -> tuple[Ints, Ints]:
    """The pairs (prerequisite, dependent) whose order the run did not keep.

    One dispatcher never begins an action before its prerequisites have finished; what it is asked
    of are the merged records of shards, which keep account-wide edges by time alone. An edge
    stands for all that conflict in a row, so a prerequisite that finished after what came after it
    is held against what came after that as well.

    Args:
        schedule: whose edges are the conflicts.
        start: when each action was sent, negative where it was not.
        done: when each was answered, negative where it was not.
    """
    finished = np.where(done >= 0, done, np.iinfo(np.int64).max)
    before, after = schedule.edges()
    found: list[tuple[Ints, Ints]] = []
    while len(before):
        both = (start[before] >= 0) & (start[after] >= 0)
        wrong = both & (finished[before] > start[after])
        before, after = before[wrong], after[wrong]
        found.append((before, after))
        overtaken = finished[before] > finished[after]
        before, after = _next_pairs(schedule, before[overtaken], after[overtaken])
    pairs = np.unique(np.concatenate([np.stack(pair) for pair in found] or [_NO_PAIRS], 1), axis=1)
    return pairs[0], pairs[1]


_NO_PAIRS = np.zeros((2, 0), dtype=np.int64)


def _next_pairs(schedule: Schedule, before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Each prerequisite with what comes after its dependent."""
    counts = schedule.first[after + 1] - schedule.first[after]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    dependents = schedule.dependents[np.repeat(schedule.first[after], counts) + within]
    pairs = np.unique(np.stack((np.repeat(before, counts), dependents)), axis=1)
    return pairs[0], pairs[1]
