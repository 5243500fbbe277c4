"""What was promised, and whether simulated weeks keep it, through the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from dmsim.population.curves import HOURS
from dmsim.report.care import Reading, care_measures
from dmsim.scenario import Scenario
from dmsim.scenario.units import HOUR_US, SECOND_US, WEEK_US
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats, Ints
from dmsim.staffing.simulate import ratio

#: So many cases of a period over all replications are enough to judge it: of fewer an interval is
#: wider than anybody's promise.
ENOUGH = 50

#: Cases of a run by what was promised to them, and by hour of the week: those that count, and of
#: these those in time.
Counts = dict[str, tuple[Floats, Floats]]


class Level(NamedTuple):
    """A service level over replications with half the width of its 95 % interval."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.mean + self.half_width


@dataclass(frozen=True)
class Service:
    """How well a promise was kept, for ``cases`` or for ``threads``.

    Attributes:
        goal: the share that is promised.
        total: of the week.
        periods: to which period each hour of the week belongs, shape (168,); see
            :func:`periods_of`.
        levels: of each period.
        hours: shares of each hour by itself, shape (168,); NaN where nothing came.
    """

    goal: float
    total: Level
    periods: Ints
    levels: Sequence[Level]
    hours: Floats

    @property
    def low(self) -> Floats:
        """The lower end of the interval of each hour's period, shape (168,)."""
        return np.array([level.low for level in self.levels])[self.periods]

    @property
    def shortfall(self) -> Floats:
        """By how much each hour misses the goal with its period's lower end, shape (168,).

        In a period that misses it these are the hours that are below the goal themselves, or else
        all that had anything to do; 0 in the others.
        """
        short = np.clip(self.goal - self.low, 0.0, 1.0)
        below, found = self.hours < self.goal, np.zeros(HOURS)
        for number in np.unique(self.periods[short > 0]):
            own = self.periods == number
            blamed = own & below if (own & below).any() else own & ~np.isnan(self.hours)
            found[blamed] = short[blamed]
        return found

    @property
    def surely_missed(self) -> int:
        """Periods whose whole interval lies below the goal."""
        return sum(level.high < self.goal for level in self.levels)


Services = dict[str, Service]


def count_in_time(
    scenario: Scenario, brands: dict[int, str], goal: Goal, run: tuple[pl.DataFrame, pl.DataFrame]
) -> Counts:
    """The cases of a simulated week by hour, and those that were answered in time.

    ``cases`` are those that ``care.answered_within`` is about, by the hour in which they were
    written. ``threads`` are live threads, by the hour in which the customer came back: in time is
    a first answer, written and sent, within the goal's seconds. Who leaves before was not answered
    in time.

    Args:
        scenario: that was simulated.
        brands: the names of the pages.
        goal: whose ``within_s`` is promised to who waits in a thread.
        run: the tables of cases and of staff.
    """
    window = scenario.time.from_us, scenario.time.until_us
    reading = Reading(scenario.care.answered_by, scenario.care.answered_within)
    measured = care_measures(*run, brands, reading, window)
    decided, in_time = np.zeros(HOURS), np.zeros(HOURS)
    for hour in measured.by_hour:
        answers = measured.answers(hour.cases)
        decided[hour.hour] = answers.decided
        in_time[hour.hour] = answers.in_time
    return {"cases": (decided, in_time), "threads": _threads(run[0], window[0], goal)}


def judge(runs: Sequence[Counts], goal: Goal) -> Services:
    """What several replications say together; a promise to nobody is left out."""
    found = {}
    for name in runs[0]:
        came, in_time = (np.array([run[name][part] for run in runs]) for part in (0, 1))
        if not came.any():
            continue
        periods = periods_of(came.sum(axis=0))
        total = _levels(in_time, came, np.zeros(HOURS, dtype=np.int64))[0]
        with np.errstate(invalid="ignore"):
            hours = in_time.sum(axis=0) / came.sum(axis=0)
        levels = _levels(in_time, came, periods)
        found[name] = Service(goal.level, total, periods, levels, hours)
    return found


def periods_of(came: Floats) -> Ints:
    """Periods of the week with enough in each to say anything with confidence.

    Hours in turn, each by itself where at least :data:`ENOUGH` came, else with those that follow;
    what is left on Sunday night belongs to the period before.

    Args:
        came: cases of each hour over all replications, shape (168,).
    """
    periods, number, count = np.zeros(HOURS, dtype=np.int64), 0, 0.0
    for hour, cases in enumerate(came.tolist()):
        periods[hour] = number
        count += cases
        if count >= ENOUGH:
            number, count = number + 1, 0.0
    return np.minimum(periods, max(number - 1, 0))


def _levels(in_time: Floats, came: Floats, periods: Ints) -> list[Level]:
    starts = np.flatnonzero(np.diff(periods, prepend=-1))
    of_each = (np.add.reduceat(counts, starts, axis=1) for counts in (in_time, came))
    return [Level(float(mean), float(half)) for mean, half in zip(*ratio(*of_each), strict=True)]


def shortfall(services: Services) -> Floats:
    """The larger of the shortfalls of all promises in each hour of the week."""
    of_each = (service.shortfall for service in services.values())
    return np.asarray(np.max([np.zeros(HOURS), *of_each], axis=0))


def _threads(cases: pl.DataFrame, begin: int, goal: Goal) -> tuple[Floats, Floats]:
    """Of one week, after which the recorded window goes on for at least the promised time."""
    back = cases.filter(pl.col("returned").is_between(begin, begin + WEEK_US, closed="left"))
    wait = back["answered"] - back["returned"]
    in_time = (wait <= round(goal.within_s * SECOND_US)).fill_null(False).to_numpy()
    hours = back["returned"].to_numpy() // HOUR_US % HOURS
    came = np.bincount(hours, minlength=HOURS).astype(np.float64)
    kept = np.bincount(hours, weights=in_time, minlength=HOURS).astype(np.float64)
    return came, kept
