"""Axes of an experiment's charts: round ticks between any two values, in a unit that reads well."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from dmsim.experiments.design import numbers
from dmsim.experiments.measures import MEASURES
from dmsim.report.units import figure
from dmsim.scenario.units import SECOND_US, parse_duration

_SPANS = ((172_800, 86_400, "d"), (7200, 3600, "h"), (120, 60, "min"))


class Axis(NamedTuple):
    """A linear axis: its ends and ticks in the measure's own unit, with their labels.

    ``unit`` says in what the labels are written.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    unit: str

    def part(self, value: float) -> float:
        """Where a value lies between the ends, from 0 to 1."""
        return (value - self.low) / ((self.high - self.low) or 1)


class Keys(NamedTuple):
    """Where the values of a varied key lie on an x axis, and what they are called."""

    places: tuple[float, ...]
    labels: tuple[str, ...]


def measure_axis(measure: str, values: Sequence[float], wanted: int = 5) -> Axis:
    """An axis that holds all values of a measure; from 0 unless they lie close together."""
    scale, unit = _scale(measure, max(map(abs, values)))
    low, high = max(0.0, min(values)), max(values)  # no measure is below 0, an interval may be
    low = low if 0 < high - low < 0.4 * high else 0.0
    if MEASURES[measure].unit == "share":
        high = min(high, 1.0)
    ticks = round_ticks(low / scale, high / scale, wanted)
    labelled = tuple((tick * scale, _label(tick)) for tick in ticks)
    return Axis(ticks[0] * scale, ticks[-1] * scale, labelled, unit)


def per_cent_axis(values: Sequence[float], wanted: int) -> Axis:
    """An axis of parts of a whole that are written in per cent, with 0 on it."""
    ticks = round_ticks(min(0.0, *values) * 100, max(0.0, *values) * 100, wanted)
    return Axis(ticks[0] / 100, ticks[-1] / 100, tuple((t / 100, _label(t)) for t in ticks), "%")


def round_ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round values that enclose ``low`` … ``high``, about ``wanted`` of them."""
    if low == high == 0:
        return [0.0, 1.0]
    largest = max(abs(low), abs(high), 1e-12)
    # What differs in rounding alone does not differ.
    extent = high - low if high - low > 1e-9 * largest else largest
    scale = 10 ** math.floor(math.log10(extent / wanted))
    step = next(f * scale for f in (1, 2, 5, 10) if f * scale >= extent / wanted * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def key_axis(values: Sequence[str]) -> Keys:
    """Numbers and durations lie at their size, everything else side by side."""
    parsed = numbers(values)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in parsed):
        return Keys(tuple(float(value) for value in parsed), tuple(values))
    try:
        places = tuple(parse_duration(value) / SECOND_US for value in values)
    except ValueError:
        places = tuple(float(place) for place in range(len(values)))
    return Keys(places, tuple(values))


def _scale(measure: str, largest: float) -> tuple[float, str]:
    unit = MEASURES[measure].unit
    if unit == "share":
        return 0.01, "%"
    if unit == "s":
        return next(((size, name) for bound, size, name in _SPANS if largest >= bound), (1, "s"))
    return 1, ""


def _label(tick: float) -> str:
    return figure(float(f"{tick:.6g}"))
