"""A weekly curve from counts: Poisson regression on periodic splines, with its uncertainty.

The rate of an hour is the exponential of a cubic spline over the week that closes on itself. How
many knots it has, and how strongly neighbouring coefficients are held together (a P-spline: Eilers
and Marx 1996), is chosen by leaving whole weeks out: the choice under which the left-out weeks have
the least Poisson deviance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmsim.errors import UsageError
from dmsim.fit.weeks import Floats, Weeks
from dmsim.population.curves import HOURS

#: What is tried: knots over the week, and penalties.
KNOTS = (28, 56, 84, 168)
PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
#: More weeks than that are left out together.
_MOST_FOLDS = 5
#: A fit that is smooth enough for the least error is too smooth for its own band: what smoothing
#: shifts is as large as the noise that is left. The band is that of a fit with the most knots and a
#: tenth of the penalty, of which the shift is small against the noise.
_RELAXED = 0.1
#: Of bands and intervals.
_LEVEL = 0.95
#: Hours without any event are fitted as if they had this part of the mean: the logarithm of nothing
#: would draw the spline down without end.
_LEAST = 1e-3


@dataclass(frozen=True)
class Curve:
    """A fitted week; arrays have 168 entries, in events per hour of a mean week.

    Attributes:
        rate: The fit.
        low: The lower end of the 95 % band of each hour.
        high: The upper end.
        raw: The mean counts.
        knots: Of the spline.
        penalty: On second differences of its coefficients.
        dispersion: Variance of the counts over their mean: 1 for independent events, more where
            they come in bursts or weeks differ; the band allows for it.
        deviance: Mean Poisson deviance of a left-out hour under the fit to the other weeks.
        raw_deviance: The same under the raw means of the other weeks.
        weekly: Events of a mean week.
        weekly_low: The lower end of its 95 % interval: by how whole weeks differ, and at least by
            the dispersion, because few weeks may be alike by chance.
        weekly_high: The upper end.
    """

    rate: Floats
    low: Floats
    high: Floats
    raw: Floats
    knots: int
    penalty: float
    dispersion: float
    deviance: float
    raw_deviance: float
    weekly: float
    weekly_low: float
    weekly_high: float

    @property
    def raw_is_as_good(self) -> bool:
        """Whether there is so much that the raw means foretell a week as well as the fit."""
        return self.raw_deviance <= self.deviance


def fit_curve(weeks: Weeks) -> Curve:
    """Fit a curve.

    Raises:
        UsageError: scikit-learn is not installed.
    """
    with _one_thread():
        folds = _folds(weeks)
        choices = [(knots, penalty) for knots in KNOTS for penalty in PENALTIES]
        deviances = [_held_out(weeks, folds, *choice) for choice in choices]
        knots, penalty = choices[int(np.argmin(deviances))]
        exposure = weeks.exposure
        fitted = _fitted(weeks.counts.sum(axis=0), exposure, knots, penalty)
        # Differences of second order over steps of h weigh h ** 3 for the same curve.
        relaxed = _RELAXED * penalty * (KNOTS[-1] / knots) ** 3
        low, high, dispersion = _band(weeks, KNOTS[-1], relaxed)
    weekly, half = _weekly(weeks, dispersion)
    return Curve(
        rate=fitted,
        low=np.minimum(low, fitted),
        high=np.maximum(high, fitted),
        raw=_means(weeks.counts.sum(axis=0), exposure),
        knots=knots,
        penalty=penalty,
        dispersion=dispersion,
        deviance=min(deviances),
        raw_deviance=_held_out_raw(weeks, folds),
        weekly=weekly,
        weekly_low=max(0.0, weekly - half),
        weekly_high=weekly + half,
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Matrices of this size are multiplied thirty times faster by one thread than by several."""
    try:
        # First, because only what is loaded already is limited.
        import sklearn.linear_model
        import sklearn.preprocessing  # noqa: F401
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        raise UsageError(
            "fitting a curve needs scikit-learn; install it with: pip install 'dmsim[fit]'"
        ) from None
    with threadpool_limits(1):
        yield


@cache
def _basis(knots: int) -> NDArray[np.float64]:
    """The splines at the middle of each hour, turned so that a ridge is a smoothness penalty.

    Columns are the directions in which second differences of the coefficients around the week are
    not 0, each divided by how large they are; the one that is left is the constant.
    """
    from sklearn.preprocessing import SplineTransformer

    places = np.linspace(0, HOURS, knots + 1)[:, None]
    splines = SplineTransformer(degree=3, knots=places, extrapolation="periodic").fit(places)
    middles = (np.arange(HOURS) + 0.5)[:, None]
    step = np.roll(np.eye(knots), 1, axis=1) - np.eye(knots)
    differences = step @ step
    sizes, directions = np.linalg.eigh(differences.T @ differences)
    rough = sizes > 1e-9
    turned = splines.transform(middles) @ directions[:, rough] / np.sqrt(sizes[rough])
    return np.asarray(turned)


