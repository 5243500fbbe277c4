"""What the wire client makes of an answer does not depend on how the network cuts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import gevent.server
import gevent.socket
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.replay.target import resolve_target
from dmsim.replay.wire import Connection, Trouble, Wire, WireError

REQUEST = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

ANSWERS = {
    "sized": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", (200, b"hello")),
    "chunked with extensions and trailers": (
        _CHUNKED + b"2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n",
        (200, b"hello"),
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", (304, b"")),
    "interim": (
        b"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        (200, b"ok"),
    ),
    "a redirect is an answer like any other": (
        b"HTTP/1.1 307 Elsewhere\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
        (307, b""),
    ),
}


class Peer:
    """Answers every request with the same pieces, and counts the requests."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.requests = 0

    def __call__(self, sock: gevent.socket.socket, _: object) -> None:
        sock.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
        if sock.recv(65536):
            self.requests += 1
            for piece in self.pieces:
                try:
                    sock.sendall(piece)
                except OSError:
                    break
                gevent.sleep(0)
        sock.close()


@contextmanager
def connected() -> Iterator[tuple[Peer, Connection]]:
    peer = Peer()
    server = gevent.server.StreamServer(("127.0.0.1", 0), peer)
    server.start()
    wire = Wire(resolve_target(f"http://127.0.0.1:{server.server_port}"), 5)
    connection = Connection(wire)
    try:
        yield peer, connection
    finally:
        connection.close()
        wire.close()
        server.stop()


def cut(whole: bytes, at: set[int]) -> list[bytes]:
    places = [0, *sorted(place for place in at if place < len(whole)), len(whole)]
    return [whole[a:b] for a, b in pairwise(places)]


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(ANSWERS)), at=st.sets(st.integers(1, 100), max_size=12))
def test_an_answer_is_the_same_however_it_is_cut(kind: str, at: set[int]) -> None:
    whole, expected = ANSWERS[kind]
    with connected() as (peer, connection):
        peer.pieces = cut(whole, at)
        assert connection.exchange(REQUEST) == expected
        assert peer.requests == 1


@pytest.mark.parametrize(
    ("pieces", "trouble"),
    [
        ([], Trouble.LOST),
        ([_CHUNKED, b"5\r\nhel"], Trouble.LOST),
        ([_CHUNKED, b"z\r\n"], Trouble.GARBAGE),
        ([_CHUNKED, *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 40], Trouble.TOO_LARGE),
        ([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 65536] * 40], Trouble.TOO_LARGE),
        ([b"HTTP/1.1 200 OK\r\n", *[b"A: " + b"x" * 60000 + b"\r\n"] * 40], Trouble.TOO_LARGE),
    ],
    ids=[
        "unanswered",
        "chunk cut short",
        "no chunk size",
        "endless chunks",
        "endless body",
        "headers",
    ],
)
def test_what_is_no_answer_is_told_apart_and_sent_once(
    pieces: list[bytes], trouble: Trouble
) -> None:
    with connected() as (peer, connection):
        peer.pieces = pieces
        with pytest.raises(WireError) as caught:
            connection.exchange(REQUEST)
        assert caught.value.trouble == trouble
        assert peer.requests == 1
