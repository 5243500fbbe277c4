"""Held connections to backends that misbehave: each ends with its reason, none holds us up."""

import socket
import ssl
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.server import ServerConnection, serve

from dmsim.adapters.base import Answer
from dmsim.adapters.listening import Arrival, Kind
from dmsim.replay.holding import MOST_EVENT, Broken, Refused, hold
from dmsim.replay.sse import EventParser, TooLarge
from dmsim.replay.target import resolve_target
from dmsim.replay.transport import DEFAULT, Transport
from dmsim.replay.wire import Wire

LIMIT_S = 10.0
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
GONE = "no connection"
ANSWER = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Ask:
    """Asks for one path; of polls three times."""

    opens_by_answer = True

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def requests(self, account: int) -> Generator[bytes, Answer, str]:
        for _ in range(3 if self.kind == Kind.LONG_POLL else 1):
            yield b"GET /%d HTTP/1.1\r\nHost: a\r\nX-User: 7\r\n\r\n" % account
        return "enough"

    def heard(self, data: bytes) -> list[Arrival] | None:
        return []


@contextmanager
def saying(*parts: bytes, close: bool = True, key: Path | None = None) -> Iterator[str]:
    """A server that says the same to whoever asks, and then closes or falls silent.

    With a ``key`` it speaks TLS.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.settimeout(LIMIT_S)

        def answer() -> None:
            connection, _ = listener.accept()
            listener.close()  # nobody else is answered
            if key is not None:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(key)
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                connection.settimeout(LIMIT_S)
                try:
                    connection.recv(1 << 16)
                    for part in parts:
                        connection.sendall(part)
                    if not close:
                        while connection.recv(1 << 16):
                            pass
                except OSError:
                    pass  # whoever asked has had enough

        thread = threading.Thread(target=answer)
        thread.start()
        yield url if key is None else url.replace("http:", "https:")
        thread.join()


def held(
    kind: Kind, url: str, limit_s: float = LIMIT_S, transport: Transport = DEFAULT
) -> tuple[list[bytes], bool, str]:
    """What was heard, whether the connection was open, and how it ended."""
    heard: list[bytes] = []
    opened: list[bool] = []
    wire = Wire(resolve_target(url, (), transport), LIMIT_S)

    def took(data: bytes) -> int:
        heard.append(data)
        return 0

    try:
        with gevent.Timeout(limit_s, TimeoutError):
            hold(wire, Ask(kind), 3, lambda: opened.append(True), took)
    except TimeoutError:
        return heard, bool(opened), "still held"
    except Refused as refused:
        return heard, bool(opened), str(refused)
    except Broken as broken:
        return heard, bool(opened), str(broken)
    finally:
        wire.close()


@pytest.mark.parametrize(
    ("parts", "heard", "opened", "why"),
    [
        ((STREAM, b"data: 1\n\ndata: 2\n\n"), [b"1", b"2"], True, "ended by the backend"),
        ((STREAM, b"data: cut in the mid"), [], True, "ended by the backend"),
        ((STREAM, b"data: " + b"x" * (MOST_EVENT + 1)), [], True, "event too large"),
        ((STREAM, b"data: x\n" * (MOST_EVENT // 7 + 9)), [], True, "event too large"),
        ((STREAM.replace(b"200 OK", b"401 Who"),), [], False, "status 401"),
        ((ANSWER % b"200 OK",), [], False, "no event stream"),
        ((b"HTTP/1.1 204 Nothing\r\n\r\n",), [], False, "status 204"),
        ((b"220 mail.example ESMTP\r\n",), [], False, "not HTTP"),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 20),), [], False, "answer too large"),
        ((b"",), [], False, "ended by the backend"),
    ],
)
def test_a_stream_of_events_ends_with_its_reason(
    parts: tuple[bytes, ...], heard: list[bytes], opened: bool, why: str
) -> None:
    with saying(*parts) as url:
        assert held(Kind.SSE, url) == (heard, opened, why)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_backend_that_never_answers_keeps_the_connection_unopened(kind: Kind) -> None:
    with saying(close=False) as url:
        assert held(kind, url, 0.2) == ([], False, "still held")


def test_an_error_of_ours_is_not_taken_for_one_of_the_backend() -> None:
    def took(_: bytes) -> int:
        raise LookupError("ours")

    with saying(STREAM, b"data: 1\n\n") as url:
        wire = Wire(resolve_target(url), LIMIT_S)
        with pytest.raises(LookupError, match="ours"):
            hold(wire, Ask(Kind.SSE), 3, lambda: None, took)
        wire.close()


def test_a_silent_stream_is_held() -> None:
    with saying(STREAM, b": nothing new\n\n", close=False) as url:
        assert held(Kind.SSE, url, 0.2) == ([], True, "still held")


def test_events_are_heard_over_tls(authority: Path) -> None:
    parts = (STREAM, b"data: 1\n\n" * 5_000)
    with saying(*parts, key=authority.with_name("server.pem")) as url:
        heard, opened, why = held(Kind.SSE, url, transport=Transport(ca=str(authority)))
    # TLS tells an end from a cut.
    assert (len(heard), opened, why) == (5_000, True, "connection lost")


@pytest.mark.parametrize("kind", list(Kind))
def test_nobody_there_is_no_connection(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert held(kind, url) == ([], False, GONE)


@pytest.mark.parametrize(
    ("parts", "heard", "why"),
    [
        ((ANSWER.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) % b"200 OK",), [b"{}"], GONE),
        ((ANSWER % b"502 Bad",), [], "status 502"),
        ((b"garbage\r\n\r\n",), [], "not HTTP"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",), [], "connection lost"),
    ],
)
def test_polls_end_with_their_reason(
    parts: tuple[bytes, ...], heard: list[bytes], why: str
) -> None:
    with saying(*parts) as url:
        assert held(Kind.LONG_POLL, url)[::2] == (heard, why)


@contextmanager
def framing(*messages: str | bytes, code: int = 1000) -> Iterator[str]:
    """A WebSocket server that sends messages, then closes; it must be given the user's header."""

    def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.path == "/3"
        assert connection.request.headers["X-User"] == "7"
        for message in messages:
            connection.send(message)
        connection.close(code)

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


