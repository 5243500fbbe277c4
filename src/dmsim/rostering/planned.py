"""What a plan says of each of its weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dmsim.rostering.costs import Costs
from dmsim.rostering.coverage import Coverage
from dmsim.rostering.roster import Duties

#: How a search ended: nothing is cheaper; hardly anything can be; or time was over.
Status: TypeAlias = Literal["optimal", "within gap", "time limit"]


@dataclass(frozen=True)
class WeekPlan:
    """A planned week: coverage and costs of its duties, and what the search knows of them.

    Attributes:
        bound: no roster costs less; ``relaxed`` is the bound if people could be split.
        seconds: that the search took.
    """

    coverage: Coverage
    costs: Costs
    status: Status
    bound: float
    relaxed: float
    seconds: float

    @property
    def gap(self) -> float:
        """How much of the costs a better roster might save, as a share."""
        total = self.costs.total
        return max(total - self.bound, 0.0) / total if total else 0.0


@dataclass(frozen=True)
class Plan:
    """The duties of all weeks, in order, and what came of each week."""

    duties: Duties
    weeks: Sequence[WeekPlan]
