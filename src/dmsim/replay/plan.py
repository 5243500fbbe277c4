"""What a replay is made of before anything is sent: trace, settings, schedule, and who judges."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from dmsim.adapters import adapter_named, is_built_in, is_declared
from dmsim.adapters.base import OWN, SESSION, Adapter, LabelledText
from dmsim.adapters.listening import ListeningAdapter, can_listen
from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token
from dmsim.errors import UsageError
from dmsim.replay.controls import check_begin, controlled_schedule, keeps_time
from dmsim.replay.job import Job, check_speed
from dmsim.replay.judge import Judge
from dmsim.replay.listeners import Listeners
from dmsim.replay.merge import record_of
from dmsim.replay.online import Online, online_of
from dmsim.replay.owners import Owners, owners_of
from dmsim.replay.pages import pages_of
from dmsim.replay.player import Listener, Player
from dmsim.replay.record import Record
from dmsim.replay.rows import Block, Rows
from dmsim.replay.schedule import Schedule
from dmsim.replay.settings import ReplaySettings, replay_settings
from dmsim.replay.shards import Share
from dmsim.replay.target import Target
from dmsim.replay.thinning import Thinned
from dmsim.replay.withheld import withheld_because_of
from dmsim.rules.facts import Policy
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, TEXTS
from dmsim.vocabulary import Kind, word


@dataclass(frozen=True)
class Plan:
    """One replay, as every process that takes part in it sees it.

    Attributes:
        job: what it was told.
        trace: what is replayed.
        settings: limits and budgets.
        adapter: how the backend is spoken to.
        policy: the rules' policy that gave the verdicts.
        schedule: the actions at their times.
        owners: whose videos and devices they name.
        thinned: what thinning left of the trace, if it was thinned.
    """

    job: Job
    trace: Trace
    settings: ReplaySettings
    adapter: Adapter
    policy: Policy
    schedule: Schedule
    owners: Owners
    thinned: Thinned | None = None

    def judge(self, *, time_promised: bool) -> Judge:
        """A judge that has seen nothing yet."""
        return Judge(
            self.schedule,
            self.policy,
            self.owners,
            time_promised=time_promised,
            promises=self.adapter.promises,
        )

    def record(self, blocks: Iterable[Block], *, time_promised: bool, stopped: str = "") -> Record:
        """What several processes finished; see :func:`dmsim.replay.merge.record_of`."""
        withheld = withheld_because_of(self.schedule, self.adapter, self.job.controls.left_out)
        judge = self.judge(time_promised=time_promised)
        return record_of(self.schedule, judge, withheld, blocks, stopped=stopped)

    def time_promised(self, *, timed: bool) -> bool:
        """Whether as much time passes for the backend as in the trace."""
        return timed or keeps_time(self.schedule, self.trace.manifest.from_us)

    def online(self, index: int = 0, count: int = 1) -> Online | None:
        """Whose connections the process ``index`` of ``count`` holds; None where nobody listens."""
        if not self.settings.listen:
            return None
        accounts = self.trace.table(ACCOUNTS)
        staff = accounts.filter(accounts["kind"] == word(Kind.STAFF))["id"].to_list()
        return online_of(self.schedule, staff).part(index, count)

    def player(
        self,
        target: Target,
        listener: Listener | None = None,
        *,
        timed: bool,
        rows: Rows | None = None,
        share: Share | None = None,
        online: Online | None = None,
        **more: Any,
    ) -> Player:
        """A player of the whole schedule or of a share; ``more`` is passed on to it.

        It holds the connections of those who are ``online``.
        """
        actor = self.schedule.actor if share is None else self.schedule.actor[share.rows]
        encoder = self.adapter.encoder(
            target.authority,
            np.unique(actor).tolist(),
            bank_of(self.trace),
            timed=timed,
            pages=pages_of(self.trace, self.schedule),
        )
        rows = rows or Rows(len(self.schedule))
        player = Player(
            self.schedule,
            self.adapter,
            encoder,
            target,
            self.judge(time_promised=self.time_promised(timed=timed)),
            self.settings,
            left_out=self.job.controls.left_out,
            listener=listener,
            rows=rows,
            share=share,
            **more,
        )
        if online is not None:
            assert isinstance(self.adapter, ListeningAdapter)
            player.listeners = Listeners(
                target,
                self.adapter.listening(target.authority, np.unique(online.account).tolist()),
                online,
                bank_of(self.trace),
                rows,
                self.settings,
                player.dispatcher.fail,
            )
        return player


def plan_of(job: Job, trace: Trace, token: str) -> Plan:
    """Lay out a replay.

    Args:
        job: what to replay, and how.
        trace: the trace that it names.
        token: the backend's master token.

    Raises:
        UsageError: adapter, settings or trace cannot be used.
    """
    settings = _settings(job, trace)
    policy = _policy(trace)
    adapter = adapter_named(job.adapter, token)
    if adapter.client == OWN and job.transport.proxy:
        raise UsageError(
            f"--proxy {job.transport.proxy}: {job.adapter} has a client of its own, which knows of "
            "no proxy; leave --proxy out"
        )
    if settings.listen:
        _check_listening(job, adapter)
    from_us = trace.manifest.from_us
    schedule, thinned = controlled_schedule(trace, from_us, settings.speed, job.controls)
    owners = owners_of(trace, schedule)
    return Plan(job, trace, settings, adapter, policy, schedule, owners, thinned)


def _check_listening(job: Job, adapter: Adapter) -> None:
    if not can_listen(adapter):
        remedy = "give it a table [listen]" if is_declared(job.adapter) else "leave it out"
        raise UsageError(f"--listen: {job.adapter} says nothing of held connections; {remedy}")
    if adapter.client == SESSION:
        raise UsageError(
            f"--listen: {job.adapter} leaves cookies to its client, which holds no connections; "
            'capture the cookie instead, with client = "wire"'
        )
    if job.transport.proxy:
        raise UsageError("--listen: connections are not held through a proxy; leave --proxy out")


def open_trace(job: Job) -> Trace:
    """The trace that a job names.

    Raises:
        UsageError: it is none, or begins elsewhere than the job says.
    """
    trace = Trace.open(Path(job.trace))
    check_begin(job.controls, trace.manifest)
    return trace


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
    if job.listen:
        changed["listen"] = True
    if job.speed is not None:
        check_speed(job.speed)
    if job.connections is not None and job.connections < 1:
        raise UsageError(f"--users {job.connections}: must be 1 or more")
    return msgspec.structs.replace(settings, **changed)


def _policy(trace: Trace) -> Policy:
    try:
        return Policy(**cast(dict[str, Any], trace.manifest.policy))
    except TypeError:
        raise UsageError(
            f"{trace.path}: its policy is not one of these rules; simulate the trace again"
        ) from None


def master_token(adapter: str) -> str:
    """The backend's master token, from the environment.

    Args:
        adapter: how the backend is spoken to; those of other backends may do without, and are
            given none.

    Raises:
        UsageError: it is not set, or cannot be one.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token and not is_built_in(adapter):
        return ""
    if not token:
        raise UsageError(f"{TOKEN_VARIABLE} is not set; put the backend's master token into it")
    return checked_token(token, TOKEN_VARIABLE)
