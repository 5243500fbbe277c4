"""The kernel's arrays for a population at rest, before anything has happened."""

import numpy as np
from numpy.typing import NDArray

from dmsim.engine import draws
from dmsim.engine.state import (
    ACCOUNT,
    ARCHETYPE,
    COMMENT,
    CONTROL,
    ENTRY,
    MAIL,
    PAGE,
    PAIR,
    ROW,
    TEAM,
    Records,
    State,
)
from dmsim.population.model import Population
from dmsim.scenario import Scenario
from dmsim.vocabulary import Kind


def initial_state(scenario: Scenario, population: Population, rows: int) -> State:
    """Allocate and fill everything; ``rows`` is the size of the row buffer."""
    persons = population.persons
    pairs = 1 << max(10, (4 * persons).bit_length())
    return State(
        control=_control(scenario, population),
        accounts=_accounts(population),
        pairs=np.zeros(pairs // 2, dtype=PAIR),
        slots=np.full(pairs, -1, dtype=np.int32),
        links=population.follows.targets,
        contacts=population.contacts.targets,
        pages=_pages(population),
        teams=np.zeros(max(1, len(population.teams)), dtype=TEAM),
        comments=np.zeros(1024, dtype=COMMENT),
        archetypes=_archetypes(scenario),
        heap=np.zeros(max(1024, persons), dtype=ENTRY),
        arrivals=np.zeros(0, dtype=np.int64),
        mail=np.zeros(1024, dtype=MAIL),
        rows=np.zeros(rows, dtype=ROW),
        afters=np.zeros(4 * rows, dtype=np.int64),
        durations=_durations(scenario),
        sessions=np.stack(
            [draws.geometric_table(a.actions_per_session) for a in scenario.archetypes.values()]
        ),
        banks=population.texts.banks,
        policy=scenario.rule_policy(),
    )


def _control(scenario: Scenario, population: Population) -> Records:
    control = np.zeros(1, dtype=CONTROL)
    behaviour = scenario.behaviour
    stream = np.random.SeedSequence(scenario.seed, spawn_key=(population.cell,))
    control["key"] = int(stream.generate_state(1, np.uint32)[0])
    control["now"] = scenario.time.start
    control["persons"] = population.persons
    control["notified_visit"] = _threshold(behaviour.notified_visit)
    followed = behaviour.addressees.followed
    control["addressee_followed"] = _threshold(followed)
    control["addressee_contact"] = _threshold(followed + behaviour.addressees.contacts)
    return control


def _accounts(population: Population) -> Records:
    accounts = np.zeros(population.accounts, dtype=ACCOUNT)
    for name, graph in (("follow", population.follows), ("contact", population.contacts)):
        accounts[f"{name}_start"] = graph.start[:-1]
        accounts[f"{name}s"] = np.diff(graph.start)
    for field in ("settings_seq", "unread_head", "requests_head", "readers_head"):
        accounts[field] = -1
    accounts["focus"] = -1
    accounts["last_blocked"] = -1
    accounts["kind"][population.persons :] = Kind.BRAND.value
    for field in ("age", "registered", "setting", "archetype", "locale", "platform"):
        accounts[field] = getattr(population, field)
    return accounts


def _pages(population: Population) -> Records:
    pages = np.zeros(max(1, population.pages), dtype=PAGE)
    posts = population.posts_per_page
    pages["posts"][: population.pages] = posts
    pages["first_post"][: population.pages] = np.cumsum(posts) - posts
    pages["team"][: population.pages] = population.team_of_page
    return pages


def _archetypes(scenario: Scenario) -> Records:
    table = np.zeros(len(scenario.archetypes), dtype=ARCHETYPE)
    for record, archetype in zip(table, scenario.archetypes.values(), strict=True):
        for field in ("reply", "accept_request", "delete_request", "block_requester"):
            record[field] = _threshold(getattr(archetype, field))
        total = 0.0
        for field, chance in (
            ("choose_message", archetype.new_conversation),
            ("choose_setting", archetype.change_setting),
            ("choose_follow", archetype.follow),
            ("choose_unfollow", archetype.unfollow),
            ("choose_block", archetype.block),
            ("choose_unblock", archetype.unblock),
        ):
            total += chance
            record[field] = _threshold(total)
    return table


def _durations(scenario: Scenario) -> NDArray[np.int64]:
    """Quantile tables in the order of ``actions.THINK_TIMES`` and ``actions.VISIT_DELAYS``."""
    b = scenario.behaviour
    return np.stack(
        [
            draws.lognormal_table(b.think_time_median, b.think_time_sigma),
            draws.lognormal_table(b.visit_delay_median, b.visit_delay_sigma),
        ]
    )


def _threshold(probability: float) -> int:
    return round(min(1.0, probability) * draws.SCALE)
