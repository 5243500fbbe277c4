"""A Locust worker's side of a replay: it plays its share and tells the master what came of it.

Imports nothing of Locust: it is handed the runner, whose process has imported Locust first.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import gevent.event
from msgspec import structs

from dmsim.errors import DmsimError, ExitCode, InvalidRunError, UsageError
from dmsim.replay.dispatcher import Fate
from dmsim.replay.facts import facts_left, forget_rows, rows_file
from dmsim.replay.filling import recall_filling
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
    Fated,
    Go,
    Ready,
    Report,
    Settled,
    Signal,
    Stop,
    on,
    wrapped,
)
from dmsim.replay.plan import master_token, open_trace, plan_of
from dmsim.replay.player import Listener, Player
from dmsim.replay.provision import takes_time
from dmsim.replay.relay import Outbox
from dmsim.replay.rows import Rows
from dmsim.replay.shards import deal
from dmsim.replay.stages import filling_of, gone_before_t0
from dmsim.replay.target import resolve_target
from dmsim.replay.words import told_error

#: How often the master hears of us.
REPORT_S = 0.25

#: A master that has not been heard of for so long is gone; it sends a heartbeat every second.
_MASTER_GONE_S = 5.0

#: How long the master may take to write the results.
_WRITING_S = 60.0

_MASTER_GONE = "the master is gone"


class Dismissed(Exception):  # noqa: N818 - the master's decision, not an error
    """The replay ends before it has begun."""


class ReplayWorker:
    """Plays its share of whatever the master deals out; one replay at a time.

    Args:
        runner: Locust's worker runner.
    """

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self._begin_anew()
        on(runner, DEAL, Deal, self._on_deal)
        on(runner, CLOCK, Clock, self._on_clock)
        on(runner, WARM, Signal, lambda _, __: self._warm.set(None))
        on(runner, GO, Go, self._on_go)
        on(runner, SETTLED, Settled, self._on_settled)
        on(runner, STOP, Stop, self._on_stop)
        on(runner, DISMISS, Signal, lambda _, __: self._dismissed.set())

    def _begin_anew(self) -> None:
        self._deal = gevent.event.AsyncResult()
        self._warm = gevent.event.AsyncResult()
        self._go = gevent.event.AsyncResult()
        self._dismissed = gevent.event.Event()
        self._player: Player | None = None
        self._plan: Any = None
        self._gone = False
        self._playing = 0

    def run(self, listener: Listener | None) -> None:
        """Play one share to its end.

        Raises:
            InvalidRunError: the master is gone.
            DmsimError: the share cannot be replayed; the master was told.
        """
        told: Deal = self._deal.get()
        self._playing = told.run
        watch = gevent.spawn(self._watch_master)
        file = rows_file(told.job.out, told.index)
        try:
            self._play(told, file, listener)
        except Dismissed:
            pass
        finally:
            watch.kill()
            gone, finished = self._gone, self._player.finished if self._player else 0
            self._begin_anew()
        if gone:
            raise InvalidRunError(
                f"{_MASTER_GONE}: the run is invalid; the {finished} actions that this worker "
                f"finished are kept in {file}"
            )
        if not facts_left(told.job.out):  # else nobody could write the results
            forget_rows(told.job.out, [told.index])

    def stop(self, reason: str) -> bool:
        """End this worker's part, whatever the master thinks of it.

        Returns:
            whether a replay is under way, whose last report will follow.
        """
        began = self._end(reason)
        # Nobody has to be waited for: the rows stay until somebody has written them.
        self._dismissed.set()
        return began

    def _end(self, reason: str) -> bool:
        if self._player is None or not self._player.began:
            return False
        self._player.stop(reason)
        return True

    def _play(self, told: Deal, file: Path, listener: Listener | None) -> None:
        warm = False
        try:
            player, shards = self._prepared(told, file, listener)
            self._tell(READY, Ready(warm=False, shards=shards, machine=machine(), file=str(file)))
            self._await(self._warm)
            self._recall()
            self._player = player
            warm = True
            with gone_before_t0(told.job.host):
                self._run(player)
        except (Dismissed, gevent.GreenletExit):
            raise
        except Exception as error:
            known = error if isinstance(error, DmsimError) else DmsimError(told_error(error))
            self._tell(READY, Ready(warm=warm, problem=str(known), exit_code=int(known.exit_code)))
            raise known from error

    def _prepared(self, told: Deal, file: Path, listener: Listener | None) -> tuple[Player, str]:
        trace = open_trace(told.job)
        if trace.manifest.digest != told.digest:
            raise DmsimError(
                f"{trace.path}: digest {trace.manifest.digest}, the master replays {told.digest}; "
                "put the same trace on every machine"
            )
        plan = plan_of(told.job, trace, master_token(told.job.adapter))
        fair = -(-plan.settings.connections // told.count)
        probes = plan.settings.delivery_probes / told.count
        held = -(-plan.settings.listeners // told.count)
        ours = structs.replace(
            plan.settings, connections=fair, delivery_probes=probes, listeners=held
        )
        plan = self._plan = replace(plan, settings=ours)
        shards = deal(plan.schedule, told.count)
        share = shards.share(told.index)
        target = resolve_target(told.job.host, told.job.allow_hosts, told.job.transport)
        outbox = Outbox(lambda settled: self._tell(SETTLED, settled))

        def announce(row: int, fate: Fate, when: int) -> None:
            cause = player.dispatcher.cause.get(row, row)
            bound = player.bound.get(row, b"")
            fated = Fated(row, int(fate), when - player.rows.t0, cause, bound)
            outbox.add(fated, share.told[row])

        player: Player = plan.player(
            target,
            listener,
            timed=takes_time(plan.adapter, target),
            rows=Rows(len(plan.schedule), file),
            share=share,
            online=plan.online(told.index, told.count),
            announce=announce,
        )
        self._outbox = outbox
        return player, shards.digest()

    def _recall(self) -> None:
        """Learn what filling the backend gave to the master."""
        plan = self._plan
        if not plan.adapter.remembers:
            return
        if not plan.job.filling:
            raise UsageError(
                f"--adapter {plan.job.adapter}: captures ids while it fills the backend; fill it "
                "with dmsim provision --state FILE, and give --provisioned FILE"
            )
        recall_filling(Path(plan.job.filling), filling_of(plan), plan.adapter)

    def _run(self, player: Player) -> None:
        cursor = 0

        def report(**more: Any) -> None:
            nonlocal cursor
            block = player.rows.since(cursor)
            cursor += len(block.table)
            self._tell(REPORT, Report(block=block.encode(), **more))

        reporter = gevent.spawn(_every, REPORT_S, report)
        problem: dict[str, Any] = {}
        try:
            player.run(self._begin)
        except gevent.GreenletExit:
            player.stop("interrupted")
            raise
        except Exception as error:
            if not player.began:
                raise
            problem = {"problem": told_error(error), "exit_code": int(ExitCode.INTERNAL)}
        finally:
            reporter.kill()
            self._outbox.close()
            if player.began:
                stopped = player.dispatcher.stopped
                report(last=True, stopped=stopped, core=player.core, **problem)
            player.rows.close()
        # The rows are ours to keep until the master has written them.
        self._dismissed.wait(_WRITING_S)

    def _begin(self) -> int:
        self._tell(READY, Ready(warm=True))
        return int(self._await(self._go))

    def _await(self, result: Any) -> Any:
        """Wait for the master's next word."""
        gevent.wait([result, self._dismissed], count=1)
        if not result.ready():
            raise Dismissed
        return result.get()

    def _watch_master(self) -> None:
        while True:
            gevent.sleep(1)
            heard = self._runner.last_heartbeat_timestamp
            if heard is not None and time.time() - heard > _MASTER_GONE_S:
                self._gone = True
                self.stop(_MASTER_GONE)
                return

    def _on_deal(self, _: str, told: Deal) -> None:
        if told.run != self._playing:
            self._dismissed.clear()
            self._deal.set(told)

    def _on_clock(self, _: str, clock: Clock) -> None:
        clock.there = time.monotonic_ns()
        self._tell(CLOCK, clock)

    def _on_go(self, _: str, go: Go) -> None:
        if self._player is not None:
            self._player.rows.t0 = go.t0
        self._go.set(go.t0)

    def _on_settled(self, _: str, settled: Settled) -> None:
        player = self._player
        if player is None:
            return
        for fated in settled.fates:
            if fated.bound:
                player.bound[fated.row] = fated.bound
            player.dispatcher.settled_elsewhere(
                fated.row, Fate(fated.fate), fated.when + player.rows.t0, fated.cause
            )

    def _on_stop(self, _: str, stop: Stop) -> None:
        self._end(stop.reason)

    def _tell(self, kind: str, message: Any) -> None:
        self._runner.send_message(kind, wrapped(message))


def machine() -> str:
    """What tells this machine, since it was started, from others: their clocks differ."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _every(seconds: float, call: Callable[[], None]) -> None:
    while True:
        gevent.sleep(seconds)
        call()
