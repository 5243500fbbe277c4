"""Who sends what when: one dispatcher over absolute times, a pool of lanes that grows to a cap.

The schedule is open loop: an action is begun at its intended time however slowly others are
answered. It waits only for what it comes *after* in the trace; the last of those to finish begins
it. Where no lane is free and the pool may not grow, the action is dropped, and counted.
"""

import time
from array import array
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

import gevent
import gevent.event
import numpy as np

from dmsim.replay.rows import Rows
from dmsim.replay.schedule import Ints, Schedule
from dmsim.replay.shards import Share
from dmsim.replay.timer import Timer
from dmsim.replay.words import told_error


class Fate(IntEnum):
    """What became of an action; ``PENDING`` where the run ended before it did."""

    PENDING = 0
    ANSWERED = 1
    ERROR = 2
    DROPPED = 3
    SKIPPED = 4
    UNSUPPORTED = 5
    LEFT_OUT = 6


#: A dependent of one of these cannot be judged by the trace, so it is not sent.
_FAILED = frozenset({Fate.ERROR, Fate.DROPPED, Fate.SKIPPED})


class Lane(Protocol):
    """What one greenlet of the pool needs to send actions one after the other."""

    def perform(self, row: int) -> Fate:
        """Send the action and wait for its answer."""

    def close(self) -> None:
        """Give up the connection."""


