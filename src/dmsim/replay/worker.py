"""The process in which a replay runs: ``python -m dmsim.replay.worker``.

It reads one :class:`dmsim.replay.job.Job` as JSON from standard input, runs it as a Locust user,
and writes one JSON object per line to standard output: progress, and at the end either ``done`` or
an ``error``. It is a process of its own because importing Locust patches the standard library.
"""

import locust  # noqa: F401, I001 - before all else: it must not meet a living thread pool

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import msgspec
from locust.env import Environment

from dmsim.errors import DmsimError, ExitCode
from dmsim.progress import Stage
from dmsim.replay.job import Job
from dmsim.replay.user import ReplayUser
from dmsim.replay.words import told_error


class _Reporter:
    """Progress as JSON lines."""

    @contextmanager
    def stage(self, name: str, total: float | None, unit: str) -> Iterator[Stage]:
        _tell({"stage": name, "total": total, "unit": unit})
        yield self
        _tell({"end": name})

    def advance(self, amount: float) -> None:
        if amount:
            _tell({"advance": amount})


def _tell(message: dict[str, object]) -> None:
    try:
        sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever wanted this replay is gone; the result is still written.
        gevent.spawn(ReplayUser.interrupt)


def main() -> int:
    """Run the job on standard input and return the exit code."""
    try:
        return _run()
    except Exception as error:
        return _failed(DmsimError(told_error(error)))


def _run() -> int:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    ReplayUser.job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    ReplayUser.progress = _Reporter()
    environment = Environment(user_classes=[ReplayUser], host=ReplayUser.job.host)
    runner = environment.create_local_runner()

    def on_sigterm() -> None:
        ReplayUser.interrupt()
        runner.quit()

    gevent.signal_handler(signal.SIGTERM, on_sigterm)
    runner.start(1, spawn_rate=1)
    ReplayUser.over.wait()
    return _conclude()


def _conclude() -> int:
    failure: DmsimError | None = ReplayUser.failure
    if failure is not None:
        return _failed(failure)
    if ReplayUser.result is None:  # only SIGTERM ends a replay before it has begun
        return int(ExitCode.INTERRUPTED)
    _tell({"done": True})
    return int(ExitCode.PASS)


def _failed(error: DmsimError) -> int:
    _tell({"error": str(error), "exit_code": int(error.exit_code)})
    return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())
