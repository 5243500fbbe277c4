"""When accounts come: visits to the inbox and to the feed, sampled from the weekly curves.

A visit is a point of a non-homogeneous Poisson process with rate = personal rate × curve at the
account's own time (messages and comments have curves of their own, R101-R125). Sampled window by
window, so that memory does not grow with the length of a run.
"""

import numpy as np
from numpy.typing import NDArray

from dmsim.population.curves import load_curve
from dmsim.population.model import Population
from dmsim.scenario import Curves
from dmsim.scenario.units import WEEK_US

#: Kinds of arrivals, as the kernel reads them.
INBOX_VISIT = 0
FEED_VISIT = 1


class Arrivals:
    """Samples a population's visits for consecutive windows of time."""

    def __init__(self, population: Population, curves: Curves) -> None:
        """Prepare the sampling.

        Args:
            population: Whose visits; those of a page to its inbox are its business messages.
            curves: Which curves they follow, and by whose clock (Q8, Q23).
        """
        own = population.utc_offset
        self._offset = own if curves.clock == "audience" else np.zeros_like(own)
        self._kinds = (
            (INBOX_VISIT, population.visits_per_week, _cumulative(load_curve(curves.persons))),
            (FEED_VISIT, population.comments_per_week, _cumulative(load_curve(curves.comments))),
            (INBOX_VISIT, population.business_per_week, _cumulative(load_curve(curves.messages))),
        )

    def sample(
        self, rng: np.random.Generator, start: int, end: int, shift: int
    ) -> NDArray[np.int64]:
        """Sorted arrivals in ``start <= at < end`` (µs), packed as the kernel reads them.

        Each is ``(at - start) << shift | account << 1 | kind``.
        """
        parts = [
            self._pack(rng, rates, curve, (start, end), shift) | kind
            for kind, rates, curve in self._kinds
        ]
        return np.sort(np.concatenate(parts))

    def _pack(
        self,
        rng: np.random.Generator,
        rates: NDArray[np.float64],
        curve: NDArray[np.float64],
        window: tuple[int, int],
        shift: int,
    ) -> NDArray[np.int64]:
        start, end = window
        low, high = (_mass(curve, edge + self._offset) for edge in window)
        counts = rng.poisson(rates * (high - low))
        account = np.repeat(np.arange(len(rates)), counts)
        mass = low[account] + rng.random(len(account)) * (high - low)[account]
        at = _when(curve, mass).astype(np.int64) - self._offset[account]
        offset = np.clip(at - start, 0, end - start - 1)
        return np.asarray((offset << shift) | (account << 1))


def _cumulative(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of a week's events before each step of a curve, and 1 at its end."""
    return np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])


def _mass(curve: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Expected share of a week's events from time 0 to ``at``; whole weeks count 1 each."""
    weeks, rest = np.divmod(at, WEEK_US)
    return np.asarray(weeks + np.interp(rest, _edges(curve), curve))


def _when(curve: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of :func:`_mass`, in µs."""
    weeks = np.floor(mass)
    return np.asarray(weeks * WEEK_US + np.interp(mass - weeks, curve, _edges(curve)))


def _edges(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """When the steps of a cumulative curve begin and end, in µs."""
    return np.linspace(0, WEEK_US, len(curve))
