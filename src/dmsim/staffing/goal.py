"""What is promised to customers and agents, and how many agents keep it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from dmsim.staffing.erlang import Queue

#: More than anybody employs: a promise that so many do not keep cannot be kept.
MOST_AGENTS = 10_000_000
#: What is just kept must not be missed by the rounding of a few sums.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Goal:
    """A service level within a time, and how busy agents may be.

    Args:
        level: the share of all contacts (answered in time / offered) to be answered within
            ``within_s`` seconds, from 0 to below 1.
        within_s: the acceptable wait in seconds.
        most_occupancy: the highest share of time on duty in which agents may be busy.

    Raises:
        ValueError: a figure lies outside its range.
    """

    level: float = 0.8
    within_s: float = 20.0
    most_occupancy: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.level < 1:
            raise ValueError(f"level = {self.level}: must be from 0 to below 1")
        if not self.within_s >= 0:
            raise ValueError(f"within_s = {self.within_s}: must be at least 0")
        if not 0 < self.most_occupancy <= 1:
            raise ValueError(f"most_occupancy = {self.most_occupancy}: above 0, at most 1")

    def is_met_by(self, queue: Queue) -> bool:
        """Whether a queue keeps it; nothing that comes is always in time."""
        if queue.rate == 0:
            return True
        return (
            queue.service_level(self.within_s) >= self.level - _ROUNDING
            and queue.occupancy <= self.most_occupancy + _ROUNDING
        )


def agents_needed(queue_of: Callable[[int], Queue], goal: Goal) -> int:
    """The fewest agents whose queue meets a goal.

    >>> from dmsim.staffing.erlang import erlang_queue
    >>> agents_needed(lambda agents: erlang_queue(200 / 3600, 180, agents), Goal(0.8, 20))
    14

    Args:
        queue_of: the queue of so many agents; one agent more must not make it worse.
        goal: what is promised.

    Raises:
        ValueError: not even ten million agents meet it.
    """
    if goal.is_met_by(queue_of(0)):
        return 0
    low, high = 0, 1
    while not goal.is_met_by(queue_of(high)):
        low, high = high, 2 * high
        if low > MOST_AGENTS:
            told = f"not even {MOST_AGENTS:,} agents keep the promise"
            raise ValueError(f"{told}; lower contacts, handling time or target")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if goal.is_met_by(queue_of(middle)) else (middle, high)
    return high


def to_schedule(required: float, shrinkage: float) -> int:
    """How many to schedule so that, less shrinkage, so many are on duty.

    >>> to_schedule(14, 0.30)
    20

    Args:
        required: people on duty.
        shrinkage: the share of paid time without work: illness, holidays, training, breaks.

    Raises:
        ValueError: shrinkage is not from 0 to below 1.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage = {shrinkage}: must be from 0 to below 1")
    # Division may end a hair above a whole number.
    return ceil(required / (1 - shrinkage) - 1e-9)
