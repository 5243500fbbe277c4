from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from dmsim.population.arrivals import (
    FEED_VISIT,
    HOUR_US,
    INBOX_VISIT,
    WEEK_HOURS,
    WEEK_US,
    Arrivals,
)
from dmsim.population.curves import CurveName, load_curve

PERSONS = 500
SHIFT = 23
VISITS = np.linspace(0, 800, PERSONS)
COMMENTS = np.linspace(600, 0, PERSONS)
ARRIVALS = Arrivals(VISITS, COMMENTS)
#: The kinds of arrivals with their curves and rates.
KINDS: list[tuple[int, CurveName, NDArray[np.float64]]] = [
    (INBOX_VISIT, "messages", VISITS),
    (FEED_VISIT, "comments", COMMENTS),
]
Ints = NDArray[np.int64]


def sampled(seed: int, start: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Times, persons and kinds of the arrivals of a window."""
    packed = ARRIVALS.sample(np.random.default_rng(seed), start, end, SHIFT)
    assert np.all(np.diff(packed) >= 0)
    what = packed & ((1 << SHIFT) - 1)
    return start + (packed >> SHIFT), what >> 1, what & 1


@pytest.fixture(scope="module")
def week() -> tuple[Ints, Ints, Ints]:
    """The second week, in the windows in which the engine samples."""
    bounds = range(WEEK_US, 2 * WEEK_US + 1, 6 * HOUR_US)
    parts = [sampled(start, start, start + 6 * HOUR_US) for start in bounds[:-1]]
    at, person, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    return at, person, kind


@pytest.mark.parametrize(("kind", "curve", "rates"), KINDS)
def test_arrivals_per_hour_follow_the_weekly_curve(
    week: tuple[Ints, Ints, Ints], kind: int, curve: CurveName, rates: NDArray[np.float64]
) -> None:
    at, _, kinds = week
    hours = (at[kinds == kind] - WEEK_US) // HOUR_US
    counts = np.bincount(hours, minlength=WEEK_HOURS)
    expected = rates.sum() * load_curve(curve) / WEEK_HOURS
    assert len(counts) == WEEK_HOURS
    assert np.all(np.abs(counts - expected) <= 5 * np.sqrt(expected))
    distance = float(np.sum((counts - expected) ** 2 / expected))
    # As unlikely as 5 sigma, on either side: neither too far from the curve nor too near.
    assert chi2.ppf(3e-7, WEEK_HOURS) < distance < chi2.isf(3e-7, WEEK_HOURS)


@pytest.mark.parametrize(("kind", "curve", "rates"), KINDS)
def test_every_person_comes_at_the_personal_rate(
    week: tuple[Ints, Ints, Ints], kind: int, curve: CurveName, rates: NDArray[np.float64]
) -> None:
    _, person, kinds = week
    counts = np.bincount(person[kinds == kind], minlength=PERSONS)
    assert len(counts) == PERSONS
    assert not counts[rates == 0].any()
    # Poisson's tail is longer than the normal's where few come.
    assert np.all(np.abs(counts - rates) <= 5 * np.sqrt(rates) + 5)
    assert abs(counts.sum() - rates.sum()) <= 5 * np.sqrt(rates.sum())


def test_arrivals_lie_evenly_within_an_hour(week: tuple[Ints, Ints, Ints]) -> None:
    minutes = np.bincount((week[0] % HOUR_US) // (HOUR_US // 60), minlength=60)
    mean = minutes.mean()
    assert np.all(np.abs(minutes - mean) <= 5 * np.sqrt(mean))


#: Windows that begin and end between full hours; the last two run over the end of a week.
EDGES = [
    int(hours * HOUR_US) for hours in (100.25, 100.5, 103.999, WEEK_HOURS - 3.3, WEEK_HOURS + 9.1)
]


@pytest.mark.parametrize("seed", range(3))
def test_windows_join_without_gaps_and_overlaps(seed: int) -> None:
    found = []
    for start, end in pairwise(EDGES):
        at, _, _ = sampled(seed, start, end)
        assert start <= at.min()
        assert at.max() < end
        found.append(at)
    joined = np.concatenate(found)
    whole, _, _ = sampled(seed + 100, EDGES[0], EDGES[-1])
    # As many in each quarter of an hour as in one window over all, and nothing heaped at an edge.
    bins = np.arange(EDGES[0], EDGES[-1] + HOUR_US // 4, HOUR_US // 4)
    in_parts, at_once = (np.histogram(at, bins)[0] for at in (joined, whole))
    assert np.all(np.abs(in_parts - at_once) <= 5 * np.sqrt(in_parts + at_once) + 5)
    for edge in EDGES:
        # The busiest hour brings less than one arrival in a second.
        assert np.sum(np.abs(joined - edge) < 1_000_000) < 12


def test_the_same_stream_gives_the_same_arrivals_and_another_others() -> None:
    one, same, other = (
        ARRIVALS.sample(np.random.default_rng(seed), 0, HOUR_US * 20, SHIFT) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_where_nobody_comes_there_are_no_arrivals() -> None:
    nobody = Arrivals(np.zeros(3), np.zeros(3))
    assert len(nobody.sample(np.random.default_rng(1), 0, WEEK_US, SHIFT)) == 0
