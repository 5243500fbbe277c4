"""Telling accounts that listen of their messages, as server-sent events, once these are durable.

See https://html.spec.whatwg.org/multipage/server-sent-events.html for the format.
"""

import asyncio
from collections.abc import Callable, Iterator

import msgspec

from dmsim.server.answers import MessageEvent
from dmsim.server.changes import Changes
from dmsim.server.http import Event, Receive, Scope, Send
from dmsim.server.service import Service
from dmsim.server.state.conversation import Message

PATH = "/v1/events"

#: How many events may wait for one listener; whoever is slower is closed.
MOST_WAITING = 100

#: Seconds without an event after which a comment is sent, so that nobody takes the silence for the
#: end of the connection.
HEARTBEAT_S = 15.0

_START: Event = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")],
}
_END: Event = {"type": "http.response.body", "body": b""}
_FIRST = b": listening\n\n"
_HEARTBEAT = b": still here\n\n"


class Listener:
    """One held connection of an account, and the events that wait for it.

    Args:
        abort: closes the connection at once, whatever was not sent yet.
    """

    def __init__(self, abort: Callable[[], object]) -> None:
        self.ended = False
        self._abort = abort
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()

    def tell(self, event: bytes) -> bool:
        """Let an event wait; whether there was room for it."""
        if len(self._waiting) == MOST_WAITING:
            return False
        self._waiting.append(event)
        self._wake.set()
        return True

    def end(self) -> None:
        """Send what waits, then nothing more."""
        self.ended = True
        self._wake.set()

    def abort(self) -> None:
        """Send nothing more, not even what waits."""
        self._waiting.clear()
        self.end()
        self._abort()

    async def next(self) -> bytes:
        """What is to be sent next, as soon as there is anything; empty at the end."""
        while not self._waiting:
            if self.ended:
                return b""
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._wake.wait()
            except TimeoutError:
                return _HEARTBEAT
            self._wake.clear()
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)


class Events:
    """Everybody who listens.

    Args:
        service: the backend at work; its store hands over each group of changes.

    Attributes:
        slow: how many were closed since the start because they did not take their events.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._of: dict[int, set[Listener]] = {}
        self._group: list[tuple[int, bytes]] = []
        self._empties = False
        self.slow = 0
        service.store.before_group.append(self._gather)
        service.store.after_group.append(self._release)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    async def stream(self, account: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell an account of its messages until it goes, or somebody ends it."""
        listener = Listener(_abort_of(scope))
        self._of.setdefault(account, set()).add(listener)
        watch = asyncio.ensure_future(_end_with_client(receive, listener))
        try:
            await send(_START)
            part = _FIRST
            while part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part = await listener.next()
            await send(_END)
        finally:
            watch.cancel()
            self._forget(account, listener)

    def end(self) -> None:
        """Let everybody go."""
        for listener in self._all():
            listener.end()

    def _all(self) -> Iterator[Listener]:
        for listeners in list(self._of.values()):
            yield from list(listeners)

    def _forget(self, account: int, listener: Listener) -> None:
        listeners = self._of.get(account, set())
        listeners.discard(listener)
        if not listeners:
            self._of.pop(account, None)

    def _gather(self, changes: Changes) -> None:
        """Note what a group that is about to be written tells those who listen."""
        self._empties = changes.emptied
        for pair, message in changes.messages if self._of else ():
            high, low = pair & 0xFFFF_FFFF, pair >> 32
            recipient = high if message.author == low else low
            if recipient in self._of and not self._is_filtered(recipient, message):
                self._group.append((recipient, _written(message)))

    def _is_filtered(self, recipient: int, message: Message) -> bool:
        """Whether the message lies among the filtered requests, of which nobody is told (R62)."""
        conversation = self._service.world.conversation(recipient, message.author)
        return conversation is not None and conversation.filtered

    def _release(self) -> None:
        """The group is durable: what it tells may be told."""
        group, self._group = self._group, []
        for recipient, event in group:
            for listener in list(self._of.get(recipient, ())):
                if not listener.tell(event):
                    self.slow += 1
                    self._forget(recipient, listener)
                    listener.abort()
        if self._empties:
            self.end()


def _abort_of(scope: Scope) -> Callable[[], object]:
    """What closes a connection; a server of another kind offers nothing that does."""
    abort: Callable[[], object] = scope.get("extensions", {}).get("dmsim", {}).get("abort", int)
    return abort


def _written(message: Message) -> bytes:
    told = MessageEvent(message.id, message.author, message.at, message.text)
    return b"event: message\ndata: " + msgspec.json.encode(told) + b"\n\n"


async def _end_with_client(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()
