"""A desk and a plan as plain text for a terminal."""

from collections.abc import Sequence
from math import inf, isfinite

import polars as pl

from dmsim.report.units import NOTHING, count, span
from dmsim.scenario.units import DAYS
from dmsim.staffing.desk import DeskFigures
from dmsim.staffing.plan import FTE_HOURS, Totals, add_up
from dmsim.staffing.team_plan import TeamPlan

#: The columns of a plan's table: of the frame, and what is written above them.
_COLUMNS = {
    "start": "start",
    "contacts": "contacts",
    "load_erlang": "erlang",
    "erlang_c": "Erlang C",
    "erlang_a": "Erlang A",
    "mol_root": "MOL √",
    "mol": "MOL",
    "simulated": "simulated",
    "required": "required",
    "scheduled": "scheduled",
    "net": "net",
    "service_level": "in time",
    "asa_s": "mean wait",
    "p_abandon": "leave",
    "occupancy": "occupancy",
}
#: The methods by their columns.
METHODS = {
    "erlang_c": "Erlang C",
    "erlang_a": "Erlang A",
    "mol_root": "MOL √",
    "mol": "MOL",
    "simulated": "simulation",
}
_SHARES = ("service_level", "p_abandon", "occupancy")


def desk_lines(told: DeskFigures) -> list[str]:
    """The figures of a desk, a line for each."""
    patience = f", patience {span(told.patience_s)}" if told.patience_s < inf else ""
    silently = f", {per_cent(told.p_abandon_silent)} silently" if told.silent else ""
    promise = f"{per_cent(told.level)} within {span(told.target_s)}"
    busy = f", at most {per_cent(told.max_occupancy)} busy" if told.max_occupancy < 1 else ""
    waits = ", ".join(f"p{p} {time(wait)}" for p, wait in told.wait_percentiles_s.items())
    rows = [
        ("come", f"{told.arrivals_per_hour:g} an hour, {span(told.handle_s)} each{patience}"),
        ("offered load", f"{told.offered_load_erlang:.4g} erlang"),
        ("agents", count(told.agents)),
        ("wait at all", per_cent(told.p_wait)),
        (f"in {span(told.target_s)}", f"{per_cent(told.service_level)} of all who come"),
        ("mean wait", time(told.asa_s)),
        ("waits", waits),
        ("leave", f"{per_cent(told.p_abandon)}{silently}"),
        ("occupancy", f"{per_cent(told.occupancy)}, {per_cent(told.utilisation)} of paid time"),
        ("needed", f"{count(told.agents_needed)} agents for {promise}{busy}"),
        ("scheduled", f"{count(told.agents_scheduled)} at {per_cent(told.shrinkage)} shrinkage"),
    ]
    if told.overloaded:
        rows.append(("overrun", "more come than can be served: the queue grows without end"))
    return [plain(f"{name:<13} {value}") for name, value in rows]


def plan_lines(planned: pl.DataFrame, totals: Totals) -> list[str]:
    """A row for each interval, and the totals."""
    columns = {name: head for name, head in _COLUMNS.items() if name in planned.columns}
    if not planned["p_abandon"].sum():
        del columns["p_abandon"]
    rows = [[_cell(name, row[name]) for name in columns] for row in planned.iter_rows(named=True)]
    return [*aligned([list(columns.values()), *rows]), "", *total_lines(totals)]


def team_lines(plan: TeamPlan) -> list[str]:
    """The plan of a team: its work, the methods side by side, and the week."""
    work, hours = plan.work, plan.hours
    methods = ", ".join(
        f"{head} {hours[name].sum():,}" for name, head in METHODS.items() if name in hours.columns
    )
    promise = f"{per_cent(plan.goal.level)} within {span(plan.goal.within_s)}"
    apart = int(hours["disagreement"].sum())
    oldest = max(hours["backlog_age_h"].to_list())
    lines = [
        f"team {plan.team}",
        f"threads   {work.turns.sum():,.0f} turns a week of {span(work.turn_s)}, "
        f"{plan.desk.threads} at once; {promise}",
        f"replies   {work.comments.sum():,.0f} comments a week of {span(work.comment_s)}, within "
        f"{span(work.window_s)}, in what time threads leave",
        f"methods   person-hours for threads: {methods}; apart by {apart:,} in all",
        f"          {hours['reply_people'].sum():,} person-hours more for replies, whose backlog "
        f"is at most {oldest} h old",
        *total_lines(add_up(hours)),
    ]
    if not plan.threads_first:
        lines.append("priorities: the team's own put other work before threads; the plan does not")
    return ["", *map(plain, lines), "", *_week(hours["required"].to_list())]


def _week(required: Sequence[int]) -> list[str]:
    """Who is required, hours below each other and days side by side."""
    rows = [["required", *(day.capitalize() for day in DAYS)]]
    for hour in range(24):
        rows.append([f"{hour:02}:00", *(str(required[24 * day + hour]) for day in range(7))])
    return aligned(rows)


def total_lines(told: Totals) -> list[str]:
    """The totals of a plan."""
    lacking = (
        f"{told.lacking_hours:,.0f} person-hours lacking" if told.lacking_hours else "none lacking"
    )
    return [
        f"{told.contacts:,.0f} contacts, {told.workload_hours:,.0f} hours of work in {told.weeks} "
        f"week{'s' if told.weeks > 1 else ''}",
        f"required  {told.required_hours:,.0f} person-hours, at most {told.required_peak} at once: "
        f"{told.required_fte:.1f} FTE of {FTE_HOURS} h",
        f"to schedule {told.to_schedule_hours:,.0f} person-hours: {told.to_schedule_fte:.1f} FTE",
        f"scheduled {told.scheduled_hours:,.0f} person-hours: {told.scheduled_fte:.1f} FTE; "
        f"{lacking}",
    ]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, its first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def per_cent(part: float) -> str:
    """A share with as many digits as mean something."""
    return f"{100 * part:.3g} %"


def time(seconds: float) -> str:
    """A span of time, also an infinite one."""
    return span(seconds) if isfinite(seconds) else "endless"


def plain(line: str) -> str:
    """Without the narrow spaces that a page has between thousands."""
    return line.replace("\u202f", ",")


def _cell(name: str, value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or NOTHING
    if name in _SHARES:
        return per_cent(value)
    if name == "asa_s":
        return plain(time(value))
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
