"""Every week of a horizon as a roster, and what came of it."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from math import gcd

from dmsim.progress import Progress, Silent
from dmsim.rostering.costs import Costs, costs
from dmsim.rostering.coverage import Coverage, coverage, working
from dmsim.rostering.demand import Demand
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.network import overhang
from dmsim.rostering.planned import Plan, WeekPlan
from dmsim.rostering.roster import Duties, Duty
from dmsim.rostering.slots import Slot, grid
from dmsim.rostering.solve import SolvedWeek, solve_week
from dmsim.rostering.week_program import Week


def week_demand(told: ShiftsFile, demand: Demand, week: int) -> Demand:
    """What a week (from 0) of the horizon requires: growth, season and holidays applied."""
    return demand.scaled(told.horizon.factor(week), told.day_factors(week))


def plan_roster(
    told: ShiftsFile,
    demand: Demand,
    *,
    seconds: float,
    fixed: Duties = (),
    progress: Progress | None = None,
) -> Plan:
    """The cheapest roster that can be found, week by week.

    Each week is planned as if it repeated: what its Sunday's shifts bring to a Monday counts for
    its own. Between the weeks everybody has the rest that is due.

    Args:
        told: shifts, people, prices, horizon.
        demand: of a week of factor 1.
        seconds: time limit of each week.
        fixed: duties that stay as they are; their people get no others in that week.
        progress: is told of weeks.
    """
    free = free_people(told, fixed)
    demand = exact(told, demand, fixed)
    planned: list[Duty] = []
    weeks: list[WeekPlan] = []
    with (progress or Silent()).stage("roster", told.horizon.weeks, "weeks") as stage:
        for number in range(told.horizon.weeks):
            rests = _rests(told, free, [duty for duty in planned if duty.week == number - 1])
            week = _week(told, demand, number, fixed, rests)
            solved = solve_week(told, week, seconds)
            duties = sorted([*week.fixed, *_duties(solved, rests, number)], key=_place)
            weeks.append(_week_plan(told, demand, number, duties, solved))
            planned += duties
            stage.advance(1)
    return Plan(planned, weeks)


def week_of(
    told: ShiftsFile, demand: Demand, number: int, *, fixed: Duties, planned: Duties
) -> Week:
    """What a week (from 0) was planned for, when the weeks before it were as they are planned."""
    before = [duty for duty in planned if duty.week == number - 1]
    rests = _rests(told, free_people(told, fixed), before)
    return _week(told, exact(told, demand, fixed), number, fixed, rests)


def _week(
    told: ShiftsFile,
    demand: Demand,
    number: int,
    fixed: Duties,
    rests: Mapping[str, Mapping[str, int]],
) -> Week:
    settled = [duty for duty in fixed if duty.week == number]
    people = {name: list(of_contract.values()) for name, of_contract in rests.items()}
    return Week(week_demand(told, demand, number), people, told.closed(number), settled)


def exact(told: ShiftsFile, demand: Demand, duties: Duties) -> Demand:
    """A demand in intervals so short that nobody comes, goes or has a break within one."""
    edges = [at for duty in duties for span in (*duty.spans, (duty.begin, duty.end)) for at in span]
    return demand.refined(gcd(grid(told, demand.step), *edges))


def free_people(told: ShiftsFile, fixed: Duties) -> dict[str, list[str]]:
    """The names of those who may be planned, by contract; who has a fixed duty is not among them.

    They are named after their contract and a number.
    """
    kept = {duty.who: duty.people for duty in fixed}
    free = {}
    for name, people in told.people.items():
        count = max(people.available - sum(of == name for of in kept.values()), 0)
        digits = len(str(people.available))
        numbered = (f"{name}-{number:0{digits}}" for number in itertools.count(1))
        free[name] = list(itertools.islice((who for who in numbered if who not in kept), count))
    return free


def _rests(
    told: ShiftsFile, free: Mapping[str, Sequence[str]], before: Duties
) -> dict[str, dict[str, int]]:
    """By contract and name, for how many minutes of a week a person rests from the one before."""
    rests = {name: dict.fromkeys(names, 0) for name, names in free.items()}
    for duty in before:
        if duty.who in rests.get(duty.people, ()):
            rest = overhang(duty, told.people[duty.people])
            rests[duty.people][duty.who] = max(rests[duty.people][duty.who], rest)
    return rests


def _duties(
    solved: SolvedWeek, rests: Mapping[str, Mapping[str, int]], week: int
) -> Iterator[Duty]:
    """Who works what: the tours that begin first go to those who are rested first."""
    for name, tours in solved.tours.items():
        rested = sorted(rests[name], key=rests[name].__getitem__)
        for who, tour in zip(rested, sorted(tours, key=_first), strict=False):
            for slot in tour:
                yield Duty.of(slot, week, who, name)


def _first(tour: Sequence[Slot]) -> int:
    return tour[0].begin


def _place(duty: Duty) -> tuple[str, str, int]:
    return duty.people, duty.who, duty.begin


def weigh(told: ShiftsFile, demand: Demand, duties: Duties) -> list[tuple[Coverage, Costs]]:
    """The coverage and the costs of each week of the horizon."""
    demand = exact(told, demand, duties)
    return [_weighed(told, demand, number, duties) for number in range(told.horizon.weeks)]


def _weighed(told: ShiftsFile, demand: Demand, week: int, duties: Duties) -> tuple[Coverage, Costs]:
    required = week_demand(told, demand, week)
    own = [duty for duty in duties if duty.week == week]
    covered = coverage(required, working(own, told.people, required))
    return covered, costs(own, covered, told.shifts, told.prices)


def _week_plan(
    told: ShiftsFile, demand: Demand, week: int, duties: Duties, solved: SolvedWeek
) -> WeekPlan:
    covered, priced = _weighed(told, demand, week, duties)
    return WeekPlan(
        coverage=covered,
        costs=priced,
        status=solved.status,
        bound=solved.bound,
        relaxed=solved.relaxed,
        seconds=solved.seconds,
    )
