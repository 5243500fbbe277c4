"""A process in which a replay runs: ``python -m dmsim.replay.process ROLE``.

``alone``, ``master`` and ``provision`` read one :class:`dmsim.replay.job.Job` as JSON from standard
input; a ``worker`` is given the master's port and hears the rest from there; ``recover`` is given a
folder and sums up what the processes left there that died. Each writes one JSON object per line to
standard output: progress, a master its port, and at the end either ``done`` or an ``error``. These
are processes of their own because importing Locust patches the standard library.
"""

import locust  # noqa: F401, I001 - before all else: it must not meet a living thread pool

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import gevent
import msgspec
from locust.env import Environment

from dmsim.descriptors import allow_many_descriptors
from dmsim.errors import DmsimError, ExitCode, InvalidRunError
from dmsim.progress import Stage
from dmsim.replay.job import Job
from dmsim.replay.master import ReplayMaster
from dmsim.replay.plan import master_token, open_trace, plan_of
from dmsim.replay.recover import recover_run
from dmsim.replay.stages import fill
from dmsim.replay.target import resolve_target
from dmsim.replay.user import ReplayUser
from dmsim.replay.words import told_error
from dmsim.replay.worker import ReplayWorker

#: Who started this process.
_PARENT = os.getppid()

#: How often it is looked whether that one is still there.
_LOOK_UP_S = 0.5

#: How long the workers may take to join their master.
_JOINING_S = 60.0


class _Reporter:
    """Progress as JSON lines."""

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        _tell({"stage": name, "total": total, "unit": unit, "at_most": at_most})
        yield self
        _tell({"end": name})

    def advance(self, amount: float) -> None:
        if amount:
            _tell({"advance": amount})


def _tell(message: dict[str, object]) -> None:
    # Whoever wanted this replay may be gone; the result is still written.
    with suppress(BrokenPipeError):
        sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
        sys.stdout.flush()


def main() -> int:
    """Do the part that the arguments name and return the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    ReplayUser.progress = _Reporter()
    allow_many_descriptors()
    try:
        return _play_role(sys.argv[1:])
    except Exception as error:
        known = error if isinstance(error, DmsimError) else DmsimError(told_error(error))
        return _failed(known)


def _play_role(arguments: Sequence[str]) -> int:
    match arguments:
        case [role] if role in _WITH_JOB:
            return _WITH_JOB[role](_job())
        case ["worker", port]:
            return _work(int(port))
        case ["recover", out, why]:
            return _recover(out, why)
        case _:
            return _failed(DmsimError(f"internal error: no such role: {arguments}"))


def _job() -> Job:
    return msgspec.json.decode(sys.stdin.buffer.read(), type=Job)


def _alone(job: Job) -> int:
    ReplayUser.job = job
    runner = _environment(job.host).create_local_runner()
    _when_unwanted(runner)
    runner.start(1, spawn_rate=1)
    ReplayUser.over.wait()
    return _conclude()


def _lead(job: Job) -> int:
    ReplayUser.job = job
    environment = _environment(job.host)
    runner = environment.create_master_runner("127.0.0.1", 0)
    ReplayUser.master = ReplayMaster(runner)
    _when_unwanted(runner)
    _tell({"port": runner.server.port})
    limit = time.monotonic() + _JOINING_S
    while (joined := len(runner.clients.ready)) < job.workers:
        if ReplayUser.over.is_set():
            return int(ExitCode.INTERRUPTED)
        if time.monotonic() > limit:
            raise InvalidRunError(
                f"{joined} of {job.workers} workers joined within {_JOINING_S:g} s; replay again"
            )
        gevent.sleep(0.05)
    runner.start(job.workers, spawn_rate=job.workers)
    ReplayUser.lead(environment)
    code = _conclude()
    runner.quit()
    return code


def _work(port: int) -> int:
    runner = _environment(None).create_worker_runner("127.0.0.1", port)
    ReplayUser.worker = ReplayWorker(runner)
    _when_unwanted(runner)
    ReplayUser.over.wait()
    runner.quit()
    return int(ReplayUser.failure.exit_code) if ReplayUser.failure else int(ExitCode.PASS)


def _provision(job: Job) -> int:
    trace = open_trace(job)
    target = resolve_target(job.host, job.allow_hosts, job.transport)
    plan = plan_of(job, trace, master_token(job.adapter))
    filling = gevent.spawn(fill, plan, target, ReplayUser.progress)
    gevent.signal_handler(signal.SIGTERM, filling.kill)
    gevent.spawn(_watch_parent, filling.kill)
    if isinstance(filling.get(), gevent.GreenletExit):
        return int(ExitCode.INTERRUPTED)
    _tell({"done": True})
    return int(ExitCode.PASS)


def _recover(out: str, why: str) -> int:
    recover_run(out, why)
    _tell({"done": True})
    return int(ExitCode.PASS)


def _environment(host: str | None) -> Environment:
    return Environment(user_classes=[ReplayUser], host=host)


def _when_unwanted(runner: Any) -> None:
    """On SIGTERM, or when whoever started this process is gone: write what there is, and end."""

    def stop() -> None:
        ReplayUser.interrupt()
        runner.quit()
        ReplayUser.over.set()

    gevent.signal_handler(signal.SIGTERM, stop)
    gevent.spawn(_watch_parent, stop)


def _watch_parent(stop: Callable[[], object]) -> None:
    while os.getppid() == _PARENT:
        gevent.sleep(_LOOK_UP_S)
    stop()


def _conclude() -> int:
    if ReplayUser.failure is not None:
        return _failed(ReplayUser.failure)
    if ReplayUser.result is None:  # only SIGTERM ends a replay before it has begun
        return int(ExitCode.INTERRUPTED)
    _tell({"done": True})
    return int(ExitCode.PASS)


def _failed(error: DmsimError) -> int:
    _tell({"error": str(error), "exit_code": int(error.exit_code)})
    return int(error.exit_code)


_WITH_JOB = {"alone": _alone, "master": _lead, "provision": _provision}

if __name__ == "__main__":
    sys.exit(main())
