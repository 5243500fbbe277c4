"""A mixed-integer program as it is put together, and what HiGHS makes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from dmsim.rostering.slots import Floats

#: A column with its coefficient.
Term = tuple[int, float]


@dataclass(frozen=True)
class Solved:
    """The best values that were found.

    Attributes:
        values: of all columns; None where there are none, or time was over before any were found.
        cost: theirs, infinite without any.
        bound: no values cost less.
    """

    values: Floats | None
    cost: float
    bound: float


class Program:
    """Columns with costs, none negative, and rows of bounded sums; the least cost is sought."""

    def __init__(self) -> None:
        self._costs: list[float] = []
        self._whole: list[bool] = []
        self._most: list[float] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._terms: list[tuple[int, int, float]] = []

    @property
    def every(self) -> range:
        """All columns so far."""
        return range(len(self._costs))

    def columns(
        self, count: int, cost: float = 0.0, most: float = np.inf, *, whole: bool = False
    ) -> range:
        """More columns of one kind; their numbers."""
        first = len(self._costs)
        self._costs += [cost] * count
        self._most += [most] * count
        self._whole += [whole] * count
        return range(first, first + count)

    def row(self, terms: Iterable[Term], low: float, high: float) -> None:
        """A sum of columns that lies between two values."""
        number = len(self._low)
        self._terms += [(number, column, factor) for column, factor in terms]
        self._low.append(low)
        self._high.append(high)

    def solve(
        self,
        *,
        seconds: float,
        gap: float,
        split: Iterable[int] = (),
        fixed: Mapping[int, float] | None = None,
    ) -> Solved:
        """Search until a gap or a time limit is reached.

        Args:
            seconds: the time limit.
            gap: how much dearer than the bound the values may be, as a share of their cost.
            split: whole columns that may have fractions this time.
            fixed: values of columns that are settled; the bound then holds for these alone.
        """
        shape = len(self._low), len(self._costs)
        rows, columns, factors = zip(*self._terms, strict=True)
        matrix = coo_array((np.array(factors), (np.array(rows), np.array(columns))), shape=shape)
        whole = np.array(self._whole, dtype=np.int64)
        whole[list(split)] = 0
        least, most = np.zeros(len(whole)), np.array(self._most)
        for column, value in (fixed or {}).items():
            least[column] = most[column] = value
        found = milp(
            np.array(self._costs),
            integrality=whole,
            bounds=Bounds(least, most),
            constraints=LinearConstraint(matrix.tocsr(), np.array(self._low), np.array(self._high)),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        cost = np.inf if found.fun is None else float(found.fun)
        bound = found.mip_dual_bound if whole.any() or found.status else cost
        # Costs are never negative, however little was found out.
        known = 0.0 if bound is None or not np.isfinite(bound) else max(float(bound), 0.0)
        return Solved(found.x, cost, known)
