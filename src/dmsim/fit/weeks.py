"""Events counted by week and hour of the week, and how much of each was observed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dmsim.errors import UsageError
from dmsim.population.curves import HOURS
from dmsim.scenario.units import DAY_US, HOUR_US, WEEK_US

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The first Monday of 1970, where weeks of the wall clock begin.
MONDAY_US = 4 * DAY_US
#: A curve is held against weeks that it was not fitted to.
LEAST_WEEKS = 2
#: A log with more of its days silent says nothing of a week.
_MOST_SILENT = 0.5


@dataclass(frozen=True)
class Weeks:
    """Counts of events; rows are weeks from a Monday on, columns the 168 hours.

    Attributes:
        counts: Events in each hour of each week.
        observed: Which part of that hour the log covers, 0 to 1.
        silent: Days without any event, in whole; they may be outages.
    """

    counts: Floats
    observed: Floats
    silent: tuple[str, ...] = ()

    @property
    def exposure(self) -> Floats:
        """How many weeks each hour was observed, shape (168,)."""
        return np.asarray(self.observed.sum(axis=0))

    @property
    def total(self) -> int:
        """All events."""
        return int(self.counts.sum())

    @property
    def whole(self) -> Floats:
        """The counts of weeks that were observed from beginning to end."""
        return np.asarray(self.counts[self.observed.min(axis=1) == 1])


def count_weeks(wall: Ints, window: tuple[int, int] | None, what: str) -> Weeks:
    """Count events by the hour.

    Args:
        wall: When they were, in µs of the wall clock; at least one.
        window: What was observed, in the same µs; the full hours from the first event to the last
            if nobody says.
        what: Names the log in complaints.

    Raises:
        UsageError: less than two weeks were observed.
    """
    if not len(wall):
        raise UsageError(f"{what}: no events; a curve needs at least {LEAST_WEEKS} weeks of them")
    if window is None:
        window = int(wall.min()) // HOUR_US * HOUR_US, (int(wall.max()) // HOUR_US + 1) * HOUR_US
    start, until = window
    if until - start < LEAST_WEEKS * WEEK_US - DAY_US:
        days = (until - start) / DAY_US
        told = f"covers {days:.1f} days; a curve of the week needs at least {LEAST_WEEKS} weeks"
        raise UsageError(f"{what}: {told}")
    first = (start - MONDAY_US) // WEEK_US
    weeks = -(-(until - MONDAY_US) // WEEK_US) - first
    origin = MONDAY_US + first * WEEK_US
    counts = np.bincount((wall - origin) // HOUR_US, minlength=weeks * HOURS).astype(np.float64)
    edges = origin + np.arange(weeks * HOURS + 1) * HOUR_US
    inside = np.clip(edges[1:], start, until) - np.clip(edges[:-1], start, until)
    shape = (weeks, HOURS)
    silent = _silent(counts, inside)
    if len(silent) > _MOST_SILENT * (until - start) / DAY_US:
        raise UsageError(_mostly_silent(what, silent, origin, (until - start) // DAY_US))
    dates = tuple(_date(origin, day) for day in silent.tolist())
    return Weeks(counts.reshape(shape), (inside / HOUR_US).reshape(shape), dates)


def _silent(counts: Floats, inside: Ints) -> Ints:
    """Whole days that were observed and had no event, counted from the first Monday."""
    by_day, covered = (values.reshape(-1, 24).sum(axis=1) for values in (counts, inside))
    return np.flatnonzero((by_day == 0) & (covered == DAY_US)).astype(np.int64)


def _mostly_silent(what: str, silent: Ints, origin: int, days: int) -> str:
    """Mostly a few stray stamps, far from the others, make a log so long."""
    runs = np.split(silent, np.flatnonzero(np.diff(silent) > 1) + 1)
    longest = max(runs, key=len)
    first, last = (_date(origin, int(day)) for day in (longest[0], longest[-1]))
    told = f"covers {days:,} days, of which {len(silent):,} have no event ({first} to {last})"
    return f"{what}: {told}; take stray rows out, or give the busy part alone"


def _date(origin: int, day: int) -> str:
    epoch = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=origin)
    return f"{epoch + timedelta(days=day):%Y-%m-%d}"
