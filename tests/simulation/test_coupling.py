"""The kernel in steps between SimPy's events lives exactly as one event after another."""

from collections import Counter
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmsim.population.build import build_population, plan_cells
from dmsim.simulation.world import World
from dmsim.vocabulary import Action, Reason, Via
from tests.simulation.single_heap import SingleHeap
from tests.worlds import Rows, everything

#: Mean handling times from instants, where many things happen in the same µs, to hours.
MEANS = ["1us", "3us", "1ms", "1s", "60s", "20m", "2h"]
#: Nobody on duty at all, everybody always, or shifts that begin and end while much happens.
SHIFTS = [
    "{}",
    '{day = {from = "13:05", until = "13:20", moderators = 2}}',
    '{a = {from = "13:00", until = "13:10", moderators = 1}, '
    'b = {from = "13:10", until = "13:00", moderators = 2}}',
]
#: The same of the care team.
ROSTERS = [
    "{}",
    '{day = {from = "13:05", until = "13:20", agents = 2, '
    'breaks = [{at = "13:10", lasts = "2m"}]}, '
    'night = {from = "13:15", until = "13:02", agents = 1}}',
]
WORK_TIMES = ("public_reply", "private_reply", "answer", "triage")


def rows_of(
    make: type[World] | type[SingleHeap], overrides: list[str], seed: int
) -> list[dict[str, Any]]:
    scenario = everything("time.warm_up=5m", "time.record=20m", *overrides, seed=seed)
    population = build_population(scenario, plan_cells(scenario)[0])
    rows = Rows()
    world = make(scenario, population, rows)
    world.run(scenario.time.from_us)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    return rows.rows()


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1 << 40),
    agents=st.integers(1, 4),
    means=st.tuples(*[st.sampled_from(MEANS)] * 5),
    threads=st.integers(1, 3),
    roster=st.sampled_from(ROSTERS),
    patience=st.sampled_from(["1us", "30s", "20m"]),
    moderators=st.integers(0, 3),
    shifts=st.sampled_from(SHIFTS),
    delay=st.sampled_from(["0us", "1us", "2us", "2s"]),
    think=st.sampled_from(["1us", "2us", "10s"]),
)
@example(1, 1, ("1us",) * 5, 3, ROSTERS[0], "1us", 1, SHIFTS[0], "1us", "1us")
@example(2, 3, ("20m", "1us", "20m", "3us", "1s"), 1, ROSTERS[1], "30s", 2, SHIFTS[0], "0us", "10s")
@example(
    3, 1, ("1us", "1us", "1us", "1us", "20m"), 2, ROSTERS[0], "1us", 0, SHIFTS[2], "1us", "2us"
)
def test_kernel_and_simpy_together_equal_a_single_heap(
    seed: int,
    agents: int,
    means: tuple[str, ...],
    threads: int,
    roster: str,
    patience: str,
    moderators: int,
    shifts: str,
    delay: str,
    think: str,
) -> None:
    # Short and constant times make persons and staff meet in the same µs.
    overrides = [f"behaviour.think_time_median={think}", "behaviour.think_time_sigma=0"]
    overrides += ["behaviour.visit_delay_median=1us", f"moderation.automatic_delay={delay}"]
    overrides += [f"moderation.moderators={moderators}", f"moderation.shifts={shifts}"]
    overrides += [f"moderation.review={means[4]}", "brands.shop.followers=0.9"]
    overrides += [f"care.teams.shop.agents={agents}", f"care.teams.shop.threads={threads}"]
    overrides += [f"care.teams.shop.roster={roster}", "care.teams.shop.slips=0.3"]
    overrides += [f"care.customers.patience={patience}", "care.customers.escalates=0.8"]
    overrides += [f"care.customers.thread_patience={patience}", "care.teams.shop.follow_up=1us"]
    overrides += ["care.customers.leaves_silently=0.5"]
    overrides += ["care.teams.shop.personalise=0s"]
    for field, mean in zip(WORK_TIMES, means, strict=False):
        overrides.append(f"care.teams.shop.{field}={mean}")
    coupled = rows_of(World, overrides, seed)
    reference = rows_of(SingleHeap, overrides, seed)
    assert coupled == reference


def test_the_staff_act_in_the_recorded_window() -> None:
    rows = rows_of(World, ["time.record=40m"], 1)
    seen = Counter((row["action"], row["via"]) for row in rows)
    assert seen[Action.COMMENT, Via.FEED] > 20
    assert seen[Action.PUBLIC_REPLY, Via.CARE_DESK] > 20
    assert seen[Action.PRIVATE_REPLY, Via.CARE_DESK] > 20
    assert seen[Action.MODERATE, Via.AUTOMATIC] > 20
    assert seen[Action.MODERATE, Via.MODERATION] > 20
    assert seen[Action.STAFF_ACCESS, Via.MODERATION] > 20
    assert sum(row["reason"] == Reason.SENDER_SANCTIONED for row in rows) > 20
