"""A roster as lines for a terminal and as an object for machines."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dmsim.rostering.check import Violation
from dmsim.rostering.costs import Costs
from dmsim.rostering.coverage import Coverage
from dmsim.rostering.model import HOUR, WEEK
from dmsim.rostering.planned import Plan, WeekPlan
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Floats
from dmsim.scenario.units import MINUTE_US, format_week_time

#: As many stretches of missing people as are told one by one.
MOST_TOLD = 12
#: Fewer than that are an error of rounding.
_NOBODY = 1e-6

_HEAD = (
    "week", "required h", "worked h", "covered", "missing h", "surplus h",
    "cost", "bound", "gap", "search", "result",
)  # fmt: skip


def plan_lines(plan: Plan) -> list[str]:
    """The table of the weeks, and where people are missing."""
    rows = [_row(number, week) for number, week in enumerate(plan.weeks, 1)]
    lines = aligned([_HEAD, *rows])
    for number, week in enumerate(plan.weeks, 1):
        lines += missing_lines(week.coverage, number)
    return lines


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words with their columns below one another, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _row(number: int, week: WeekPlan) -> tuple[str, ...]:
    return (
        str(number),
        *_hours(week.coverage),
        f"{week.costs.total:,.2f}",
        f"{week.bound:,.2f}",
        f"{week.gap:.2%}",
        f"{week.seconds:.1f} s",
        week.status,
    )


def _hours(covered: Coverage) -> tuple[str, ...]:
    share = covered.covered_share
    worked = float(covered.working.sum() * covered.step / HOUR)
    return (
        f"{float(covered.required.sum() * covered.step / HOUR):,.1f}",
        f"{worked:,.1f}",
        "–" if share is None else f"{share:.1%}",
        f"{covered.missing_hours:,.1f}",
        f"{covered.surplus_hours:,.1f}",
    )


def check_lines(weeks: Sequence[tuple[Coverage, Costs]], broken: Sequence[Violation]) -> list[str]:
    """The coverage of a roster that was not planned here, and the rules that it breaks."""
    head = (*_HEAD[:6], "cost")
    rows = [
        (str(number), *_hours(covered), f"{costs.total:,.2f}")
        for number, (covered, costs) in enumerate(weeks, 1)
    ]
    lines = aligned([head, *rows])
    for number, (covered, _) in enumerate(weeks, 1):
        lines += missing_lines(covered, number)
    return [*lines, *map(violation_line, broken), f"{len(broken)} violations"]


def violation_line(violation: Violation) -> str:
    """A broken rule in one line."""
    return f"week {violation.week + 1}: {violation.who}: {violation.rule}: {violation.text}"


def missing_lines(covered: Coverage, week: int) -> list[str]:
    """Where people are missing in a week, the largest lacks first."""
    found = sorted(stretches(covered), key=lambda each: -each["hours"])
    lines = [
        f"missing in week {week}: {each['from']} to {each['until']}: up to {each['most']:g} at once"
        + (f" ({', '.join(each['skills'])})" if any(each["skills"]) else "")
        + f", {each['hours']:g} h"
        for each in found[:MOST_TOLD]
    ]
    more = len(found) - MOST_TOLD
    return [*lines, f"missing in week {week}: {more} more stretches"] if more > 0 else lines


def stretches(covered: Coverage) -> list[dict[str, Any]]:
    """The stretches of the week in which people are missing, with how many."""
    short = covered.missing > _NOBODY
    edges = np.flatnonzero(np.diff([False, *short, False]))
    return [
        {
            "from": _time(since * covered.step),
            "until": _time(until * covered.step),
            "most": round(float(covered.missing[since:until].max()), 2),
            "hours": round(float(covered.missing[since:until].sum() * covered.step / HOUR), 2),
            "skills": sorted(frozenset().union(*covered.lacking[since:until])),
        }
        for since, until in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


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
            "start": _time(duty.begin),
            "end": _time(duty.end),
            "breaks": [[_time(since), _time(until)] for since, until in duty.breaks],
        }
        for duty in duties
    ]


def _time(minute: int) -> str:
    return format_week_time(minute % WEEK * MINUTE_US)


def _listed(people: Floats) -> list[float]:
    return [round(value, 4) for value in people.tolist()]
