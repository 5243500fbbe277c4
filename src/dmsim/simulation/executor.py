"""Where cells are simulated: one in this process, several side by side in others."""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from dmsim.errors import ExitCode, InvalidRunError
from dmsim.population.build import CellPlan
from dmsim.scenario import Scenario
from dmsim.simulation.cell import CellResult, simulate_cell

Handler = Callable[[int, FrameType | None], object]

_FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)

_reports: "multiprocessing.Queue[int] | None" = None


def run_cells(
    scenario: Scenario, plans: list[CellPlan], folder: Path, report: Callable[[int], None]
) -> list[CellResult]:
    """Simulate all cells; results in the order of the cells, whatever the machine."""
    if len(plans) == 1:
        return [simulate_cell(scenario, plans[0], folder, report)]
    # Fresh interpreters: a fork would inherit the state of thread pools that are running.
    context = multiprocessing.get_context("spawn")
    with _withheld_from_children():  # here from the process that Python keeps beside the workers
        reports: multiprocessing.Queue[int] = context.Queue()
    workers = min(len(plans), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, context, _start_worker, (reports,)) as executor:
        try:
            with _withheld_from_children():
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


@contextmanager
def _withheld_from_children() -> Iterator[None]:
    """What a terminal sends to every process is for this one alone, which then ends the others.

    It does so afterwards: a child that is being started would miss what it is about to be told.
    Other threads of this process do not block the signals, so the handlers wait as well.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_TERMINAL)
    caught: list[int] = []
    handlers = _set_aside(lambda number, _: caught.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in caught[:1]:
            signal.raise_signal(number)


def _set_aside(instead: Handler) -> dict[int, Handler]:
    """Put another handler in the place of those of the terminal's signals; the former ones."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {int(number): signal.getsignal(number) for number in _FROM_TERMINAL}
    # An ignored signal stays so, in the children too.
    handlers = {number: handler for number, handler in found.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, instead)
    return handlers


def _start_worker(reports: "multiprocessing.Queue[int]") -> None:
    global _reports  # noqa: PLW0603 - what a pool's initializer hands to its tasks
    _reports = reports
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(ExitCode.INTERRUPTED)


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