def test_frames_are_heard_until_the_backend_closes() -> None:
    with framing("one", b"two", "x" * 70_000) as url:
        heard, opened, why = held(Kind.WEBSOCKET, url)
    assert heard == [b"one", b"two", b"x" * 70_000]
    assert (opened, why) == (True, "ended by the backend")


def test_a_frame_that_is_too_large_breaks_the_connection() -> None:
    with framing("x" * (MOST_EVENT + 1)) as url:
        assert held(Kind.WEBSOCKET, url) == ([], True, "event too large")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (ANSWER % b"403 No", "status 403"),
        (ANSWER % b"200 OK", "status 200"),
        (b"220 mail.example ESMTP\r\n\r\n", "no WebSocket"),
        (b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n", "no WebSocket"),
    ],
)
def test_what_is_no_websocket_is_refused(said: bytes, why: str) -> None:
    with saying(said) as url:
        assert held(Kind.WEBSOCKET, url) == ([], False, why)


EVENTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), max_size=4)


@given(EVENTS, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.data())
def test_events_are_the_same_however_the_stream_is_cut(
    events: list[str], end: bytes, data: st.DataObject
) -> None:
    whole = b"".join(
        b": comment"
        + end
        + b"id: 5"
        + end
        + b"data: "
        + event.encode()
        + end
        + b"data: 2"
        + end
        + end
        for event in events
    )
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=6)))
    parser = EventParser(10_000)
    found = [
        event
        for begin, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)
        for event in parser.feed(whole[begin:stop])
    ]
    if end == b"\r":  # the last one may be half of a line's end
        found += parser.feed(b"\n")
    assert found == [event.encode() + b"\n2" for event in events]


def test_a_line_end_that_is_cut_in_two_is_one() -> None:
    parser = EventParser(100)
    parts = (b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n")
    assert [parser.feed(part) for part in parts] == [[], [], [], [b"a\nb"]]


def test_lines_of_data_are_joined_and_what_is_none_is_passed_over() -> None:
    parser = EventParser(100)
    assert parser.feed(b"event: x\ndata:a\ndata: b\n\nretry: 5\n\n\ndata\n\n") == [b"a\nb", b""]


def test_an_event_that_never_ends_is_not_gathered() -> None:
    parser = EventParser(100)
    for _ in range(14):
        parser.feed(b"data: x\n")
    with pytest.raises(TooLarge):
        parser.feed(b"data: x\n")
