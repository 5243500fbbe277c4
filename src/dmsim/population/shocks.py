"""The level of activity over time, as a scenario's shocks make it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dmsim.scenario import Activity, Scenario, Shock
from dmsim.scenario.shocks import MOST_FACTOR
from dmsim.scenario.units import WEEK_US

Times = NDArray[np.int64]
Factors = NDArray[np.float64]


class Level:
    """The factor by which shocks change a rate, as a function of time.

    A Poisson process is changed without touching what it has in common with the unchanged one
    (common random numbers): below 1, some of its points are left out (:meth:`keeps`); above 1,
    points of a second process join it (:meth:`adds`).
    """

    def __init__(self, shocks: Iterable[Shock]) -> None:
        self._shocks = tuple(shocks)

    def at(self, times: Times) -> Factors:
        """The factor at each time (µs since Monday 00:00 of the first week)."""
        factors = np.ones(len(times))
        for shock in self._shocks:
            factors *= _factors(shock, times)
        return factors

    def most(self, start: int, end: int) -> float:
        """A bound of the factor in ``start <= at < end``, and at least 1."""
        bound = 1.0
        for shock in self._shocks:
            inner = (at for at in _turns(shock) if start < at < end)
            bound *= max(1.0, _factors(shock, np.array([start, *inner, end - 1])).max())
        return bound

    def is_changed_before(self, end: int) -> bool:
        """Whether the factor can be anything but 1 at any time before ``end``."""
        return any(shock.begins < end for shock in self._shocks)

    def keeps(self, rng: np.random.Generator, times: Times) -> NDArray[np.bool_]:
        """Which points of the unchanged process stay."""
        return np.asarray(rng.random(len(times)) < self.at(times))

    def adds(self, rng: np.random.Generator, times: Times, most: float) -> NDArray[np.bool_]:
        """Which points join that were sampled at ``most - 1`` times the unchanged rate."""
        return np.asarray(rng.random(len(times)) * (most - 1) < self.at(times) - 1)


def level_of(scenario: Scenario, activity: Activity) -> Level:
    """The level of an activity under the shocks of a scenario."""
    return Level(shock for shock in scenario.shocks.values() if activity in shock.of)


def _factors(shock: Shock, times: Times) -> Factors:
    since = (times - shock.begins).astype(np.float64)
    begun = since >= 0
    if shock.kind == "growth":
        grown = np.clip(since, 0, shock.lasts or np.inf) / WEEK_US
        return np.minimum((1 + (shock.per_week or 0.0)) ** grown, MOST_FACTOR)
    factor = shock.factor or 0.0
    if shock.kind == "step":
        ended = since >= shock.lasts if shock.lasts else np.zeros_like(begun)
        return np.where(begun & ~ended, factor, 1.0)
    gone = np.maximum(since - shock.rises, 0) / shock.half_life
    crowd = np.minimum(since / shock.rises, 1.0) * 0.5**gone
    return np.where(begun, 1 + (factor - 1) * crowd, 1.0)


def _turns(shock: Shock) -> list[int]:
    """Where a shock begins, ends, or turns."""
    return [shock.begins, shock.begins + (shock.lasts or 0), shock.begins + shock.rises]
