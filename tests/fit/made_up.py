"""Weeks of counts whose true curve is known."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dmsim.fit.weeks import Weeks
from dmsim.population.curves import load_curve

Floats = NDArray[np.float64]
PER_WEEK = 2000


@cache
def truth(name: str, per_week: float = PER_WEEK) -> Floats:
    """Events per hour of the week of a curve of the seeds."""
    curve = load_curve(name)
    return np.asarray(curve / curve.sum() * per_week)


def sampled(rng: np.random.Generator, rate: Floats, weeks: int, dispersion: float = 1.0) -> Weeks:
    """Counts of so many weeks; with a dispersion above 1 events come in geometric bursts."""
    mean = (dispersion + 1) / 2
    bursts = rng.poisson(rate / mean, (weeks, len(rate)))
    more = rng.negative_binomial(np.maximum(bursts, 1), 1 / mean) if mean > 1 else 0
    counts = (bursts + np.where(bursts > 0, more, 0)).astype(np.float64)
    return Weeks(counts, np.ones_like(counts))


def squared_error(found: Floats, true: Floats) -> float:
    """Relative to the squares of the truth."""
    return float(((found - true) ** 2).sum() / (true**2).sum())
