from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.population.build import CellPlan, build_population, plan_cells
from dmsim.population.model import Adjacency, Population
from dmsim.population.texts import LOCALES, name_bank
from dmsim.scenario import Scenario
from dmsim.scenario.ages import band_years
from dmsim.vocabulary import Platform, Setting, names
from tests.worlds import small

PERSONS = 10_000


def build(scenario: Scenario) -> Population:
    return build_population(scenario, plan_cells(scenario)[0])


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small(f"population.persons={PERSONS}")


@pytest.fixture(scope="module")
def population(scenario: Scenario) -> Population:
    return build(scenario)


def assert_shares(codes: NDArray[Any], shares: dict[int, float]) -> None:
    """Every code has its share within 5 sigma, and there are no others."""
    assert set(np.unique(codes).tolist()) <= set(shares)
    for code, share in shares.items():
        sigma = np.sqrt(share * (1 - share) / len(codes))
        assert abs(np.mean(codes == code) - share) <= 5 * sigma, code


def test_ages_come_by_group(scenario: Scenario, population: Population) -> None:
    age = population.age[:PERSONS]
    shares = scenario.population.ages
    group = np.digitize(age, [16, 18])
    assert_shares(group, {0: shares.under_16, 1: shares.teens, 2: shares.adults})
    assert set(age[group == 0].tolist()) == {13, 14, 15}
    assert set(age[group == 1].tolist()) == {16, 17}
    assert set(age[group == 2].tolist()) <= set(range(18, 75))


def test_adults_come_by_age_band_and_within_it_each_year_alike() -> None:
    bands = 'population.adult_ages={"20-24" = 0.6, "31-31" = 0.3, "90-100" = 0.1}'
    population = build(small("population.persons=10000", bands))
    adults = population.age[: population.persons][population.age[: population.persons] >= 18]
    years = dict.fromkeys(range(20, 25), 0.6 / 5) | {31: 0.3}
    assert_shares(adults, years | dict.fromkeys(range(90, 101), 0.1 / 11))


def test_adults_are_as_old_as_the_seed_says(scenario: Scenario, population: Population) -> None:
    age = population.age[:PERSONS]
    adults = age[age >= 18]
    bands = scenario.population.adult_ages
    edges = [band_years(band).stop for band in bands]
    assert_shares(np.digitize(adults, edges), dict(enumerate(bands.values())))


def test_teens_and_adults_have_settings_of_their_own(
    scenario: Scenario, population: Population
) -> None:
    told = scenario.population.settings
    adult = population.age[:PERSONS] >= 18
    for table, members in ((told.adults, adult), (told.teens, ~adult)):
        shares = {code: getattr(table, name) for code, name in enumerate(names(Setting))}
        assert_shares(population.setting[:PERSONS][members], shares)


def test_locales_platforms_and_registration_have_their_shares(
    scenario: Scenario, population: Population
) -> None:
    told = scenario.population
    locales = {list(LOCALES).index(name): share for name, share in told.locales.items()}
    platforms = {Platform[name.upper()].value: share for name, share in told.platforms.items()}
    assert_shares(population.locale[:PERSONS], locales)
    assert_shares(population.platform[:PERSONS], platforms)
    assert_shares(population.registered[:PERSONS], {1: told.registered, 0: 1 - told.registered})


def test_a_locale_or_platform_that_is_named_alone_keeps_its_code() -> None:
    only = build(small("population.locales={ru=1}", "population.platforms={web=1}"))
    assert set(only.locale[: only.persons].tolist()) == {list(LOCALES).index("ru")}
    assert set(only.platform[: only.persons].tolist()) == {Platform.WEB.value}


def test_what_persons_are_does_not_hang_together(
    scenario: Scenario, population: Population
) -> None:
    """No two traits come from the same random numbers; among adults, whose settings are alike."""
    adults = np.flatnonzero(population.age >= 18)
    english = adults[population.locale[adults] == list(LOCALES).index("en")]
    bank = {name: number for number, name in enumerate(name_bank("en"))}
    means = np.array([told.sessions_per_week for told in scenario.archetypes.values()])
    traits: list[NDArray[Any]] = [
        *(population.age, population.registered, population.setting, population.platform),
        *(population.archetype, population.visits_per_week / means[population.archetype]),
    ]
    names_drawn = np.array([bank.get(name, 0) for name in population.names])
    for people, trait in ((adults, population.locale), (english, names_drawn)):
        columns = [column[people].astype(np.float64) for column in (*traits, trait)]
        found = np.corrcoef(columns) - np.eye(len(columns))
        assert np.abs(found).max() < 5 / np.sqrt(len(people))


