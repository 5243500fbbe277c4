"""The cheapest roster of a week, by mixed-integer programming (HiGHS)."""

import math
import time
from dataclasses import dataclass, replace

from dmsim.rostering.costs import shift_cost
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.planned import Status
from dmsim.rostering.program import Solved
from dmsim.rostering.slots import Slot
from dmsim.rostering.week_program import Week, WeekProgram

#: The search ends when the roster is at most so much dearer than the best, as a share of its cost.
GAP = 1e-3
#: Each search may take so long, whatever is left.
LEAST_SECONDS = 0.01
#: Two costs that differ by less, as a share, are the same.
SAME = 1e-6


@dataclass(frozen=True)
class SolvedWeek:
    """The slots of each person by contract, and how good they are.

    Attributes:
        tours: by contract, the slots of each person who works, in order.
        status: ``optimal``: nothing is cheaper; ``within gap``: at most :data:`GAP` is; ``time
            limit``: the best that was found until then.
        bound: no roster costs less; ``relaxed`` is the bound if people could be split.
        seconds: that it took.
    """

    tours: dict[str, list[list[Slot]]]
    status: Status
    bound: float
    relaxed: float
    seconds: float


def solve_week(told: ShiftsFile, week: Week, seconds: float) -> SolvedWeek:
    """The cheapest roster that can be found in a time.

    Args:
        told: shifts, people and prices.
        week: what is required, and what is settled already.
        seconds: the time limit of the search.
    """
    began = time.perf_counter()
    program = WeekProgram(told, week)
    relaxed, found = search(program, began + seconds)
    settled = sum(
        shift_cost(told.shifts[d.shift], d.worked) for d in week.fixed if d.shift in told.shifts
    )
    return SolvedWeek(
        tours={contract.name: contract.tours(found.values) for contract in program.contracts},
        status=_status(found.cost, found.bound),
        bound=found.bound + settled,
        relaxed=relaxed + settled,
        seconds=time.perf_counter() - began,
    )


def search(week: WeekProgram, until: float) -> tuple[float, Solved]:
    """The bound if people could be split, and the best that is found until a moment.

    First only the people of each slot are whole, which is much quicker to search: fractions of
    tours that add up to whole slots nearly always have whole tours with the same slots. Where they
    have not, everything is searched at once.
    """

    def left(share: float) -> float:
        return max(share * (until - time.perf_counter()), LEAST_SECONDS)

    program, contracts = week.program, week.contracts
    relaxed = program.solve(seconds=left(0.5), gap=0.0, split=program.every)
    paths = [column for contract in contracts for column in contract.paths]
    people = [column for contract in contracts for column in contract.people]
    slots = program.solve(seconds=left(0.8), gap=GAP, split=paths)
    bound = max(relaxed.bound, slots.bound)
    if slots.values is not None:
        fixed = {column: round(slots.values[column]) for column in people}
        found = program.solve(seconds=left(0.5), gap=GAP, fixed=fixed)
        if found.values is not None:
            return relaxed.bound, replace(found, bound=bound)
    found = program.solve(seconds=left(1.0), gap=GAP)
    return relaxed.bound, replace(found, bound=max(bound, found.bound))


def _status(cost: float, bound: float) -> Status:
    if math.isfinite(cost):
        gap = (cost - bound) / max(cost, 1.0)
        if gap <= SAME:
            return "optimal"
        if gap <= GAP:
            return "within gap"
    return "time limit"
