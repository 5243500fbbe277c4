"""What persons bring along: devices, settings, a past, stickers, videos."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.population.build import STAFF_NAME, build_population, plan_cells
from dmsim.population.model import Population
from dmsim.scenario import Scenario
from dmsim.scenario.units import DAY_US
from dmsim.vocabulary import Kind, Region, Setting, Standing, Violation
from tests.worlds import small

Bools = NDArray[np.bool_]

PERSONS = 10_000
#: A world in which everything that persons may bring along is frequent.
EVENTFUL = (
    f"population.persons={PERSONS}",
    "population.registered=0.7",
    "population.limited_options=0.3",
    "archetypes.ordinary.prior_violations=2",
    "archetypes.heavy.prior_violations=0",
    "archetypes.ordinary.young=0.4",
    "archetypes.heavy.young=0",
    "archetypes.ordinary.videos=2",
    "archetypes.heavy.videos=0",
    "brands.bank.messages_per_week=70",
)


def build(*overrides: str) -> Population:
    scenario = small(*EVENTFUL, *overrides)
    return build_population(scenario, plan_cells(scenario)[0])


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small(*EVENTFUL)


@pytest.fixture(scope="module")
def population() -> Population:
    return build()


def assert_share(found: Bools, share: float) -> None:
    """Within 5 sigma."""
    assert abs(found.mean() - share) <= 5 * np.sqrt(share * (1 - share) / len(found)) + 1e-9


def of(scenario: Scenario, population: Population, archetype: str) -> Bools:
    """Which accounts are registered persons of an archetype."""
    code = list(scenario.archetypes).index(archetype)
    return np.asarray((population.archetype == code) & population.registered)


def test_persons_come_first_then_pages_then_the_staff(population: Population) -> None:
    kinds = [Kind.PERSON] * PERSONS + [Kind.BRAND] * population.pages + [Kind.STAFF]
    assert population.kind.tolist() == kinds
    assert population.staff == population.accounts - 1
    assert population.names[population.staff] == STAFF_NAME
    assert len(population.names) == population.accounts
    assert population.registered[population.staff]
    assert population.age[population.staff] == 0


def test_every_array_of_traits_has_a_value_for_each_account(population: Population) -> None:
    apart = {"video_author", "video_private", "posts_per_page", "team_of_page"}
    for name, values in vars(population).items():
        if isinstance(values, np.ndarray) and name not in apart:
            assert values.shape == (population.accounts,), name


def test_only_pages_write_business_messages(population: Population) -> None:
    rates = dict(zip(population.names, population.business_per_week.tolist(), strict=True))
    assert rates["bank"] == 70
    assert not population.business_per_week[:PERSONS].any()
    assert population.business_per_week[population.staff] == 0


def test_pages_and_staff_are_accounts_of_long_standing_that_everyone_may_write_to(
    population: Population,
) -> None:
    rest = slice(PERSONS, None)
    assert set(population.setting[rest].tolist()) == {Setting.EVERYONE}
    assert population.everyone_offered[rest].all()
    assert not population.standing[rest].any()
    assert population.joined[rest].max() < -365 * DAY_US
    assert population.device[rest].tolist() == list(range(PERSONS, population.accounts))


def test_a_second_account_uses_the_device_of_a_first_one_of_its_archetype(
    scenario: Scenario, population: Population
) -> None:
    own = np.arange(population.accounts)
    second = population.device != own
    assert not population.registered[second].any()
    owners = population.device[second]
    assert population.registered[owners].all()
    assert np.array_equal(population.archetype[owners], population.archetype[second])
    assert_share(second[~population.registered], scenario.population.second_accounts)


def test_where_nobody_is_registered_everybody_has_a_device_of_ones_own() -> None:
    population = build("population.registered=0", "population.second_accounts=1")
    assert np.array_equal(population.device, np.arange(population.accounts))


def test_everyone_is_offered_to_all_who_chose_it_and_to_most_others(
    scenario: Scenario, population: Population
) -> None:
    chose = population.setting == Setting.EVERYONE
    assert population.everyone_offered[chose].all()
    assert_share(~population.everyone_offered[:PERSONS], scenario.population.limited_options)


def test_switches_stand_at_the_policys_defaults_but_for_those_who_changed_them(
    scenario: Scenario, population: Population
) -> None:
    changed = scenario.population.changed_defaults
    adult = population.age[:PERSONS] >= 18
    assert_share(population.read_status[:PERSONS][adult], 1 - changed)
    assert_share(population.read_status[:PERSONS][~adult], changed)
    assert_share(population.filter_requests[:PERSONS], 1 - changed)
    assert_share(population.notifications[:PERSONS], 1 - changed)
    assert_share(population.allow_business[:PERSONS], scenario.population.allow_business)


def test_another_policy_brings_other_defaults() -> None:
    nobody = "population.changed_defaults=0"
    population = build(nobody, "policy.filter_by_default=false", "policy.read_status_of_teens=true")
    assert population.read_status.all()
    assert not population.filter_requests.any()


def test_accounts_are_years_old_but_for_the_young_ones(
    scenario: Scenario, population: Population
) -> None:
    age = scenario.time.start - population.joined
    young = age < 7 * DAY_US
    assert_share(young[of(scenario, population, "ordinary")], 0.4)
    assert not young[of(scenario, population, "heavy")].any()
    assert np.median(age[of(scenario, population, "heavy")]) > 365 * DAY_US
    assert (age[population.registered] > 0).all()


def test_who_has_no_account_yet_will_be_new_when_there_is_one(
    scenario: Scenario, population: Population
) -> None:
    assert set(population.joined[~population.registered].tolist()) == {scenario.time.start}


def test_a_past_leaves_a_warning_and_its_last_rung_a_ban(
    scenario: Scenario, population: Population
) -> None:
    """R78, R83, R84: temporary penalties have run out by now."""
    policy = scenario.rule_policy()
    for count, standing in zip(population.violations, population.standing, strict=True):
        if count == 0:
            assert standing == Standing.GOOD
        else:
            assert standing == (Standing.BANNED if count >= policy.ban_from else Standing.WARNED)
    assert {Standing.WARNED, Standing.BANNED} < set(population.standing.tolist())
    assert set(population.until.tolist()) == {-1}


def test_violations_come_by_archetype_to_those_who_have_an_account(
    scenario: Scenario, population: Population
) -> None:
    ordinary = population.violations[of(scenario, population, "ordinary")]
    assert abs(ordinary.mean() - 2) <= 5 * np.sqrt(2 / len(ordinary))
    assert not population.violations[of(scenario, population, "heavy")].any()
    assert not population.violations[~population.registered].any()


def test_the_worst_violation_is_one_that_left_the_account_alive(population: Population) -> None:
    guilty = population.violations > 0
    assert set(population.worst[guilty].tolist()) == {Violation.MINOR, Violation.SEVERE}
    assert not population.worst[~guilty].any()
    once, often = (population.worst[population.violations == count] for count in (1, 4))
    assert_share(once == Violation.SEVERE, 0.22 / 0.97)
    assert (often == Violation.SEVERE).mean() > (once == Violation.SEVERE).mean() + 0.2


def test_without_a_ban_in_the_policy_nobody_is_banned_at_the_start() -> None:
    population = build("policy.ban_from=0")
    assert set(population.standing.tolist()) == {Standing.GOOD, Standing.WARNED}


def test_most_have_a_few_sticker_sets_and_none_where_there_are_no_stickers(
    population: Population,
) -> None:
    sets = np.array([int(panel).bit_count() for panel in population.sticker_sets])
    without = population.region == Region.WITHOUT_STICKERS
    assert not sets[without].any()
    some = sets[:PERSONS][~without[:PERSONS]]
    assert (some > 0).mean() > 0.9
    assert 2 < some.mean() < 4
    assert population.sticker_sets.max() < 1 << 24
    assert_share(without[:PERSONS], 0.05)


def test_some_of_those_who_have_a_guardian_are_restricted(
    scenario: Scenario, population: Population
) -> None:
    wards = population.ward[population.ward >= 0]
    others = np.setdiff1d(np.arange(population.accounts), wards)
    assert not population.family_restricted[others].any()
    assert_share(population.family_restricted[wards], scenario.population.restricted)


def test_videos_are_made_by_those_who_have_an_account(
    scenario: Scenario, population: Population
) -> None:
    authors = population.video_author
    assert np.all(np.diff(authors) >= 0)
    assert population.registered[authors].all()
    made = np.bincount(authors, minlength=population.accounts)
    ordinary = made[of(scenario, population, "ordinary")]
    assert abs(ordinary.mean() - 2) <= 5 * np.sqrt(2 / len(ordinary))
    assert not made[of(scenario, population, "heavy")].any()
    assert_share(population.video_private, 0.1)


def test_clocks_differ_by_the_shares_of_time_zones() -> None:
    population = build('population.utc_offsets={"0" = 0.5, "-3.5" = 0.5}')
    hours = population.utc_offset[:PERSONS] / 3_600_000_000
    assert set(hours.tolist()) == {0.0, -3.5}
    assert_share(hours == 0.0, 0.5)
    assert not population.utc_offset[PERSONS:].any()