class Dispatcher:
    """Begins every action of a schedule at its time and sees it to its fate.

    Args:
        schedule: the actions.
        new_lane: makes another lane for the pool.
        cap: how many lanes there may be.
        timer: the alarm clock of the dispatching greenlet.
        withheld: asked once of every action as it would begin; ``PENDING`` where it is to be sent,
            else the fate of one that is not.
        rows: where the fates are written, and when each action could begin at the earliest: at its
            intended time or the end of its last prerequisite, whichever is later.
        share: which actions are ours, where others replay the rest of the schedule.
        announce: told of every action of ours that met its fate and that others' actions come
            after: row, fate and when.

    Attributes:
        fates: a :class:`Fate` per row.
        ready: per row when it could begin at the earliest, ``time.monotonic_ns()``.
        cause: for each skipped row the row that failed and so began the chain.
        finished: how many of our rows have met their fate.
        stopped: why the run was ended early; empty if it was not.
        failure: the exception of ours that ended it, if one did.
    """

    def __init__(
        self,
        schedule: Schedule,
        new_lane: Callable[[], Lane],
        cap: int,
        timer: Timer,
        withheld: Callable[[int], Fate],
        rows: Rows,
        share: Share,
        announce: Callable[[int, Fate, int], None] | None = None,
    ) -> None:
        self.fates = rows.fates
        self.ready = rows.ready
        self._note_cause = rows.note_cause
        self._order = rows.order
        self._share = share
        self._ours = share.ours
        self._told = share.told
        self._announce = announce
        self.cause: dict[int, int] = {}
        self.finished = 0
        self.stopped = ""
        self.failure: Exception | None = None
        self._schedule = schedule
        self._withheld = withheld
        self._waits_for = array("q", schedule.waits_for.tobytes())
        self._first = schedule.first.data
        self._dependents = schedule.dependents.data
        self._new_lane = new_lane
        self._cap = cap
        self._timer = timer
        self._reached = 0
        self._lanes: list[_Greenlet] = []
        self._idle: list[_Greenlet] = []
        self._over = gevent.event.Event()
        self._schedule_callback = gevent.get_hub().loop.run_callback

    def warm(self, lanes: list[Lane]) -> None:
        """Put lanes that are already connected into the pool."""
        for lane in lanes:
            greenlet = _Greenlet(lane, self)
            self._lanes.append(greenlet)
            self._idle.append(greenlet)
            greenlet.start()
        gevent.sleep(0)

    def run(self, t0: int) -> None:
        """Replay the schedule from the instant ``t0`` (``time.monotonic_ns()``) to its end.

        Raises:
            Exception: whatever a lane, or the dispatcher itself, failed with.
        """
        if not len(self._share):
            self._over.set()
        due = self._schedule.intended + t0
        # What others finished may be known before our own clock has reached T0.
        ready = np.asarray(self.ready)
        np.maximum(ready, due, out=ready)
        pacer = gevent.spawn(self._run_pacer, due)
        try:
            self._over.wait()
        finally:
            gevent.killall([pacer, *self._lanes])
            for greenlet in self._lanes:
                greenlet.lane.close()
        if self.failure is not None:
            raise self.failure

    def stop(self, reason: str) -> None:
        """End the run now; what has not met its fate stays pending."""
        if not self._over.is_set():
            self.stopped = reason
            self._over.set()

    def fail(self, error: Exception) -> None:
        """End the run because we are at fault; :meth:`run` raises the error."""
        if self.failure is None:
            self.failure = error
            self.stop(told_error(error))

    def _run_pacer(self, due: Ints) -> None:
        # An exception that leaves a greenlet is printed by gevent, with its traceback.
        try:
            self._pace(due)
        except Exception as error:
            self.fail(error)

    def _pace(self, due: Ints) -> None:
        instants = due.data
        rows = self._share.rows.data
        clock = time.monotonic_ns
        at, size = 0, len(rows)
        while at < size:
            self._timer.wait_until(instants[rows[at]])
            now = clock()
            while at < size and instants[rows[at]] <= now:
                row = rows[at]
                at += 1
                self._reached = row + 1
                if not self._waits_for[row] and (fate := self._begin(row)):
                    self._settle(row, fate, self.ready[row])

    def _begin(self, row: int) -> Fate:
        """Begin an action that is due and waits for nothing any more.

        Returns:
            ``PENDING`` where a lane took it, else the fate it met on the spot.
        """
        if row in self.cause:
            self._note_cause(row, self.cause[row])
            return Fate.SKIPPED
        if fate := self._withheld(row):
            return fate
        if self._idle:
            greenlet = self._idle.pop()
            greenlet.row = row
            self._schedule_callback(greenlet.switch)
        elif len(self._lanes) < self._cap:
            greenlet = _Greenlet(self._new_lane(), self)
            greenlet.row = row
            self._lanes.append(greenlet)
            greenlet.start()
        else:
            return Fate.DROPPED
        return Fate.PENDING

    def perform(self, greenlet: "_Greenlet") -> None:
        """Called by a greenlet of the pool: see its action to its end."""
        row = greenlet.row
        fate = greenlet.lane.perform(row)
        self._idle.append(greenlet)
        self._settle(row, fate, time.monotonic_ns())

    def settled_elsewhere(self, row: int, fate: Fate, when: int, cause: int) -> None:
        """Take note of the fate of an action that somebody else replays.

        Args:
            row: the action.
            fate: what became of it.
            when: at what moment of our clock.
            cause: the row that began the chain, where it was skipped; else the row itself.
        """
        if fate in _FAILED:
            self.cause[row] = cause
        self._spread([(row, fate)], when)

    def _settle(self, row: int, fate: Fate, when: int) -> None:
        """Note the fate of an action of ours and begin what waited only for it."""
        self._meet(row, fate, when)
        self._spread([(row, fate)], when)

    def _meet(self, row: int, fate: Fate, when: int) -> None:
        self.fates[row] = fate
        self._order.append(row)
        self.finished += 1
        if self._told[row] and self._announce is not None:
            self._announce(row, fate, when)

    def _spread(self, left: list[tuple[int, Fate]], when: int) -> None:
        """Begin what waited only for these actions.

        A list of what is left to do instead of recursion: chains of skipped actions are long.
        """
        while left:
            row, fate = left.pop()
            failed = fate in _FAILED
            for dependent in self._dependents[self._first[row] : self._first[row + 1]]:
                if not self._ours[dependent]:
                    continue
                if failed:
                    self.cause.setdefault(dependent, self.cause.get(row, row))
                self.ready[dependent] = max(self.ready[dependent], when)
                self._waits_for[dependent] -= 1
                if (
                    not self._waits_for[dependent]
                    and dependent < self._reached
                    and (met := self._begin(dependent))
                ):
                    self._meet(dependent, met, when)
                    left.append((dependent, met))
        if self.finished == len(self._share):
            self._over.set()


class _Greenlet(gevent.Greenlet):  # type: ignore[misc]
    """One greenlet of the pool; while it has nothing to do it rests in the hub."""

    def __init__(self, lane: Lane, dispatcher: Dispatcher) -> None:
        super().__init__()
        self.lane = lane
        self.row = -1
        self._dispatcher = dispatcher

    def _run(self) -> None:
        rest = gevent.get_hub().switch
        try:
            if self.row < 0:
                rest()
            while True:
                self._dispatcher.perform(self)
                rest()
        except Exception as error:
            self._dispatcher.fail(error)
