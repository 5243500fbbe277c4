"""Iterative staffing: agents are added and taken away until a simulated week keeps its promise.

The idea of Feldman, Mandelbaum, Massey and Whitt (2008), for a service level with confidence: every
trial meets the same contacts, so that what differs between two of them is the staff alone.
"""

import numpy as np

from dmsim.progress import Progress, Silent, Stage
from dmsim.staffing.goal import MOST_AGENTS, Goal
from dmsim.staffing.kernel import BUSY, IN_TIME, OFFERED, Flags, Floats, Ints
from dmsim.staffing.simulate import WeekSimulator, ratio

#: An agent taken away is mostly missed in the interval itself and in as many after it.
_REACH = 2
#: Far more rounds of adding than any week needs.
_MOST_ROUNDS = 200
_ROUNDS_OF_TAKING = 2


def find_staff(
    week: WeekSimulator, goal: Goal, start: Ints, progress: Progress | None = None
) -> Ints:
    """The fewest agents in each interval with which a simulated week keeps a goal.

    An interval keeps it if the lower end of the 95 % interval of its service level does, and its
    mean occupancy. The result is close to locally the least: it was tried, twice over, to take an
    agent away from every third interval at once, and who was missed came back. Of a week of 4 840
    agent-hours six could be spared one at a time.

    Args:
        week: the contacts.
        goal: what is promised in each interval in which somebody comes.
        start: where to begin, such as the staff by MOL, shape (n,).
        progress: is told of the trials.

    Raises:
        ValueError: no number of agents keeps the goal.
    """
    with (progress or Silent()).stage("staffing", None, "trials") as stage:
        search = _Search(week, goal, stage)
        agents = search.add(np.asarray(start, dtype=np.int64))
        for _ in range(_ROUNDS_OF_TAKING):
            before = agents
            for group in range(_REACH + 1):
                agents = search.take(agents, group)
            if np.array_equal(agents, before):
                break
    return agents


class _Search:
    """Trials of a staff, and how the next one follows from what was missed."""

    def __init__(self, week: WeekSimulator, goal: Goal, stage: Stage) -> None:
        self._week = week
        self._goal = goal
        self._stage = stage

    def add(self, agents: Ints) -> Ints:
        """More agents wherever the goal is missed, the more the further."""
        for _ in range(_MOST_ROUNDS):
            short = self._shortfall(agents)
            if not short.any():
                return agents
            # Half the root of the staff is a step that is felt; near the goal one agent is.
            step = np.ceil(short * np.sqrt(np.maximum(agents, 1)) / 2)
            agents = agents + np.where(short > 0, step, 0).astype(np.int64)
            if agents.max() > MOST_AGENTS:
                break
        raise ValueError("no number of agents keeps the goal in the simulation; lower it")

    def take(self, agents: Ints, group: int) -> Ints:
        """One agent less in every interval of a group, but where that is missed."""
        places = np.arange(len(agents))
        fewer = np.where((places % (_REACH + 1) == group) & (agents > 0), agents - 1, agents)
        while True:
            missed = np.flatnonzero(self._shortfall(fewer))
            if not len(missed):
                return np.asarray(fewer)
            fewer = np.where(_before(missed, fewer < agents), agents, fewer)

    def _shortfall(self, agents: Ints) -> Floats:
        """The share of contacts by which each interval may miss its goal; 0 where it does not."""
        counts = self._week.run(agents, self._goal.within_s)
        self._stage.advance(1)
        offered = counts[:, :, OFFERED]
        level, half = ratio(counts[:, :, IN_TIME], offered)
        short = np.nan_to_num(self._goal.level - (level - half), nan=0.0)
        on_duty = np.maximum(agents, 1) * self._week.length_s
        occupancy = counts[:, :, BUSY].mean(axis=0) / on_duty
        missing = np.where(occupancy > self._goal.most_occupancy, 1e-9, 0.0)
        return np.asarray(np.maximum(np.clip(short, 0, 1), missing))


def _before(missed: Ints, taken: Flags) -> Flags:
    """Which of the intervals with an agent taken lie in or shortly before one that is missed.

    Work that takes long may be late far behind them: at least the nearest one is found.
    """
    near = np.zeros(len(taken), dtype=bool)
    for reach in range(len(taken)):
        near[(missed - reach) % len(taken)] = True
        if reach >= _REACH and (near & taken).any():
            break
    return near & taken
