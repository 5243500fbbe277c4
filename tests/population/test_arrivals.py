from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from dmsim.errors import UsageError
from dmsim.population.arrivals import (
    BRAND_MESSAGE,
    FEED_VISIT,
    INBOX_VISIT,
    Arrivals,
)
from dmsim.population.build import build_population, plan_cells
from dmsim.population.curves import HOURS, load_curve
from dmsim.population.model import Population
from dmsim.scenario import Curves, Scenario, Shock, find_scenario, load_scenario
from dmsim.scenario.units import DAY_US, HOUR_US, WEEK_US
from tests.worlds import small

PERSONS = 500
SHIFT = 24
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
    to_brands: float = 0.0,
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
        brand_messages_per_week=persons(to_brands),
        business_per_week=np.where(pages, business, 0.0),
        utc_offset=(persons(hours_ahead) * HOUR_US).astype(np.int64),
    )


def told(shocks: dict[str, Shock] | None = None, **curves: Any) -> Scenario:
    """A scenario with these curves and shocks."""
    changes = {"curves": Curves(**curves), "shocks": shocks or {}}
    return small().model_copy(update=changes)


ARRIVALS = Arrivals(crowd(VISITS, COMMENTS), told())


def sampled(
    seed: int, start: int, end: int, arrivals: Arrivals = ARRIVALS
) -> tuple[Ints, Ints, Ints]:
    """Times, accounts and kinds of the arrivals of a window, of parts that can be packed."""
    rng, at, what = np.random.default_rng(seed), [], []
    for begin in range(start, end, 6 * DAY_US):
        packed = arrivals.sample(rng, begin, min(end, begin + 6 * DAY_US), SHIFT)
        assert np.all(np.diff(packed) >= 0)
        at.append(begin + (packed >> SHIFT))
        what.append(packed & ((1 << SHIFT) - 1))
    return np.concatenate(at), np.concatenate(what) >> 2, np.concatenate(what) & 3


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
    nobody = Arrivals(crowd(), told())
    assert len(nobody.sample(np.random.default_rng(1), 0, WEEK_US, SHIFT)) == 0


