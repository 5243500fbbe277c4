"""The replay as Locust sees it: one user a process, which hosts the player, and a shape for that.

Importing this module imports Locust, which patches the standard library: it belongs into a process
of its own (:mod:`dmsim.replay.process`, or ``locust`` itself), first of all imports.
"""

import logging
import time
from typing import Any, ClassVar

import gevent
import gevent.event
from locust import LoadTestShape, User, stats, task
from locust.exception import StopUser
from locust.runners import WorkerRunner

from dmsim.errors import DmsimError, ExitCode
from dmsim.progress import Progress, Silent
from dmsim.replay.alone import ReplayAlone
from dmsim.replay.job import Job
from dmsim.replay.live import Snapshot
from dmsim.replay.master import ReplayMaster
from dmsim.replay.result import ReplayResult
from dmsim.replay.words import (
    headline,
    insecure_line,
    listening_lines,
    mismatch_lines,
    not_promised_line,
    time_line,
    told_error,
)
from dmsim.replay.worker import ReplayWorker

logger = logging.getLogger(__name__)

#: What Locust shows beside an action's word.
REQUEST_TYPE = "DM"

_LOOK_S = 0.02


def _finer_buckets(response_time: float) -> float:
    """Three significant digits; Locust's own keep two and no part of a millisecond."""
    return float(f"{response_time:.3g}")


stats.bucket_response_time = _finer_buckets  # type: ignore[assignment]


class ActionError(Exception):
    """How Locust's list of failures names an action that was not answered as it should be."""


class ReplayUser(User):
    """Hosts the player; of several in one process only the first replays.

    ``job`` and ``progress`` must be set before the test starts, and in a worker or a master
    ``worker`` or ``master``. Afterwards ``result`` holds what was found (not in a worker), or
    ``failure`` why there was nothing to find. ``shown`` says whether somebody looks at Locust's
    statistics, which cost a quarter more CPU per action.
    """

    job: ClassVar[Job | None] = None
    progress: ClassVar[Progress] = Silent()
    shown: ClassVar[bool] = False
    result: ClassVar[ReplayResult | None] = None
    failure: ClassVar[DmsimError | None] = None
    over: ClassVar[gevent.event.Event] = gevent.event.Event()
    worker: ClassVar[ReplayWorker | None] = None
    master: ClassVar[ReplayMaster | None] = None
    _running: ClassVar["ReplayUser | None"] = None
    _started: ClassVar[bool] = False
    _alone: ClassVar[ReplayAlone | None] = None

    @classmethod
    def interrupt(cls) -> None:
        """End the replay under way, if any, and wait until its result is written."""
        side = cls.master or cls.worker or cls._alone
        if side is not None and side.stop("interrupted"):
            cls.over.wait()

    @classmethod
    def snapshot(cls) -> Snapshot | None:
        """The replay as it stands, or as the last one ended; None before its first action."""
        side = cls.master or cls._alone
        return side.snapshot() if side is not None else None

    @classmethod
    def busy(cls) -> bool:
        """Whether a replay has been started that is not over."""
        return cls._started and not cls.over.is_set()

    @classmethod
    def lead(cls, environment: Any) -> None:
        """The master's part in a test that starts: it hosts no user."""
        assert cls.master is not None
        assert cls.job is not None
        cls.result = cls.failure = None
        cls._started = True
        cls.over.clear()
        master, job = cls.master, cls.job
        try:
            _guarded(environment, lambda: master.run(job, cls.progress))
        finally:
            cls.over.set()

    def on_start(self) -> None:
        """Take the part of the one who replays, if it is free."""
        if ReplayUser._running is not None:
            logger.warning("one user replays all there is for this process; others do nothing")
            return
        ReplayUser._running = self
        ReplayUser.result = ReplayUser.failure = ReplayUser._alone = None
        ReplayUser._started = True
        ReplayUser.over.clear()

    def on_stop(self) -> None:
        """Leave the part to whoever is started next."""
        if ReplayUser._running is self:
            self._leave()

    @task
    def replay(self) -> None:
        """The whole trace, or this worker's share, once."""
        if ReplayUser._running is self:
            try:
                _guarded(self.environment, self._replay)
            finally:
                self._leave()
        ReplayUser.over.wait()
        raise StopUser

    def _leave(self) -> None:
        ReplayUser._running = None
        ReplayUser.over.set()

    def _replay(self) -> ReplayResult | None:
        # A worker is given users as soon as it has joined, before it has prepared itself.
        while isinstance(self.environment.runner, WorkerRunner) and self.worker is None:
            gevent.sleep(_LOOK_S)
        listener = self.tell_locust if self.shown else None
        if self.worker is not None:
            self.worker.run(listener)
            return None
        assert self.job is not None, "the job is set before the test starts"
        ReplayUser._alone = alone = ReplayAlone(self.job, self.progress)
        return alone.run(listener)

    def tell_locust(self, word: str, response_ms: float, size: int, problem: str) -> None:
        """Listener of the player: fire the event that feeds Locust's statistics."""
        self.environment.events.request.fire(
            request_type=REQUEST_TYPE,
            name=word,
            response_time=response_ms,
            response_length=size,
            exception=ActionError(problem) if problem else None,
            context={},
        )


def _guarded(environment: Any, run: Any) -> None:
    """Run a replay and keep its result, or why there is none, also as the exit code."""
    try:
        result = run()
    except DmsimError as error:
        _fail(environment, error)
    except Exception as error:
        logger.debug("where it happened", exc_info=error)
        _fail(environment, DmsimError(told_error(error)))
    else:
        if result is not None:
            ReplayUser.result = result
            environment.process_exit_code = int(result.exit_code)
            _log(result)


def _fail(environment: Any, error: DmsimError) -> None:
    ReplayUser.failure = error
    environment.process_exit_code = int(error.exit_code)
    logger.error("%s", error)


def _log(result: ReplayResult) -> None:
    for reason in result.summary.invalid_because:
        logger.warning("invalid run: %s", reason)
    level = logging.INFO if result.exit_code == ExitCode.PASS else logging.ERROR
    logger.log(level, "%s", headline(result))
    for line in mismatch_lines(result):
        logger.error("%s", line)
    for line in listening_lines(result):
        logger.log(level, "%s", line)
    for tell in (time_line, not_promised_line, insecure_line):
        if line := tell(result):
            logger.warning("%s", line)


class OneReplay(LoadTestShape):
    """One user a process until the replay is over; ``--run-time`` ends it earlier.

    As many users as there were workers at the start: Locust then gives each of them one, and
    neither none nor two when it balances them anew.
    """

    use_common_options = True
    run_time: ClassVar[float | None] = None
    _users = 0

    def reset_time(self) -> None:
        """A test starts."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self._users = 0
        ReplayUser.over.clear()

    def tick(self) -> Any:
        """Asked by Locust every second."""
        elapsed = time.perf_counter() - self.start_time
        if (self.run_time is not None and elapsed > self.run_time) or ReplayUser.over.is_set():
            return None
        if not self._users:
            self._users = getattr(self.runner, "worker_count", 1)
        return self._users, self._users
