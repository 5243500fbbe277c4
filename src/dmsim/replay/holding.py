"""Holding one connection, in each of the ways in which backends tell of messages.

Every function returns only by an exception: the connection breaks, or the greenlet is killed. What
is broken is not opened anew, as no request is sent twice: what it would have heard is not expected.
"""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import NoReturn

import gevent
import httptools
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from dmsim.adapters.base import Answer
from dmsim.adapters.listening import Kind, Listening
from dmsim.replay.sse import EventParser, TooLarge
from dmsim.replay.stream import Stream
from dmsim.replay.wire import HeadedConnection, Trouble, Wire, WireError

#: An event or frame larger than this breaks its connection; no message's comes near it.
MOST_EVENT = 1 << 20

#: How long a poll may stay unanswered: backends commonly let one wait for half a minute.
LONGEST_POLL_S = 120.0

#: A backend that answers polls at once although there is nothing would be asked without end.
_SHORTEST_POLL_S = 0.01

#: The head of an answer is never so large.
_MOST_HEAD = 1 << 16

_ENDED = "ended by the backend"


class Broken(Exception):  # noqa: N818 - what became of a connection
    """A connection that is not held any more, and why."""


class Refused(Broken):
    """The backend does not let the account listen."""


#: Told that the account listens from now on.
Opened = Callable[[], None]
#: Told what arrived; returns how many messages that was.
Took = Callable[[bytes], int]
Requests = Generator[bytes, Answer, str]


def hold(wire: Wire, listening: Listening, account: int, opened: Opened, took: Took) -> NoReturn:
    """Hold an account's connection.

    Args:
        wire: the way to the backend.
        listening: how accounts listen there.
        account: who listens.
        opened: called once, when it does.
        took: called with what arrives.

    Raises:
        Refused: it never was held.
        Broken: it is held no longer.
    """
    requests = listening.requests(account)
    try:
        if listening.kind == Kind.LONG_POLL:
            _poll(wire, requests, account, listening.opens_by_answer, opened, took)
        first = _first(requests)
        with closing(Stream(wire)) as stream:
            if listening.kind == Kind.SSE:
                _events(stream, first, opened, took)
            _frames(stream, wire, first, opened, took)
    except WireError as error:
        raise Broken(str(error.trouble)) from None


def _first(requests: Requests) -> bytes:
    try:
        return next(requests)
    except StopIteration as end:
        raise Refused(str(end.value)) from None


def _poll(
    wire: Wire, requests: Requests, account: int, by_answer: bool, opened: Opened, took: Took
) -> NoReturn:
    connection = HeadedConnection(wire)
    request, is_first = _first(requests), True
    try:
        if not by_answer:
            opened()
        while True:
            asked = time.monotonic()
            status, body = connection.exchange(request, account)
            if not 200 <= status < 300:
                raise (Refused if is_first else Broken)(f"status {status}")
            if is_first and by_answer:
                opened()
            is_first = False
            if not took(body):
                gevent.sleep(max(0.0, asked + _SHORTEST_POLL_S - time.monotonic()))
            try:
                request = requests.send(Answer(status, body, connection.headers))
            except StopIteration as end:
                raise Broken(str(end.value)) from None
    finally:
        connection.close()


class _EventAnswer:
    """The parser's callbacks: an answer that does not end."""

    def __init__(self, opened: Opened, took: Took) -> None:
        self._events = EventParser(MOST_EVENT)
        self._opened, self._took = opened, took
        self._type = b""
        self.parser = httptools.HttpResponseParser(self)
        self.problem: Broken | None = None
        self.is_open = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._type = value.partition(b";")[0].strip().lower()

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if status != 200:
            self._end(Refused(f"status {status}"))
        elif self._type != b"text/event-stream":
            self._end(Refused("no event stream"))
        else:
            self.is_open = True
            self._opened()

    def on_body(self, part: bytes) -> None:
        if self.problem is not None:
            return
        try:
            for event in self._events.feed(part):
                self._took(event)
        except TooLarge:
            self._end(Broken("event too large"))

    def on_message_complete(self) -> None:
        self._end(Broken(_ENDED))

    def _end(self, problem: Broken) -> None:
        self.problem = self.problem or problem


def _events(stream: Stream, request: bytes, opened: Opened, took: Took) -> NoReturn:
    stream.send(request)
    answer = _EventAnswer(opened, took)
    size = 0
    while True:
        data = stream.receive()
        if not data:
            raise Broken(_ENDED)
        try:
            answer.parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None  # ours, not the backend's
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if answer.problem is None:
                raise Broken(str(Trouble.GARBAGE)) from None
        if answer.problem is not None:
            raise answer.problem
        size += len(data)
        if not answer.is_open and size > _MOST_HEAD:
            raise Broken(str(Trouble.TOO_LARGE))


def _frames(stream: Stream, wire: Wire, request: bytes, opened: Opened, took: Took) -> NoReturn:
    protocol = _handshake(wire, request)
    message = b""
    is_open = False
    while True:
        for part in protocol.data_to_send():
            if part:  # an empty one asks to close
                stream.send(part)
        problem = protocol.handshake_exc
        if isinstance(problem, InvalidStatus):
            raise Refused(f"status {problem.response.status_code}")
        if problem is not None:
            raise Refused("no WebSocket")
        if is_open and protocol.state is not OPEN:
            raise Broken(_why_closed(protocol))
        data = stream.receive()
        if not data:
            raise Broken(_ENDED)
        protocol.receive_data(data)
        for event in protocol.events_received():
            if not isinstance(event, Frame):
                # What came along with it may have closed the connection already.
                is_open = protocol.handshake_exc is None
                if is_open:
                    opened()
            elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                message += event.data
                if event.fin:
                    took(message)
                    message = b""


def _handshake(wire: Wire, request: bytes) -> ClientProtocol:
    """The protocol, which is about to send a request with the adapter's path and headers."""
    head, *lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    path = head.split(" ")[1]
    scheme = "ws" if wire.target.tls is None else "wss"
    uri = parse_uri(f"{scheme}://{wire.target.authority}{path}")
    protocol = ClientProtocol(uri, max_size=MOST_EVENT)
    asked = protocol.connect()
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() != "host":
            asked.headers[name] = value.strip()
    protocol.send_request(asked)
    return protocol


def _why_closed(protocol: ClientProtocol) -> str:
    sent = protocol.close_sent
    if sent is not None and protocol.close_rcvd is None:
        return "event too large" if sent.code == 1009 else "not WebSocket"
    return _ENDED
