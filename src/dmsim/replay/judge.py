"""Outcome against verdict.

A difference is a mismatch only where the run kept the order that the verdict rests on, and where
all that it rests on had itself come out as the rules demand. The state of the backend is in doubt
wherever an action came out differently or could not be sent: what rests on such state is
*unjudged* and names the action that brought the doubt. What an action rests on and what it may
change stands in :mod:`dmsim.rules.resources`.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.replay.schedule import Ints, Schedule
from dmsim.rules.facts import Policy
from dmsim.rules.resources import ACCESS, Resource, read_by
from dmsim.vocabulary import Action, Reason, Verdict, names


class Judgement(IntEnum):
    """How outcome and verdict compare; ``NONE`` where there is no outcome to compare."""

    NONE = 0
    MATCH = 1
    MISMATCH = 2
    UNORDERED = 3
    UNJUDGED = 4
    UNSUPPORTED = 5
    SKIPPED = 6


class State(NamedTuple):
    """A piece of a backend's state: a pair, the setting of an account, or a comment."""

    kind: Resource
    one: int
    other: int = -1


_VERDICTS = names(Verdict)
_REASONS = names(Reason)
_REFUSED = _VERDICTS[Verdict.REFUSED]


def same(outcome: Outcome, verdict: int, reason: int) -> bool:
    """Whether an outcome is what the rules demand; of a refusal the reason counts too."""
    return outcome.verdict == _VERDICTS[verdict] and (
        verdict != Verdict.REFUSED or outcome.reason == _REASONS[reason]
    )


class Judge:
    """Judges the actions of one replay, in the order in which they finish.

    The dispatcher starts an action only when all that conflicts with it earlier in the trace has
    finished, so the doubts known at that moment are all there are.

    Args:
        schedule: the actions and their verdicts.
        policy: the rules' policy that gave the verdicts.
    """

    def __init__(self, schedule: Schedule, policy: Policy) -> None:
        self._action = schedule.action.tolist()
        self._actor = schedule.actor.data
        self._target = schedule.target.data
        self._uses = schedule.uses.data
        self._binds = schedule.binds.data
        self._verdict = bytes(schedule.verdict.astype(np.uint8))
        self._reason = bytes(schedule.reason.astype(np.uint8))
        self._reads = [read_by(action, policy) for action in Action]
        self._writes = [ACCESS[action].writes for action in Action]
        self._doubts: dict[State, int] = {}

    def judge(self, row: int, outcome: Outcome) -> tuple[Judgement, int]:
        """Judge an answered action.

        Returns:
            the judgement and, for an unjudged one, the row that brought the doubt (else -1).
        """
        matches = same(outcome, self._verdict[row], self._reason[row])
        if not self._doubts and matches:
            return Judgement.MATCH, -1
        origin = self._doubt_about(row)
        if origin >= 0:
            self._cast_doubt(row, origin)
            return Judgement.UNJUDGED, origin
        if matches:
            if self._action[row] == Action.CHANGE_SETTING:
                self._settle_doubt(row)
            return Judgement.MATCH, -1
        both_refused = self._verdict[row] == Verdict.REFUSED and outcome.verdict == _REFUSED
        if not both_refused:
            self._cast_doubt(row, row)
        return Judgement.MISMATCH, -1

    def unsupported(self, row: int, origin: int) -> None:
        """Note that an action was not sent because the adapter cannot express it.

        Args:
            row: the action.
            origin: the row that the adapter cannot express: the action itself, or the one that
                would have created what it names.
        """
        if self._verdict[row] != Verdict.REFUSED:
            self._cast_doubt(row, origin)

    def _doubt_about(self, row: int) -> int:
        for state in self._states(row, self._reads):
            if state in self._doubts:
                return self._doubts[state]
        return -1

    def _cast_doubt(self, row: int, origin: int) -> None:
        for state in self._states(row, self._writes):
            self._doubts.setdefault(state, origin)

    def _settle_doubt(self, row: int) -> None:
        """A setting that was written anew is known, whatever it was before."""
        for state in self._states(row, self._writes):
            self._doubts.pop(state, None)

    def _states(self, row: int, access: list[tuple[Resource, ...]]) -> Iterator[State]:
        actor, target = self._actor[row], self._target[row]
        for resource in access[self._action[row]]:
            if resource == Resource.PAIR:
                yield State(resource, min(actor, target), max(actor, target))
            elif resource == Resource.COMMENT:
                created = self._action[row] == Action.COMMENT
                yield State(resource, self._binds[row] if created else self._uses[row])
            else:
                own = resource == Resource.ACTOR_SETTING
                yield State(Resource.ACTOR_SETTING, actor if own else target)


def unordered_rows(schedule: Schedule, start: Ints, done: Ints) -> npt.NDArray[np.bool_]:
    """Which actions overlapped one they conflict with, or started before a prerequisite finished.

    Both ends of such a pair are meant: neither verdict can be held against what came out. One
    dispatcher never begins an action before its prerequisites have finished; what it is asked of
    are the merged records of shards, which keep account-wide edges by time alone.

    Args:
        schedule: whose edges are the conflicts.
        start: when each action was sent, negative where it was not.
        done: when each was answered, negative where it was not.
    """
    before, after = schedule.edges()
    both = (start[before] >= 0) & (start[after] >= 0)
    finished = np.where(done[before] >= 0, done[before], np.iinfo(np.int64).max)
    wrong = both & (finished > start[after])
    rows = np.zeros(len(schedule), dtype=np.bool_)
    rows[before[wrong]] = True
    rows[after[wrong]] = True
    return rows
