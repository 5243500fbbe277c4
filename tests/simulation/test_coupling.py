from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmsim.population.build import build_population, plan_cells
from dmsim.simulation.world import World
from tests.simulation.single_heap import SingleHeap
from tests.worlds import Rows, small

#: Mean handling times from instants, where many things happen in the same µs, to hours.
MEANS = ["1us", "3us", "1ms", "1s", "60s", "20m", "2h"]


def rows_of(
    make: type[World] | type[SingleHeap], overrides: list[str], seed: int
) -> list[dict[str, Any]]:
    scenario = small(*overrides, seed=seed)
    population = build_population(scenario, plan_cells(scenario)[0])
    rows = Rows()
    world = make(scenario, population, rows)
    world.run(scenario.time.from_us)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    return rows.rows()


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 1 << 40),
    agents=st.integers(1, 4),
    means=st.tuples(*[st.sampled_from(MEANS)] * 3),
    turns=st.integers(0, 3),
    think=st.sampled_from(["1us", "2us", "10s"]),
)
@example(seed=1, agents=1, means=("1us", "1us", "1us"), turns=3, think="1us")
@example(seed=2, agents=3, means=("20m", "1us", "20m"), turns=1, think="10s")
def test_kernel_and_simpy_together_equal_a_single_heap(
    seed: int, agents: int, means: tuple[str, ...], turns: int, think: str
) -> None:
    overrides = [f"archetypes.{name}.comments_per_week=60" for name in ("ordinary", "teenager")]
    # Short and constant times make persons and staff meet in the same µs.
    overrides += [f"behaviour.think_time_median={think}", "behaviour.think_time_sigma=0"]
    overrides += ["behaviour.visit_delay_median=1us", "archetypes.ordinary.new_conversation=0.4"]
    overrides += [f"brands.{brand}.followers=0.9" for brand in ("beauty", "bank", "eyewear")]
    for team in ("beauty", "services"):
        key = f"care.teams.{team}"
        overrides += [f"{key}.agents={agents}", f"{key}.turns={turns}"]
        for field, mean in zip(("public_reply", "private_reply", "answer"), means, strict=True):
            overrides.append(f"{key}.{field}={mean}")
    coupled = rows_of(World, overrides, seed)
    reference = rows_of(SingleHeap, overrides, seed)
    assert coupled == reference


def test_care_teams_answer_in_the_recorded_window() -> None:
    kinds = {
        row["action"] for row in rows_of(World, ["archetypes.ordinary.comments_per_week=60"], 1)
    }
    assert {11, 12, 13} <= kinds
