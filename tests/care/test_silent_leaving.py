"""Customers who leave a thread without a word: agents answer them, and nobody reads it."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.care.alone import run_alone
from dmsim.care.volumes import Inbound
from dmsim.population.build import build_population, plan_cells
from dmsim.scenario.units import HOUR_US, MINUTE_US
from dmsim.simulation.world import World
from dmsim.vocabulary import Action
from tests.care.desk_work import Room
from tests.care.queues import queue
from tests.worlds import Rows, everything

NOON = 12 * HOUR_US
#: All lose patience with the thread before anybody is there to answer.
NOBODY_THERE = [
    'team.roster={late={from="18:00", until="24:00", agents=1}}',
    "care.customers.thread_patience=1m",
]
#: What comes next in a thread.
WORDS = (Action.SEND_MESSAGE, Action.PRIVATE_REPLY, Action.FOLLOW_UP)
#: An answer that was sent, and read by nobody.
TO_NOBODY = pl.col("answered").is_null() & (pl.col("turns") > 0)


class Messages:
    """Many more messages than the agents can answer in time, at a constant rate."""

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        hours = (window[1] - window[0]) / HOUR_US
        number = rng.poisson(110 * hours) if kind == "messages" else 0
        return np.sort(rng.integers(*window, number))


def overloaded(folder: Path, share: float, *more: str) -> tuple[pl.DataFrame, float]:
    """The cases, and the occupancy, if so many of those who leave say nothing."""
    told = queue(folder, f"care.customers.leaves_silently={share}", *more, agents=5, patience="5m")
    cases, staff = run_alone(told, volumes=Messages())
    return cases, float(staff.select(pl.sum("busy") / pl.sum("present")).item())


def test_who_leaves_without_a_word_is_answered_as_if_he_were_there() -> None:
    room = Room("care.customers.thread_patience=1m", "care.customers.leaves_silently=1")
    room.message(NOON, person=8)
    room.message(NOON + 1, person=9)
    room.message(NOON + 2, person=10)
    room.run()
    assert [(act.at - NOON, act.person) for act in room.did("answer")] == [
        (3 * MINUTE_US, 8),
        (6 * MINUTE_US, 9),
        (9 * MINUTE_US, 10),
    ]
    left = room.cases()[1]
    assert (left["turns"], left["answered"], left["ending"]) == (1, None, "silent")
    assert [act.person for act in room.did("resolve")] == [8]


def test_who_has_left_without_a_word_is_reminded_in_vain() -> None:
    room = Room(*NOBODY_THERE, "care.customers.leaves_silently=1", "team.follow_up=1h")
    room.message(NOON)
    case = room.run().case()
    assert [act.what for act in room.did("answer", "follow_up")] == ["answer", "follow_up"]
    assert (case["turns"], case["ending"]) == (1, "silent")


def test_who_has_left_without_a_word_may_still_turn_to_the_public() -> None:
    room = Room(
        *NOBODY_THERE, "care.customers.leaves_silently=1",
        "care.customers.escalates=1", "care.customers.patience=10m",
    )  # fmt: skip
    room.message(NOON)
    room.run(18 * HOUR_US)
    assert len(room.did("escalate")) == 1


def silent_of_200(share: float) -> set[int]:
    room = Room(*NOBODY_THERE, f"care.customers.leaves_silently={share}", "time.record=2d")
    for person in range(200):
        room.message(NOON, person)
    assert len(room.run().cases()) == 200
    return {case["person"] for case in room.cases() if case["ending"] != "abandoned"}


def test_a_greater_share_adds_silent_leavers_to_the_same_ones() -> None:
    none, some, more = (silent_of_200(share) for share in (0.0, 0.3, 0.6))
    assert not none
    assert some < more
    assert 40 < len(some) < 80
    assert 100 < len(more) < 140


def test_silent_leavers_keep_their_places_in_the_queue(tmp_path: Path) -> None:
    """Whoever left still does, for the queue is never shorter; nobody is seen to leave any more."""
    seen, busy = overloaded(tmp_path, 0.0)
    silent, busier = overloaded(tmp_path, 1.0)
    left = set(seen.filter(ending="abandoned")["person"])
    to_nobody = set(silent.filter(TO_NOBODY)["person"])
    waiting = set(silent.filter(turns=0)["person"])
    assert silent.filter(ending="abandoned").is_empty()
    assert len(left) > 200
    assert left < to_nobody | waiting
    assert len(to_nobody) > len(left)
    assert busy + 0.02 < busier <= 1


def test_who_has_left_without_a_word_writes_no_more(tmp_path: Path) -> None:
    talkative = ["care.customers.answers=1", "care.teams.team.turns=4"]
    cases, _ = overloaded(tmp_path, 1.0, *talkative, "care.teams.team.follow_up=1h")
    told = cases.filter(TO_NOBODY)
    assert told.height > 100
    assert told["turns"].to_list() == [1] * told.height
    assert not set(told["ending"]) & {"resolved", "abandoned"}
    # Neither does he begin another case.
    assert cases["person"].is_unique().all()


def test_in_a_population_a_silent_leaver_does_not_answer_the_answer() -> None:
    # All answer what brands ask, and begin nothing themselves.
    calm = [
        f"archetypes.{name}.{what}=0"
        for name in ("curious", "unruly", "careful")
        for what in ("reply", "new_conversation", "persist")
    ]
    told = everything(
        "time.warm_up=0s", "time.record=5h", "population.persons=600", "care.customers.answers=1",
        "care.teams.shop.agents=1", "care.teams.shop.turns=3", "brands.shop.followers=0.9",
        "care.customers.thread_patience=1m", "care.customers.leaves_silently=1", *calm,
    )  # fmt: skip
    rows = Rows()
    world = World(told, build_population(told, plan_cells(told)[0]), rows)
    world.engine.start_recording()
    world.run(told.time.until_us)
    world.engine.flush()
    words = [row for row in rows.rows() if row["action"] in WORDS]
    cases = pl.concat([team.cases() for team in world.teams])

    def answers_back(case: dict[str, int]) -> bool:
        """Whether the next word after the answer is the person's."""
        both = {case["page"], case["person"]}
        talk = [row for row in words if {row["actor"], row["target"]} == both]
        after = [row["actor"] for row in talk if row["at"] > case["returned"]]
        return case["person"] in after[after.index(case["page"]) :][1:2]

    to_nobody = cases.filter(TO_NOBODY)
    assert to_nobody.height > 10
    assert to_nobody["turns"].to_list() == [1] * to_nobody.height
    assert not any(answers_back(case) for case in to_nobody.to_dicts())
