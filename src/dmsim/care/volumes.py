"""What reaches brands in a run of the teams alone: from weekly curves, or from a file of counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dmsim.csv_columns import Columns
from dmsim.csv_rows import read_rows
from dmsim.errors import UsageError
from dmsim.population.curves import HOURS, hourly, load_curve
from dmsim.population.shocks import level_of
from dmsim.scenario import Scenario, Time
from dmsim.scenario.units import HOUR_US, LONGEST_US, WEEK_US, parse_week_time

Inbound: TypeAlias = Literal["comments", "messages"]
Times: TypeAlias = NDArray[np.int64]

INBOUND: tuple[Inbound, ...] = ("comments", "messages")
_COLUMNS = Columns(
    required=("start",),
    one_of=INBOUND,
    optional=("brand",),
    meant=dict.fromkeys(("date", "datetime", "day", "hour", "time", "timestamp"), "start"),
)
#: More than reaches anybody in an hour.
_MOST_DIGITS = 7


class Volumes(Protocol):
    """When comments and messages reach a brand."""

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> Times:
        """Sorted moments from ``window[0]`` up to (not including) ``window[1]``, in µs."""


class CurveVolumes:
    """The scenario's ``care.volumes`` a week, spread by its weekly curves (R101-R128).

    A Poisson process whose rate is constant within each hour but for what shocks change; the hours
    are those of the trace's clock.
    """

    def __init__(self, scenario: Scenario) -> None:
        curves = scenario.curves
        self._volumes = scenario.care.volumes
        self._curves = {
            "comments": hourly(load_curve(curves.comments)),
            "messages": hourly(load_curve(curves.messages)),
        }
        self._levels = {kind: level_of(scenario, kind) for kind in INBOUND}

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> Times:
        """A sample of the process; nothing for a brand without a volume."""
        volume = self._volumes.get(brand)
        if volume is None:
            return np.empty(0, dtype=np.int64)
        weekly = volume.comments_per_week if kind == "comments" else volume.messages_per_week
        times = self._sample(kind, weekly, window, rng)
        level = self._levels[kind]
        if not level.is_changed_before(window[1]):
            return times
        most = level.most(*window)
        more = self._sample(kind, weekly * (most - 1), window, rng)
        kept, added = times[level.keeps(rng, times)], more[level.adds(rng, more, most)]
        return np.sort(np.concatenate([kept, added]))

    def _sample(
        self, kind: Inbound, weekly: float, window: tuple[int, int], rng: np.random.Generator
    ) -> Times:
        start, until = window
        hours = np.arange(start // HOUR_US, -(-until // HOUR_US), dtype=np.int64)
        counts = rng.poisson(self._curves[kind][hours % HOURS] * weekly / HOURS)
        return _placed(hours * HOUR_US, counts, window, rng)


@dataclass(frozen=True)
class CountedVolumes:
    """Exact counts by hour: of each brand and kind, when the hours begin and how many came.

    A ``weekly`` count is that of every week. ``span`` is from the first hour to the end of the
    last, in µs, and ``ignored`` says how many rows of other brands were left out.
    """

    counts: Mapping[tuple[str, Inbound], Mapping[int, int]]
    weekly: bool
    span: tuple[int, int]
    ignored: int = 0

    def time(self, weeks: int | None = None) -> Time:
        """The time to simulate, such that nothing is lost.

        Args:
            weeks: how many to record: of hours of the week 1 by default, after one of warm-up; of
                dates until the last hour, from the first.
        """
        if self.weekly:
            return Time.model_construct(start=0, warm_up=WEEK_US, record=(weeks or 1) * WEEK_US)
        first, end = self.span
        record = weeks * WEEK_US if weeks else end - first
        return Time.model_construct(start=first, warm_up=0, record=record)

    def outside(self, until: int) -> tuple[int, int]:
        """How many of the counted come at ``until`` or later, and how many there are."""
        hours = [hour for told in self.counts.values() for hour in told.items()]
        late = 0 if self.weekly else sum(count for at, count in hours if at >= until)
        return late, sum(count for _, count in hours)

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> Times:
        """The counts, each placed in its hour at random."""
        told = self.counts.get((brand, kind), {})
        start, until = window
        starts, counts = (
            np.fromiter(column, dtype=np.int64, count=len(told))
            for column in (told.keys(), told.values())
        )
        if self.weekly:
            weeks = np.arange(start // WEEK_US, until // WEEK_US + 1)
            starts = (weeks[:, None] * WEEK_US + starts).ravel()
            counts = np.tile(counts, len(weeks))
        return _placed(starts, counts, window, rng)


def _placed(
    starts: Times, counts: NDArray[np.int64], window: tuple[int, int], rng: np.random.Generator
) -> Times:
    """``counts`` moments, each uniform in the hour that begins at its ``starts``, in order."""
    at = np.repeat(starts, counts)
    at += rng.integers(0, HOUR_US, len(at))
    return np.sort(at[(at >= window[0]) & (at < window[1])])


def read_volumes(path: Path, brands: Sequence[str], others: Collection[str] = ()) -> CountedVolumes:
    """Read a CSV file of what reaches brands by the hour.

    Its columns are ``start``, the full hour as an ISO date-time (``2026-03-02 08:00``) or as an
    hour of every week (``mon 08:00``); ``comments`` and ``messages``, whole numbers of which one
    column may be missing; and ``brand``, which may be missing where only one brand is run. Dates
    are put on the scenario's clock so that the first of them lies in its first week.

    Args:
        path: the file.
        brands: the names of the brands that are run.
        others: brands that are not, and whose rows say nothing but the time.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    rows = list(read_rows(path, _COLUMNS))
    if not rows:
        raise UsageError(f"{path}: holds no row; write at least one below the names of the columns")
    hours = _hours(path, rows)
    counts: dict[tuple[str, Inbound], dict[int, int]] = {}
    ignored = 0
    for (line, row), at in zip(rows, hours, strict=True):
        if row.get("brand") in others:
            ignored += 1
        else:
            _count_row(path, line, row, _brand(path, line, row, brands), at, counts)
    if ignored == len(rows):
        raise UsageError(f"{path}: no row is of a brand of this run; known: {', '.join(brands)}")
    weekly = rows[0][1]["start"][:1].isalpha()
    return CountedVolumes(counts, weekly, (min(hours), max(hours) + HOUR_US), ignored)


