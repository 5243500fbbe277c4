"""The replay as Locust sees it: one user that hosts the player, and a shape that asks for one.

Importing this module imports Locust, which patches the standard library: it belongs into a process
of its own (:mod:`dmsim.replay.worker`, or ``locust`` itself), first of all imports.
"""

import logging
import time
from pathlib import Path
from typing import Any, ClassVar

import gevent
import gevent.event
from locust import LoadTestShape, User, stats, task
from locust.exception import StopUser

from dmsim.errors import DmsimError, ExitCode, UsageError
from dmsim.progress import Progress, Silent
from dmsim.replay.job import Job, PreparedReplay
from dmsim.replay.judgements import judgements_frame, write_judgements
from dmsim.replay.player import Player
from dmsim.replay.result import ReplayResult, write_result
from dmsim.replay.words import headline, mismatch_lines, time_line, told_error

logger = logging.getLogger(__name__)

#: What Locust shows beside an action's word.
REQUEST_TYPE = "DM"


def _finer_buckets(response_time: float) -> float:
    """Three significant digits; Locust's own keep two and no part of a millisecond."""
    return float(f"{response_time:.3g}")


stats.bucket_response_time = _finer_buckets  # type: ignore[assignment]


class ActionError(Exception):
    """How Locust's list of failures names an action that was not answered as it should be."""


class ReplayUser(User):
    """Hosts the player; of several only the first replays, because one trace has one dispatcher.

    ``job`` and ``progress`` must be set before the test starts. Afterwards ``result`` holds what
    was found, or ``failure`` why there was nothing to find. ``shown`` says whether somebody looks
    at Locust's statistics, which cost a quarter more CPU per action.
    """

    job: ClassVar[Job | None] = None
    progress: ClassVar[Progress] = Silent()
    shown: ClassVar[bool] = False
    result: ClassVar[ReplayResult | None] = None
    failure: ClassVar[DmsimError | None] = None
    over: ClassVar[gevent.event.Event] = gevent.event.Event()
    _running: ClassVar["ReplayUser | None"] = None
    _player: ClassVar[Player | None] = None

    @classmethod
    def interrupt(cls) -> None:
        """End the replay under way, if any, and wait until its result is written."""
        if cls._player is not None:
            cls._player.stop("interrupted")
            cls.over.wait()

    def on_start(self) -> None:
        """Take the part of the one who replays, if it is free."""
        if ReplayUser._running is not None:
            logger.warning("one user replays the whole trace; further users do nothing")
            return
        ReplayUser._running = self
        ReplayUser.result = ReplayUser.failure = None
        ReplayUser.over.clear()

    def on_stop(self) -> None:
        """Leave the part to whoever is started next."""
        if ReplayUser._running is self:
            self._leave()

    @task
    def replay(self) -> None:
        """The whole trace, once."""
        if ReplayUser._running is self:
            try:
                self._replay()
            except DmsimError as error:
                self._fail(error)
            except Exception as error:
                logger.debug("where it happened", exc_info=error)
                self._fail(DmsimError(told_error(error)))
            finally:
                self._leave()
        ReplayUser.over.wait()
        raise StopUser

    def _fail(self, error: DmsimError) -> None:
        ReplayUser.failure = error
        self.environment.process_exit_code = int(error.exit_code)
        logger.error("%s", error)

    def _leave(self) -> None:
        ReplayUser._running = ReplayUser._player = None
        ReplayUser.over.set()

    def _replay(self) -> None:
        assert self.job is not None, "the job is set before the test starts"
        prepared = PreparedReplay(self.job, self.progress)
        player = prepared.player(self.tell_locust if self.shown else None)
        ReplayUser._player = player
        try:
            prepared.run(player)
        except gevent.GreenletExit:
            player.stop("interrupted")
            raise
        finally:
            if player.began:
                self._conclude(prepared, player)

    def _conclude(self, prepared: PreparedReplay, player: Player) -> None:
        record = player.record()
        result = prepared.result(record)
        out = Path(prepared.job.out)
        try:
            out.mkdir(parents=True, exist_ok=True)
            write_judgements(judgements_frame(record), out)
            write_result(result, out)
        except OSError as error:
            raise UsageError(
                f"{prepared.job.out}: the results cannot be written ({error.strerror}); make room "
                "or choose another --out"
            ) from None
        ReplayUser.result = result
        self.environment.process_exit_code = int(result.exit_code)
        for reason in result.summary.invalid_because:
            logger.warning("invalid run: %s", reason)
        level = logging.INFO if result.exit_code == ExitCode.PASS else logging.ERROR
        logger.log(level, "%s", headline(result))
        for line in mismatch_lines(result):
            logger.error("%s", line)
        if untimed := time_line(result):
            logger.warning("%s", untimed)

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


class OneReplay(LoadTestShape):
    """One user until the replay is over; ``--run-time`` ends it earlier."""

    use_common_options = True
    run_time: ClassVar[float | None] = None
    _started = False

    def reset_time(self) -> None:
        """A test starts."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self._started = False
        ReplayUser.over.clear()

    def tick(self) -> Any:
        """Asked by Locust every second."""
        elapsed = time.perf_counter() - self.start_time
        if (self.run_time is not None and elapsed > self.run_time) or ReplayUser.over.is_set():
            return None
        return 1, 1
