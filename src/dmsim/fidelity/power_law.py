"""The tail of a distribution of degrees, fitted by a discrete power law.

The method is that of Clauset, Shalizi and Newman (2009, "Power-law distributions in empirical
data"): the exponent by maximum likelihood, the beginning of the tail where the fit's distance from
the data (Kolmogorov-Smirnov) is least.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: A shorter tail is none.
_SHORTEST_TAIL = 50
#: Beginnings of the tail that are tried, evenly on the logarithm.
_BEGINNINGS = 60
#: Exponents between which the likelihood is searched.
_EXPONENTS = (1.01, 12.0)
_STEP = 1e-3


class PowerLaw(msgspec.Struct, frozen=True):
    """A tail in which degree k has a probability proportional to k to the minus ``exponent``.

    Attributes:
        exponent: By maximum likelihood.
        error: The exponent's standard error.
        xmin: The degree at which the tail begins.
        tail: How many have at least that degree.
        distance: The greatest difference between the tail's distribution and the fit's.
    """

    exponent: float
    error: float
    xmin: int
    tail: int
    distance: float


def fit_power_law(counts: Ints) -> PowerLaw | None:
    """Fit the tail of degrees of which ``counts[k]`` have degree k.

    Returns:
        Nothing if fewer than 50 have a degree above 0, or none differs from another.
    """
    degrees = np.flatnonzero(counts[1:]) + 1
    having = counts[degrees]
    tails = np.cumsum(having[::-1])[::-1]
    # A tail of one degree has no exponent.
    last = min(int((tails >= _SHORTEST_TAIL).sum()), len(degrees) - 1)
    if last < 1:
        return None
    even = np.geomspace(1, last, min(_BEGINNINGS, last))
    fits = [_fit(degrees[at:], having[at:]) for at in np.unique(np.round(even).astype(int)) - 1]
    return min(fits, key=lambda fit: fit.distance)


def _fit(degrees: Ints, having: Ints) -> PowerLaw:
    """The power law of a tail that begins with the first of these degrees."""
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    xmin, tail = int(degrees[0]), int(having.sum())
    mean_log = float(np.dot(having, np.log(degrees))) / tail

    def log_zeta(exponent: float) -> float:
        return float(np.log(zeta(exponent, xmin)))

    best = minimize_scalar(
        lambda exponent: log_zeta(exponent) + exponent * mean_log, bounds=_EXPONENTS
    )
    exponent = float(best.x)
    curvature = (
        log_zeta(exponent + _STEP) - 2 * log_zeta(exponent) + log_zeta(exponent - _STEP)
    ) / _STEP**2
    seen = np.cumsum(having) / tail
    due = 1 - zeta(exponent, degrees + 1.0) / zeta(exponent, xmin)
    # Between two degrees the data stand still, so the fit is farthest just before the next one.
    before = 1 - zeta(exponent, degrees[1:].astype(float)) / zeta(exponent, xmin)
    distance = max(np.abs(seen - due).max(), np.abs(seen[:-1] - before).max())
    return PowerLaw(
        exponent=exponent,
        error=float(1 / np.sqrt(tail * curvature)),
        xmin=xmin,
        tail=tail,
        distance=float(distance),
    )
