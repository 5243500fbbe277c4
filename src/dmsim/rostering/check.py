"""Whether a roster keeps the rules of a shifts file."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dmsim.rostering.model import DAY, HOUR, WEEK, People, ShiftsFile, minutes
from dmsim.rostering.network import ready
from dmsim.rostering.roster import Duties, Duty
from dmsim.scenario.units import DAYS, MINUTE_US, format_duration, format_week_time


@dataclass(frozen=True)
class Violation:
    """A rule that a roster breaks.

    Attributes:
        week: from 0 on.
        rule: the key of the shifts file that says otherwise.
        who: the person, or the shift that too many work.
        text: what is wrong, in words.
    """

    week: int
    rule: str
    who: str
    text: str


def violations(told: ShiftsFile, duties: Duties) -> list[Violation]:
    """All rules that a roster breaks, by week.

    Each week is held to repeat itself, unless the roster has a duty of the person in the next one:
    then the rest between the two counts instead.
    """
    by_person: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in duties:
        by_person[duty.people, duty.who].append(duty)
    found = [violation for duty in duties for violation in _of_duty(told, duty)]
    for (name, _), own in by_person.items():
        if name in told.people:
            found += _of_person(told, told.people[name], own)
    found += _of_shifts(told, duties)
    found += _of_contracts(told, duties)
    return sorted(found, key=lambda violation: violation.week)


def _of_duty(told: ShiftsFile, duty: Duty) -> Iterator[Violation]:
    """Whether there is such a shift, on that day, for that person."""
    when = _when(duty.begin)
    if duty.people not in told.people:
        known = ", ".join(told.people)
        text = f"{duty.people or 'no contract'}: not a contract of the shifts file ({known})"
        yield Violation(duty.week, "people", duty.who, text)
    elif duty.shift in told.shifts:
        of_contract = told.people[duty.people].shifts
        if of_contract and duty.shift not in of_contract:
            text = f"works {duty.shift} ({when}), which is none of the shifts of {duty.people}"
            yield Violation(duty.week, "shifts", duty.who, text)
    if duty.shift not in told.shifts:
        text = f"{when} to {_when(duty.end)}: no shift of the shifts file is at that time"
        yield Violation(duty.week, "shifts", duty.who, text)
    elif DAYS[duty.day] not in told.shifts[duty.shift].days:
        text = f"works {duty.shift} ({when}), which does not begin on that day"
        yield Violation(duty.week, "days", duty.who, text)
    if duty.day in told.closed(duty.week):
        yield Violation(duty.week, "holidays", duty.who, f"begins on a day without work ({when})")


def _of_person(told: ShiftsFile, people: People, own: list[Duty]) -> Iterator[Violation]:
    """Rest, days off and hours of one person."""
    weeks = sorted({duty.week for duty in own})
    for week in weeks:
        duties = sorted((d for d in own if d.week == week), key=lambda duty: duty.begin)
        days = 7 - len({duty.day for duty in duties})
        if days < people.days_off:
            text = f"{days} days off; {people.days_off} are due"
            yield Violation(week, "days_off", duties[0].who, text)
        worked = sum(duty.worked for duty in duties)
        if people.most_hours is not None and worked > minutes(people.most_hours):
            text = f"works {worked / HOUR:g} h; at most {minutes(people.most_hours) / HOUR:g} h"
            yield Violation(week, "most_hours", duties[0].who, text)
        after = [d for d in own if d.week == week + 1] or duties
        again = min(after, key=lambda duty: duty.begin)
        for duty, begin in [
            *((duty, later.begin) for duty, later in pairwise(duties)),
            (duties[-1], again.begin + WEEK),
        ]:
            yield from _rest(people, duty, begin)


def _rest(people: People, duty: Duty, begin: int) -> Iterator[Violation]:
    """Whether somebody may begin again at a minute after a duty."""
    if begin >= ready(duty, people):
        return
    if begin < (duty.day + 1) * DAY:
        text = f"begins twice on one day ({_when(duty.begin)} and {_when(begin)})"
    else:
        rest = format_duration(max(begin - duty.end, 0) * MINUTE_US)
        due = format_duration(people.rest)
        text = f"{rest} of rest between {_when(duty.end)} and {_when(begin)}; {due} are due"
    yield Violation(duty.week, "rest", duty.who, text)


def _of_shifts(told: ShiftsFile, duties: Duties) -> Iterator[Violation]:
    """Shifts that more begin on a day than may."""
    counts: dict[tuple[int, str, int], int] = defaultdict(int)
    for duty in duties:
        counts[duty.week, duty.shift, duty.day] += 1
    for (week, shift, day), count in counts.items():
        most = told.shifts[shift].most if shift in told.shifts else None
        if most is not None and count > most:
            text = f"{count} begin it on {DAYS[day]}; at most {most} may"
            yield Violation(week, "most", shift, text)


def _of_contracts(told: ShiftsFile, duties: Duties) -> Iterator[Violation]:
    """Contracts of which more people work than there are."""
    working: dict[tuple[int, str], set[str]] = defaultdict(set)
    for duty in duties:
        working[duty.week, duty.people].add(duty.who)
    for (week, name), names in working.items():
        if name in told.people and len(names) > told.people[name].available:
            text = f"{len(names)} people work; {told.people[name].available} are available"
            yield Violation(week, "available", name, text)


def _when(minute: int) -> str:
    return format_week_time(minute % WEEK * MINUTE_US)