def _hours(path: Path, rows: list[tuple[int, dict[str, str]]]) -> list[int]:
    """When the hours of all rows begin, in µs from the Monday of the first week."""
    starts = [_start(path, line, row["start"]) for line, row in rows]
    for (line, row), start in zip(rows, starts, strict=True):
        if type(start) is not type(starts[0]):
            told = f"not as in line {rows[0][0]}; write dates or hours of the week, not both"
            raise UsageError(f"{path}:{line}: start = {row['start']}: {told}")
    monday = _monday([start for start in starts if isinstance(start, datetime)])
    hours = [
        start if isinstance(start, int) else (start - monday) // timedelta(microseconds=1)
        for start in starts
    ]
    for (line, row), at in zip(rows, hours, strict=True):
        if at % HOUR_US:
            told = "not a full hour; add up what came in an hour, and write its beginning"
            raise UsageError(f"{path}:{line}: start = {row['start']}: {told}")
    if max(hours) - min(hours) > LONGEST_US:
        raise UsageError(f"{path}: its dates span more than ten years; correct them")
    return hours


def _start(path: Path, line: int, text: str) -> int | datetime:
    """An hour of the week in µs, or a date-time."""
    place = f"{path}:{line}: start = {text}"
    if text[:1].isalpha():
        try:
            return parse_week_time(text)
        except ValueError as error:
            raise UsageError(f"{place}: {error}") from None
    remedy = 'write a date and a time such as "2026-03-02 08:00", or "mon 08:00"'
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{place}: not a date-time; {remedy}") from None
    if _is_date(text):
        raise UsageError(f'{place}: a date without a time; write an hour such as "{text} 08:00"')
    if found.tzinfo is not None:
        told = "has a time zone; write the times of the scenario's clock without one"
        raise UsageError(f"{place}: {told}")
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _monday(dates: list[datetime]) -> datetime:
    """Midnight of the Monday of the week that holds the first date."""
    first = min(dates, default=datetime(1, 1, 1))
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=first.weekday())


def _brand(path: Path, line: int, row: Mapping[str, str], brands: Sequence[str]) -> str:
    known = f"known: {', '.join(brands)}"
    if "brand" not in row:
        if len(brands) == 1:
            return brands[0]
        raise UsageError(f"{path}:1: no column brand, but several brands are run; add it; {known}")
    if row["brand"] not in brands:
        told = f"no such brand in this run; {known}"
        raise UsageError(f"{path}:{line}: brand = {row['brand']}: {told}")
    return row["brand"]


def _count_row(
    path: Path, line: int, row: Mapping[str, str], brand: str, at: int,
    counts: dict[tuple[str, Inbound], dict[int, int]],
) -> None:  # fmt: skip
    """Note what a row says in ``counts``."""
    for kind in INBOUND:
        hours = counts.setdefault((brand, kind), {})
        if at in hours:
            told = f"the same hour of {brand} once more; add the counts up in one line"
            raise UsageError(f"{path}:{line}: start = {row['start']}: {told}")
        hours[at] = _count(path, line, kind, row.get(kind, "0"))


def _count(path: Path, line: int, kind: Inbound, text: str) -> int:
    if not text:
        raise UsageError(f"{path}:{line}: {kind}: an empty cell; write 0 if nothing came")
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        told = "not a whole number from 0 to 9999999; write one such as 12"
        raise UsageError(f"{path}:{line}: {kind} = {text}: {told}")
    return int(text)
