"""What a replay is told, and the steps from there to its result; runs inside the Locust process."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import gevent
import msgspec
import numpy as np

from dmsim.adapters import adapter_named
from dmsim.adapters.base import LabelledText
from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token
from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.replay.controls import Controls, check_begin, controlled_schedule, keeps_time
from dmsim.replay.judge import Judge
from dmsim.replay.owners import owners_of
from dmsim.replay.pages import pages_of
from dmsim.replay.player import Listener, Player
from dmsim.replay.provision import check_reachable, provision, takes_time
from dmsim.replay.record import Record
from dmsim.replay.result import ReplayResult, ReplaySummary, percentiles_ms
from dmsim.replay.settings import ReplaySettings, replay_settings
from dmsim.replay.target import Target, resolve_target
from dmsim.replay.wire import WireError
from dmsim.rules.facts import Policy
from dmsim.trace.reader import Trace
from dmsim.trace.schema import TEXTS

_SECONDS_BETWEEN_REPORTS = 0.25


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One replay.

    Attributes:
        trace: the trace's folder.
        host: the backend's URL.
        out: the folder for the results.
        settings: instead of those of the trace's scenario.
        speed: instead of the settings' own.
        connections: instead of the settings' own.
        provision: whether to fill the backend first.
        controls: what of the trace is sent, and at which pace.
    """

    trace: str
    host: str
    out: str
    adapter: str = "reference"
    settings: ReplaySettings | None = None
    speed: float | None = None
    connections: int | None = None
    allow_hosts: Sequence[str] = ()
    provision: bool = True
    controls: Controls = Controls()


class PreparedReplay:
    """A replay whose trace is read, whose backend is filled, and which can start at once."""

    def __init__(self, job: Job, progress: Progress) -> None:
        """Prepare it.

        Raises:
            UsageError: trace, adapter, settings or backend cannot be used.
        """
        self.job = job
        self.target: Target = resolve_target(job.host, job.allow_hosts)
        self.trace = Trace.open(Path(job.trace))
        self.trace.verify(progress)
        check_begin(job.controls, self.trace.manifest)
        self.settings = _settings(job, self.trace)
        self._policy = _policy(self.trace)
        self.adapter = adapter_named(job.adapter, _token())
        self._progress = progress
        check_reachable(self.target)
        began = time.monotonic()
        if job.provision:
            provision(self.trace, self.adapter, self.target, progress)
        self.seconds = {"provision": round(time.monotonic() - began, 3)}
        began = time.monotonic()
        from_us = self.trace.manifest.from_us
        self.schedule, self._thinned = controlled_schedule(
            self.trace, from_us, self.settings.speed, job.controls
        )
        self._owners = owners_of(self.trace, self.schedule)
        timed = takes_time(self.adapter, self.target)
        self.time_promised = timed or keeps_time(self.schedule, from_us)
        self._encoder = self.adapter.encoder(
            self.target.authority,
            np.unique(self.schedule.actor).tolist(),
            bank_of(self.trace),
            timed=timed,
            pages=pages_of(self.trace, self.schedule),
        )
        self.seconds["prepare"] = round(time.monotonic() - began, 3)

    def player(self, listener: Listener | None = None) -> Player:
        """The player that will run it, once."""
        return Player(
            self.schedule,
            self.adapter,
            self._encoder,
            self.target,
            Judge(self.schedule, self._policy, self._owners, time_promised=self.time_promised),
            self.settings,
            left_out=self.job.controls.left_out,
            listener=listener,
        )

    def run(self, player: Player) -> None:
        """Play to the end and tell the progress.

        Raises:
            UsageError: the backend went away before the replay began.
        """
        began = time.monotonic()
        with self._progress.stage("replay", len(self.schedule), "actions") as stage:
            reported = 0

            def report() -> None:
                nonlocal reported
                stage.advance(player.finished - reported)
                reported = player.finished

            reporter = gevent.spawn(_every, _SECONDS_BETWEEN_REPORTS, report)
            try:
                player.run()
            except WireError as error:
                raise UsageError(f"--host {self.job.host}: {error}") from None
            finally:
                reporter.kill()
                report()
                self.seconds["replay"] = round(time.monotonic() - began, 3)

    def result(self, record: Record) -> ReplayResult:
        """What the run found."""
        histograms = record.histograms()
        reasons = record.void_because(self.settings, histograms["lateness"]["all"])
        counts = record.tally(np.ones(len(self.schedule), dtype=np.bool_))
        whole: dict[str, Any] = {
            f"{metric}_ms": percentiles_ms(h["all"]) for metric, h in histograms.items()
        }
        last = int(record.done.max(initial=-1))
        summary = ReplaySummary(
            **(counts | whole),
            trace=str(self.trace.path),
            digest=self.trace.manifest.digest,
            actions=len(self.schedule),
            actions_per_second=round(counts["sent"] / (last / 1e9), 1) if last > 0 else 0.0,
            seconds=self.seconds,
            valid=not reasons,
            invalid_because=reasons,
            by_action=record.by_action(histograms),
            by_verdict=record.by_verdict(),
            worst_mismatches=record.worst_mismatches(),
            worst_origins=record.worst_origins(),
            error_kinds=record.error_kinds,
            over_time=record.over_time(),
            time_promised=self.time_promised,
            unjudged_by_time=record.unjudged_by_time,
            unjudged_by_left_out=record.unjudged_by_left_out,
            speed=self.settings.speed,
            controls=self.job.controls,
            thinned=self._thinned,
            host=self.job.host,
            adapter=self.job.adapter,
            limits=self.settings,
        )
        return ReplayResult(summary=summary, histograms=histograms)


def bank_of(trace: Trace) -> dict[int, LabelledText]:
    """The texts of a trace by id."""
    texts = trace.table(TEXTS)
    columns = ("text", "violation", "detected")
    labelled = map(LabelledText, *(texts[name].to_list() for name in columns))
    return dict(zip(texts["id"].to_list(), labelled, strict=True))


def _settings(job: Job, trace: Trace) -> ReplaySettings:
    settings = job.settings or replay_settings(trace.manifest.scenario)
    given = {"speed": job.speed, "connections": job.connections}
    changed = {name: value for name, value in given.items() if value is not None}
    if job.speed is not None:
        check_speed(job.speed)
    if job.connections is not None and job.connections < 1:
        raise UsageError(f"--users {job.connections}: must be 1 or more")
    return msgspec.structs.replace(settings, **changed)


def check_speed(speed: float) -> None:
    """Refuse a speed at which nothing can be replayed.

    Raises:
        UsageError: it is not above 0, infinite or no number.
    """
    if not 0 < speed < float("inf"):
        raise UsageError(f"--speed {speed:g}: must be above 0 and finite")


def _policy(trace: Trace) -> Policy:
    try:
        return Policy(**cast(dict[str, Any], trace.manifest.policy))
    except TypeError:
        raise UsageError(
            f"{trace.path}: its policy is not one of these rules; simulate the trace again"
        ) from None


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise UsageError(f"{TOKEN_VARIABLE} is not set; put the backend's master token into it")
    return checked_token(token, TOKEN_VARIABLE)


def _every(seconds: float, call: Callable[[], None]) -> None:
    while True:
        gevent.sleep(seconds)
        call()
