"""The days of a planned week as the page of a roster names them, with dates and holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dmsim.report.heatmap import DAYS
from dmsim.rostering.model import ShiftsFile

#: Marks a day on which the demand is not the usual one.
_MARK = "*"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class WeekDays:
    """How a week and its days are called.

    Attributes:
        title: ``the week`` or its number, with its dates where the weeks have any.
        names: of the days, Monday first: ``Mon``, ``Mon 21``, and ``Fri 25*`` on a holiday.
        holidays: what the mark means, empty where no day has it.
    """

    title: str
    names: Sequence[str]
    holidays: str

    def hour(self, index: int) -> str:
        """An hour of the week, ``Fri 25* 14:00``."""
        return f"{self.names[index // 24]} {index % 24:02}:00"


def week_days(told: ShiftsFile, week: int) -> WeekDays:
    """The days of a week (from 0) of the horizon."""
    factors = told.day_factors(week)
    names = list(DAYS)
    title = f"week {week + 1}" if told.horizon.weeks > 1 else "the week"
    if told.horizon.start is not None:
        monday = told.horizon.start + timedelta(weeks=week)
        names = [f"{name} {(monday + timedelta(day)).day}" for day, name in enumerate(names)]
        title += f", {_dates(monday, monday + timedelta(6))}"
    special = [
        f"{name} ({_meaning(factor)})"
        for name, factor in zip(names, factors, strict=True)
        if factor != 1
    ]
    marked = [name + _MARK * (factor != 1) for name, factor in zip(names, factors, strict=True)]
    return WeekDays(title, marked, f"{_MARK} Holidays: {', '.join(special)}." if special else "")


def horizon_dates(told: ShiftsFile) -> str:
    """From when until when is planned; empty where the weeks have no dates."""
    horizon = told.horizon
    if horizon.start is None:
        return ""
    last = horizon.start + timedelta(7 * horizon.weeks - 1)
    weeks = f"{horizon.weeks} week{'s' if horizon.weeks > 1 else ''}"
    return f"{weeks}, {_dates(horizon.start, last)}"


def _meaning(factor: float) -> str:
    return f"demand × {factor:g}" if factor else "no shift begins"


def _dates(first: date, last: date) -> str:
    """``21 to 27 Dec 2026``; the month and the year once where they are the same."""
    same_year = first.year == last.year
    begin = str(first.day)
    if not same_year or first.month != last.month:
        begin += f" {_MONTHS[first.month - 1]}"
    if not same_year:
        begin += f" {first.year}"
    return f"{begin} to {last.day} {_MONTHS[last.month - 1]} {last.year}"
