"""Where cells are simulated: one in this process, several side by side in others."""

import multiprocessing
import os
import queue
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from dmsim.errors import InvalidRunError
from dmsim.population.build import CellPlan
from dmsim.scenario import Scenario
from dmsim.simulation.cell import CellResult, simulate_cell
from dmsim.simulation.children import end_with_parent, withheld_from_children

_reports: "multiprocessing.Queue[int] | None" = None


def run_cells(
    scenario: Scenario, plans: list[CellPlan], folder: Path, report: Callable[[int], None]
) -> list[CellResult]:
    """Simulate all cells; results in the order of the cells, whatever the machine."""
    if len(plans) == 1:
        return [simulate_cell(scenario, plans[0], folder, report)]
    # Fresh interpreters: a fork would inherit the state of thread pools that are running.
    context = multiprocessing.get_context("spawn")
    with withheld_from_children():  # here from the process that Python keeps beside the workers
        reports: multiprocessing.Queue[int] = context.Queue()
    workers = min(len(plans), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, context, _start_worker, (reports,)) as executor:
        try:
            with withheld_from_children():
                futures = [executor.submit(_simulate, scenario, plan, folder) for plan in plans]
            _relay(reports, futures, report)
            return [future.result() for future in futures]
        except BaseException as error:
            executor.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            if isinstance(error, BrokenProcessPool):
                raise InvalidRunError(
                    "a simulation process died (out of memory?); lower population.persons"
                ) from None
            raise


def _start_worker(reports: "multiprocessing.Queue[int]") -> None:
    global _reports  # noqa: PLW0603 - what a pool's initializer hands to its tasks
    _reports = reports
    end_with_parent()


def _simulate(scenario: Scenario, plan: CellPlan, folder: Path) -> CellResult:
    assert _reports is not None
    return simulate_cell(scenario, plan, folder, _reports.put)


def _relay(
    reports: "multiprocessing.Queue[int]",
    futures: list[Future[CellResult]],
    report: Callable[[int], None],
) -> None:
    while not all(future.done() for future in futures):
        try:
            report(reports.get(timeout=0.1))
        except queue.Empty:
            continue
