"""How sure a measured value is: confidence intervals for shares, counts, quantiles and means.

Each function takes the confidence level (0.95, 0.999) last and returns the two ends. SciPy is
imported where it is needed, because who only replays a trace should not wait for it.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

Ends = tuple[float, float]
Floats = NDArray[np.float64]


def normal_quantile(level: float) -> float:
    """How many standard errors lie on either side of a value at a level, by the normal law."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def share_interval(successes: int, trials: int, level: float) -> Ends:
    """Wilson's interval of a probability, from independent trials (at least one)."""
    z = normal_quantile(level)
    share, weight = successes / trials, z * z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    low = middle - half if successes > 0 else 0.0
    return low, middle + half if successes < trials else 1.0


def count_interval(count: float, dispersion: float, level: float) -> Ends:
    """The exact Poisson interval of an expected count, widened for events that come in bursts.

    Args:
        count: how many events there were.
        dispersion: variance over mean of such counts, 1 for independent events. Bursts of equal
            size are counted as one event each, which the interval of others comes close to.
        level: the confidence level.
    """
    from scipy.special import gammaincinv

    bursts, outside = count / dispersion, (1 - level) / 2
    low = float(gammaincinv(bursts, outside)) if bursts > 0 else 0.0
    return dispersion * low, dispersion * float(gammaincinv(bursts + 1, 1 - outside))


def quantile_interval(ordered: Floats, part: float, level: float) -> Ends:
    """The interval of a quantile between two order statistics, whatever the distribution.

    How many of the values lie below the true quantile is binomial.

    Args:
        ordered: independent values, ascending, at least one.
        part: which quantile, between 0 and 1.
        level: the confidence level; too few values to reach it give the whole range.
    """
    from scipy.special import bdtrik

    n, outside = len(ordered), (1 - level) / 2
    low, high = float(bdtrik(outside, n, part)), float(bdtrik(1 - outside, n, part))
    first = int(np.floor(low)) if low >= 0 else 0
    last = int(np.ceil(high)) if high < n else n - 1
    return float(ordered[first]), float(ordered[min(last, n - 1)])


def mean_interval(values: Floats, level: float) -> Ends:
    """Student's interval of a mean, from at least two independent values."""
    return ratio_interval(values, np.ones(len(values)), level)


def ratio_interval(sums: Floats, sizes: Floats, level: float) -> Ends:
    """The interval of ``sums / sizes`` over all, from independent groups of dependent values.

    The groups (persons, say) are what is independent, so that it does not matter how alike the
    values within one are.

    Args:
        sums: one per group, at least two.
        sizes: how many values each sum is of; not all 0.
        level: the confidence level.
    """
    from scipy.special import stdtrit

    groups = len(sums)
    ratio = float(sums.sum() / sizes.sum())
    off = float(((sums - ratio * sizes) ** 2).sum()) * groups / (groups - 1)
    half = float(stdtrit(groups - 1, (1 + level) / 2)) * sqrt(off) / float(sizes.sum())
    return ratio - half, ratio + half
