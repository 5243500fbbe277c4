"""Rosters counted and enumerated in the plainest way, minute by minute and tour by tour."""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, pairwise, product

import numpy as np

from dmsim.rostering.demand import Demand
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.roster import Duty
from dmsim.scenario.units import DAYS

MINUTE_US = 60_000_000
WEEK, DAY = 7 * 24 * 60, 24 * 60

#: A shift on a day: its name and its minutes since Monday 00:00.
Shift = tuple[str, int, int]


def minutes_worked(told: ShiftsFile, shift: Shift) -> list[int]:
    """The minutes of the week that are worked of a shift."""
    name, begin, end = shift
    pauses = [
        range(begin + b.after // MINUTE_US, begin + (b.after + b.lasts) // MINUTE_US)
        for b in told.shifts[name].breaks
    ]
    return [m % WEEK for m in range(begin, end) if not any(m in pause for pause in pauses)]


def cost(told: ShiftsFile, demand: Demand, shifts: Sequence[Shift]) -> float:
    """Of one week with one skill."""
    there = np.zeros(WEEK)
    total = 0.0
    for shift in shifts:
        worked = minutes_worked(told, shift)
        there[worked] += 1
        template = told.shifts[shift[0]]
        total += template.cost_per_hour * len(worked) / 60 + template.cost_per_shift
    lack = np.repeat(demand.required[""], demand.step) - there
    missing, surplus = lack[lack > 0].sum() / 60, -lack[lack < 0].sum() / 60
    return float(total + told.prices.missing * missing + told.prices.surplus * surplus)


def is_allowed(told: ShiftsFile, shifts: Sequence[Shift]) -> bool:
    """Whether one person may work these shifts every week; days and contracts aside."""
    people = next(iter(told.people.values()))
    days = [begin // DAY for _, begin, _ in shifts]
    if len(set(days)) < len(days) or 7 - len(days) < people.days_off:
        return False
    worked = sum(len(minutes_worked(told, shift)) for shift in shifts)
    if people.most_hours is not None and worked > people.most_hours // MINUTE_US:
        return False
    round_the_week = [*shifts, *((name, b + WEEK, e + WEEK) for name, b, e in shifts[:1])]
    pairs = pairwise(round_the_week)
    return all(late[1] - early[2] >= people.rest // MINUTE_US for early, late in pairs)


def tours(told: ShiftsFile) -> Iterator[list[Shift]]:
    """Every week that one person may have, the empty one too."""
    options: list[list[Shift | None]] = []
    for day, word in enumerate(DAYS):
        of_day: list[Shift | None] = [None]
        for name, shift in told.shifts.items():
            for start in shift.starts:
                begin = day * DAY + start // MINUTE_US
                if word in shift.days:
                    of_day.append((name, begin, begin + shift.lasts // MINUTE_US))
        options.append(of_day)
    for chosen in product(*options):
        tour = [shift for shift in chosen if shift is not None]
        if is_allowed(told, tour):
            yield tour


def least_cost(told: ShiftsFile, demand: Demand) -> float:
    """The cost of the best roster of all there are."""
    people = next(iter(told.people.values())).available
    best = float("inf")
    for chosen in combinations_with_replacement(list(tours(told)), people):
        shifts = [shift for tour in chosen for shift in tour]
        if not _is_too_many(told, shifts):
            best = min(best, cost(told, demand, shifts))
    return best


def _is_too_many(told: ShiftsFile, shifts: Sequence[Shift]) -> bool:
    begun = [(name, begin // DAY) for name, begin, _ in shifts]
    return any(
        (most := told.shifts[name].most) is not None and begun.count((name, day)) > most
        for name, day in set(begun)
    )


def worked_shifts(duties: Sequence[Duty]) -> list[Shift]:
    """The shifts of some duties."""
    return [(duty.shift, duty.begin, duty.end) for duty in duties]
