"""A replay by one process: fill, play, sum up."""

import gevent

from dmsim.progress import Progress
from dmsim.replay.conclude import conclude
from dmsim.replay.facts import RunFacts, forget_run, rows_file, write_facts
from dmsim.replay.job import Job
from dmsim.replay.live import Live, Snapshot
from dmsim.replay.plan import Plan, master_token, open_trace, plan_of
from dmsim.replay.player import Listener, Player
from dmsim.replay.result import ReplayResult
from dmsim.replay.rows import Rows
from dmsim.replay.stages import fill, gone_before_t0, timed, told_progress
from dmsim.replay.target import resolve_target


class ReplayAlone:
    """Replays one trace, once."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self._job = job
        self._progress = progress
        self._player: Player | None = None
        self._live: Live | None = None
        self._cursor = 0

    def run(self, listener: Listener | None) -> ReplayResult:
        """Replay it.

        Raises:
            UsageError: trace, adapter, settings or backend cannot be used.
            Exception: something of ours failed; what had finished by then is written.
        """
        job, seconds = self._job, dict[str, float]()
        target = resolve_target(job.host, job.allow_hosts, job.transport)
        trace = open_trace(job)
        trace.verify(self._progress)
        with timed(seconds, "prepare"):
            plan = plan_of(job, trace, master_token(job.adapter))
        with timed(seconds, "provision"):
            takes_time = fill(plan, target, self._progress)
        rows = Rows(len(plan.schedule), rows_file(job.out, 0))
        player = plan.player(target, listener, timed=takes_time, rows=rows, online=plan.online())
        write_facts(RunFacts(job=job, seconds=seconds, timed=takes_time, count=1))
        self._player, self._live = player, Live(plan.schedule, plan.settings)
        try:
            with timed(seconds, "replay"):
                self._play(plan, player)
        except gevent.GreenletExit:
            player.stop("interrupted")
            raise
        finally:
            rows.close()
            if player.began:
                result = conclude(
                    plan,
                    player.record(),
                    seconds=seconds,
                    time_promised=plan.time_promised(timed=takes_time),
                    cores=[player.core],
                )
            forget_run(job.out, [0])
        return result

    def snapshot(self) -> Snapshot | None:
        """The replay as it stands; None before its first action."""
        if self._player is None or self._live is None or not self._player.began:
            return None
        block = self._player.rows.since(self._cursor)
        self._cursor += len(block.table)
        self._live.add(block)
        return self._live.snapshot()

    def stop(self, reason: str) -> bool:
        """End the replay under way; returns whether there is one, whose result will follow."""
        if self._player is None:
            return False
        self._player.stop(reason)
        return True

    def _play(self, plan: Plan, player: Player) -> None:
        total = len(plan.schedule)
        with (
            told_progress(self._progress, total, lambda: player.finished),
            gone_before_t0(self._job.host),
        ):
            player.run()
