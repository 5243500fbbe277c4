"""Actions per second of process time: the kernel, the kernel with care teams, plain SimPy.

    python benchmarks/bench_kernel.py

Compilation is done before anything is timed. Ratios within one run can be believed, the absolute
figures depend on the machine and its neighbours. The last line is one JSON object.
"""

import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dmsim.engine.state import Records
from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import Scenario, load_scenario
from dmsim.simulation import simulate
from dmsim.simulation.world import World
from plain_simpy import PlainWorld

SCENARIO = load_scenario("quickstart")
STAFF = [f"care.teams.{team}.agents=200" for team in SCENARIO.care.teams]
#: Nothing that brings in the moderators, and no brand that writes unprompted.
PEACE = [
    f"archetypes.{name}.{key}=0"
    for name in SCENARIO.archetypes
    for key in ("violation", "report_request", "report_account", "report_content")
]
PEACE += [f"brands.{brand}.messages_per_week=0" for brand in SCENARIO.brands]
NOBODY = [*PEACE, *(f"brands.{brand}.followers=0" for brand in SCENARIO.brands)]
#: Few of the actions reach a page: about one in five hundred.
FEW = [*PEACE, *(f"brands.{brand}.followers=0.004" for brand in SCENARIO.brands)]


def scenario(persons: int, hours: int, *changes: str) -> Scenario:
    sizes = [f"population.persons={persons}", "time.warm_up=1h", f"time.record={hours}h"]
    return load_scenario("quickstart", None, [*sizes, *STAFF, *changes])


def timed(work: Callable[[], int]) -> tuple[int, float]:
    """Actions, and actions per second of process time."""
    began = time.process_time()
    actions = work()
    return actions, actions / (time.process_time() - began)


def kernel(told: Scenario) -> tuple[int, float, float]:
    """Recording into buffers that are thrown away; also the share of actions that reach pages."""
    population = build_population(told, plan_cells(told)[0])
    reached = 0

    def count(rows: Records, *_: object) -> None:
        nonlocal reached
        reached += int((rows["target"] >= population.persons).sum())

    world = World(told, population, count)
    world.run(told.time.from_us)
    world.engine.start_recording()
    before = world.engine.actions

    def live() -> int:
        world.run(told.time.until_us)
        return world.engine.actions - before

    actions, rate = timed(live)
    world.engine.flush()
    return actions, rate, reached / actions


def plain(told: Scenario) -> tuple[int, float]:
    world = PlainWorld(told, build_population(told, plan_cells(told)[0]))

    def live() -> int:
        world.run(told.time.until_us)
        return len(world.rows)

    return timed(live)


def with_trace(told: Scenario, folder: Path) -> tuple[int, float]:
    """From the scenario to the written trace; rows per second over the recorded part."""
    return timed(lambda: simulate(told, folder / "trace").actions)


def main() -> None:
    kernel(scenario(500, 1))
    figures: dict[str, float] = {}
    for name, persons, hours, changes in (
        ("kernel, cell of 20 000", 20_000, 24, NOBODY),
        ("kernel, cell of 100 000", 100_000, 6, NOBODY),
        ("few reach a page, cell of 100 000", 100_000, 6, FEW),
        ("many reach a page, cell of 100 000", 100_000, 6, PEACE),
        ("all rules, abuse as in the scenario", 100_000, 6, []),
    ):
        actions, rate, coupled = kernel(scenario(persons, hours, *changes))
        figures[name] = rate
        print(f"{name:36} {actions:>10,} actions {rate / 1e6:6.2f} M/s  {coupled:7.2%} to pages")
    with tempfile.TemporaryDirectory() as folder:
        actions, rate = with_trace(scenario(100_000, 12, *FEW), Path(folder))
    figures["with trace"] = rate
    print(f"{'trace written, cell of 100 000':36} {actions:>10,} actions {rate / 1e6:6.2f} M/s")
    actions, rate = plain(scenario(20_000, 2, *NOBODY))
    figures["plain"] = rate
    print(f"{'plain SimPy, 20 000 persons':36} {actions:>10,} actions {rate / 1e6:6.2f} M/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {
        "kernel_100k_per_s": round(figures["few reach a page, cell of 100 000"]),
        "all_rules_100k_per_s": round(figures["all rules, abuse as in the scenario"]),
        "kernel_20k_per_s": round(figures["kernel, cell of 20 000"]),
        "trace_per_s": round(figures["with trace"]),
        "plain_simpy_per_s": round(rate),
        "ratio_kernel_plain": round(figures["kernel, cell of 20 000"] / rate, 1),
        "ratio_trace_plain": round(figures["with trace"] / rate, 1),
        "peak_mib": round(peak),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
