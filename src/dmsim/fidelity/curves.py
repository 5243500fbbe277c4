"""The simulated week against the curve that the scenario intends."""

from dataclasses import dataclass

import numpy as np

from dmsim.fidelity.check import Check, Subject, judge, too_few, unchecked
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intent import Intent
from dmsim.fidelity.intervals import Ends, count_interval, normal_quantile, ratio_interval
from dmsim.fidelity.week import Counts, Week, exposure
from dmsim.population.curves import HOURS
from dmsim.population.shocks import level_of

_CONCERN = "curves"
#: What nobody cares about: of the shape, of a single hour and of the total.
_SHAPE, _HOUR, _TOTAL = 0.01, 0.1, 0.03
#: A window that covers less shows no shape.
_LEAST_HOURS = 24
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Simulated:
    """One kind of activity: its name, what is intended, what was counted.

    ``written`` holds the number of events of each person, for the total: of messages those that
    were refused as well, because rates are of what is written.
    """

    name: str
    intent: Intent
    counts: Counts
    written: Week


def shape_by_hour(facts: Facts, intent: Intent) -> Week:
    """Events in each hour of the week over the window, if there were 168 in a mean week.

    Shocks are included, and how much of each hour the window covers; shape (168,).
    """
    return exposure(facts, intent.curve, level_of(facts.scenario, intent.activity))


def curve_checks(facts: Facts, simulated: Simulated) -> list[Check]:
    """The shape of the week, the hour that is farthest off, and the total."""
    shape = shape_by_hour(facts, simulated.intent)
    return [
        *_shape(simulated, shape),
        _total(simulated, float(shape.sum()) * simulated.intent.per_week / HOURS),
    ]


def hour_name(index: int) -> str:
    """An hour of the week, ``Fri 14:00``."""
    return f"{_DAYS[index // 24]} {index % 24:02}:00"


def _shape(simulated: Simulated, expected: Week) -> list[Check]:
    counts, name, source = simulated.counts, simulated.name, simulated.intent.source
    shape = Subject(
        concern=_CONCERN,
        property=f"{name}: relative squared error of the week's shape",
        source=source,
        target=0.0,
        tolerance=_SHAPE,
    )
    covered = int((counts.covered > 0).sum())
    because = simulated.intent.other_times or too_few(int(counts.total), name)
    if not because and covered < _LEAST_HOURS:
        because = f"needs a day: {covered} h of the week were recorded"
    if because or not expected.sum():
        return [unchecked(shape, because or "the scenario expects none")]
    scaled = expected * counts.total / expected.sum()
    error, deviation = _squared_error(counts, scaled)

    def ends(level: float) -> Ends:
        half = normal_quantile(level) * deviation
        return max(0.0, error - half), max(0.0, error + half)

    return [judge(shape, error, ends), _farthest(simulated, scaled)]


def _squared_error(counts: Counts, scaled: Week) -> tuple[float, float]:
    """The relative squared error without what chance gives, and its standard error.

    By the first moments of counts whose variance is ``dispersion`` times their mean.
    """
    spread, squares = counts.dispersion, float((scaled**2).sum())
    by_chance = spread * float(scaled.sum())
    error = (float(((counts.events - scaled) ** 2).sum()) - by_chance) / squares
    alike = 2 * spread**2 * squares + spread**3 * float(scaled.sum())
    off = 4 * spread * float((np.abs(counts.events - scaled) ** 2 * scaled).sum())
    excess = max(0.0, off - 4 * spread**2 * squares)
    return error, float(np.sqrt(alike + excess)) / squares


def _farthest(simulated: Simulated, scaled: Week) -> Check:
    """The hour whose count is most standard errors away from the curve."""
    counts = simulated.counts
    deviation = np.abs(counts.events - scaled) / np.sqrt(np.maximum(counts.dispersion * scaled, 1))
    hour = int(np.argmax(deviation))
    covered = float(counts.covered[hour]) or 1.0
    target = float(scaled[hour]) / covered

    def ends(level: float) -> Ends:
        low, high = count_interval(float(counts.events[hour]), counts.dispersion, level)
        return low / covered, high / covered

    subject = Subject(
        concern=_CONCERN,
        property=f"{simulated.name}: {hour_name(hour)}, of all hours the farthest from the curve, "
        f"by {deviation[hour]:.1f} standard errors",
        source=simulated.intent.source,
        target=target,
        tolerance=_HOUR * target,
        unit="a week",
    )
    return judge(subject, float(counts.events[hour]) / covered, ends, comparisons=HOURS)


def _total(simulated: Simulated, expected: float) -> Check:
    written, name = simulated.written, simulated.name
    other = simulated.intent.other_amount
    subject = Subject(
        concern=_CONCERN,
        property=f"{name} in the recorded window",
        source="scenario: rates of archetypes",
        target=None if other else expected,
        tolerance=0.0 if other else (_TOTAL + simulated.intent.lost) * expected,
    )
    total = float(written.sum())
    because = other or too_few(int(max(total, expected)), name)
    because = because or too_few(len(written), "persons")
    if because:
        return unchecked(subject, because, total)

    def ends(level: float) -> Ends:
        low, high = ratio_interval(written, np.ones(len(written)), level)
        return low * len(written), high * len(written)

    return judge(subject, total, ends)
