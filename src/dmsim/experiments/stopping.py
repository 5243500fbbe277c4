"""When there are enough replications: sequential stopping at a relative precision."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dmsim.experiments.measures import Measures
from dmsim.report.intervals import Interval, interval

#: The runs of a point, by replication.
Runs = Mapping[int, Measures]


class Rule(NamedTuple):
    """How many replications there are to be.

    Attributes:
        least: of each point, whatever the precision.
        most: of each point, whatever the precision.
        precision: the relative half-width of the 95 % interval to reach; None: ``least`` are run.
        measures: of these, at every point.
    """

    least: int
    most: int
    precision: float | None
    measures: tuple[str, ...]

    @property
    def wanted(self) -> int:
        """How many of each point may be run."""
        return self.most if self.precision is not None else self.least


class Wide(NamedTuple):
    """An interval that is too wide: its point, measure and relative half-width (None: unknown)."""

    point: int
    measure: str
    relative: float | None


def relative(found: Interval) -> float | None:
    """The half-width as a part of the mean; None where nothing is known of it."""
    if found.half_width is None or found.mean is None:
        return None
    if found.half_width == 0:
        return 0.0
    return found.half_width / abs(found.mean) if found.mean else None


def too_wide(points: Sequence[Runs], count: int, rule: Rule) -> list[Wide]:
    """What is not known as precisely as it should be from the first ``count`` replications.

    A measure without any value at a point cannot become more precise and is not waited for.
    """
    if rule.precision is None:
        return []
    found = []
    for point, runs in enumerate(points):
        for measure in rule.measures:
            values = [runs[number].get(measure) for number in range(count)]
            if all(value is None for value in values):
                continue
            width = relative(interval(values))
            if width is None or width > rule.precision:
                found.append(Wide(point, measure, width))
    return found


def enough(points: Sequence[Runs], count: int, rule: Rule) -> bool:
    """Whether the first ``count`` replications of every point are all that is needed.

    Every point has the same number, so that whatever they are compared by is paired.
    """
    if count >= rule.wanted:
        return True
    return count >= rule.least and not too_wide(points, count, rule)
