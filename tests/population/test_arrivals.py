from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from dmsim.population.arrivals import (
    FEED_VISIT,
    INBOX_VISIT,
    Arrivals,
)
from dmsim.population.build import build_population, plan_cells
from dmsim.population.curves import HOURS, load_curve
from dmsim.population.model import Population
from dmsim.scenario import Curves
from dmsim.scenario.units import HOUR_US, WEEK_US
from tests.worlds import small

PERSONS = 500
SHIFT = 23
VISITS = np.linspace(0, 800, PERSONS)
COMMENTS = np.linspace(600, 0, PERSONS)
#: The kinds of arrivals with their curves and rates.
KINDS = [(INBOX_VISIT, "messages", VISITS), (FEED_VISIT, "comments", COMMENTS)]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@cache
def anybody() -> Population:
    scenario = small(f"population.persons={PERSONS}")
    return build_population(scenario, plan_cells(scenario)[0])


def crowd(
    visits: float | Floats = 0.0,
    comments: float | Floats = 0.0,
    business: float = 0.0,
    hours_ahead: float | Floats = 0.0,
) -> Population:
    """Persons with these rates and clocks, and pages that write so many business messages."""
    population = anybody()
    pages = np.arange(population.accounts) >= PERSONS

    def persons(values: float | Floats) -> Floats:
        rest = np.zeros(population.pages + 1)
        return np.concatenate([np.broadcast_to(np.asarray(values, dtype=float), PERSONS), rest])

    return replace(
        population,
        visits_per_week=persons(visits),
        comments_per_week=persons(comments),
        business_per_week=np.where(pages, business, 0.0),
        utc_offset=(persons(hours_ahead) * HOUR_US).astype(np.int64),
    )


ARRIVALS = Arrivals(crowd(VISITS, COMMENTS), Curves())


def sampled(
    seed: int, start: int, end: int, arrivals: Arrivals = ARRIVALS
) -> tuple[Ints, Ints, Ints]:
    """Times, accounts and kinds of the arrivals of a window."""
    packed = arrivals.sample(np.random.default_rng(seed), start, end, SHIFT)
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
    week: tuple[Ints, Ints, Ints], kind: int, curve: str, rates: Floats
) -> None:
    at, _, kinds = week
    hours = (at[kinds == kind] - WEEK_US) // HOUR_US
    counts = np.bincount(hours, minlength=HOURS)
    expected = rates.sum() * load_curve(curve) / HOURS
    assert len(counts) == HOURS
    assert np.all(np.abs(counts - expected) <= 5 * np.sqrt(expected))
    distance = float(np.sum((counts - expected) ** 2 / expected))
    # As unlikely as 5 sigma, on either side: neither too far from the curve nor too near.
    assert chi2.ppf(3e-7, HOURS) < distance < chi2.isf(3e-7, HOURS)


@pytest.mark.parametrize(("kind", "curve", "rates"), KINDS)
def test_every_person_comes_at_the_personal_rate(
    week: tuple[Ints, Ints, Ints], kind: int, curve: str, rates: Floats
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
EDGES = [int(hours * HOUR_US) for hours in (100.25, 100.5, 103.999, HOURS - 3.3, HOURS + 9.1)]


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
    nobody = Arrivals(crowd(), Curves())
    assert len(nobody.sample(np.random.default_rng(1), 0, WEEK_US, SHIFT)) == 0


def per_hour(arrivals: Arrivals, weeks: int = 1) -> Ints:
    """How many arrive in each hour of the week."""
    at, _, _ = sampled(1, 0, weeks * WEEK_US, arrivals)
    return np.bincount((at // HOUR_US) % HOURS, minlength=HOURS)


def assert_follows(counts: Ints, curve: Floats) -> None:
    expected = curve * counts.sum() / HOURS
    assert np.all(np.abs(counts - expected) <= 5 * np.sqrt(expected) + 5)


def test_pages_write_business_messages_by_the_curve_of_messages() -> None:
    arrivals = Arrivals(crowd(business=20_000), Curves(messages="messages_evening"))
    _, account, kinds = sampled(1, 0, WEEK_US, arrivals)
    assert account.min() >= PERSONS
    assert set(kinds.tolist()) == {INBOX_VISIT}
    assert_follows(per_hour(arrivals), load_curve("messages_evening"))


@pytest.mark.parametrize("persons", ["messages", "comments"])
def test_messages_between_persons_have_a_curve_of_their_own(persons: str) -> None:
    """Q23: the study's curve is about messages to brands; another may be chosen for persons."""
    arrivals = Arrivals(crowd(visits=200.0), Curves(persons=persons))
    assert_follows(per_hour(arrivals), load_curve(persons))


@pytest.mark.parametrize("hours_ahead", [3.0, -5.0, 5.5])
def test_the_curves_hours_are_those_of_the_audience(hours_ahead: float) -> None:
    """Q8: somebody whose clock is three hours ahead is three hours earlier on the trace's."""
    arrivals = Arrivals(crowd(comments=200.0, hours_ahead=hours_ahead), Curves())
    whole, half = divmod(hours_ahead, 1)
    curve = load_curve("comments")
    local = (1 - half) * np.roll(curve, -int(whole)) + half * np.roll(curve, -int(whole) - 1)
    assert_follows(per_hour(arrivals), local)


def test_or_the_curves_hours_are_those_of_one_clock_for_all() -> None:
    """Q8: the other reading."""
    arrivals = Arrivals(crowd(comments=200.0, hours_ahead=3.0), Curves(clock="reference"))
    assert_follows(per_hour(arrivals), load_curve("comments"))


def test_persons_of_several_time_zones_spread_the_peak() -> None:
    hours = np.where(np.arange(PERSONS) < PERSONS // 2, 0.0, 8.0)
    at_once = per_hour(Arrivals(crowd(visits=400.0), Curves()))
    spread = per_hour(Arrivals(crowd(visits=400.0, hours_ahead=hours), Curves()))
    assert abs(spread.sum() - at_once.sum()) <= 5 * np.sqrt(2 * at_once.sum())
    assert spread.max() < 0.9 * at_once.max()


def test_a_visit_before_the_first_monday_of_somebody_behind_is_not_lost() -> None:
    """At the very start it is still Sunday evening for those whose clock is behind."""
    arrivals = Arrivals(crowd(visits=20_000.0, hours_ahead=-10.0), Curves())
    at, _, _ = sampled(1, 0, HOUR_US, arrivals)
    expected = 20_000.0 * PERSONS * load_curve("messages")[HOURS - 10] / HOURS
    assert abs(len(at) - expected) <= 5 * np.sqrt(expected)
    assert 0 <= at.min() <= at.max() < HOUR_US
