"""What a replay would send, without sending it: arithmetic on its schedule."""

from pathlib import Path

import msgspec
import numpy as np

from dmsim.replay.controls import Controls, controlled_schedule, left_out_rows
from dmsim.replay.job import check_speed
from dmsim.replay.schedule import Ints, Schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.thinning import Thinned
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, names

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
_ACTIONS = names(Action)

#: How long a backend may take over an action, in ms: from a fast one to one in trouble.
SERVICE_MS = (1, 10, 100, 1_000)


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The second that offers most.

    Attributes:
        second: from T0.
        at_us: the simulated time of its first action.
        actions: how many it offers.
    """

    second: int
    at_us: int
    actions: int


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """How many actions are under way at once at most if each takes ``service_ms``."""

    service_ms: int
    needed: int


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """A replay before it is made.

    Attributes:
        trace: the trace's folder.
        speed: simulated seconds per second.
        controls: what of the trace is sent, and at which pace.
        thinned: what is left of the trace; None where it was not thinned.
        actions: how many are offered.
        left_out: how many are not to be sent.
        seconds: from T0 to the last action.
        per_second: how many are offered in each second from T0 on.
        peak: the second with most; None if there is none.
        by_action: how many are offered of each kind.
        waiting: how many must wait for an earlier one.
        longest_chain: how many actions at most wait one for the other.
        connections: by how long the backend takes over an action.
        cap: how many connections the replay may open.
    """

    trace: str
    speed: float
    controls: Controls
    thinned: Thinned | None
    actions: int
    left_out: int
    seconds: float
    per_second: list[int]
    peak: Peak | None
    by_action: dict[str, int]
    waiting: int
    longest_chain: int
    connections: list[Connections]
    cap: int


def dry_run(path: Path, *, speed: float | None = None, controls: Controls) -> DryRun:
    """Lay a replay out as it would be sent.

    Args:
        path: the trace's folder.
        speed: simulated seconds per second instead of the scenario's own.
        controls: what of the trace is sent, and at which pace.

    Raises:
        UsageError: the trace or something given cannot be used.
    """
    trace = Trace.open(path)
    settings = replay_settings(trace.manifest.scenario)
    if speed is None:
        speed = settings.speed
    check_speed(speed)
    from_us = trace.manifest.from_us if controls.from_us is None else controls.from_us
    schedule, thinned = controlled_schedule(trace, from_us, speed, controls)
    offered = ~left_out_rows(schedule, controls)
    intended = schedule.intended[offered]
    kinds, counts = np.unique(schedule.action[offered], return_counts=True)
    per_second = np.bincount(intended // _NS_PER_S)
    return DryRun(
        trace=str(path),
        speed=speed,
        controls=controls,
        thinned=thinned,
        actions=len(intended),
        left_out=int(np.count_nonzero(~offered)),
        seconds=round(int(intended.max(initial=0)) / _NS_PER_S, 3),
        per_second=per_second.tolist(),
        peak=_peak(per_second, schedule.at[offered], intended),
        by_action={_ACTIONS[kind]: int(n) for kind, n in zip(kinds, counts, strict=True)},
        waiting=int(np.count_nonzero(schedule.waits_for[offered])),
        longest_chain=longest_chain(schedule),
        connections=[
            Connections(service_ms=ms, needed=most_at_once(intended, ms * _NS_PER_MS))
            for ms in SERVICE_MS
        ],
        cap=settings.connections,
    )


def most_at_once(begin: Ints, service: int) -> int:
    """How many actions are under way at once at most.

    Args:
        begin: when each begins, ascending.
        service: how long each takes, in the unit of ``begin``.
    """
    ended = np.searchsorted(begin, begin - service, side="right")
    return int(np.max(np.arange(1, len(begin) + 1) - ended, initial=0))


def longest_chain(schedule: Schedule) -> int:
    """How many actions at most come one after the other because each waits for the one before."""
    if not len(schedule):
        return 0
    length = [1] * len(schedule)
    before, after = schedule.edges()
    # Edges are grouped by what they begin at, whose own length is known by then.
    for earlier, later in zip(before.tolist(), after.tolist(), strict=True):
        length[later] = max(length[later], length[earlier] + 1)
    return max(length)


def _peak(per_second: Ints, at: Ints, intended: Ints) -> Peak | None:
    if not len(intended):
        return None
    second = int(np.argmax(per_second))
    first = int(np.searchsorted(intended, second * _NS_PER_S))
    return Peak(second=second, at_us=int(at[first]), actions=int(per_second[second]))