def _fitted(counts: Floats, exposure: Floats, knots: int, penalty: float) -> Floats:
    """The rates of the hours; those that were never observed are filled by their neighbours."""
    from sklearn.linear_model import PoissonRegressor

    model: Any = PoissonRegressor(alpha=penalty, solver="newton-cholesky", max_iter=100, tol=1e-6)
    basis = _basis(knots)
    means = _means(counts, exposure)
    model.fit(basis, np.maximum(means, _LEAST * means.mean()), sample_weight=exposure)
    return np.asarray(model.predict(basis))


def _means(counts: Floats, exposure: Floats) -> Floats:
    return np.divide(counts, exposure, out=np.zeros_like(counts), where=exposure > 0)


def _folds(weeks: Weeks) -> list[NDArray[np.intp]]:
    """The weeks that are left out together."""
    seen = np.flatnonzero(weeks.observed.sum(axis=1) > 0)
    return [fold for fold in np.array_split(seen, min(len(seen), _MOST_FOLDS)) if len(fold)]


def _held_out(weeks: Weeks, folds: list[NDArray[np.intp]], knots: int, penalty: float) -> float:
    """Mean deviance of left-out hours under fits to the other weeks."""

    def predict(counts: Floats, exposure: Floats) -> Floats:
        return _fitted(counts, exposure, knots, penalty)

    return _left_out(weeks, folds, predict)


def _held_out_raw(weeks: Weeks, folds: list[NDArray[np.intp]]) -> float:
    """The same under raw means; half an event is added, so that no hour is impossible."""

    def predict(counts: Floats, exposure: Floats) -> Floats:
        return (counts + 0.5) / np.maximum(exposure, 1)

    return _left_out(weeks, folds, predict)


def _left_out(weeks: Weeks, folds: list[NDArray[np.intp]], predict: Any) -> float:
    deviance = hours = 0.0
    for fold in folds:
        others = np.setdiff1d(np.arange(len(weeks.counts)), fold)
        counts, exposure = (values[others].sum(axis=0) for values in (weeks.counts, weeks.observed))
        expected = predict(counts, exposure) * weeks.observed[fold]
        seen = weeks.observed[fold] > 0
        deviance += poisson_deviance(weeks.counts[fold][seen], expected[seen])
        hours += int(seen.sum())
    return deviance / hours


def poisson_deviance(counts: Floats, expected: Floats) -> float:
    """Twice the log-likelihood that is missing to a perfect fit."""
    expected = np.maximum(expected, 1e-9)
    logs = np.log(np.maximum(counts, 1e-300) / expected)
    return float(2 * np.sum(np.where(counts > 0, counts * logs, 0.0) - (counts - expected)))


def _band(weeks: Weeks, knots: int, penalty: float) -> tuple[Floats, Floats, float]:
    """The 95 % band of a penalised fit (its Bayesian covariance), and the dispersion."""
    from scipy.special import ndtri

    counts, exposure = weeks.counts.sum(axis=0), weeks.exposure
    rate = _fitted(counts, exposure, knots, penalty)
    design = np.column_stack([np.ones(HOURS), _basis(knots)])
    information = design.T * (exposure * rate) @ design
    ridge = np.full(design.shape[1], penalty * exposure.sum())
    ridge[0] = 0
    covariance = np.linalg.inv(information + np.diag(ridge))
    freedom = float(np.trace(covariance @ information))
    seen = weeks.observed > 0
    expected = np.maximum((rate * weeks.observed)[seen], 1e-9)
    pearson = float(((weeks.counts[seen] - expected) ** 2 / expected).sum())
    dispersion = max(1.0, pearson / max(1.0, float(seen.sum()) - freedom))
    variance = np.einsum("ij,jk,ik->i", design, covariance, design)
    half = float(ndtri((1 + _LEVEL) / 2)) * np.sqrt(dispersion * variance)
    # Where less than one event was due in all the log, a logarithm has no normal error.
    scarce = rate * exposure < 1
    factor = np.exp(np.where(scarce, 0.0, half))
    low = np.where(scarce, 0.0, rate / factor)
    high = np.where(scarce, _most(counts, exposure, dispersion), rate * factor)
    return low, high, dispersion


def _most(counts: Floats, exposure: Floats, dispersion: float) -> Floats:
    """The upper ends of the exact intervals of Poisson means, each hour by itself.

    Where an hour was never observed, that of a single week without an event.
    """
    from scipy.special import gammaincinv

    events = dispersion * gammaincinv(counts / dispersion + 1, (1 + _LEVEL) / 2)
    return np.asarray(events / np.where(exposure > 0, exposure, 1.0))


def _weekly(weeks: Weeks, dispersion: float) -> tuple[float, float]:
    """Events of a mean week, and half the width of its 95 % interval."""
    from scipy.special import ndtri, stdtrit

    part = (1 + _LEVEL) / 2
    mean = float(_means(weeks.counts.sum(axis=0), weeks.exposure).sum())
    half = float(ndtri(part)) * mean * float(np.sqrt(dispersion / max(1, weeks.total)))
    totals = weeks.whole.sum(axis=1)
    if len(totals) > 1:
        error = float(totals.std(ddof=1) / np.sqrt(len(totals)))
        half = max(half, float(stdtrit(len(totals) - 1, part)) * error)
    return mean, half
