"""A desk and a plan as plain text for a terminal."""

from collections.abc import Sequence
from math import inf, isfinite

import polars as pl

from dmsim.report.units import NOTHING, count, span
from dmsim.staffing.balance import balance_lines
from dmsim.staffing.desk import DeskFigures
from dmsim.staffing.grid import week_grids
from dmsim.staffing.plan import Desk
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
    "to_schedule": "to schedule",
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


def plan_lines(planned: pl.DataFrame, desk: Desk, given: pl.DataFrame) -> list[str]:
    """A row for each interval that says something, and the totals.

    Args:
        planned: the plan of a file.
        desk: that it was made for.
        given: the intervals of the file, of which each has a row.
    """
    columns = {name: head for name, head in _COLUMNS.items() if name in planned.columns}
    if not planned["p_abandon"].sum():
        del columns["p_abandon"]
    source = "by the file"
    if "scheduled" not in given.columns:
        del columns["scheduled"]
        source = "as many as to schedule (the file has no column scheduled)"
    shown = planned.filter(
        pl.col("start_s").is_in(given["start_s"].to_list()) | (pl.col("required") > 0)
    )
    rows = [[_cell(name, row[name]) for name in columns] for row in shown.iter_rows(named=True)]
    table = aligned([list(columns.values()), *rows])
    if left_out := planned.height - shown.height:
        table.append(f"{left_out:,} intervals without contacts need nobody")
    return [*table, "", *balance_lines(planned, desk.shrinkage, source)]


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
        f"{plan.desk.threads} at once; {promise}{_leaving(plan.desk)}",
        f"replies   {work.comments.sum():,.0f} comments a week of {span(work.comment_s)}, within "
        f"{span(work.window_s)}, in what time threads leave",
        f"methods   person-hours for threads: {methods}; apart by {apart:,} in all",
        f"          {hours['reply_people'].sum():,} person-hours more for replies, whose backlog "
        f"is at most {oldest} h old",
    ]
    if not plan.threads_first:
        lines.append("priorities: the team's own put other work before threads; the plan does not")
    balance = balance_lines(hours, plan.desk.shrinkage, "by the roster, breaks left out")
    grids = {
        "required": hours["required"].to_list(),
        "net (negative: too few at work)": hours["net"].to_list(),
    }
    return ["", *map(plain, [*lines, "", *balance]), "", *week_grids(grids)]


def _leaving(desk: Desk) -> str:
    """Who leaves, and how many of them without a word."""
    if desk.patience_s == inf:
        return ""
    silent = f", {per_cent(desk.silent)} of who leave do so silently" if desk.silent else ""
    return f"; patience {span(desk.patience_s)}{silent}"


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