def test_persons_are_named_in_their_language(population: Population) -> None:
    banks = [set(name_bank(locale)) for locale in LOCALES]
    for name, locale in zip(population.names[:PERSONS], population.locale, strict=False):
        assert name in banks[locale]


def test_archetypes_have_their_shares_and_mean_rates(
    scenario: Scenario, population: Population
) -> None:
    archetypes = list(scenario.archetypes.values())
    chosen = population.archetype[:PERSONS]
    assert_shares(chosen, {code: told.share for code, told in enumerate(archetypes)})
    for code, told in enumerate(archetypes):
        visits = population.visits_per_week[:PERSONS][chosen == code]
        comments = population.comments_per_week[:PERSONS][chosen == code]
        for rates, mean in ((visits, told.sessions_per_week), (comments, told.comments_per_week)):
            assert abs(rates.mean() - mean) <= 5 * rates.std() / np.sqrt(len(rates))
        assert visits.std() > 0.4 * told.sessions_per_week


def test_pages_have_the_highest_ids_and_nothing_personal(
    scenario: Scenario, population: Population
) -> None:
    pages = slice(PERSONS, PERSONS + len(scenario.brands))
    assert (population.persons, population.pages) == (PERSONS, len(scenario.brands))
    assert sorted(population.names[pages]) == sorted(scenario.brands)
    assert not population.age[pages].any()
    assert population.registered[pages].all()
    assert set(population.setting[pages].tolist()) == {Setting.EVERYONE.value}
    assert not population.visits_per_week[pages].any()
    assert not population.comments_per_week[pages].any()


def test_every_page_has_its_followers_its_posts_and_its_team(
    scenario: Scenario, population: Population
) -> None:
    followers = np.bincount(population.follows.targets, minlength=population.accounts)
    for page in range(population.pages):
        name = population.names[PERSONS + page]
        told = scenario.brands[name]
        sigma = np.sqrt(told.followers * (1 - told.followers) / PERSONS)
        assert abs(followers[PERSONS + page] / PERSONS - told.followers) <= 5 * sigma
        assert population.posts_per_page[page] == told.posts
        team = population.teams[population.team_of_page[page]]
        assert name in scenario.care.teams[team].brands


def test_a_brand_without_a_team_is_served_by_none() -> None:
    population = build(small('care.teams.services.brands=["bank"]'))
    pages = population.names[population.persons : -1]
    served = dict(zip(pages, population.team_of_page.tolist(), strict=True))
    assert served["eyewear"] == -1
    assert min(served["bank"], served["beauty"]) >= 0


#: What depends on ages, and on who has an account.
OF_AGE = {"setting", "everyone_offered", "read_status", "ward", "family_restricted"}
OF_REGISTRATION = {
    *("device", "joined", "ward", "family_restricted", "violations", "standing", "worst"),
    *("videos", "private videos"),
}


def persons_edges(graph: Adjacency, persons: int) -> list[tuple[int, int]]:
    sources = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    return [(s, t) for s, t in zip(sources.tolist(), graph.targets.tolist(), strict=True)
            if t < persons]  # fmt: skip


def eventful(*overrides: str, seed: int | None = None) -> Scenario:
    """A small world in which everything that persons may bring along is frequent."""
    rates = ("prior_violations=0.5", "young=0.2", "videos=1")
    often = [f"archetypes.ordinary.{rate}" for rate in rates]
    more = ["population.registered=0.8", "population.guardians=0.8", *often]
    return small(*more, *overrides, seed=seed)


