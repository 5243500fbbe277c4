"""Why people are missing, in words and for machines."""

from typing import Any

from dmsim.rostering.planned import NOTHING, Lack, Status, WeekPlan
from dmsim.rostering.stretches import stretches

#: As many stretches without a shift are told one by one.
_MOST_TOLD = 3


def why_lines(week: WeekPlan) -> list[str]:
    """What lacks: shifts, people, or a price that pays for more; nothing where nobody asked."""
    lack = week.lack
    if lack is None:
        return []
    lines = []
    if lack.no_shift.missing_hours > NOTHING:
        lines.append(_no_shift(lack))
    if lack.limited_hours > NOTHING:
        told = "no more may begin a shift on its day (most), whatever the number of people"
        lines.append(f"limit of shifts: {lack.limited_hours:,.1f} h: {told}")
    if _too_few(lack) > NOTHING:
        lines += _people(lack)
    undecided = lack.found_hours - lack.least_hours
    if undecided > NOTHING:
        told = "whether these people could cover it was not found out in the time"
        lines.append(f"not known: {undecided:,.1f} h: {told}")
    if lack.missing_hours - lack.found_hours > NOTHING:
        lines += _price(lack, lack.missing_hours - lack.found_hours, week.status)
    return lines


def lack_object(lack: Lack) -> dict[str, Any]:
    """Why people are missing, for machines; hours are person-hours."""
    return {
        "people": dict(lack.people),
        "most_hours": lack.most_hours,
        "worked_hours": lack.worked_hours,
        "no_shift_hours": lack.no_shift.missing_hours,
        "no_shift_stretches": stretches(lack.no_shift),
        "limited_hours": lack.limited_hours,
        "too_few_people_hours": _too_few(lack),
        "undecided_hours": lack.found_hours - lack.least_hours,
        "too_dear_hours": lack.missing_hours - lack.found_hours,
        "price_of_missing": lack.price,
        "more_people": None if lack.more is None else dict(lack.more),
        "fewest_more_people": lack.fewest_more,
    }


def _too_few(lack: Lack) -> float:
    without_shift = lack.no_shift.missing_hours + lack.limited_hours
    return max(lack.least_hours - without_shift, 0.0)


def _no_shift(lack: Lack) -> str:
    found = stretches(lack.no_shift)
    told = [
        f"{each['from']} to {each['until']}" + _skills(each["skills"])
        for each in found[:_MOST_TOLD]
    ]
    if len(found) > _MOST_TOLD:
        told.append(f"and {len(found) - _MOST_TOLD} more stretches")
    hours = lack.no_shift.missing_hours
    return f"no shift, or a break of all: {hours:,.1f} h: {', '.join(told)}"


def _skills(skills: list[str]) -> str:
    named = " or ".join(filter(None, skills))
    return f" of people with {named}" if named else ""


def _people(lack: Lack) -> list[str]:
    hours = (
        f"too few people: {_too_few(lack):,.1f} h: the {sum(lack.people.values())} may work at "
        f"most {lack.most_hours:,.1f} h a week, and work {lack.worked_hours:,.1f} h"
    )
    return [hours, f"no roster of theirs covers more{_more(lack)}"]


def _more(lack: Lack) -> str:
    if lack.more is None:
        least = f"at least {lack.fewest_more} more people would be needed"
        return f"; {least}" if lack.fewest_more else ""
    count = sum(lack.more.values())
    each = ", ".join(f"{more} {name}" for name, more in lack.more.items() if more)
    known = "fewer are not" if count == lack.fewest_more else f"fewer than {lack.fewest_more} not"
    return f"; {count} more people ({each}) would be enough, {known}"


def _price(lack: Lack, hours: float, status: Status) -> list[str]:
    spare = lack.most_hours - lack.worked_hours
    could = f"{hours:,.1f} h: these people, who have {spare:,.1f} h left, could cover it"
    price = f"prices.missing = {lack.price:g} an hour"
    if status == "time limit":
        told = f"a longer --time-limit may find how, if {price} pays for it"
        return [f"price or time: {could}", told]
    gap = " (known within the gap)" if status == "within gap" else ""
    return [f"price: {could}", f"{price} does not pay for it{gap}; a shift that fits better might"]
