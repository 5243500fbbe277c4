"""When accounts come: visits to the inbox and to the feed, messages to brands.

An arrival is a point of a non-homogeneous Poisson process with rate = personal rate × curve at the
account's own time × level of the scenario's shocks (messages and comments have curves of their own,
R101-R125). Sampled window by window, so that memory does not grow with the length of a run.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dmsim.population.curves import load_curve
from dmsim.population.model import Population
from dmsim.population.shocks import Level, level_of
from dmsim.scenario import Scenario
from dmsim.scenario.units import WEEK_US

#: Kinds of arrivals, as the kernel reads them.
INBOX_VISIT = 0
FEED_VISIT = 1
BRAND_MESSAGE = 2

#: Bits of a packed arrival that hold its kind.
_KIND_BITS = 2


@dataclass(frozen=True)
class _Process:
    """What one kind of arrivals of some accounts follows.

    ``rates`` has one entry per account, ``curve`` is cumulative.
    """

    kind: int
    rates: NDArray[np.float64]
    curve: NDArray[np.float64]
    level: Level


class Arrivals:
    """Samples a population's arrivals for consecutive windows of time."""

    def __init__(self, population: Population, scenario: Scenario) -> None:
        """Prepare the sampling.

        Args:
            population: Whose arrivals; the visits of a page to its inbox are its business messages.
            scenario: Which curves they follow, by whose clock (Q8, Q23), and what shocks them.
        """
        own, curves = population.utc_offset, scenario.curves
        self._offset = own if curves.clock == "audience" else np.zeros_like(own)
        visits, turns = level_of(scenario, "sessions"), 1 / scenario.behaviour.burst
        comments, messages = load_curve(curves.comments), load_curve(curves.messages)
        self._processes = [
            _Process(INBOX_VISIT, rates, _cumulative(curve), visits)
            for rates, curve in _sessions(population, scenario)
        ]
        self._processes += [
            _Process(kind, rates, _cumulative(curve), of)
            for kind, rates, curve, of in (
                (
                    FEED_VISIT,
                    population.comments_per_week,
                    comments,
                    level_of(scenario, "comments"),
                ),
                (INBOX_VISIT, population.business_per_week, messages, Level(())),
                (
                    BRAND_MESSAGE,
                    population.brand_messages_per_week * turns,
                    messages,
                    level_of(scenario, "messages"),
                ),
            )
        ]

    def sample(
        self, rng: np.random.Generator, start: int, end: int, shift: int
    ) -> NDArray[np.int64]:
        """Sorted arrivals in ``start <= at < end`` (µs), packed as the kernel reads them.

        Each is ``(at - start) << shift | account << 2 | kind``.
        """
        window = start, end
        parts = [self._pack(rng, process, 1.0, window, shift) for process in self._processes]
        if any(process.level.is_changed_before(end) for process in self._processes):
            # A stream for each, so that what shocks one leaves the others as they are.
            own = rng.spawn(len(parts))
            parts = [
                self._shocked(stream, packed, process, window, shift)
                for stream, packed, process in zip(own, parts, self._processes, strict=True)
            ]
        return np.sort(np.concatenate(parts))

    def _shocked(
        self,
        rng: np.random.Generator,
        packed: NDArray[np.int64],
        process: _Process,
        window: tuple[int, int],
        shift: int,
    ) -> NDArray[np.int64]:
        """The arrivals of a process as the level of activity changes them."""
        level, most = process.level, process.level.most(*window)
        packed = packed[level.keeps(rng, window[0] + (packed >> shift))]
        more = self._pack(rng, process, most - 1, window, shift)
        return np.concatenate([packed, more[level.adds(rng, window[0] + (more >> shift), most)]])

    def _pack(
        self,
        rng: np.random.Generator,
        process: _Process,
        factor: float,
        window: tuple[int, int],
        shift: int,
    ) -> NDArray[np.int64]:
        start, end = window
        curve = process.curve
        low, high = (_mass(curve, edge + self._offset) for edge in window)
        counts = rng.poisson(factor * process.rates * (high - low))
        account = np.repeat(np.arange(len(counts)), counts)
        mass = low[account] + rng.random(len(account)) * (high - low)[account]
        at = _when(curve, mass).astype(np.int64) - self._offset[account]
        offset = np.clip(at - start, 0, end - start - 1)
        return np.asarray((offset << shift) | (account << _KIND_BITS) | process.kind)


def _sessions(
    population: Population, scenario: Scenario
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The rates of those who share a curve of sessions, with that curve.

    Archetypes may have one of their own; all others follow that of persons.
    """
    curves = [a.curve or scenario.curves.persons for a in scenario.archetypes.values()]
    found = []
    for curve in dict.fromkeys(curves):
        members = np.isin(population.archetype, [n for n, own in enumerate(curves) if own == curve])
        found.append((np.where(members, population.visits_per_week, 0.0), load_curve(curve)))
    return found


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
