"""An action by the line of the trace at which it stands, and what was wrong with its answer."""

from typing import NamedTuple

import numpy as np

from dmsim.adapters.base import Outcome
from dmsim.replay.result import Mismatch
from dmsim.replay.schedule import Schedule
from dmsim.trace.schema import CELL_SHIFT
from dmsim.vocabulary import Action, Reason, Verdict, names

#: Words of a backend are its own, and may be long.
_LONGEST = 80

_ACTIONS = names(Action)
_VERDICTS = names(Verdict)
_REASONS = names(Reason)


class TraceLine(NamedTuple):
    """Where an action stands: its ``seq``, and its row among those of its cell."""

    seq: int
    cell: int
    row: int


def line_of(schedule: Schedule, row: int) -> TraceLine:
    """Where a row of the schedule stands in the trace."""
    seq = int(schedule.seq[row])
    cell = seq >> CELL_SHIFT
    return TraceLine(seq, cell, int(np.count_nonzero(schedule.seq[:row] >> CELL_SHIFT == cell)))


def mismatch_of(schedule: Schedule, row: int, outcome: Outcome, sign: str, status: int) -> Mismatch:
    """What was demanded of an action and what came instead.

    Args:
        schedule: the actions.
        row: which of them.
        outcome: what came.
        sign: how the backend would have written what was demanded, if it has such signs.
        status: of HTTP.
    """
    return Mismatch(
        **line_of(schedule, row)._asdict(),
        at_us=int(schedule.at[row]),
        action=_ACTIONS[schedule.action[row]],
        actor=int(schedule.actor[row]),
        target=int(schedule.target[row]),
        expected=_VERDICTS[schedule.verdict[row]],
        expected_reason=_REASONS[schedule.reason[row]],
        expected_sign=sign,
        got=outcome.verdict[:_LONGEST],
        got_reason=outcome.reason[:_LONGEST],
        got_sign=outcome.sign[:_LONGEST],
        status=status,
    )
