"""Intervals cover the truth as often as they say: 200 replications with known truth, fixed seed."""

from collections.abc import Callable
from math import inf

import numpy as np
import pytest

from dmsim.fidelity.intervals import (
    Ends,
    count_interval,
    mean_interval,
    quantile_interval,
    ratio_interval,
    share_interval,
)

REPLICATIONS = 200
LEVEL = 0.95

Draws = np.random.Generator


def share_of_few(draws: Draws) -> tuple[Ends, float]:
    return share_interval(int(draws.binomial(300, 0.04)), 300, LEVEL), 0.04


def share_of_many(draws: Draws) -> tuple[Ends, float]:
    return share_interval(int(draws.binomial(50_000, 0.7)), 50_000, LEVEL), 0.7


def independent_events(draws: Draws) -> tuple[Ends, float]:
    return count_interval(float(draws.poisson(12)), 1.0, LEVEL), 12


def events_in_bursts(draws: Draws) -> tuple[Ends, float]:
    """Geometric bursts of 1.5 on average: variance twice the mean, estimated from the bursts."""
    sizes = draws.geometric(1 / 1.5, draws.poisson(200)).astype(float)
    return count_interval(sizes.sum(), (sizes**2).sum() / sizes.sum(), LEVEL), 300


def median_of_lognormal(draws: Draws) -> tuple[Ends, float]:
    values = np.sort(draws.lognormal(np.log(10), 0.9, 400))
    return quantile_interval(values, 0.5, LEVEL), 10


def tail_quantile_of_few(draws: Draws) -> tuple[Ends, float]:
    values = np.sort(draws.exponential(1, 100))
    return quantile_interval(values, 0.9, LEVEL), float(np.log(10))


def mean_of_geometric(draws: Draws) -> tuple[Ends, float]:
    return mean_interval(draws.geometric(1 / 1.5, 300).astype(float), LEVEL), 1.5


def ratio_of_dependent_values(draws: Draws) -> tuple[Ends, float]:
    """Messages of persons who differ: all of one person's are alike."""
    sizes = draws.integers(1, 20, 400).astype(float)
    habits = draws.normal(3, 1, 400)
    return ratio_interval(habits * sizes, sizes, LEVEL), 3


KINDS = [
    share_of_few,
    share_of_many,
    independent_events,
    events_in_bursts,
    median_of_lognormal,
    tail_quantile_of_few,
    mean_of_geometric,
    ratio_of_dependent_values,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_interval_covers_the_truth_as_often_as_it_says(
    kind: Callable[[Draws], tuple[Ends, float]],
) -> None:
    draws = np.random.default_rng(20_16)
    covered = 0
    for _ in range(REPLICATIONS):
        (low, high), truth = kind(draws)
        covered += low <= truth <= high
    assert 0.90 <= covered / REPLICATIONS <= 0.99


def test_alike_values_of_one_person_count_as_one() -> None:
    draws = np.random.default_rng(1)
    habits = draws.normal(3, 1, 50)
    low, high = ratio_interval(habits * 100, np.full(50, 100.0), LEVEL)
    apart = mean_interval(np.repeat(habits, 100), LEVEL)
    assert high - low > 5 * (apart[1] - apart[0])


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    # Wilson's score interval, by hand from its formula with z = 1.959964.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)],
)
def test_shares_at_the_edge_stay_shares(found: int, of: int, low: float, high: float) -> None:
    assert share_interval(found, of, LEVEL) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # The exact limits of a Poisson mean, as tables give them.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)],
)
def test_few_events_have_the_exact_limits(count: int, low: float, high: float) -> None:
    assert count_interval(count, 1.0, LEVEL) == pytest.approx((low, high), rel=1e-3)


def test_too_few_values_for_a_level_give_their_whole_range() -> None:
    values = np.array([1.0, 2.0, 3.0])
    assert quantile_interval(values, 0.5, 0.999) == (1.0, 3.0)
    assert quantile_interval(values[:1], 0.5, LEVEL) == (1.0, 1.0)


def test_a_higher_level_is_wider() -> None:
    values = np.sort(np.random.default_rng(3).exponential(1, 500))
    widths = {"share": [], "count": [], "quantile": [], "mean": []}  # type: dict[str, list[float]]
    for level in (0.8, 0.95, 0.999):
        ends = {
            "share": share_interval(40, 100, level),
            "count": count_interval(40, 1.5, level),
            "quantile": quantile_interval(values, 0.5, level),
            "mean": mean_interval(values, level),
        }
        for name, (low, high) in ends.items():
            widths[name].append(high - low)
    for found in widths.values():
        assert found == sorted(found)
        assert found[0] < found[-1] < inf
