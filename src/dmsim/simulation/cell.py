"""Simulating one cell and writing its part of the trace."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dmsim.engine.state import Records
from dmsim.population.build import CellPlan, build_population
from dmsim.scenario import Scenario
from dmsim.simulation.initial import initial_tables
from dmsim.simulation.rows import rows_to_frame
from dmsim.simulation.world import World
from dmsim.trace.writer import ActionWriter, write_table

#: How much simulated time passes between two reports of progress.
_REPORT_US = 300 * 1_000_000


@dataclass(frozen=True)
class CellResult:
    """What a cell has put into the trace."""

    cell: int
    by_action: dict[str, int]
    digest: bytes


def tables_folder(folder: Path, cell: int) -> Path:
    """Where a cell leaves its share of the tables until all are put together."""
    return folder / ".cells" / str(cell)


def simulate_cell(
    scenario: Scenario, plan: CellPlan, folder: Path, report: Callable[[int], None]
) -> CellResult:
    """Warm up, write the state, record, write what became of cases and staff.

    ``report`` is told of simulated µs that have passed.
    """
    writer = ActionWriter(folder, plan.cell)
    population = build_population(scenario, plan)

    def write(rows: Records, afters: NDArray[np.int64], first: int) -> None:
        writer.write(rows_to_frame(rows, afters, first, population))

    world = World(scenario, population, write)
    _live(world, scenario.time.start, scenario.time.from_us, report)
    for table, frame in initial_tables(scenario, population, world.engine.state).items():
        write_table(tables_folder(folder, plan.cell), table, frame)
    world.engine.start_recording()
    _live(world, scenario.time.from_us, scenario.time.until_us, report)
    world.engine.flush()
    for table, frame in world.results().items():
        write_table(tables_folder(folder, plan.cell), table, frame)
    return CellResult(plan.cell, writer.by_action, writer.digest())


def _live(world: World, start: int, end: int, report: Callable[[int], None]) -> None:
    for now in range(start, end, _REPORT_US):
        until = min(end, now + _REPORT_US)
        world.run(until)
        report(until - now)
