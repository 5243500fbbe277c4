"""From required people to those at work, as lines of which each follows from those above it."""

from typing import NamedTuple

import polars as pl

from dmsim.report.units import span
from dmsim.staffing.plan import FTE_HOURS, HOUR_S, Totals, add_up

#: More decimals of person-hours say nothing.
_MOST_DIGITS = 2


class _Row(NamedTuple):
    """A number of person-hours, and how it follows from others."""

    name: str
    hours: float
    told: str


def balance_lines(planned: pl.DataFrame, shrinkage: float, source: str) -> list[str]:
    """The totals of a plan in person-hours, such that each can be checked by those above it.

    Args:
        planned: as :func:`dmsim.staffing.plan.plan_intervals` gives it.
        shrinkage: the share of paid time without work that it was made with.
        source: where its ``scheduled`` come from.
    """
    told = add_up(planned)
    rows = [*_needed(told, shrinkage), *_there(told, shrinkage, source), *_compared(planned, told)]
    digits = _digits(rows)
    amounts = [f"{row.hours:,.{digits}f}" for row in rows]
    width = max(map(len, amounts))
    weeks = f"{told.weeks} week{'s' if told.weeks > 1 else ''}"
    return [
        f"{told.contacts:,.0f} contacts, {told.workload_hours:,.0f} hours of work in {weeks}; "
        "in person-hours:",
        *(
            f"{row.name:<11}  {amount:>{width}}  {row.told}"
            for row, amount in zip(rows, amounts, strict=True)
        ),
    ]


def _needed(told: Totals, shrinkage: float) -> list[_Row]:
    """From those required to those to schedule."""
    fte = f"FTE of {FTE_HOURS} h" + (" a week" if told.weeks > 1 else "")
    required = f"on duty, at most {told.required_peak:,} at once: {told.required_fte:.1f} {fte}"
    rows = [_Row("required", told.required_hours, required)]
    if not shrinkage:
        same = f"the same, without shrinkage: {told.to_schedule_fte:.1f} FTE"
        return [*rows, _Row("to schedule", told.to_schedule_hours, same)]
    over = f"required over 1 - {100 * shrinkage:.4g} % shrinkage"
    rounded = f"the same, each interval rounded up to whole people: {told.to_schedule_fte:.1f} FTE"
    return [
        *rows,
        _Row(f"/ {1 - shrinkage:.4g}", told.required_hours / (1 - shrinkage), over),
        _Row("to schedule", told.to_schedule_hours, rounded),
    ]


def _there(told: Totals, shrinkage: float, source: str) -> list[_Row]:
    """From those scheduled to those at work."""
    work = "the same, without shrinkage"
    if shrinkage:
        work = f"scheduled x {1 - shrinkage:.4g}, less {100 * shrinkage:.4g} % shrinkage"
    return [
        _Row("scheduled", told.scheduled_hours, f"{source}: {told.scheduled_fte:.1f} FTE"),
        _Row("at work", told.at_work_hours, work),
    ]


def _compared(planned: pl.DataFrame, told: Totals) -> list[_Row]:
    """Those at work held against those required."""
    length_s = int(planned["length_s"][0])
    unit = "hours" if length_s == HOUR_S else f"intervals of {span(length_s)}"
    where = f"in {told.lacking_intervals:,} of {planned.height:,} {unit}"
    return [
        _Row("lacking", told.lacking_hours, f"{where}, with fewer at work than required"),
        _Row(
            "surplus", told.surplus_hours, "where more are: required - lacking + surplus = at work"
        ),
    ]


def _digits(rows: list[_Row]) -> int:
    """The fewest decimals with which all are exact."""
    for digits in range(_MOST_DIGITS):
        if all(abs(row.hours - round(row.hours, digits)) < 1e-6 for row in rows):
            return digits
    return _MOST_DIGITS
