"""Why people are missing in a plan: no shift, too few people, or a price that is too low.

Each is found by planning the week once more with other prices: whom the same people could cover if
nothing cost anything but missing hours, and how many more people it takes to cover all.
"""

import math
import time
from collections import Counter
from dataclasses import replace

import numpy as np

from dmsim.progress import Progress, Silent
from dmsim.rostering.coverage import Coverage, coverage, skills_of, working
from dmsim.rostering.demand import Demand
from dmsim.rostering.model import HOUR, People, ShiftsFile, minutes
from dmsim.rostering.plan import week_of
from dmsim.rostering.planned import NOTHING, Lack, Plan, WeekPlan
from dmsim.rostering.program import Solved
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Slot, presence, slots
from dmsim.rostering.solve import LEAST_SECONDS, search
from dmsim.rostering.week_program import Week, WeekProgram

#: Each week is searched at most so long for what it lacks.
MOST_SECONDS = 10.0


def explained(
    told: ShiftsFile,
    demand: Demand,
    plan: Plan,
    *,
    seconds: float,
    fixed: Duties = (),
    progress: Progress | None = None,
) -> Plan:
    """The same plan, with the reason in every week in which people are missing.

    Args:
        told: shifts, people, prices, horizon, as the plan was made of them.
        demand: of a week of factor 1.
        plan: of :func:`dmsim.rostering.plan.plan_roster`.
        seconds: time limit of each week, of which at most :data:`MOST_SECONDS` are used.
        fixed: the duties that stayed as they are.
        progress: is told of weeks in which people are missing.
    """
    short = [number for number, week in enumerate(plan.weeks) if _is_missing(week)]
    if not short:
        return plan
    weeks = list(plan.weeks)
    with (progress or Silent()).stage("why people are missing", len(short), "weeks") as stage:
        for number in short:
            week = week_of(told, demand, number, fixed=fixed, planned=plan.duties)
            until = time.perf_counter() + min(seconds, MOST_SECONDS)
            weeks[number] = replace(weeks[number], lack=_lack(told, week, weeks[number], until))
            stage.advance(1)
    return Plan(plan.duties, weeks)


def _is_missing(week: WeekPlan) -> bool:
    return week.coverage.missing_hours > NOTHING


def _lack(told: ShiftsFile, week: Week, planned: WeekPlan, until: float) -> Lack:
    covered = planned.coverage
    missing = covered.missing_hours
    no_shift = _no_shift(told, week)
    limited = _limited(told, week, no_shift, until)
    without_shift = no_shift.missing_hours + limited
    most = _most_hours(told, week)
    least, found = missing, missing
    if missing > max(covered.required_hours - most, without_shift) + NOTHING:
        # Half of the time is kept for how many more people it takes.
        best = _fewest_missing(told, week, time.perf_counter() + _left(until) / 2)
        certain = max(best.bound, covered.required_hours - most, without_shift)
        least, found = min(certain, missing), min(best.cost, missing)
    more, fewest = None, 0
    if least > without_shift + NOTHING:
        more, fewest = _more_people(told, week, without_shift, until)
    return Lack(
        people=_people(told, week),
        most_hours=most,
        worked_hours=covered.worked_hours,
        no_shift=no_shift,
        limited_hours=limited,
        missing_hours=missing,
        price=told.prices.missing,
        least_hours=least,
        found_hours=max(found, least),
        more=more,
        fewest_more=fewest,
    )


def _no_shift(told: ShiftsFile, week: Week) -> Coverage:
    """What stays missing with any number of people on every shift, whatever its most."""
    demand = week.demand
    plenty = float(demand.total().sum())
    there = working(week.fixed, told.people, demand)
    for people in told.people.values():
        skills = skills_of(people, demand)
        spans = [span for slot in _slots(told, week, people) for span in slot.spans]
        able = np.where(presence(spans, demand.step) > 0, plenty, 0.0)
        there[skills] = there.get(skills, np.zeros_like(able)) + able
    return coverage(demand, there)


