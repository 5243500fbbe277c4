"""Jobs in parallel processes: what is ready comes out, and nobody runs longer than it is wanted."""

import multiprocessing
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from dmsim.errors import InvalidRunError
from dmsim.simulation.children import end_with_parent, withheld_from_children

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    jobs: Iterator[Job], work: Callable[[Job], Result], workers: int
) -> Generator[tuple[Job, Result], None, None]:
    """Every job with its result, as they end; close the iterator to stop what is under way.

    Jobs are taken only when there is room for them. With one worker everything happens in this
    process.

    Raises:
        InvalidRunError: A worker process died.
    """
    if workers == 1:
        for job in jobs:
            yield job, work(job)
        return
    # Fresh interpreters: a fork would inherit the state of thread pools that are running.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())  # of whoever calls this from Python
    with ProcessPoolExecutor(workers, context, end_with_parent) as executor:
        try:
            yield from _keep_busy(executor, jobs, work, workers)
        except BaseException as error:
            executor.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            if isinstance(error, BrokenProcessPool):
                told = "a worker process died (out of memory?); lower --workers and start again"
                raise InvalidRunError(told) from None
            raise


def _keep_busy(
    executor: ProcessPoolExecutor, jobs: Iterator[Job], work: Callable[[Job], Result], workers: int
) -> Iterator[tuple[Job, Result]]:
    running: dict[Future[Result], Job] = {}
    while True:
        # One more than there are workers, so that none waits for this process.
        while len(running) <= workers and (job := next(jobs, None)) is not None:
            with withheld_from_children():
                running[executor.submit(work, job)] = job
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()
