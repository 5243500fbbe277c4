"""From a scenario to the population of one cell."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from dmsim.population import streams, traits
from dmsim.population.edge_list import read_edge_list
from dmsim.population.follows import follow_edges
from dmsim.population.graph import (
    acquaintance_edges,
    adjacency,
    contact_edges,
    page_edges,
)
from dmsim.population.model import Adjacency, Population
from dmsim.population.persons import Persons, Streams, make_persons
from dmsim.population.streams import ARRIVALS, stream
from dmsim.population.texts import text_bank
from dmsim.scenario import Scenario
from dmsim.vocabulary import Kind, Platform, Setting

__all__ = ["ARRIVALS", "STAFF_NAME", "CellPlan", "build_population", "plan_cells", "stream"]

#: The name of the account by which the platform's moderators act.
STAFF_NAME = "moderation"

_PRIVATE_VIDEOS = 0.1


@dataclass(frozen=True)
class CellPlan:
    """Which part of the scenario lives in a cell."""

    cell: int
    first_account: int
    first_post: int
    persons: int
    brands: list[str]


def plan_cells(scenario: Scenario) -> list[CellPlan]:
    """Split persons evenly; all brands of a care team stay together, the rest go round.

    Every cell has one account more than persons and brands: its moderation team's.
    """
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
        account += persons + len(brands[cell]) + 1
        post += sum(scenario.brands[brand].posts for brand in brands[cell])
    return plans


def build_population(scenario: Scenario, plan: CellPlan) -> Population:
    """Make the accounts of a cell, their graphs, settings, videos and past."""

    def rng(purpose: int) -> np.random.Generator:
        return stream(scenario.seed, plan.cell, purpose)

    persons, pages = make_persons(scenario, rng, plan.persons), len(plan.brands)
    brands = [scenario.brands[brand] for brand in plan.brands]
    follows, contacts, acquaintances = _graphs(scenario, plan, rng)
    teams = [
        name for name, team in scenario.care.teams.items() if set(team.brands) & set(plan.brands)
    ]
    videos = traits.video_authors(
        rng(streams.VIDEOS), scenario, persons.registered, persons.archetype
    )
    kinds = [Kind.PERSON.value] * plan.persons + [Kind.BRAND.value] * pages + [Kind.STAFF.value]
    business = [brand.messages_per_week for brand in brands]
    return Population(
        cell=plan.cell,
        first_account=plan.first_account,
        first_post=plan.first_post,
        persons=plan.persons,
        pages=pages,
        kind=np.array(kinds, dtype=np.int64),
        **_with_the_rest(scenario, persons, pages),
        until=np.full(plan.persons + pages + 1, -1, dtype=np.int64),
        names=[*traits.names(rng(streams.NAMES), persons.locale), *plan.brands, STAFF_NAME],
        business_per_week=np.array([0.0] * plan.persons + business + [0.0]),
        follows=follows,
        contacts=contacts,
        acquaintances=acquaintances,
        video_author=videos,
        video_private=rng(streams.PRIVACY).random(len(videos)) < _PRIVATE_VIDEOS,
        posts_per_page=np.array([brand.posts for brand in brands], dtype=np.int64),
        teams=teams,
        team_of_page=np.array([_team_of(scenario, teams, b) for b in plan.brands], dtype=np.int64),
        texts=text_bank(),
    )


def _graphs(
    scenario: Scenario, plan: CellPlan, rng: Streams
) -> tuple[Adjacency, Adjacency, Adjacency]:
    """Follows (of pages as well), contacts and acquaintances."""
    n, accounts = plan.persons, plan.persons + len(plan.brands) + 1
    told = scenario.population.graph
    if told.edges is None:
        edges = follow_edges(rng(streams.FOLLOWS), n, told)
    else:
        edges = read_edge_list(Path(told.edges), n).edges
    shares = [scenario.brands[brand].followers for brand in plan.brands]
    to_pages = page_edges(rng(streams.PAGES), n, shares)
    both = np.concatenate([edges[0], to_pages[0]]), np.concatenate([edges[1], to_pages[1]])
    contacts = contact_edges(rng(streams.CONTACTS), n, told.contacts_mean, edges)
    suggested = acquaintance_edges(rng(streams.ACQUAINTANCES), n, told.acquaintances_mean, edges)
    return adjacency(both, accounts), adjacency(contacts, accounts), adjacency(suggested, accounts)


def _with_the_rest(scenario: Scenario, persons: Persons, pages: int) -> dict[str, Any]:
    """The persons' arrays, each followed by what pages and the staff have in that place."""
    policy = scenario.rule_policy()
    told: dict[str, int] = {
        "registered": True,
        "joined": scenario.time.start - traits.OLDEST_US,
        "setting": Setting.EVERYONE.value,
        "everyone_offered": True,
        "read_status": policy.read_status_of_adults,
        "filter_requests": policy.filter_by_default,
        "notifications": True,
        "ward": -1,
        "platform": Platform.WEB.value,
        "archetype": -1,
    }
    whole: dict[str, Any] = {}
    for field in fields(Persons):
        values = getattr(persons, field.name)
        rest = np.full(pages + 1, told.get(field.name, 0), dtype=values.dtype)
        whole[field.name] = np.concatenate([values, rest])
    first = len(persons.device)
    whole["device"][first:] = np.arange(first, first + pages + 1)
    return whole


def _team_of(scenario: Scenario, teams: list[str], brand: str) -> int:
    for number, name in enumerate(teams):
        if brand in scenario.care.teams[name].brands:
            return number
    return -1
