"""A desk and a plan as plain text for a terminal."""

from collections.abc import Sequence
from math import inf, isfinite

import polars as pl

from dmsim.report.units import NOTHING, count, span
from dmsim.staffing.desk import DeskFigures
from dmsim.staffing.plan import FTE_HOURS, Totals

#: The columns of a plan's table: of the frame, and what is written above them.
_COLUMNS = {
    "start": "start",
    "contacts": "contacts",
    "load_erlang": "erlang",
    "required": "required",
    "scheduled": "scheduled",
    "net": "net",
    "service_level": "in time",
    "asa_s": "mean wait",
    "p_abandon": "leave",
    "occupancy": "occupancy",
}
_SHARES = ("service_level", "p_abandon", "occupancy")


def desk_lines(told: DeskFigures) -> list[str]:
    """The figures of a desk, a line for each."""
    patience = f", patience {span(told.patience_s)}" if told.patience_s < inf else ""
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
        ("leave", per_cent(told.p_abandon)),
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
