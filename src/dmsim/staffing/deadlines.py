"""Replies with a response-time window: work that may wait, but not too long."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import eye_array, hstack

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A plan so much above the best is good.
_GAP = 0.01
#: Searched no further than what relaxing, rounding and repairing find: a limit of time would give
#: other plans on other machines.
_NODES = 1
#: One who comes or goes weighs so much against one person-interval: less than any of these.
_CHANGE = 0.01


class ReplyPlan(NamedTuple):
    """Who works off a backlog, and how it stands; all of shape (n,).

    Attributes:
        people: to add to those who are there anyway, whole.
        worked: person-intervals of work done.
        backlog: person-intervals of work left at the end of each interval.
    """

    people: NDArray[np.int64]
    worked: Floats
    backlog: Floats


def staff_replies(
    work: Floats, window: int, there: Ints, spare: Floats, most_occupancy: float = 1.0
) -> ReplyPlan:
    """The fewest people that answer everything within its window, week after week.

    Work is a flow, answered first come, first served. Then all that is left at the end of an
    interval came within the window if it is no more than what came in it:

        b(i) = b(i-1) + w(i) - c(i) >= 0,  b(i) <= w(i) + ... + w(i-window+1),
        c(i) <= spare(i) + most_occupancy e(i)

    with the week closed in itself. The sum of the people e is made least by mixed-integer linear
    programming (HiGHS), and of plans with as few the one is taken in which most stay on from an
    interval to the next. The flow is the mean: chance evens out over windows of many contacts.

    Args:
        work: that comes in each interval, in person-intervals, shape (n,).
        window: in intervals, from 1 to n.
        there: people who are there anyway, shape (n,).
        spare: person-intervals that these have left, shape (n,).
        most_occupancy: the share of their time that those who are added may be busy.

    Raises:
        ValueError: the window is shorter than an interval or longer than the week.
    """
    number = len(work)
    if not 1 <= window <= number:
        raise ValueError(f"window = {window} intervals: must be from 1 to {number}")
    found = milp(
        np.repeat([0.0, 0.0, 1.0, _CHANGE], number),
        constraints=_constraints(work, there, spare, most_occupancy),
        bounds=Bounds(np.zeros(4 * number), _most(work, window)),
        integrality=np.repeat([0, 0, 1, 0], number),
        options={"node_limit": _NODES, "mip_rel_gap": _GAP},
    )
    if found.x is None:
        raise ValueError("no plan for the replies was found; allow a longer window")
    worked, backlog, people, _ = np.split(found.x, 4)
    return ReplyPlan(np.rint(people).astype(np.int64), worked, np.maximum(backlog, 0))


def _constraints(
    work: Floats, there: Ints, spare: Floats, most_occupancy: float
) -> list[LinearConstraint]:
    """On four columns each: the work done, the backlog, the people, and how many come or go."""
    number = len(work)
    unit = eye_array(number, format="csr")
    none = 0 * unit
    step = unit - unit[np.roll(np.arange(number), 1)]
    come = (np.roll(there, 1) - there).astype(np.float64)
    return [
        LinearConstraint(hstack([unit, step, none, none]), work, work),
        LinearConstraint(hstack([unit, none, -most_occupancy * unit, none]), -np.inf, spare),
        LinearConstraint(hstack([none, none, step, -unit]), -np.inf, come),
        LinearConstraint(hstack([none, none, step, unit]), come, np.inf),
    ]


def _most(work: Floats, window: int) -> Floats:
    """The upper ends of the columns: a backlog is never older than the window."""
    free = np.full(len(work), np.inf)
    young = sum((np.roll(work, age) for age in range(1, window)), start=work.copy())
    return np.concatenate([free, young, free, free])
