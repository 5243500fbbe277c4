"""Why people are missing, in words and for machines."""

from typing import Any

from dmsim.rostering.planned import NOTHING, Lack, Status, WeekPlan
from dmsim.rostering.stretches import stretch_name, stretches

#: As many stretches without a shift are told one by one.
_MOST_TOLD = 3
#: Smaller parts of what is missing are not told in words: fractions of people, not whole ones.
_LEAST_SHARE = 0.01
#: A roster with more people than so many times the fewest is no answer to how many it takes.
_FAR = 1.5


def why_lines(week: WeekPlan) -> list[str]:
    """What lacks: shifts, people, or a price that pays for more; nothing where nobody asked."""
    lack = week.lack
    if lack is None:
        return []
    least = max(_LEAST_SHARE * lack.missing_hours, NOTHING)
    undecided, dear = lack.found_hours - lack.least_hours, lack.missing_hours - lack.found_hours
    lines = []
    if lack.no_shift.missing_hours > NOTHING:
        lines += _no_shift(lack)
    if lack.limited_hours > least:
        lines += [
            f"limit of shifts: {lack.limited_hours:,.1f} h",
            "  no more may begin a shift on its day (most), whatever the number of people",
        ]
    if _too_few(lack) > least:
        lines += _people(lack)
    if undecided > least:
        lines += [
            f"not known: {undecided:,.1f} h",
            "  whether these people could cover it is open; a longer --time-limit may tell",
        ]
    return [*lines, *(_price(lack, dear, week.status) if dear > least else [])]


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


def _no_shift(lack: Lack) -> list[str]:
    found = stretches(lack.no_shift)
    told = [f"{stretch_name(each)}{_skills(each['skills'])}" for each in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        told.append(f"and {len(found) - _MOST_TOLD} more stretches")
    hours = lack.no_shift.missing_hours
    return [
        f"no shift: {hours:,.1f} h when there is none that anybody may work, or all have a break",
        f"  {', '.join(told)}",
    ]


def _skills(skills: list[str]) -> str:
    named = " or ".join(filter(None, skills))
    return f" of people with {named}" if named else ""


def _people(lack: Lack) -> list[str]:
    count = sum(lack.people.values())
    may = f"{count} {'person' if count == 1 else 'people'} may work {lack.most_hours:,.1f} h a week"
    return [
        f"too few people: {_too_few(lack):,.1f} h; {may} at most, {lack.worked_hours:,.1f} h are "
        "worked",
        f"  no roster of these people covers them{_more(lack)}",
    ]


def _more(lack: Lack) -> str:
    fewest = lack.fewest_more
    count = sum((lack.more or {}).values())
    if lack.more is None or count > _FAR * fewest:
        return f"; at least {fewest} more would be needed" if fewest else ""
    each = ", ".join(f"{more} {name}" for name, more in lack.more.items() if more)
    fewer = "fewer would not" if count == fewest else f"fewer than {fewest} would not"
    return f"; {count} more ({each}) would be enough, {fewer}"


def _price(lack: Lack, hours: float, status: Status) -> list[str]:
    left = lack.most_hours - lack.worked_hours
    have = f", who have {left:,.1f} h left," if left > NOTHING else ""
    could = f"{hours:,.1f} h that these people{have} could cover"
    price = f"prices.missing = {lack.price:g} an hour"
    if status == "time limit":
        told = f"  a longer --time-limit may find how, if {price} pays for it"
        return [f"price or time: {could}", told]
    gap = " (within the gap)" if status == "within gap" else ""
    told = f"  {price} does not pay for it{gap}; shifts that fit better might"
    return [f"price: {could}", told]
