"""The stages of a replay before its first action: verify, fill, ask, and while it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent

from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.replay.filling import About, Filling, about, recall_filling
from dmsim.replay.plan import Plan
from dmsim.replay.provision import check_reachable, provision, takes_time
from dmsim.replay.target import Target
from dmsim.replay.wire import WireError

_SECONDS_BETWEEN_REPORTS = 0.25


def fill(plan: Plan, target: Target, progress: Progress) -> bool:
    """Fill the backend with the trace's initial state, if the job says so.

    Returns:
        whether requests may carry the time at which they happen in the trace.

    Raises:
        UsageError: the backend is down, hangs, or refuses what it is sent.
    """
    check_reachable(target)
    job = plan.job
    if not job.filling:
        if job.provision:
            provision(plan.trace, plan.adapter, target, progress)
    elif job.provision:
        with Filling.open(Path(job.filling), filling_of(plan)) as filling:
            provision(plan.trace, plan.adapter, target, progress, filling)
    else:
        recall_filling(Path(job.filling), filling_of(plan), plan.adapter)
    return takes_time(plan.adapter, target)


def filling_of(plan: Plan) -> About:
    """What the filling of a plan's backend is of."""
    return about(plan.trace.manifest.digest, plan.job.adapter, plan.job.host)


@contextmanager
def told_progress(progress: Progress, total: int, finished: Callable[[], int]) -> Iterator[None]:
    """Tell of the actions that finish while the block runs."""
    with progress.stage("replay", total, "actions") as stage:
        reported = 0

        def report() -> None:
            nonlocal reported
            now = finished()
            stage.advance(now - reported)
            reported = now

        reporter = gevent.spawn(_every, _SECONDS_BETWEEN_REPORTS, report)
        try:
            yield
        finally:
            reporter.kill()
            report()


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long the block takes."""
    began = time.monotonic()
    try:
        yield
    finally:
        seconds[stage] = round(time.monotonic() - began, 3)


@contextmanager
def gone_before_t0(host: str) -> Iterator[None]:
    """Tell of a backend that went away between filling it and the first action.

    Raises:
        UsageError: it did.
    """
    try:
        yield
    except WireError as error:
        raise UsageError(f"--host {host}: {error}") from None


def _every(seconds: float, call: Callable[[], None]) -> None:
    while True:
        gevent.sleep(seconds)
        call()
