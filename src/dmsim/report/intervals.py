"""How sure a mean over replications is: Student's interval."""

from collections.abc import Sequence
from statistics import fmean, stdev

import msgspec

#: Quantiles 0.975 of Student's distribution with 1, 2, … degrees of freedom.
_QUANTILES = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL = 1.959964


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over independent replications, and half the width of its 95 % interval.

    ``half_width`` is null of fewer than two values, which tell nothing of their spread.
    """

    count: int
    mean: float | None
    half_width: float | None


def interval(values: Sequence[float | None]) -> Interval:
    """The interval of the mean of a figure; replications without the figure are left out."""
    known = [value for value in values if value is not None]
    count = len(known)
    return Interval(
        count=count,
        mean=fmean(known) if known else None,
        half_width=_quantile(count - 1) * stdev(known) / count**0.5 if count > 1 else None,
    )


def _quantile(freedom: int) -> float:
    if freedom <= len(_QUANTILES):
        return _QUANTILES[freedom - 1]
    # The first terms of its expansion around the normal quantile are exact to four digits here.
    return _NORMAL + (_NORMAL**3 + _NORMAL) / (4 * freedom) + 2.82 / freedom**2
