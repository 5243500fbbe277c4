"""What the processes of one replay say to each other, in Locust's own channel.

The master deals the schedule out and says when it begins; a worker says what it finished, and tells
the others (through the master) of the actions that theirs come after.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from dmsim.replay.job import Job

#: Master to worker: what to replay, and which share of it. Answered with READY.
DEAL = "dmsim_deal"
#: Worker to master: a stage is reached, or cannot be.
READY = "dmsim_ready"
#: Master to worker and back: what the time is.
CLOCK = "dmsim_clock"
#: Master to worker: connect. Answered with READY.
WARM = "dmsim_warm"
#: Master to worker: T0.
GO = "dmsim_go"
#: Worker to master to worker: actions that others' come after have met their fates.
SETTLED = "dmsim_settled"
#: Worker to master: what was finished since the last time.
REPORT = "dmsim_report"
#: Master to worker: end the replay; answered with the last REPORT.
STOP = "dmsim_stop"
#: Master to worker: nothing more is wanted of it; what it reported is written.
DISMISS = "dmsim_dismiss"

S = TypeVar("S", bound=msgspec.Struct)


class Deal(msgspec.Struct, kw_only=True):
    """The share of one worker of a replay.

    Attributes:
        run: tells this replay from others; the same deal may come more than once.
        job: the whole replay.
        digest: of the trace.
        index: which share.
        count: of how many.
    """

    run: int
    job: Job
    digest: str
    index: int
    count: int


class Ready(msgspec.Struct, kw_only=True):
    """A worker has read the trace (``warm`` false) or is connected (true), or failed in that.

    Attributes:
        shards: digest of the dealing, as this worker did it.
        machine: which machine it runs on, until that is started anew.
        file: where it writes its rows.
        problem: why it cannot take part; empty if it can.
        exit_code: of that problem.
    """

    warm: bool
    shards: str = ""
    machine: str = ""
    file: str = ""
    problem: str = ""
    exit_code: int = 0


class Clock(msgspec.Struct, kw_only=True):
    """``time.monotonic_ns()`` when the master asked (``sent``) and when the worker saw it."""

    sent: int
    there: int = 0


class Go(msgspec.Struct, kw_only=True):
    """T0 on the worker's own clock."""

    t0: int


class Fated(msgspec.Struct, array_like=True):
    """An action that met its fate.

    Attributes:
        row: which.
        fate: code of :class:`dmsim.replay.dispatcher.Fate`.
        when: nanoseconds from T0.
        cause: the row that began the chain, where it was skipped.
        bound: the backend's id of what it created, if it created anything.
    """

    row: int
    fate: int
    when: int
    cause: int
    bound: bytes = b""


class Settled(msgspec.Struct, kw_only=True):
    """Fates that the actions of worker ``to`` wait for."""

    to: int
    fates: list[Fated]


class Report(msgspec.Struct, kw_only=True):
    """What a worker finished since its last report.

    Attributes:
        block: a :class:`dmsim.replay.rows.Block` as bytes.
        last: whether it is the last report.
        stopped: why the worker ended early; empty if it did not.
        core: with the last report, the share of its core that the worker used, second by second.
        problem: what failed in the worker itself.
        exit_code: of that problem.
    """

    block: bytes
    last: bool = False
    stopped: str = ""
    core: list[float] = []
    problem: str = ""
    exit_code: int = 0


class Stop(msgspec.Struct, kw_only=True):
    """Why the replay ends."""

    reason: str


class Signal(msgspec.Struct):
    """A message of which the kind says all."""


def wrapped(message: msgspec.Struct) -> dict[str, bytes]:
    """A message as Locust carries it."""
    return {"dmsim": msgspec.msgpack.encode(message)}


def on(runner: Any, kind: str, type_: type[S], call: Callable[[str, S], None]) -> None:
    """Have ``call`` told of every message of a kind: who sent it, and what."""

    def listener(msg: Any, **_: object) -> None:
        call(msg.node_id, msgspec.msgpack.decode(msg.data["dmsim"], type=type_))

    runner.register_message(kind, listener)
