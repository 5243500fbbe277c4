"""How many people are required in each interval of the week."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from dmsim.csv_columns import Columns
from dmsim.csv_rows import read_rows
from dmsim.errors import UsageError
from dmsim.rostering.model import DAY, MOST_PEOPLE, WEEK
from dmsim.rostering.slots import Floats
from dmsim.scenario.units import MINUTE_US, format_week_time, parse_week_time

#: Intervals may last so many minutes.
STEPS = (60, 30, 15)
#: The people of an interval, by the name of the column; the first that is there counts.
COLUMNS = ("to_schedule", "scheduled", "required")
_READ = ("start", "skill", "team", *COLUMNS)
_HEAD = Columns(
    required=("start",), one_of=COLUMNS[::-1], optional=("skill", "team"), others_ignored=True
)
#: All subsets of the skills are looked at.
MOST_SKILLS = 8


@dataclass(frozen=True)
class Demand:
    """Required people by skill and interval of the week.

    Attributes:
        step: minutes of an interval, a divisor of 60.
        required: by skill, ``""`` where none is asked for, the people of each interval from Monday
            00:00 on (168 values or a multiple; they may have decimals).
    """

    step: int
    required: Mapping[str, Floats]

    def total(self) -> Floats:
        """Required people of each interval, whatever their skill."""
        return np.asarray(sum(self.required.values()), dtype=np.float64)

    def refined(self, step: int) -> "Demand":
        """The same demand in shorter intervals, of which each has a whole number."""
        parts = self.step // step
        people = {skill: np.repeat(told, parts) for skill, told in self.required.items()}
        return Demand(step, people)

    def scaled(self, factor: float, days: Sequence[float]) -> "Demand":
        """The demand of another week: times a factor, and times one for each day, Monday first."""
        by_interval = factor * np.repeat(np.asarray(days), DAY // self.step)
        scaled = {skill: people * by_interval for skill, people in self.required.items()}
        return Demand(self.step, scaled)


def read_demand(path: Path) -> Demand:
    """Read a CSV file of required people.

    Its columns are ``start``, the begin of an interval of the week (``mon 08:00``, or dates of one
    week such as ``2026-03-02 08:00``); its people as
    ``to_schedule``, ``scheduled`` or ``required``, of which the first that is there counts (a
    staffing plan has all three: the first allows for absences, the second are those of a roster
    that is there already); ``skill`` where some is asked for; and ``team``, of which there can be
    one. Others are ignored. Each skill has a row for every hour of the week, or for every half or
    quarter of an hour.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    return _demand(str(path), list(read_rows(path, _HEAD)))


def demand_of(frame: pl.DataFrame) -> Demand:
    """The demand of a frame with the columns of :func:`read_demand`.

    Raises:
        UsageError: as there.
    """
    _HEAD.check("demand:1", frame.columns)
    columns = [pl.col(name).cast(pl.String) for name in frame.columns if name in _READ]
    return _demand("demand", list(enumerate(frame.select(columns).iter_rows(named=True), 2)))


def _demand(where: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> Demand:
    if not rows:
        raise UsageError(f"{where}: holds no row; write one for each interval of the week")
    teams = list(dict.fromkeys(row["team"] for _, row in rows if "team" in row))
    if len(teams) > 1:
        told = f"holds {len(teams)} teams ({', '.join(teams)}), and a roster is that of one"
        raise UsageError(f"{where}: {told}; keep the rows of one, or plan with --team {teams[0]}")
    _check_one_week(where, rows)
    people: dict[str, dict[int, float]] = {}
    for line, row in rows:
        place = f"{where}:{line}"
        at = _start(place, row["start"])
        of_skill = people.setdefault(row.get("skill", ""), {})
        if at in of_skill:
            told = "the same interval once more; keep one row for each"
            raise UsageError(f"{place}: start = {row['start']}: {told}")
        of_skill[at] = _people(place, row)
    if len(people) > MOST_SKILLS:
        told = f"{len(people)} skills; join those that the same people have, to {MOST_SKILLS}"
        raise UsageError(f"{where}: {told} at most")
    step = _step(where, people)
    return Demand(step, {skill: _week(where, skill, told, step) for skill, told in people.items()})


def _check_one_week(where: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """Dates, as the plan of a dated file has them, are those of one week."""
    mondays: dict[int, int] = {}
    for line, row in rows:
        if row["start"][:1].isdigit():
            with suppress(ValueError):
                day = datetime.fromisoformat(row["start"])
                mondays.setdefault(day.toordinal() - day.weekday(), line)
    if len(mondays) > 1:
        line = list(mondays.values())[1]
        told = "another week begins; keep the rows of one, as a week of the roster repeats"
        raise UsageError(f"{where}:{line}: {told}")


def _week_time(text: str) -> int:
    """Microseconds since Monday 00:00 of a time of the week, or of a date's own week."""
    if not text[:1].isdigit():
        return parse_week_time(text)
    day = datetime.fromisoformat(text)
    return (day.weekday() * DAY + day.hour * 60 + day.minute) * MINUTE_US


def _start(place: str, text: str) -> int:
    try:
        found = _week_time(text)
    except ValueError as error:
        raise UsageError(f"{place}: start = {text}: {error}") from None
    if found % (STEPS[-1] * MINUTE_US):
        told = "no interval of an hour, half or quarter of one begins then; correct it"
        raise UsageError(f"{place}: start = {text}: {told}")
    return found // MINUTE_US


def _people(place: str, row: Mapping[str, str]) -> float:
    column = next(name for name in COLUMNS if name in row)
    text = row[column]
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= MOST_PEOPLE:
        told = f"not a number from 0 to {MOST_PEOPLE}; write the people of that interval"
        raise UsageError(f"{place}: {column} = {text}: {told}")
    return found


def _step(where: str, people: Mapping[str, Mapping[int, float]]) -> int:
    """The length of the intervals, which the first skill tells by their number."""
    skill, told = next(iter(people.items()))
    step = next((step for step in STEPS if len(told) == WEEK // step), None)
    if step is None:
        of = f" of skill {skill}" if skill else ""
        raise UsageError(
            f"{where}: {len(told)} intervals{of}; a week has 168 hours: write 168 rows, or 336 or "
            "672 for halves or quarters of an hour"
        )
    return step


def _week(where: str, skill: str, told: Mapping[int, float], step: int) -> Floats:
    missing = next((at for at in range(0, WEEK, step) if at not in told), None)
    if missing is not None or len(told) != WEEK // step:
        of = f" of skill {skill}" if skill else ""
        what = format_week_time((missing or 0) * MINUTE_US)
        told_ = f"no row{of} for {what}; each interval of {step} minutes has one"
        raise UsageError(f"{where}: {told_}, nobody is required where it says 0")
    return np.array([told[at] for at in range(0, WEEK, step)])