def per_hour(arrivals: Arrivals, weeks: int = 1) -> Ints:
    """How many arrive in each hour of the week."""
    at, _, _ = sampled(1, 0, weeks * WEEK_US, arrivals)
    return np.bincount((at // HOUR_US) % HOURS, minlength=HOURS)


def assert_follows(counts: Ints, curve: Floats) -> None:
    expected = curve * counts.sum() / HOURS
    assert np.all(np.abs(counts - expected) <= 5 * np.sqrt(expected) + 5)


def test_pages_write_business_messages_by_the_curve_of_messages() -> None:
    arrivals = Arrivals(crowd(business=20_000), told(messages="messages_evening"))
    _, account, kinds = sampled(1, 0, WEEK_US, arrivals)
    assert account.min() >= PERSONS
    assert set(kinds.tolist()) == {INBOX_VISIT}
    assert_follows(per_hour(arrivals), load_curve("messages_evening"))


@pytest.mark.parametrize("persons", ["messages", "comments"])
def test_messages_between_persons_have_a_curve_of_their_own(persons: str) -> None:
    """Q23: the study's curve is about messages to brands; another may be chosen for persons."""
    arrivals = Arrivals(crowd(visits=200.0), told(persons=persons))
    assert_follows(per_hour(arrivals), load_curve(persons))


@pytest.mark.parametrize("hours_ahead", [3.0, -5.0, 5.5])
def test_the_curves_hours_are_those_of_the_audience(hours_ahead: float) -> None:
    """Q8: somebody whose clock is three hours ahead is three hours earlier on the trace's."""
    arrivals = Arrivals(crowd(comments=200.0, hours_ahead=hours_ahead), told())
    whole, half = divmod(hours_ahead, 1)
    curve = load_curve("comments")
    local = (1 - half) * np.roll(curve, -int(whole)) + half * np.roll(curve, -int(whole) - 1)
    assert_follows(per_hour(arrivals), local)


def test_or_the_curves_hours_are_those_of_one_clock_for_all() -> None:
    """Q8: the other reading."""
    arrivals = Arrivals(crowd(comments=200.0, hours_ahead=3.0), told(clock="reference"))
    assert_follows(per_hour(arrivals), load_curve("comments"))


def test_persons_of_several_time_zones_spread_the_peak() -> None:
    hours = np.where(np.arange(PERSONS) < PERSONS // 2, 0.0, 8.0)
    at_once = per_hour(Arrivals(crowd(visits=400.0), told()))
    spread = per_hour(Arrivals(crowd(visits=400.0, hours_ahead=hours), told()))
    assert abs(spread.sum() - at_once.sum()) <= 5 * np.sqrt(2 * at_once.sum())
    assert spread.max() < 0.9 * at_once.max()


def test_a_visit_before_the_first_monday_of_somebody_behind_is_not_lost() -> None:
    """At the very start it is still Sunday evening for those whose clock is behind."""
    arrivals = Arrivals(crowd(visits=20_000.0, hours_ahead=-10.0), told())
    at, _, _ = sampled(1, 0, HOUR_US, arrivals)
    expected = 20_000.0 * PERSONS * load_curve("messages")[HOURS - 10] / HOURS
    assert abs(len(at) - expected) <= 5 * np.sqrt(expected)
    assert 0 <= at.min() <= at.max() < HOUR_US


def test_messages_to_brands_follow_the_curve_of_messages_in_rows_of_several() -> None:
    """R115-R120; each arrival begins a row of ``behaviour.burst`` messages, on average."""
    scenario = told(messages="messages_evening")
    arrivals = Arrivals(crowd(to_brands=300.0), scenario)
    at, account, kinds = sampled(1, 0, WEEK_US, arrivals)
    assert set(kinds.tolist()) == {BRAND_MESSAGE}
    assert account.max() < PERSONS
    expected = PERSONS * 300 / scenario.behaviour.burst
    assert abs(len(at) - expected) <= 5 * np.sqrt(expected)
    assert_follows(per_hour(arrivals), load_curve("messages_evening"))


def test_an_archetype_may_have_a_curve_of_its_own() -> None:
    """Night owls come when the others sleep; who has no curve follows that of persons."""
    nights = tuple(float(hour % 24 < 6) for hour in range(HOURS))
    scenario = small()
    archetypes = dict(scenario.archetypes)
    owls = list(archetypes).index("heavy")
    archetypes["heavy"] = archetypes["heavy"].model_copy(update={"curve": nights})
    arrivals = Arrivals(crowd(200.0), scenario.model_copy(update={"archetypes": archetypes}))
    at, account, _ = sampled(1, 0, WEEK_US, arrivals)
    is_owl = anybody().archetype[account] == owls
    hours = (at // HOUR_US) % HOURS
    assert set((hours[is_owl] % 24).tolist()) == set(range(6))
    counts = np.bincount(hours[~is_owl], minlength=HOURS)
    assert_follows(counts, load_curve("messages"))


def test_steps_finer_than_an_hour_are_kept() -> None:
    """Everybody comes in the first ten minutes of each hour."""
    tens = tuple(float(step % 6 == 0) for step in range(6 * HOURS))
    at, _, _ = sampled(1, 0, WEEK_US, Arrivals(crowd(visits=50.0), told(persons=tens)))
    assert len(at) > 20_000
    assert np.all(at % HOUR_US <= HOUR_US // 6)


def shock(kind: str, **values: Any) -> Shock:
    return Shock.model_validate({"kind": kind, "at": "tue 00:00", **values})


def shocked(*shocks: Shock, weeks: int = 1, seed: int = 1) -> Ints:
    """When comments come, day by day as the engine samples."""
    scenario = told({str(n): one for n, one in enumerate(shocks)})
    arrivals = Arrivals(crowd(comments=400.0), scenario)
    parts = [
        sampled(seed + day, day * DAY_US, (day + 1) * DAY_US, arrivals)[0]
        for day in range(7 * weeks)
    ]
    return np.concatenate(parts)


def expected_comments(start: int, end: int) -> float:
    """How many comments would come between two full hours without a shock."""
    hours = np.arange(start, end) % HOURS
    return float(PERSONS * 400.0 * load_curve("comments")[hours].sum() / HOURS)


def assert_count(at: Ints, start: int, end: int, factor: float) -> None:
    """Between two full hours come ``factor`` times as many as without a shock."""
    found = np.count_nonzero((at >= start * HOUR_US) & (at < end * HOUR_US))
    expected = factor * expected_comments(start, end)
    assert abs(found - expected) <= 5 * np.sqrt(expected) + 1


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 3.0])
def test_a_step_changes_the_rate_at_once(factor: float) -> None:
    at = shocked(shock("step", factor=factor))
    assert_count(at, 0, 24, 1)
    assert_count(at, 24, 168, factor)


def test_a_step_may_end() -> None:
    at = shocked(shock("step", factor=4, lasts="12h"))
    assert_count(at, 24, 36, 4)
    assert_count(at, 36, 168, 1)


def test_growth_compounds_by_the_week_until_it_ends() -> None:
    at = shocked(shock("growth", per_week=1.0, at="mon 00:00", lasts="14d"), weeks=4)
    for week, factor in enumerate([1, 2, 4, 4]):
        # Within a week the curve weighs the days, so single hours are compared.
        growing = 2 ** (1 / HOURS / 2) if week < 2 else 1
        for hour in (15, 40, 90, 160):
            grown = factor * (2 ** (hour / HOURS) * growing if week < 2 else 1)
            assert_count(at, HOURS * week + hour, HOURS * week + hour + 1, grown)


def test_a_flash_crowd_rises_evenly_and_falls_by_halves() -> None:
    at = shocked(shock("flash_crowd", factor=9, at="tue 15:00", rises="2h", half_life="1h"))
    assert_count(at, 0, 39, 1)
    assert_count(at, 39, 40, 1 + 8 / 4)
    assert_count(at, 40, 41, 1 + 8 * 3 / 4)
    # The mean of a halving over an hour.
    halving = 1 / (2 * np.log(2))
    assert_count(at, 41, 42, 1 + 8 * halving)
    assert_count(at, 43, 44, 1 + 8 * halving / 4)
    assert_count(at, 60, 168, 1)


def test_shocks_multiply() -> None:
    at = shocked(shock("step", factor=2), shock("step", factor=0.25, at="wed 00:00"))
    assert_count(at, 24, 48, 2)
    assert_count(at, 48, 168, 0.5)


def test_a_shock_of_a_later_week_leaves_the_weeks_before_as_they_were() -> None:
    plain = shocked(weeks=3)
    at = shocked(shock("step", factor=2, week=3), weeks=3)
    before = (2 * HOURS + 24) * HOUR_US
    assert np.array_equal(at[at < before], plain[plain < before])
    assert_count(at, 2 * HOURS + 24, 3 * HOURS, 2)


def test_a_shock_shares_all_it_can_with_the_life_without_it() -> None:
    """Common random numbers: more comes on top, less leaves out."""
    plain, more, less = (
        shocked(*shocks)
        for shocks in ((), (shock("step", factor=3),), (shock("step", factor=0.5),))
    )
    assert np.isin(plain, more).all()
    assert np.isin(less, plain).all()


def test_a_shock_of_one_activity_leaves_the_others_as_they_are() -> None:
    population = crowd(visits=200.0, comments=200.0, to_brands=200.0)
    plain = sampled(1, DAY_US, 2 * DAY_US, Arrivals(population, told()))
    step = shock("step", factor=3, of=["comments"])
    changed = sampled(1, DAY_US, 2 * DAY_US, Arrivals(population, told({"more": step})))
    for kind in (INBOX_VISIT, BRAND_MESSAGE):
        assert np.array_equal(plain[0][plain[2] == kind], changed[0][changed[2] == kind])
    assert np.sum(changed[2] == FEED_VISIT) > 2.5 * np.sum(plain[2] == FEED_VISIT)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ('kind = "step"', "factor: missing; a step needs it"),
        ('kind = "growth"', "per_week: missing; a growth needs it"),
        ('kind = "growth"\nper_week = 0.1\nfactor = 2', "factor = 2.0: without meaning"),
        ('kind = "flash_crowd"\nfactor = 0.5', "factor = 0.5: a crowd brings more"),
        ('kind = "step"\nfactor = 2\nof = ["likes"]', "of.0 = "),
        ('kind = "step"\nfactor = 2\nweek = 0', "week = 0"),
    ],
)
def test_a_shock_that_cannot_be_is_refused(told: str, complaint: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    quickstart = find_scenario("quickstart").read_text("utf-8")
    mine.write_text(f'{quickstart}\n[shocks.x]\nat = "fri 14:00"\n{told}\n', encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_scenario(str(mine))
    assert f"shocks.x.{complaint}" in str(refused.value)
