"""The master's side of a replay by several workers: deal, begin together, collect, sum up.

The run is invalid as soon as a worker is lost, hangs or joins late: what is left of it ends at
once, and what everybody had finished is kept.

Imports nothing of Locust: it is handed the runner, whose process has imported Locust first.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
import numpy as np

from dmsim.errors import DmsimError, InvalidRunError, UsageError
from dmsim.progress import Progress
from dmsim.replay.conclude import conclude
from dmsim.replay.dispatcher import Fate
from dmsim.replay.facts import RunFacts, forget_run, write_facts
from dmsim.replay.job import MOST_WORKERS, Job
from dmsim.replay.live import Live, Snapshot
from dmsim.replay.messages import (
    CLOCK,
    DEAL,
    DISMISS,
    GO,
    READY,
    REPORT,
    SETTLED,
    STOP,
    WARM,
    Clock,
    Deal,
    Go,
    Ready,
    Report,
    Settled,
    Signal,
    Stop,
    on,
    wrapped,
)
from dmsim.replay.plan import Plan, master_token, open_trace, plan_of
from dmsim.replay.record import Record
from dmsim.replay.result import ReplayResult, WorkerSummary
from dmsim.replay.rows import Block, recover
from dmsim.replay.shards import Shards, deal
from dmsim.replay.stages import fill, timed, told_progress
from dmsim.replay.target import Target, resolve_target
from dmsim.replay.worker import machine
from dmsim.trace.reader import Trace

#: A worker that has not reported for so long is lost; it reports four times a second.
_LOST_S = 5.0

#: How often workers that have not answered are told again what their share is.
_DEAL_AGAIN_S = 0.5

#: How long workers may take to read the trace, and to connect.
_READING_S = 600.0
_CONNECTING_S = 60.0

#: How long workers may take over their last report.
_LAST_S = 5.0

#: Between the last word to the workers and T0.
_LEAD_NS = 250_000_000

#: So many times a worker is asked for its clock; the quickest answer tells most.
_ASKED = 12

_LOOK_S = 0.02

_ERRORS = {int(kind.exit_code): kind for kind in (DmsimError, UsageError, InvalidRunError)}


@dataclass
class _Worker:
    """What the master knows of one worker; ``seen`` of its blocks somebody has looked at."""

    index: int
    client: str
    ready: Ready | None = None
    warm: bool = False
    problem: DmsimError | None = None
    clocks: list[tuple[int, int]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    seen: int = 0
    finished: int = 0
    heard: float = 0.0
    last: Report | None = None
    lost: bool = False

    @property
    def here(self) -> bool:
        """Whether it shares this machine, and so its files."""
        return self.ready is not None and bool(machine()) and self.ready.machine == machine()

    @property
    def clock(self) -> tuple[int, int]:
        """Its clock minus ours and the most by which that may be wrong, in ns.

        A difference within the error is none: on one machine there is only one clock.
        """
        error, offset = min(self.clocks)
        return (offset if abs(offset) > error else 0), error

    def summary(self, shards: Shards, record: Record) -> WorkerSummary:
        """What the results say of it."""
        offset, error = self.clock
        ours = shards.of == self.index
        return WorkerSummary(
            index=self.index,
            actions=int(np.count_nonzero(ours)),
            finished=int(np.count_nonzero(record.fates[ours] != Fate.PENDING)),
            lost=self.lost,
            clock_offset_ms=offset / 1e6,
            clock_error_ms=error / 1e6,
        )


class ReplayMaster:
    """Has a trace replayed by the workers that are connected.

    Args:
        runner: Locust's master runner.
    """

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self._workers: dict[str, _Worker] = {}
        self._void: list[str] = []
        self._end = ""
        self._running = self._began = False
        self._live: Live | None = None
        on(runner, READY, Ready, self._on_ready)
        on(runner, CLOCK, Clock, self._on_clock)
        on(runner, SETTLED, Settled, self._on_settled)
        on(runner, REPORT, Report, self._on_report)
        runner.environment.events.worker_connect.add_listener(self._on_connect)

    def run(self, job: Job, progress: Progress) -> ReplayResult:
        """Replay a trace with the workers that are there.

        Raises:
            UsageError: something given cannot be used.
            InvalidRunError: a worker was lost before the first action.
            DmsimError: something of ours failed in a worker.
        """
        self._begin_anew()
        try:
            return self._run(job, progress)
        finally:
            self._running = self._began = False
            self._tell_all(DISMISS, Signal())

    def stop(self, reason: str) -> bool:
        """End the replay under way; returns whether there is one, whose result will follow."""
        self._end = self._end or reason
        return self._began

    def snapshot(self) -> Snapshot | None:
        """The replay as it stands, or the last one; None before its first action."""
        if self._live is None:
            return None
        for worker in self._workers.values():
            for block in worker.blocks[worker.seen :]:
                self._live.add(block)
            worker.seen = len(worker.blocks)
        return self._live.snapshot()

    def _begin_anew(self) -> None:
        clients = sorted(client.id for client in self._runner.clients.all)
        if not 0 < len(clients) <= MOST_WORKERS:
            raise UsageError(
                f"{len(clients)} workers are connected; a replay takes 1 to {MOST_WORKERS}"
            )
        self._workers = {client: _Worker(n, client) for n, client in enumerate(clients)}
        self._void, self._end, self._running, self._live = [], "", True, None

    def _run(self, job: Job, progress: Progress) -> ReplayResult:
        target = resolve_target(job.host, job.allow_hosts, job.transport)
        trace = open_trace(job)
        dealer = gevent.spawn(self._deal_out, job, trace.manifest.digest)
        try:
            plan, shards, facts = self._prepared(job, trace, target, progress)
            self._until("read the trace", lambda worker: worker.ready is not None, _READING_S)
        finally:
            dealer.kill()
        self._bring_to_the_start(plan, shards, facts)
        with timed(facts.seconds, "replay"):
            self._watch(shards, progress)
        return self._sum_up(plan, facts, shards)

    def _deal_out(self, job: Job, digest: str) -> None:
        """Deal until all have answered: one that has just joined may not be listening yet."""
        run, count = time.monotonic_ns(), len(self._workers)
        while True:
            for worker in self._workers.values():
                if worker.ready is None:
                    share = Deal(run=run, job=job, digest=digest, index=worker.index, count=count)
                    self._tell(worker, DEAL, share)
            gevent.sleep(_DEAL_AGAIN_S)

    def _prepared(
        self, job: Job, trace: Trace, target: Target, progress: Progress
    ) -> tuple[Plan, Shards, RunFacts]:
        trace.verify(progress)
        seconds: dict[str, float] = {}
        with timed(seconds, "prepare"):
            plan = plan_of(job, trace, master_token(job.adapter))
            shards = deal(plan.schedule, len(self._workers))
        with timed(seconds, "provision"):
            takes_time = fill(plan, target, progress)
        count = len(self._workers)
        return plan, shards, RunFacts(job=job, seconds=seconds, timed=takes_time, count=count)

    def _bring_to_the_start(self, plan: Plan, shards: Shards, facts: RunFacts) -> None:
        digest = shards.digest()
        for worker in self._workers.values():
            if worker.ready is not None and worker.ready.shards != digest:
                raise UsageError(
                    f"worker {worker.index} deals the trace out otherwise than the master; run the "
                    "same version of dmsim everywhere"
                )
        for _ in range(_ASKED):
            for worker in self._workers.values():
                self._tell(worker, CLOCK, Clock(sent=time.monotonic_ns()))
            gevent.sleep(_LOOK_S)
        self._until("tell the time", lambda worker: bool(worker.clocks), _CONNECTING_S)
        self._tell_all(WARM, Signal())
        self._until("connect", lambda worker: worker.warm, _CONNECTING_S)
        write_facts(facts)
        t0 = time.monotonic_ns() + _LEAD_NS
        for worker in self._workers.values():
            offset, _ = worker.clock
            worker.heard = time.monotonic() + _LEAD_NS / 1e9
            self._tell(worker, GO, Go(t0=t0 + offset))
        self._began = True
        self._live = Live(plan.schedule, plan.settings, len(self._workers))

    def _until(self, what: str, ready: Callable[[_Worker], bool], limit_s: float) -> None:
        """Wait until all workers are ready.

        Raises:
            DmsimError: one of them cannot, is gone, or takes too long.
        """
        limit = time.monotonic() + limit_s
        while True:
            late = [worker for worker in self._workers.values() if not ready(worker)]
            for worker in self._workers.values():
                if worker.problem is not None:
                    raise worker.problem
                if worker.client not in self._runner.clients:
                    raise InvalidRunError(f"worker {worker.index} was lost before the replay began")
            if self._end or self._void:
                raise InvalidRunError(self._end or self._void[0])
            if not late:
                return
            if time.monotonic() > limit:
                raise InvalidRunError(
                    f"worker {late[0].index} did not {what} within {limit_s:g} s; replay again"
                )
            gevent.sleep(_LOOK_S)

    def _watch(self, shards: Shards, progress: Progress) -> None:
        """Wait until all have told all, or the run cannot go on."""
        workers = self._workers.values()

        def finished() -> int:
            return sum(worker.finished for worker in workers)

        with told_progress(progress, len(shards.schedule), finished):
            while not all(worker.last for worker in workers):
                self._look_for_lost(shards)
                if self._void or self._end or any(w.last and w.last.stopped for w in workers):
                    break
                gevent.sleep(_LOOK_S)
            self._collect_the_last()

    def _look_for_lost(self, shards: Shards) -> None:
        now = time.monotonic()
        for worker in self._workers.values():
            silent = now - worker.heard
            gone = worker.client not in self._runner.clients
            if worker.last is None and not worker.lost and (gone or silent > _LOST_S):
                worker.lost = True
                fate = "is gone" if gone else f"has not been heard of for {silent:.0f} s"
                self._void.append(
                    f"worker {worker.index} of {len(self._workers)} {fate}; it held "
                    f"{shards.part(worker.index):.1%} of the trace; replay again"
                )

    def _collect_the_last(self) -> None:
        reason = self._stopped() or "a worker was lost"
        self._tell_all(STOP, Stop(reason=reason))
        limit = time.monotonic() + _LAST_S
        alive = [worker for worker in self._workers.values() if not worker.lost]
        while time.monotonic() < limit and not all(worker.last for worker in alive):
            gevent.sleep(_LOOK_S)

    def _stopped(self) -> str:
        """Why the run ends early; empty if it does not."""
        stopped = (worker.last.stopped for worker in self._workers.values() if worker.last)
        return self._end or next((reason for reason in stopped if reason), "")

    def _sum_up(self, plan: Plan, facts: RunFacts, shards: Shards) -> ReplayResult:
        stopped = "" if self._void else self._stopped()
        time_promised = plan.time_promised(timed=facts.timed)
        blocks = [block for worker in self._workers.values() for block in self._blocks_of(worker)]
        record = plan.record(blocks, time_promised=time_promised, stopped=stopped)
        result = conclude(
            plan,
            record,
            seconds=facts.seconds,
            time_promised=time_promised,
            void=self._void,
            cores=[worker.last.core for worker in self._workers.values() if worker.last],
            workers=[worker.summary(shards, record) for worker in self._workers.values()],
        )
        # One that was killed, also after its last report, cannot take its rows away itself.
        forget_run(plan.job.out, [worker.index for worker in self._workers.values() if worker.here])
        failed = [w.last for w in self._workers.values() if w.last and w.last.problem]
        if failed:
            raise _ERRORS[failed[0].exit_code](failed[0].problem)
        return result

    def _blocks_of(self, worker: _Worker) -> Sequence[Block]:
        """What a worker finished; of a lost one here also what it had no time to tell."""
        if worker.last is None and worker.here and worker.ready is not None:
            kept = recover(Path(worker.ready.file))
            if kept is not None:
                return [kept]
        return worker.blocks

    def _on_ready(self, client: str, ready: Ready) -> None:
        worker = self._workers.get(client)
        if worker is None:
            return
        if ready.problem:
            worker.problem = _ERRORS.get(ready.exit_code, DmsimError)(
                f"worker {worker.index}: {ready.problem}"
            )
        elif ready.warm:
            worker.warm = True
        else:
            worker.ready = ready

    def _on_clock(self, client: str, clock: Clock) -> None:
        now = time.monotonic_ns()
        if worker := self._workers.get(client):
            half = (now - clock.sent) // 2
            worker.clocks.append((half, clock.there - clock.sent - half))

    def _on_settled(self, _: str, settled: Settled) -> None:
        for worker in self._workers.values():
            if worker.index == settled.to:
                self._tell(worker, SETTLED, settled)

    def _on_report(self, client: str, report: Report) -> None:
        worker = self._workers.get(client)
        if worker is None:
            return
        block = Block.decode(report.block)
        worker.blocks.append(block)
        worker.finished += len(block.table)
        worker.heard = time.monotonic()
        if report.last:
            worker.last = report

    def _on_connect(self, client_id: str, **_: object) -> None:
        if self._running and client_id not in self._workers:
            self._void.append(
                "a worker joined after the replay had begun, so it holds no part of the trace "
                "(0.0%); start all workers first (--expect-workers), then replay again"
            )

    def _tell(self, worker: _Worker, kind: str, message: Any) -> None:
        if worker.client in self._runner.clients:
            self._runner.send_message(kind, wrapped(message), client_id=worker.client)

    def _tell_all(self, kind: str, message: Any) -> None:
        for worker in self._workers.values():
            self._tell(worker, kind, message)
