"""Two scenarios, measure by measure: what a table of a comparison tells."""

from typing import NamedTuple

from dmsim.experiments.result import Result
from dmsim.experiments.statistics import paired
from dmsim.experiments.tables import column, measured
from dmsim.report.intervals import Interval, interval


class Compared(NamedTuple):
    """A measure in both scenarios.

    Attributes:
        measure: its name.
        first: of the scenario that the other is compared with.
        second: of the other.
        difference: of the second to the first, paired by replication.
        p: of the difference, corrected as in the table of differences.
    """

    measure: str
    first: Interval
    second: Interval
    difference: Interval
    p: float | None

    @property
    def sure(self) -> bool:
        """Whether the 95 % interval of the difference leaves out zero."""
        half_width = self.difference.half_width
        return half_width is not None and abs(self.difference.mean or 0.0) > half_width

    @property
    def same(self) -> bool:
        """Whether both scenarios have the same value in every replication."""
        return self.difference.mean == 0 and not self.difference.half_width


def compared(result: Result) -> list[Compared]:
    """Every measure that any run has, in the order of pages."""
    p_values = dict(result.differences.select("measure", "p_holm").iter_rows())
    return [_compared(result, name, p_values[name]) for name in measured(result.outcome)]


def _compared(result: Result, measure: str, p: float | None) -> Compared:
    first, second = (column(result.outcome, number, measure) for number in (0, 1))
    return Compared(measure, interval(first), interval(second), paired(second, first), p)
