"""A roster as lines for a terminal and as an object for machines."""

from collections.abc import Mapping, Sequence
from typing import Any

from dmsim.rostering.check import Violation
from dmsim.rostering.costs import Costs
from dmsim.rostering.coverage import Coverage
from dmsim.rostering.lack_words import lack_object, why_lines
from dmsim.rostering.planned import Plan, Status, WeekPlan
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Floats
from dmsim.rostering.stretches import stretch_name, stretches, week_time

#: As many stretches of missing people as are told one by one.
MOST_TOLD = 12
_HOURS = ("week", "required h", "worked h", "covered", "missing h", "surplus h")
_COSTS = ("week", "for work", "for missing", "for surplus", "cost")
_SEARCH = ("bound", "gap", "search", "result")

#: Of what a plan is the best: not that all is well.
RESULTS: dict[Status, str] = {
    "optimal": "cheapest",
    "within gap": "within gap of the cheapest",
    "time limit": "best found in the time",
}


def plan_lines(plan: Plan) -> list[str]:
    """The hours and the costs of the weeks, and where people are missing."""
    weeks = list(enumerate(plan.weeks, 1))
    hours = [_hours(number, week.coverage) for number, week in weeks]
    costs = [(*_costs(number, week.costs), *_search(week)) for number, week in weeks]
    lines = [*aligned([_HOURS, *hours]), "", *aligned([(*_COSTS, *_SEARCH), *costs])]
    for number, week in weeks:
        lines += missing_lines(week.coverage, number, why_lines(week))
    return lines


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words with their columns below one another, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _hours(number: int, covered: Coverage) -> tuple[str, ...]:
    share = covered.covered_share
    return (
        str(number),
        f"{covered.required_hours:,.1f}",
        f"{covered.worked_hours:,.1f}",
        "–" if share is None else f"{share:.1%}",
        f"{covered.missing_hours:,.1f}",
        f"{covered.surplus_hours:,.1f}",
    )


def _costs(number: int, costs: Costs) -> tuple[str, ...]:
    of_all = (costs.work, costs.missing, costs.surplus, costs.total)
    return str(number), *(f"{cost:,.2f}" for cost in of_all)


def _search(week: WeekPlan) -> tuple[str, ...]:
    return (
        f"{week.bound:,.2f}",
        f"{week.gap:.2%}",
        f"{week.seconds:.1f} s",
        RESULTS[week.status],
    )


def check_lines(weeks: Sequence[tuple[Coverage, Costs]], broken: Sequence[Violation]) -> list[str]:
    """The coverage of a roster that was not planned here, and the rules that it breaks."""
    numbered = list(enumerate(weeks, 1))
    hours = [_hours(number, covered) for number, (covered, _) in numbered]
    costs = [_costs(number, priced) for number, (_, priced) in numbered]
    lines = [*aligned([_HOURS, *hours]), "", *aligned([_COSTS, *costs])]
    for number, (covered, _) in numbered:
        lines += missing_lines(covered, number)
    return [*lines, "", *map(violation_line, broken), f"{len(broken)} violations"]


def violation_line(violation: Violation) -> str:
    """A broken rule in one line."""
    return f"week {violation.week + 1}: {violation.who}: {violation.rule}: {violation.text}"


def missing_lines(covered: Coverage, week: int, why: Sequence[str] = ()) -> list[str]:
    """How much is missing in a week, why, and where, the largest lacks first."""
    found = sorted(stretches(covered), key=lambda each: -each["hours"])
    if not found:
        return []
    missing, required = covered.missing_hours, covered.required_hours
    head = f"missing in week {week}: {missing:,.1f} of {required:,.1f} required person-hours"
    lines = ["", head, *(f"  {line}" for line in why), *map(_stretch_line, found[:MOST_TOLD])]
    more = found[MOST_TOLD:]
    if more:
        hours = sum(each["hours"] for each in more)
        told = f"{len(more)} more stretches, {hours:g} person-hours: --json lists them"
        lines.append(f"  {told}")
    return lines


def _stretch_line(stretch: Mapping[str, Any]) -> str:
    skills = ", ".join(filter(None, stretch["skills"]))
    return (
        f"  {stretch_name(stretch)}: up to {stretch['most']:g} at once"
        f"{f' ({skills})' if skills else ''}, {stretch['hours']:g} person-hours"
    )


def plan_object(plan: Plan) -> dict[str, Any]:
    """A plan for machines; costs in the unit of the prices, people of each interval in order."""
    return {
        "people": len({(duty.people, duty.who) for duty in plan.duties}),
        "duties": duty_objects(plan.duties),
        "weeks": [
            {
                "status": week.status,
                "bound": week.bound,
                "relaxed_bound": week.relaxed,
                "gap": week.gap,
                "seconds": week.seconds,
                "lack": lack_object(week.lack) if week.lack else None,
                **week_object(week.coverage, week.costs),
            }
            for week in plan.weeks
        ],
    }


def check_object(
    weeks: Sequence[tuple[Coverage, Costs]], broken: Sequence[Violation]
) -> dict[str, Any]:
    """A checked roster for machines."""
    return {
        "violations": [
            {"week": each.week + 1, "rule": each.rule, "who": each.who, "text": each.text}
            for each in broken
        ],
        "weeks": [week_object(*week) for week in weeks],
    }


def week_object(covered: Coverage, costs: Costs) -> dict[str, Any]:
    """The coverage and costs of a week for machines."""
    return {
        "cost": costs.total,
        "cost_of_work": costs.work,
        "cost_of_missing": costs.missing,
        "cost_of_surplus": costs.surplus,
        "covered_share": covered.covered_share,
        "missing_hours": covered.missing_hours,
        "surplus_hours": covered.surplus_hours,
        "interval_minutes": covered.step,
        "required": _listed(covered.required),
        "working": _listed(covered.working),
        "missing": _listed(covered.missing),
        "missing_stretches": stretches(covered),
    }


def duty_objects(duties: Duties) -> list[dict[str, Any]]:
    """Duties for machines; an end beyond Sunday is told as a time of the next Monday."""
    return [
        {
            "week": duty.week + 1,
            "who": duty.who,
            "people": duty.people,
            "shift": duty.shift,
            "start": week_time(duty.begin),
            "end": week_time(duty.end),
            "breaks": [[week_time(since), week_time(until)] for since, until in duty.breaks],
        }
        for duty in duties
    ]


def _listed(people: Floats) -> list[float]:
    return [round(value, 4) for value in people.tolist()]