def _slots(told: ShiftsFile, week: Week, people: People) -> list[Slot]:
    """What one of these people may work, each alone."""
    if people.days_off == 7:
        return []
    own = people.shifts or told.shifts
    most = math.inf if people.most_hours is None else minutes(people.most_hours)
    every = slots(told, week.closed)
    return [slot for slot in every if slot.shift in own and slot.worked <= most]


def _most_hours(told: ShiftsFile, week: Week) -> float:
    """Hours that people may work at most: the longest shifts of as many days as they may work."""
    total = float(sum(duty.worked for duty in week.fixed))
    for name, people in told.people.items():
        longest: dict[int, int] = {}
        for slot in _slots(told, week, people):
            longest[slot.day] = max(longest.get(slot.day, 0), slot.worked)
        days = sorted(longest.values(), reverse=True)[: 7 - people.days_off]
        most = math.inf if people.most_hours is None else minutes(people.most_hours)
        total += len(week.people[name]) * min(sum(days), most)
    return total / HOUR


def _people(told: ShiftsFile, week: Week) -> dict[str, int]:
    settled = Counter(people for _, people in {(duty.who, duty.people) for duty in week.fixed})
    return {name: len(week.people[name]) + settled[name] for name in told.people}


def _limited(told: ShiftsFile, week: Week, no_shift: Coverage, until: float) -> float:
    """Hours that any number of people leave missing, beyond those without a shift."""
    if all(shift.most is None for shift in told.shifts.values()):
        return 0.0
    program = WeekProgram(_priced(told, missing=1.0), _with_plenty(told, week))
    paths = [column for contract in program.contracts for column in contract.paths]
    # With plenty of people, each works one slot: paths of many slots need not be whole.
    found = program.program.solve(seconds=_left(until), gap=0.0, split=paths)
    return max(found.bound - no_shift.missing_hours, 0.0)


def _fewest_missing(told: ShiftsFile, week: Week, until: float) -> Solved:
    """Of the same people; costs are the hours missing."""
    return search(WeekProgram(_priced(told, missing=1.0), week), until)[1]


def _more_people(
    told: ShiftsFile, week: Week, hours: float, until: float
) -> tuple[dict[str, int] | None, int]:
    """As few more people as leave so many hours missing, and how many it takes at least."""
    plan = WeekProgram(_priced(told, missing=0.0), _with_plenty(told, week))
    plan.program.row(plan.missing, 0, hours + NOTHING)
    more = {}
    for contract in plan.contracts:
        (column,) = plan.program.columns(1, 1.0, whole=True)
        row = [*contract.working, (column, -1.0)]
        plan.program.row(row, -math.inf, len(week.people[contract.name]))
        more[contract.name] = column
    _, found = search(plan, until)
    fewest = math.ceil(found.bound - NOTHING)
    if found.values is None:
        return None, fewest
    return {name: round(found.values[column]) for name, column in more.items()}, fewest


def _priced(told: ShiftsFile, *, missing: float) -> ShiftsFile:
    """The same shifts and people, where nothing has a price but a missing hour."""
    free = {"cost_per_hour": 0.0, "cost_per_shift": 0.0}
    shifts = {name: shift.model_copy(update=free) for name, shift in told.shifts.items()}
    prices = told.prices.model_copy(update={"missing": missing, "surplus": 0.0})
    return told.model_copy(update={"shifts": shifts, "prices": prices})


def _with_plenty(told: ShiftsFile, week: Week) -> Week:
    """More people than could be of use: for every slot as many as are ever required at once."""
    peak = math.ceil(float(week.demand.total().max()))
    people = {
        name: [*week.people[name], *[0] * (peak * len(_slots(told, week, contract)))]
        for name, contract in told.people.items()
    }
    return replace(week, people=people)


def _left(until: float) -> float:
    return max(until - time.perf_counter(), LEAST_SECONDS)
