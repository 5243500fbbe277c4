"""What an action comes after holds every conflict that there is, and nothing from the future."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.engine.actions import perform
from dmsim.engine.intentions import Intention, intend
from dmsim.engine.setup import initial_state
from dmsim.engine.state import ARRAYS, State
from dmsim.population.build import build_population, plan_cells
from dmsim.population.model import Population
from dmsim.rules.resources import ACCESS, Resource
from dmsim.simulation.world import World
from dmsim.vocabulary import Action, ContentKind, Verdict, Via, Violation
from tests.engine.conflicts import Row, assert_ordered
from tests.worlds import Rows, everything

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
#: Few accounts, so that whatever a list of deeds says happens between the same ones.
PERSONS = 5
FEW = [
    f"population.persons={PERSONS}",
    "population.graph={follows_mean=2, reciprocity=0.5, contacts_mean=1, acquaintances_mean=1}",
]
#: Conversations, so that the rest has something to be about.
OFTEN = [Action.SEND_MESSAGE, Action.SHARE_CONTENT] * 5
OFTEN += [Action.ACCEPT_REQUEST, Action.OPEN_INBOX, Action.CHECK_PRESENCE, Action.MODERATE] * 3
#: What a page does to a customer.
OF_BRANDS = (
    Action.RESOLVE,
    Action.HAND_OFF,
    Action.FOLLOW_UP,
    Action.MAILING,
    Action.SPONSORED_MESSAGE,
)
#: Each choice of a deed is a number, taken modulo what there is to choose from.
DEEDS = st.lists(
    st.tuples(st.sampled_from([*Action, *OFTEN]), *[st.integers(0, 9)] * 4),
    min_size=20,
    max_size=60,
)


@pytest.mark.parametrize("device_ban", [False, True])
def test_every_conflict_in_a_lively_world_is_an_order(device_ban: bool) -> None:
    told = everything(f"policy.device_ban_stops_other_accounts={str(device_ban).lower()}")
    population = build_population(told, plan_cells(told)[0])
    sink = Rows()
    world = World(told, population, sink)
    world.run(told.time.from_us)
    world.engine.start_recording()
    world.run(told.time.until_us)
    world.engine.flush()
    rows = sink.rows()
    assert {row["action"] for row in rows} == set(Action)
    assert assert_ordered(rows, population, world.engine.policy) > 10 * len(rows)


@cache
def few(device_ban: bool) -> tuple[Population, State]:
    """Four registered persons, three of them on one device, and one who is not, on another's.

    They are at rest and recorded; the first two have made a comment.
    """
    told = everything(*FEW, f"policy.device_ban_stops_other_accounts={str(device_ban).lower()}")
    built = build_population(told, plan_cells(told)[0])
    rest = range(PERSONS, built.accounts)
    population = replace(
        built,
        age=np.array([30, 40, 17, 50, 60] + [0] * len(rest)),
        registered=np.array([True] * 4 + [False] + [True] * len(rest)),
        device=np.array([0, 0, 0, 3, 3, *rest]),
        video_author=np.array([0, 0, 1, 3], dtype=np.int32),
        video_private=np.array([False, True, False, False]),
    )
    state = initial_state(told, population, 256)
    for person, comment in enumerate(state.comments[:2]):
        comment["last_seq"] = -1
        comment["page"] = PERSONS
        comment["author"] = person
    state.control[0]["comments"] = 2
    state.control[0]["recording"] = 1
    return population, state


def fresh(state: State) -> State:
    copies: dict[str, Any] = {name: getattr(state, name).copy() for name in ARRAYS}
    return replace(state, **copies)


def deed(  # noqa: PLR0912 - one per kind of action
    population: Population, action: Action, choices: tuple[int, ...]
) -> tuple[int, Intention] | None:
    """Who does what to whom, for an action and a few numbers; none where there is no such thing."""
    who, whom, what, how = choices
    actor, target, uses = who % PERSONS, whom % (PERSONS + population.pages), -1
    content = switch = violation = until = -1
    videos = len(population.video_author)
    if action in (Action.WATCH_VIDEO, Action.REPORT_CONTENT):
        uses = what % videos
        target = int(population.video_author[uses])
    elif action == Action.CHANGE_VIDEO_PRIVACY:
        uses, switch = what % videos, how % 2
    elif action == Action.SHARE_CONTENT:
        uses, content = what % videos, ContentKind.VIDEO if how % 2 else ContentKind.SOUND
    elif action in (Action.PUBLIC_REPLY, Action.PRIVATE_REPLY):
        actor, target, uses = PERSONS, what % 2, what % 2
    elif action == Action.READ_COMMENT:
        uses = what % 2
    elif action in OF_BRANDS:
        actor, target, switch = PERSONS, whom % 2, how % 2
    elif action == Action.COMMENT:
        target = PERSONS
        uses = what % int(population.posts_per_page[0])
    elif action in (Action.MODERATE, Action.STAFF_ACCESS):
        actor, target = population.staff, whom % PERSONS
        violation, until, switch = how % len(Violation), (how + 1) * HOUR_US, what % 2
    elif action == Action.SEND_MESSAGE:
        content, violation = ContentKind.TEXT, how % len(Violation)
    elif action in (Action.ADD_STICKER_SET, Action.REMOVE_STICKER_SET, Action.REORDER_STICKER_SETS):
        uses = what
    else:
        switch = how % 2
    if Resource.PAIR not in ACCESS[action].reads and action != Action.MODERATE:
        target = -1
    if target == actor:
        return None
    setting = what % 4 if action == Action.CHANGE_SETTING else -1
    detected = int(action == Action.SEND_MESSAGE and what == 9)
    return actor, intend(
        action, Via.INBOX, target, uses, setting, content, switch, violation, detected, until
    )


Deeds = list[tuple[int, int, Intention]]


def deeds_of(population: Population, told: list[tuple[Any, ...]]) -> Deeds:
    """What happens, every ten minutes."""
    found = [deed(population, action, tuple(choices)) for action, *choices in told]
    return [(n * 10 * MINUTE_US, *done) for n, done in enumerate(found) if done is not None]


def verdicts(state: State, deeds: Deeds, order: list[int]) -> dict[int, tuple[int, int]]:
    """What the kernel says of each deed when they come in an order, each at its own time."""
    state = fresh(state)
    found = {}
    for number in order:
        at, actor, intention = deeds[number]
        state.control[0]["now"] = at
        found[number] = perform(state, actor, intention)
    return found


def rows_of(state: State, deeds: Deeds) -> list[Row]:
    """The rows of deeds in their own order."""
    state, sink = fresh(state), Rows()
    for at, actor, intention in deeds:
        state.control[0]["now"] = at
        perform(state, actor, intention)
    control = state.control[0]
    sink(state.rows[: int(control["rows"])], state.afters[: int(control["afters"])], 0)
    return sink.rows()


@settings(max_examples=100, deadline=None)
@given(told=DEEDS, device_ban=st.booleans())
def test_whatever_happens_every_conflict_is_an_order(
    told: list[tuple[Any, ...]], device_ban: bool
) -> None:
    population, state = few(device_ban)
    assert_ordered(rows_of(state, deeds_of(population, told)), population, state.policy)


def allowed_order(rows: list[Row], chance: random.Random) -> list[int]:
    """A random order in which every row comes after all that it must come after."""
    left, done, order = list(range(len(rows))), set[int](), []
    while left:
        free = [number for number in left if done.issuperset(rows[number]["after"])]
        number = chance.choice(free)
        left.remove(number)
        done.add(number)
        order.append(number)
    return order


@settings(max_examples=100, deadline=None)
@given(told=DEEDS, device_ban=st.booleans(), chance=st.randoms(use_true_random=False))
def test_any_allowed_order_gives_the_same_verdicts(
    told: list[tuple[Any, ...]], device_ban: bool, chance: random.Random
) -> None:
    population, state = few(device_ban)
    deeds = deeds_of(population, told)
    order = allowed_order(rows_of(state, deeds), chance)
    assert verdicts(state, deeds, order) == verdicts(state, deeds, list(range(len(deeds))))


def test_among_such_deeds_there_is_every_verdict() -> None:
    population, state = few(True)
    chance = random.Random(1)
    seen: Counter[int] = Counter()
    for _ in range(100):
        told = [
            (chance.choice([*Action, *OFTEN]), *(chance.randrange(10) for _ in range(4)))
            for _ in range(60)
        ]
        rows = rows_of(state, deeds_of(population, told))
        assert_ordered(rows, population, state.policy)
        seen.update(row["verdict"] for row in rows)
    assert set(seen) == set(Verdict)
