"""From a scenario to a trace."""

import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import dmsim
from dmsim.care.routing import find_routing
from dmsim.population.build import CellPlan, plan_cells
from dmsim.population.texts import text_bank
from dmsim.progress import Progress, Silent
from dmsim.scenario import Scenario
from dmsim.simulation.cell import CellResult, tables_folder
from dmsim.simulation.compiling import compile_kernel
from dmsim.simulation.executor import run_cells
from dmsim.simulation.initial import text_table
from dmsim.simulation.totals import reach_totals
from dmsim.trace.digest import combine, digest_of
from dmsim.trace.manifest import Manifest
from dmsim.trace.schema import INITIAL, RESULTS, TEXTS, Table
from dmsim.trace.writer import new_trace, write_manifest, write_table

_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class SimulationResult:
    """A trace that was written, and how long its making took (``seconds`` by stage)."""

    path: Path
    digest: str
    actions: int
    by_action: dict[str, int]
    seconds: dict[str, float]


def simulate(
    scenario: Scenario, out: Path, progress: Progress | None = None, *, force: bool = False
) -> SimulationResult:
    """Simulate a scenario and write its trace to the folder ``out``.

    Raises:
        UsageError: ``out`` exists already and ``force`` is not given, or a team's routing is no
            function.
    """
    for name, team in scenario.care.teams.items():
        find_routing(name, team.routing)
    plans = plan_cells(scenario)
    progress = progress or Silent()
    started = time.perf_counter()
    minutes = (scenario.time.until_us - scenario.time.start) / _MINUTE_US
    with new_trace(out, force=force) as folder:
        with progress.stage("compile", None, ""):
            compile_kernel(scenario)
        scenario = reach_totals(scenario, progress)
        compiled = time.perf_counter()
        with progress.stage("simulate", minutes * len(plans), "min") as stage:
            cells = run_cells(
                scenario, plans, folder, lambda passed: stage.advance(passed / _MINUTE_US)
            )
        simulated = time.perf_counter()
        manifest = _finish(scenario, plans, cells, folder)
        write_manifest(folder, manifest)
    return SimulationResult(
        path=out,
        digest=manifest.digest,
        actions=manifest.actions,
        by_action=manifest.by_action,
        seconds={
            "compile": compiled - started,
            "simulate": simulated - compiled,
            "write": time.perf_counter() - simulated,
        },
    )


def _finish(
    scenario: Scenario, plans: list[CellPlan], cells: list[CellResult], folder: Path
) -> Manifest:
    """Put the cells' shares of the tables together and say what the trace holds."""
    digests: list[bytes] = []
    counts: dict[str, int] = {}

    def add(table: Table, frame: pl.DataFrame) -> None:
        write_table(folder, table, frame)
        digests.append(digest_of(frame))
        counts[table.path] = frame.height

    for table in (*INITIAL, *RESULTS):
        files = [tables_folder(folder, plan.cell) / table.path for plan in plans]
        add(table, pl.concat([pl.read_parquet(file) for file in files]))
    shutil.rmtree(folder / ".cells")
    add(TEXTS, text_table(text_bank()))
    by_action: Counter[str] = Counter()
    for cell in cells:
        by_action.update(cell.by_action)
        digests.append(cell.digest)
    return Manifest(
        dmsim_version=dmsim.__version__,
        scenario=scenario.to_dict(),
        policy=scenario.rule_policy()._asdict(),
        seed=scenario.seed,
        cells=len(plans),
        from_us=scenario.time.from_us,
        until_us=scenario.time.until_us,
        actions=sum(by_action.values()),
        counts=counts,
        by_action=dict(sorted(by_action.items())),
        digest=combine(digests),
    )
