"""What a plan says of each of its weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dmsim.rostering.costs import Costs
from dmsim.rostering.coverage import Coverage
from dmsim.rostering.roster import Duties

#: How a search ended: nothing is cheaper; hardly anything can be; or time was over.
Status: TypeAlias = Literal["optimal", "within gap", "time limit"]

#: Fewer missing hours are an error of rounding.
NOTHING = 1e-4


@dataclass(frozen=True)
class Lack:
    """Why people are missing in a planned week; hours are person-hours.

    Attributes:
        people: how many there are, by contract.
        most_hours: that all of them may work; ``worked_hours`` is what they do work.
        no_shift: whom nobody could stand for, however many people there were: where no shift is.
        limited_hours: missing beyond that because no more people may begin a shift on a day.
        missing_hours: that the plan leaves; ``price`` is that of each.
        least_hours: no roster of these people leaves fewer hours missing.
        found_hours: what the best roster of theirs that was found leaves, whatever it costs.
        more: by contract, the people with whom only the first two stay missing; None where nobody
            is needed, or time was over before that was known.
        fewest_more: with fewer more people than that they do not suffice.
    """

    people: Mapping[str, int]
    most_hours: float
    worked_hours: float
    no_shift: Coverage
    limited_hours: float
    missing_hours: float
    price: float
    least_hours: float
    found_hours: float
    more: Mapping[str, int] | None
    fewest_more: int


@dataclass(frozen=True)
class WeekPlan:
    """A planned week: coverage and costs of its duties, and what the search knows of them.

    Attributes:
        bound: no roster costs less; ``relaxed`` is the bound if people could be split.
        seconds: that the search took.
        lack: why people are missing, once that was asked.
    """

    coverage: Coverage
    costs: Costs
    status: Status
    bound: float
    relaxed: float
    seconds: float
    lack: Lack | None = None

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
