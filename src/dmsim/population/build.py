"""From a scenario to the population of one cell."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dmsim.population.graph import adjacency, contact_edges, follow_edges, page_edges
from dmsim.population.model import Ints, Population
from dmsim.population.texts import LOCALES, name_bank, text_bank
from dmsim.scenario import Scenario
from dmsim.vocabulary import Platform, Setting, word

T = TypeVar("T", bound=np.generic)

# Purposes of set-up streams, so that changing one part leaves the others as they were.
_AGES, _REGISTERED, _SETTINGS, _LOCALES, _PLATFORMS, _ARCHETYPES, _RATES = range(7)
_FOLLOWS, _PAGES, _CONTACTS, _NAMES, ARRIVALS = range(7, 12)

# Personal rates spread around their archetype's mean (sigma of the logarithm, mean kept).
_RATE_SIGMA = 0.6
_ADULT_AGES = (18, 65)


@dataclass(frozen=True)
class CellPlan:
    """Which part of the scenario lives in a cell."""

    cell: int
    first_account: int
    first_post: int
    persons: int
    brands: list[str]


def plan_cells(scenario: Scenario) -> list[CellPlan]:
    """Split persons evenly; all brands of a care team stay together, the rest go round."""
    cells = scenario.population.cells
    brands: list[list[str]] = [[] for _ in range(cells)]
    groups = [list(team.brands) for team in scenario.care.teams.values()]
    served = {brand for group in groups for brand in group}
    groups += [[brand] for brand in scenario.brands if brand not in served]
    for number, group in enumerate(groups):
        brands[number % cells] += group
    plans: list[CellPlan] = []
    account = post = 0
    for cell in range(cells):
        persons = (scenario.population.persons + cells - 1 - cell) // cells
        plans.append(CellPlan(cell, account, post, persons, brands[cell]))
        account += persons + len(brands[cell])
        post += sum(scenario.brands[brand].posts for brand in brands[cell])
    return plans


def stream(seed: int, cell: int, *purpose: int) -> np.random.Generator:
    """The random stream of a cell for one purpose of set-up."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(cell, *purpose)))


def build_population(scenario: Scenario, plan: CellPlan) -> Population:
    """Make the accounts of a cell, their graphs and their settings."""
    spec = scenario.population
    persons, pages = plan.persons, len(plan.brands)

    def rng(purpose: int) -> np.random.Generator:
        return stream(scenario.seed, plan.cell, purpose)

    ages = _ages(rng(_AGES), scenario, persons)
    archetype, rates, comments = _activity(rng(_ARCHETYPES), rng(_RATES), scenario, persons)
    locale_words = list(spec.locales)
    chosen = _choice(rng(_LOCALES), list(spec.locales.values()), persons)
    locale = np.array([list(LOCALES).index(name) for name in locale_words])[chosen]
    platform_codes = np.array([Platform[name.upper()].value for name in spec.platforms])
    platform = platform_codes[_choice(rng(_PLATFORMS), list(spec.platforms.values()), persons)]
    edges = follow_edges(rng(_FOLLOWS), persons, spec.graph.follows_mean, spec.graph.reciprocity)
    shares = [scenario.brands[brand].followers for brand in plan.brands]
    to_pages = page_edges(rng(_PAGES), persons, shares)
    both = np.concatenate([edges[0], to_pages[0]]), np.concatenate([edges[1], to_pages[1]])
    contacts = contact_edges(rng(_CONTACTS), persons, spec.graph.contacts_mean, edges)
    teams = [
        name for name, team in scenario.care.teams.items() if set(team.brands) & set(plan.brands)
    ]
    return Population(
        cell=plan.cell,
        first_account=plan.first_account,
        first_post=plan.first_post,
        persons=persons,
        pages=pages,
        age=_with_pages(ages, pages, 0),
        registered=_with_pages(rng(_REGISTERED).random(persons) < spec.registered, pages, True),
        setting=_with_pages(
            _settings(rng(_SETTINGS), scenario, ages), pages, Setting.EVERYONE.value
        ),
        locale=_with_pages(locale, pages, 0),
        platform=_with_pages(platform, pages, Platform.WEB.value),
        archetype=_with_pages(archetype, pages, -1),
        names=_names(rng(_NAMES), locale) + plan.brands,
        visits_per_week=_with_pages(rates, pages, 0.0),
        comments_per_week=_with_pages(comments, pages, 0.0),
        follows=adjacency(both, persons + pages),
        contacts=adjacency(contacts, persons + pages),
        posts_per_page=np.array([scenario.brands[b].posts for b in plan.brands], dtype=np.int64),
        teams=teams,
        team_of_page=np.array([_team_of(scenario, teams, b) for b in plan.brands], dtype=np.int64),
        texts=text_bank(),
    )


def _choice(rng: np.random.Generator, shares: list[float], n: int) -> Ints:
    """Indices drawn by shares."""
    bounds = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(bounds, rng.random(n), side="right"), len(shares) - 1)


def _ages(rng: np.random.Generator, scenario: Scenario, n: int) -> Ints:
    shares = scenario.population.ages
    group = _choice(rng, [shares.under_16, shares.teens, shares.adults], n)
    low = np.array([13, 16, _ADULT_AGES[0]])[group]
    high = np.array([16, 18, _ADULT_AGES[1] + 1])[group]
    return np.asarray(rng.integers(low, high), dtype=np.int64)


def _settings(rng: np.random.Generator, scenario: Scenario, ages: Ints) -> Ints:
    """The four privacy settings, by age group (R60: not every option fits every user)."""
    tables = (scenario.population.settings.teens, scenario.population.settings.adults)
    codes = [member.value for member in Setting]
    drawn = [
        np.array(codes)[_choice(rng, [getattr(t, word(m)) for m in Setting], len(ages))]
        for t in tables
    ]
    return np.where(ages < 18, drawn[0], drawn[1])


def _activity(
    rng: np.random.Generator, spread: np.random.Generator, scenario: Scenario, n: int
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Archetypes and the personal rates of visits and comments."""
    archetypes = list(scenario.archetypes.values())
    chosen = _choice(rng, [a.share for a in archetypes], n)
    factor = spread.lognormal(-(_RATE_SIGMA**2) / 2, _RATE_SIGMA, n)
    visits = np.array([a.sessions_per_week for a in archetypes])[chosen] * factor
    comments = np.array([a.comments_per_week for a in archetypes])[chosen] * factor
    return chosen, visits, comments


def _names(rng: np.random.Generator, locale: Ints) -> list[str]:
    banks = [name_bank(name) for name in LOCALES]
    picks = rng.random(len(locale))
    return [
        banks[code][int(pick * len(banks[code]))]
        for code, pick in zip(locale.tolist(), picks.tolist(), strict=True)
    ]


def _with_pages(values: NDArray[T], pages: int, value: float) -> NDArray[T]:
    return np.concatenate([values, np.full(pages, value, dtype=values.dtype)])


def _team_of(scenario: Scenario, teams: list[str], brand: str) -> int:
    for number, name in enumerate(teams):
        if brand in scenario.care.teams[name].brands:
            return number
    return -1