def parts_of(population: Population) -> dict[str, list[Any]]:
    """The independent parts of a population's persons."""
    persons = population.persons
    parts: dict[str, list[Any]] = {
        name: getattr(population, name)[:persons].tolist()
        for name in (
            *("age", "registered", "setting", "locale", "platform", "archetype", "region"),
            *("visits_per_week", "comments_per_week", "device", "joined", "everyone_offered"),
            *("read_status", "filter_requests", "allow_business", "notifications"),
            *("family_restricted", "standing", "violations", "worst", "sticker_sets", "ward"),
        )
    }
    parts["videos"] = population.video_author.tolist()
    parts["private videos"] = population.video_private.tolist()
    parts["names"] = population.names[:persons]
    parts["follows"] = persons_edges(population.follows, persons)
    parts["contacts"] = persons_edges(population.contacts, persons)
    parts["acquaintances"] = persons_edges(population.acquaintances, persons)
    sources = np.repeat(np.arange(population.accounts), np.diff(population.follows.start))
    for page in range(population.pages):
        followers = sources[population.follows.targets == persons + page]
        parts[f"followers of {population.names[persons + page]}"] = followers.tolist()
    return parts


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        (
            "population.settings.adults={everyone=1, suggested=0, friends=0, no_one=0}",
            {"setting", "everyone_offered"},
        ),
        ("population.ages={under_16=0.5, teens=0.3, adults=0.2}", {"age", *OF_AGE}),
        ("population.registered=0.5", {"registered", *OF_REGISTRATION}),
        ("population.locales={en=0.2, ru=0.8}", {"locale", "names"}),
        ("population.platforms={ios=1}", {"platform"}),
        ("population.graph.reciprocity=0.9", {"follows", "contacts", "acquaintances"}),
        ("population.graph.acquaintances_mean=1", {"acquaintances"}),
        ("population.graph.contacts_mean=2", {"contacts"}),
        ("archetypes.ordinary.sessions_per_week=3", {"visits_per_week"}),
        ("archetypes.ordinary.comments_per_week=3", {"comments_per_week"}),
        ("archetypes.ordinary.reply=0", set()),
        ("archetypes.ordinary.young=1", {"joined"}),
        ("archetypes.ordinary.videos=9", {"videos", "private videos"}),
        ("archetypes.ordinary.prior_violations=3", {"violations", "standing", "worst"}),
        ("population.second_accounts=0", {"device"}),
        ("population.limited_options=0.5", {"everyone_offered"}),
        ("population.without_stickers=0.5", {"region", "sticker_sets"}),
        ("population.guardians=1", {"ward", "family_restricted"}),
        ("population.restricted=1", {"family_restricted"}),
        ("population.allow_business=0", {"allow_business"}),
        ("population.changed_defaults=0.5", {"read_status", "filter_requests", "notifications"}),
        ("policy.filter_by_default=false", {"filter_requests"}),
        ("policy.read_status_of_teens=true", {"read_status"}),
        ("behaviour.severities={minor=0, severe=1, zero_tolerance=0}", {"worst"}),
        ("brands.beauty.followers=0.9", {"followers of beauty"}),
        ("brands.bank.posts=90", set()),
    ],
)
def test_changing_one_part_leaves_the_others_as_they_were(override: str, changed: set[str]) -> None:
    before, after = parts_of(build(eventful())), parts_of(build(eventful(override)))
    assert {name for name in before if before[name] != after[name]} == changed


def test_another_seed_makes_others_and_every_cell_has_its_own() -> None:
    before = parts_of(build(eventful()))
    for other in (build(eventful(seed=2)), build_population(eventful(), _second_of_two())):
        assert all(before[name] != part for name, part in parts_of(other).items())


def _second_of_two() -> CellPlan:
    """The whole small population, as if it lived in another cell."""
    (plan,) = plan_cells(small())
    return CellPlan(1, plan.first_account, plan.first_post, plan.persons, plan.brands)


@pytest.mark.parametrize("cells", [1, 2, 3, 7])
def test_cells_divide_persons_brands_and_ids_without_a_rest(cells: int) -> None:
    scenario = small(f"population.cells={cells}")
    plans = plan_cells(scenario)
    assert [plan.cell for plan in plans] == list(range(cells))
    persons = [plan.persons for plan in plans]
    assert sum(persons) == scenario.population.persons
    assert max(persons) - min(persons) <= 1
    assert sorted(b for plan in plans for b in plan.brands) == sorted(scenario.brands)
    account = post = 0
    for plan in plans:
        assert (plan.first_account, plan.first_post) == (account, post)
        account += plan.persons + len(plan.brands) + 1
        post += sum(scenario.brands[brand].posts for brand in plan.brands)


@pytest.mark.parametrize("cells", [1, 2, 3, 7])
def test_all_brands_of_a_team_live_in_one_cell(cells: int) -> None:
    scenario = small(f"population.cells={cells}")
    for team in scenario.care.teams.values():
        homes = {p.cell for p in plan_cells(scenario) for b in p.brands if b in team.brands}
        assert len(homes) == 1
