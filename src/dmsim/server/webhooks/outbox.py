"""Events that wait for the receiver: in the file, and in memory in their order."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from dmsim.server.changes import Changes
from dmsim.server.service import Service
from dmsim.server.webhooks.events import events_of

#: How many events may wait; of a receiver that is away for longer the later ones are lost.
MOST = 100_000

#: How many events one request tells at most.
BATCH = 100


class Waiting(NamedTuple):
    """An event that waits; ids go on from one to the next."""

    id: int
    entry: str


class Outbox:
    """The events of a backend on their way from its commit groups to a receiver.

    The loop's thread puts them in, another one takes them out.

    Args:
        service: the backend at work; its store is asked to hand over each group.

    Attributes:
        dropped: how many events found no room since the start.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._more = threading.Condition()
        self._waiting = deque(Waiting(*row) for row in service.store.events())
        self._group: list[Waiting] = []
        self._empties = False
        self._next = self._waiting[-1].id + 1 if self._waiting else 0
        self._closed = False
        self.dropped = 0
        service.store.before_group.append(self._gather)
        service.store.after_group.append(self._release)

    def __len__(self) -> int:
        return len(self._waiting)

    def batch(self) -> list[Waiting]:
        """The events that wait longest, as soon as there are any; none once it is closed."""
        with self._more:
            self._more.wait_for(lambda: self._waiting or self._closed)
            return [] if self._closed else list(islice(self._waiting, BATCH))

    def delivered(self, last: int, loop: asyncio.AbstractEventLoop) -> None:
        """The receiver has all up to one event: forget them, in memory now, in the file soon.

        Args:
            last: the id of that event.
            loop: where the store's changes are noted.
        """
        with self._more:
            while self._waiting and self._waiting[0].id <= last:
                self._waiting.popleft()
        # Once the loop has ended the file keeps them, and they are told again after the next start.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._forget, last)

    def close(self) -> None:
        """Hand out nothing any more."""
        with self._more:
            self._closed = True
            self._more.notify_all()

    def _forget(self, last: int) -> None:
        self._service.changes.delivered.append((last,))
        self._service.store.settled()

    def _gather(self, changes: Changes) -> None:
        """Add its events to a group that is about to be written."""
        self._empties = changes.emptied
        for event in events_of(changes, self._service):
            if len(self._waiting) + len(self._group) >= MOST:
                self.dropped += 1
                continue
            waiting = Waiting(self._next, event.entry)
            self._next += 1
            self._group.append(waiting)
            changes.events.append(waiting)

    def _release(self) -> None:
        """The group is durable: what it tells may be told."""
        group, self._group = self._group, []
        with self._more:
            if self._empties:
                self._waiting.clear()
            self._waiting += group
            self._more.notify_all()
