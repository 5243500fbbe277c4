"""Events by the hour of the week: simulated, and as the scenario intends them.

Hours are those of the audience, each person's own, unless the scenario's ``curves.clock`` says that
they are the trace's (Q8). Index 0 is Monday 00:00, 167 Sunday 23:00.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.fidelity.facts import Facts
from dmsim.population.curves import HOURS, hourly, load_curve
from dmsim.population.shocks import Level
from dmsim.scenario.units import HOUR_US, WEEK_US

Curve = str | tuple[float, ...]
Week = NDArray[np.float64]

#: Offsets of clocks are whole quarters of an hour.
_QUARTER_US = HOUR_US // 4


@dataclass(frozen=True)
class Counts:
    """How many events of one kind there were in each hour of the week.

    Attributes:
        events: over the whole recorded window, shape (168,).
        covered: how often the window covers each hour, in persons' mean; a part where in part.
        dispersion: variance over mean of such counts: 1 for independent events, more where
            somebody's come in bursts. Persons are independent of each other.
    """

    events: Week
    covered: Week
    dispersion: float

    @property
    def total(self) -> float:
        """All events."""
        return float(self.events.sum())

    @property
    def per_week(self) -> list[float | None]:
        """Events in a mean week; null for hours that the window does not cover."""
        means = np.divide(self.events, self.covered, where=self.covered > 0, out=self.events * 0)
        pairs = zip(means.tolist(), self.covered.tolist(), strict=True)
        return [mean if covered > 0 else None for mean, covered in pairs]


def count_by_hour(facts: Facts, events: pl.DataFrame) -> Counts:
    """Count events (``at``, ``actor``) by the hour of the week."""
    actor = events["actor"].to_numpy()
    hour = (events["at"].to_numpy() + clocks(facts)[actor]) // HOUR_US
    found = np.bincount(hour % HOURS, minlength=HOURS).astype(np.float64)
    bursts = pl.DataFrame({"actor": actor, "hour": hour}).group_by("actor", "hour").len()["len"]
    sizes = bursts.to_numpy().astype(np.float64)
    dispersion = float((sizes**2).sum() / sizes.sum()) if len(sizes) else 1.0
    return Counts(found, exposure(facts), dispersion)


def exposure(
    facts: Facts,
    curve: Curve | None = None,
    level: Level | None = None,
    window: tuple[int, int] | None = None,
) -> Week:
    """How often the recorded window covers each hour of the week, shape (168,).

    Args:
        facts: whose window and clocks.
        curve: weigh the hours by it, so that the sum over the hours divided by 168 is the number
            of mean weeks that the window is worth.
        level: weigh the times by it, too.
        window: another window, from and until in µs.
    """
    weights = np.ones(HOURS) if curve is None else hourly(load_curve(curve))
    persons = facts.persons["id"].to_numpy()
    offsets, members = np.unique(clocks(facts)[persons], return_counts=True)
    shares = members / max(members.sum(), 1)
    start, until = window or (facts.manifest.from_us, facts.manifest.until_us)
    inner = np.arange(-(-start // _QUARTER_US) * _QUARTER_US, until, _QUARTER_US)
    edges = np.unique(np.concatenate([[start], inner, [until]]))
    lengths = np.diff(edges) / HOUR_US
    if level is not None:
        lengths = lengths * level.at((edges[:-1] + edges[1:]) // 2)
    covered = np.zeros(HOURS)
    for offset, share in zip(offsets.tolist(), shares.tolist(), strict=True):
        hours = (edges[:-1] + offset) // HOUR_US % HOURS
        covered += share * np.bincount(hours, weights=lengths, minlength=HOURS)
    return covered * weights


def clocks(facts: Facts) -> NDArray[np.int64]:
    """By how many µs the clock that curves mean is ahead of the trace's, by account."""
    by_audience = facts.scenario.curves.clock == "audience"
    return facts.offset if by_audience else np.zeros_like(facts.offset)


def whole_weeks(facts: Facts) -> int:
    """How many whole weeks the window holds; 0 if it holds any part of one besides."""
    weeks, rest = divmod(facts.manifest.until_us - facts.manifest.from_us, WEEK_US)
    return 0 if rest else weeks
