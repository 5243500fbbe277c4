"""What a promise costs: people and service for lower and higher service levels.

By the formulas alone, like the sensitivity: each hour for its modified offered load.
"""

from dataclasses import replace
from typing import NamedTuple

from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats
from dmsim.staffing.methods import by_offered_load
from dmsim.staffing.plan import HOUR_S, Desk
from dmsim.staffing.sensitivity import week_service_level

#: Service levels that are promised somewhere.
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


class Promise(NamedTuple):
    """A service level promised in every hour, and what it comes to.

    Attributes:
        level: the share that every hour answers in time.
        person_hours: a week that are required for it.
        service_level: of the week's contacts; more than was promised, as people are whole.
    """

    level: float
    person_hours: float
    service_level: float


def frontier(contacts: Floats, desk: Desk, goal: Goal) -> list[Promise]:
    """People and service by the promise, from the lowest level to the highest.

    Args:
        contacts: the mean number that comes in each hour of the week, shape (168,).
        desk: what contacts are like.
        goal: the promise whose time and occupancy hold; its own level is among those told.

    Raises:
        ValueError: no number of agents keeps a promise.
    """
    promises = []
    for level in sorted({*LEVELS, goal.level}):
        promised = replace(goal, level=level)
        agents = by_offered_load(contacts, HOUR_S, desk, promised)
        served = week_service_level(contacts, desk, promised, agents)
        promises.append(Promise(level, float(agents.sum()), served))
    return promises
