"""A roster as a CSV file, written and read."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dmsim.csv_columns import Columns
from dmsim.csv_rows import read_rows
from dmsim.errors import UsageError
from dmsim.paths import write_whole
from dmsim.rostering.model import DAY, ShiftsFile
from dmsim.rostering.roster import Duties, Duty
from dmsim.rostering.slots import Span, shift_of, slot_at
from dmsim.scenario.units import DAYS, MINUTE_US, format_day_time, parse_day_time

COLUMNS = ("week", "date", "who", "people", "day", "shift", "start", "end", "break")
_READ = Columns(
    required=("who", "day", "start", "end"),
    optional=("week", "people", "break"),
    others_ignored=True,
)
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BREAK = re.compile(r"([0-9]{1,2}:[0-9]{2})-([0-9]{1,2}:[0-9]{2})")


def write_roster(path: Path, told: ShiftsFile, duties: Duties) -> None:
    """Write the duties as CSV, whole or not at all.

    The columns are ``week`` (from 1), ``date`` (empty where the shifts file names no first
    Monday), ``who``, ``people`` (the contract), ``day``, ``shift``, ``start``, ``end`` and
    ``break`` (such as ``10:00-10:30``, several parted by spaces). An end at or before the start is
    on the next day.

    Raises:
        UsageError: the file cannot be written.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for duty in duties:
        breaks = " ".join(f"{_clock(since)}-{_clock(until)}" for since, until in duty.breaks)
        when = (DAYS[duty.day], duty.shift, _clock(duty.begin), _clock(duty.end), breaks)
        table.writerow((duty.week + 1, _date(told, duty), duty.who, duty.people, *when))
    try:
        write_whole(path, text.getvalue().encode())
    except OSError as error:
        told_ = f"cannot be written ({error.strerror}); name another --out"
        raise UsageError(f"{path}: {told_}") from None


def read_roster(path: Path, told: ShiftsFile) -> list[Duty]:
    """Read a roster, of one's own or as :func:`write_roster` writes it.

    Needed are ``who``, ``day`` (``mon`` or ``Monday``), ``start`` and ``end``; ``week`` is 1 where
    it is missing, ``people`` may be missing where the shifts file has one contract, ``break`` where
    the breaks are those of the shift. The shift is the one of the file that is at that time,
    whatever its column says; a duty at another time has no shift.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    duties = [_duty(f"{path}:{line}", told, row) for line, row in read_rows(path, _READ)]
    if not duties:
        raise UsageError(f"{path}: holds no row; write one for each shift of each person")
    return duties


def _duty(place: str, told: ShiftsFile, row: Mapping[str, str]) -> Duty:
    day = _day(place, row["day"])
    if not row["who"]:
        raise UsageError(f"{place}: who: an empty cell; write who works")
    start = _minute(place, "start", row["start"])
    if start == DAY:
        raise UsageError(f'{place}: start = 24:00: begins the next day; write "00:00" of that')
    begin = day * DAY + start
    end = _next(begin, _minute(place, "end", row["end"]))
    shift = shift_of(told, begin, end)
    breaks: tuple[Span, ...] = ()
    if "break" in row:
        breaks = _breaks(place, row["break"], begin, end)
    elif shift:
        breaks = slot_at(shift, told.shifts[shift], day, start).breaks
    people = row.get("people") or _only_contract(place, told)
    return Duty(_week(place, told, row), row["who"], people, shift, begin, end, breaks)


def _day(place: str, text: str) -> int:
    """0 for Monday, of its English name or the first three letters of it."""
    for names in (DAYS, _DAY_NAMES):
        if text.lower() in names:
            return names.index(text.lower())
    raise UsageError(f"{place}: day = {text}: no day; write mon, tue ... sun (or Monday ...)")


def _next(begin: int, clock: int) -> int:
    """The first minute after another at which clocks show this time of day."""
    return begin + ((clock - begin) % DAY or DAY)


def _minute(place: str, column: str, text: str) -> int:
    try:
        return parse_day_time(text) // MINUTE_US
    except ValueError as error:
        raise UsageError(f"{place}: {column} = {text}: {error}") from None


def _breaks(place: str, text: str, begin: int, end: int) -> tuple[Span, ...]:
    found = []
    for part in text.split():
        match = _BREAK.fullmatch(part)
        if match is None:
            told = "not a break; write one such as 10:00-10:30, several parted by spaces"
            raise UsageError(f"{place}: break = {part}: {told}")
        since = begin + (_minute(place, "break", match[1]) - begin) % DAY
        until = _next(since, _minute(place, "break", match[2]))
        if until > end:
            raise UsageError(f"{place}: break = {part}: not within the shift; correct it")
        found.append((since, until))
    return tuple(found)


def _only_contract(place: str, told: ShiftsFile) -> str:
    if len(told.people) > 1:
        known = ", ".join(told.people)
        raise UsageError(f"{place}: people: which contract? write one of {known} in that column")
    return next(iter(told.people))


def _week(place: str, told: ShiftsFile, row: Mapping[str, str]) -> int:
    text, weeks = row.get("week") or "1", told.horizon.weeks
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= weeks):
        told_ = f"not a week of the horizon; write 1 to {weeks}, or change horizon.weeks"
        raise UsageError(f"{place}: week = {text}: {told_}")
    return int(text) - 1


def _clock(minute: int) -> str:
    return format_day_time(minute % DAY * MINUTE_US)


def _date(told: ShiftsFile, duty: Duty) -> str:
    start = told.horizon.start
    return str(start + timedelta(days=7 * duty.week + duty.day)) if start else ""
