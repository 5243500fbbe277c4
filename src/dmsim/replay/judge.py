"""Outcome against verdict.

A difference is a mismatch only where the run kept the order that the verdict rests on, and where
all that it rests on had itself come out as the rules demand. The state of the backend is in doubt
wherever an action came out differently or could not be sent: what rests on such state is
*unjudged* and names the action that brought the doubt.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.replay.schedule import Ints, Schedule
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


class Conflict(NamedTuple):
    """What an action touches, as the judge sees it."""

    action: int
    actor: int
    target: int
    comment: int


#: A piece of a backend's state: a pair's conversation and relation, an account's setting, a
#: comment's replies.
State = tuple[str, int, int]


def _pair(row: Conflict) -> tuple[State, ...]:
    return (("pair", min(row.actor, row.target), max(row.actor, row.target)),)


def _setting(row: Conflict) -> tuple[State, ...]:
    return (("setting", row.actor, 0),)


def _comment(row: Conflict) -> tuple[State, ...]:
    return (("comment", row.comment, 0),)


def _delivery(row: Conflict) -> tuple[State, ...]:
    return (*_pair(row), ("setting", row.actor, 0), ("setting", row.target, 0))


def _pair_and_comment(row: Conflict) -> tuple[State, ...]:
    return (*_pair(row), *_comment(row))


#: What an action may change.
_CHANGES: dict[int, Callable[[Conflict], tuple[State, ...]]] = {
    Action.SEND_MESSAGE: _pair,
    Action.ACCEPT_REQUEST: _pair,
    Action.DELETE_REQUEST: _pair,
    Action.BLOCK_USER: _pair,
    Action.UNBLOCK_USER: _pair,
    Action.FOLLOW: _pair,
    Action.UNFOLLOW: _pair,
    Action.CHANGE_SETTING: _setting,
    Action.COMMENT: _comment,
    Action.PUBLIC_REPLY: _comment,
    Action.PRIVATE_REPLY: _pair_and_comment,
}

#: What an action's verdict rests on; all others are done whatever the state.
_RESTS_ON: dict[int, Callable[[Conflict], tuple[State, ...]]] = {
    Action.SEND_MESSAGE: _delivery,
    Action.ACCEPT_REQUEST: _pair,
    Action.DELETE_REQUEST: _pair,
    Action.PUBLIC_REPLY: _comment,
    Action.PRIVATE_REPLY: lambda row: (*_delivery(row), *_comment(row)),
}

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
    """

    def __init__(self, schedule: Schedule) -> None:
        self._action = schedule.action.tolist()
        self._actor = schedule.actor.data
        self._target = schedule.target.data
        self._uses = schedule.uses.data
        self._binds = schedule.binds.data
        self._verdict = bytes(schedule.verdict.astype(np.uint8))
        self._reason = bytes(schedule.reason.astype(np.uint8))
        self._doubts: dict[State, int] = {}

    def judge(self, row: int, outcome: Outcome) -> tuple[Judgement, int]:
        """Judge an answered action.

        Returns:
            the judgement and, for an unjudged one, the row that brought the doubt (else -1).
        """
        matches = same(outcome, self._verdict[row], self._reason[row])
        if not self._doubts and matches:
            return Judgement.MATCH, -1
        conflict = self._conflict(row)
        origin = self._doubt_about(conflict)
        if origin >= 0:
            self._cast_doubt(conflict, origin)
            return Judgement.UNJUDGED, origin
        if matches:
            if self._action[row] == Action.CHANGE_SETTING:
                self._doubts.pop(_setting(conflict)[0], None)
            return Judgement.MATCH, -1
        both_refused = self._verdict[row] == Verdict.REFUSED and outcome.verdict == _REFUSED
        if not both_refused:
            self._cast_doubt(conflict, row)
        return Judgement.MISMATCH, -1

    def unsupported(self, row: int) -> None:
        """Note that an action was not sent because the adapter cannot express it."""
        if self._verdict[row] != Verdict.REFUSED:
            self._cast_doubt(self._conflict(row), row)

    def _conflict(self, row: int) -> Conflict:
        created = self._action[row] == Action.COMMENT
        comment = self._binds[row] if created else self._uses[row]
        return Conflict(self._action[row], self._actor[row], self._target[row], comment)

    def _doubt_about(self, conflict: Conflict) -> int:
        rests_on = _RESTS_ON.get(conflict.action)
        if rests_on is not None:
            for state in rests_on(conflict):
                if state in self._doubts:
                    return self._doubts[state]
        return -1

    def _cast_doubt(self, conflict: Conflict, origin: int) -> None:
        changes = _CHANGES.get(conflict.action)
        if changes is not None:
            for state in changes(conflict):
                self._doubts.setdefault(state, origin)


def unordered_rows(schedule: Schedule, start: Ints, done: Ints) -> npt.NDArray[np.bool_]:
    """Which actions overlapped one they conflict with, or started before a prerequisite finished.

    Both ends of such a pair are meant: neither verdict can be held against what came out.

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
