"""What a roster costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from dmsim.rostering.coverage import Coverage
from dmsim.rostering.model import HOUR, Prices, ShiftTemplate
from dmsim.rostering.roster import Duties


@dataclass(frozen=True)
class Costs:
    """In the unit of the shifts file's prices."""

    work: float
    missing: float
    surplus: float

    @property
    def total(self) -> float:
        """What the solver minimises."""
        return self.work + self.missing + self.surplus


def shift_cost(shift: ShiftTemplate, worked: int) -> float:
    """What a shift of so many worked minutes costs."""
    return shift.cost_per_hour * worked / HOUR + shift.cost_per_shift


def costs(
    duties: Duties, covered: Coverage, shifts: Mapping[str, ShiftTemplate], prices: Prices
) -> Costs:
    """The costs of a week; a duty on no shift of the file has no price."""
    return Costs(
        work=sum(shift_cost(shifts[d.shift], d.worked) for d in duties if d.shift in shifts),
        missing=prices.missing * covered.missing_hours,
        surplus=prices.surplus * covered.surplus_hours,
    )
