"""How much comes in each interval: a CSV file of counts or forecasts."""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import polars as pl

from dmsim.csv_columns import Columns
from dmsim.csv_rows import read_rows
from dmsim.errors import UsageError
from dmsim.scenario.units import (
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    WEEK_US,
    format_week_time,
    parse_week_time,
)

#: What a file of volumes holds.
COLUMNS = Columns(required=("start", "contacts"), optional=("scheduled",))
#: Lengths of an interval, in minutes.
LENGTHS = (15, 30, 60)
#: Spreadsheets write the hours before ten with one digit, and of dates with points the day first.
_EARLY = re.compile(r"^([0-9-]{10}[ T])([0-9]:)")
_POINTS = re.compile(r"^([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?=[ T])")
#: More than come to anybody.
_MOST = 1e9


def read_intervals(path: Path) -> pl.DataFrame:
    """Read a CSV file of what comes by the interval.

    Its columns are ``start``, the beginning as a time of every week (``mon 08:00``) or an ISO
    date-time (``2026-03-02 08:00``); ``contacts``, how many come in the interval, also with
    decimals as forecasts have them; and, if wanted, ``scheduled``, how many people are scheduled in
    it already. Intervals are 15, 30 or 60 minutes long: the smallest distance of two beginnings
    tells, and one alone is an hour. Hours that are left out are not planned.

    Returns:
        a row for each interval in order of time: ``start`` (as in the file, dates as ISO 8601 has
        them), ``start_s`` (seconds since Monday 00:00 of the first week), ``length_s``,
        ``contacts`` and, where the file has it, ``scheduled``.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    rows = list(read_rows(path, COLUMNS))
    if not rows:
        raise UsageError(f"{path}: holds no row; write at least one below the names of the columns")
    starts = _starts(path, rows)
    frame = pl.DataFrame(
        {
            "start": [_written(row["start"]) for _, row in rows],
            "start_s": starts,
            "length_s": [_length(path, rows, starts)] * len(rows),
            "contacts": [_amount(path, line, "contacts", row) for line, row in rows],
        },
        schema_overrides={"start_s": pl.Int64, "length_s": pl.Int64, "contacts": pl.Float64},
    )
    if "scheduled" in rows[0][1]:
        column = [_amount(path, line, "scheduled", row) for line, row in rows]
        frame = frame.with_columns(pl.Series("scheduled", column, dtype=pl.Float64))
    return frame.sort("start_s")


def whole_week(path: Path, intervals: pl.DataFrame) -> pl.DataFrame:
    """The intervals of every week, with those that a file leaves out, in which nothing comes.

    Args:
        path: of the file, for errors.
        intervals: as :func:`read_intervals` gives them.

    Raises:
        UsageError: they are dates, whose weeks may differ.
    """
    if not intervals["start"].str.contains(r"^[A-Za-z]").all():
        told = "holds dates, but a simulated week comes again and again; write times of the week"
        raise UsageError(f"{path}: {told} (mon 08:00)")
    length = int(intervals["length_s"][0])
    starts = pl.DataFrame({"start_s": range(0, WEEK_US // SECOND_US, length)})
    filled = starts.join(intervals, on="start_s", how="left").with_columns(
        pl.col("start_s")
        .map_elements(lambda at: format_week_time(at * SECOND_US), pl.String)
        .alias("start"),
        pl.lit(length, pl.Int64).alias("length_s"),
        pl.col("^contacts|scheduled$").fill_null(0.0),
    )
    return filled.select(intervals.columns)


def _starts(path: Path, rows: list[tuple[int, dict[str, str]]]) -> list[int]:
    """The beginnings in seconds since Monday 00:00 of the week of the first date, each once."""
    found = [_start(path, line, row["start"]) for line, row in rows]
    dates = [start for start in found if isinstance(start, datetime)]
    if dates and len(dates) < len(found):
        raise UsageError(f"{path}: some starts are dates, some times of the week; write one kind")
    first = min(dates, default=datetime(1, 1, 1))
    monday = datetime.fromordinal(first.toordinal() - first.weekday())
    starts = [
        start if isinstance(start, int) else round((start - monday).total_seconds())
        for start in found
    ]
    seen: dict[int, int] = {}
    for (line, row), start in zip(rows, starts, strict=True):
        if start in seen:
            told = f"the interval of line {seen[start]} once more; add both up in one line"
            if dates:
                told += ", or take their mean where clocks went back"
            raise UsageError(f"{path}:{line}: start = {row['start']}: {told}")
        seen[start] = line
    return starts


def _start(path: Path, line: int, text: str) -> int | datetime:
    """A time of the week in seconds, or a date-time."""
    remedy = 'write a time such as "mon 08:00" for every week, or "2026-03-02 08:00"'
    try:
        if text[:1].isalpha():
            return parse_week_time(text) // SECOND_US
        found = datetime.fromisoformat(_written(text))
    except ValueError:
        raise UsageError(f"{path}:{line}: start = {text}: not a time; {remedy}") from None
    if ":" not in text:
        told = f'a date without a time; write an interval of the day, such as "{text} 08:00"'
        raise UsageError(f"{path}:{line}: start = {text}: {told}")
    if found.tzinfo is not None:
        raise UsageError(f"{path}:{line}: start = {text}: has a time zone; write it without one")
    return found


def _written(text: str) -> str:
    """A time of the file as ISO 8601 writes it, if it is a date's."""
    return _EARLY.sub(r"\g<1>0\g<2>", _POINTS.sub(r"\g<3>-\g<2>-\g<1>", text))


def _length(path: Path, rows: list[tuple[int, dict[str, str]]], starts: list[int]) -> int:
    """The seconds of every interval."""
    least = min((b - a for a, b in pairwise(sorted(starts))), default=HOUR_US // SECOND_US)
    minute = MINUTE_US // SECOND_US
    # Hours far apart are hours still.
    length = min(least, HOUR_US // SECOND_US)
    if length not in [minute * minutes for minutes in LENGTHS]:
        known = ", ".join(map(str, LENGTHS))
        raise UsageError(f"{path}: intervals of {length} s; use lengths of {known} minutes")
    for (line, row), start in zip(rows, starts, strict=True):
        if start % length:
            told = f"does not begin at a multiple of {length // minute} minutes, as others do"
            raise UsageError(f"{path}:{line}: start = {row['start']}: {told}; move it")
    return length


def _amount(path: Path, line: int, name: str, row: Mapping[str, str]) -> float:
    text = row[name]
    if not text:
        raise UsageError(f"{path}:{line}: {name}: an empty cell; write 0 for nobody")
    try:
        amount = float(text) if text.isascii() and not set(text) - set("0123456789.") else -1.0
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= _MOST:
        told = "not an amount from 0 to 1000000000; write one such as 12 or 12.5"
        raise UsageError(f"{path}:{line}: {name} = {text}: {told}")
    return amount
