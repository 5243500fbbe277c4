"""Answers of every shape and in any pieces, from a server in greenlets beside the wire client."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise, repeat

import gevent
import gevent.socket
import pytest
from gevent.server import StreamServer
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.replay.target import Target, resolve_target
from dmsim.replay.wire import MAX_BODY, Connection, Trouble, Wire, WireError

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

#: What each answer is understood as.
WHOLE: dict[str, tuple[bytes, tuple[int, bytes]]] = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", (200, b"hello")),
    "no body": (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", (404, b"")),
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        (200, b"hello"),
    ),
    "chunk extensions and trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'5;name="a;b";more\r\nhello\r\n0;last\r\nX-Trailer: content-length: 9\r\n\r\n',
        (200, b"hello"),
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", (304, b"")),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        (200, b"hello"),
    ),
    "redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nno",
        (302, b"no"),
    ),
}

#: The same of those that the end of the connection ends.
ENDED: dict[str, tuple[bytes, tuple[int, bytes]]] = {
    "no length": (b"HTTP/1.1 200 OK\r\n\r\ncontent-length: 99", (200, b"content-length: 99")),
    "no length after an interim": (
        b"HTTP/1.1 102 Wait\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello",
        (200, b"hello"),
    ),
    "version 1.0": (b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello", (200, b"hello")),
}

#: Cut off by the end of the connection.
CUT = {
    "head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
    "late length": b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300 + b"\r\nContent-Length: 9\r\n\r\n{",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: a\r\n",
    "interim alone": b"HTTP/1.1 100 Continue\r\n\r\n",
}

GARBAGE = {
    "another protocol": b"220 smtp ready\r\n",
    "no chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunks": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "another interface": b"HTTP/1.1 101 Switching\r\nUpgrade: b\r\nConnection: upgrade\r\n\r\n",
}

ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "headers": lambda: _endless(b"HTTP/1.1 200 OK\r\n", b"X-More: %b\r\n" % (b"x" * 4000)),
    "one header": lambda: _endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 4000),
    "chunks": lambda: _endless(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n%b\r\n" % bytes(4096)
    ),
    "body": lambda: _endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(4096)),
    "interim answers": lambda: _endless(b"", b"HTTP/1.1 102 Wait\r\n\r\n" * 100),
    "trailers": lambda: _endless(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: %b\r\n" % (b"x" * 4000)
    ),
}


def _endless(first: bytes, more: bytes) -> Iterator[bytes]:
    yield first
    yield from repeat(more)


class Server:
    """Answers every request with the next answer, in pieces, and counts the requests."""

    def __init__(self, answers: Sequence[Iterator[bytes]], then_close: bool, slow: bool) -> None:
        self.requests = 0
        self._answers = iter(answers)
        self._then_close = then_close
        self._slow = slow

    def serve(self, peer: socket.socket, _: object) -> None:
        with peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while peer.recv(65536):
                self.requests += 1
                try:
                    for piece in next(self._answers, iter(())):
                        peer.sendall(piece)
                        if self._slow:  # the client takes each piece by itself
                            gevent.sleep(0)
                except OSError:
                    return  # it had enough of an endless answer
                if self._then_close:
                    return


@contextmanager
def served(
    *answers: Iterator[bytes], then_close: bool = False, slow: bool = True
) -> Iterator[tuple[Target, Server]]:
    server = Server(answers, then_close, slow)
    listening = StreamServer(("127.0.0.1", 0), server.serve)
    listening.start()
    try:
        yield resolve_target(f"http://127.0.0.1:{listening.server_port}"), server
    finally:
        listening.stop(timeout=1)


@contextmanager
def answering(
    *answers: Iterator[bytes], then_close: bool = False, slow: bool = True, timeout_s: float = 5.0
) -> Iterator[tuple[Connection, Server]]:
    with served(*answers, then_close=then_close, slow=slow) as (target, server):
        wire = Wire(target, timeout_s)
        connection = Connection(wire)
        try:
            yield connection, server
        finally:
            connection.close()
            wire.close()


def pieces(answer: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    at = sorted({0, *(cut % (len(answer) + 1) for cut in cuts), len(answer)})
    return iter([answer[a:b] for a, b in pairwise(at)])


CUTS = st.lists(st.integers(0, 500), max_size=6)


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(sorted(WHOLE)), cuts=CUTS)
def test_an_answer_is_the_same_in_any_pieces_and_the_connection_is_kept(
    name: str, cuts: list[int]
) -> None:
    answer, understood = WHOLE[name]
    with answering(pieces(answer, cuts), pieces(answer, cuts)) as (connection, server):
        assert connection.exchange(GET) == understood
        kept = connection._socket
        assert connection.exchange(GET) == understood
        assert connection._socket is kept
        assert server.requests == 2


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(sorted(ENDED)), cuts=CUTS)
def test_an_answer_without_a_length_is_the_same_in_any_pieces(name: str, cuts: list[int]) -> None:
    answer, understood = ENDED[name]
    with answering(pieces(answer, cuts), then_close=True) as (connection, server):
        assert connection.exchange(GET) == understood
        assert server.requests == 1


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(sorted(CUT)), cuts=CUTS)
def test_an_answer_that_was_cut_off_is_lost_in_any_pieces(name: str, cuts: list[int]) -> None:
    with answering(pieces(CUT[name], cuts), then_close=True) as (connection, server):
        with pytest.raises(WireError, match="mid-answer") as caught:
            connection.exchange(GET)
        assert caught.value.trouble == Trouble.LOST
        assert server.requests == 1


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(sorted(GARBAGE)), cuts=CUTS)
def test_what_is_no_http_is_garbage_in_any_pieces(name: str, cuts: list[int]) -> None:
    with answering(pieces(GARBAGE[name], cuts)) as (connection, server):
        with pytest.raises(WireError) as caught:
            connection.exchange(GET)
        assert caught.value.trouble == Trouble.GARBAGE
        assert server.requests == 1


@settings(deadline=None, max_examples=30)
@given(surplus=st.binary(min_size=1, max_size=40), cuts=CUTS)
def test_what_comes_after_an_answer_is_never_taken_for_the_next(
    surplus: bytes, cuts: list[int]
) -> None:
    answer, understood = WHOLE["length"]
    with answering(iter([answer + surplus]), pieces(answer, cuts)) as (connection, _):
        assert connection.exchange(GET) == understood
        assert connection.exchange(GET) == understood


def test_a_second_answer_to_one_request_is_not_taken_for_the_next() -> None:
    (first, understood), (second, _) = WHOLE["length"], WHOLE["no body"]
    with answering(iter([first + second]), iter([first])) as (connection, _):
        assert connection.exchange(GET) == understood
        assert connection.exchange(GET) == understood


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_an_endless_answer_is_given_up_when_it_is_too_large(name: str) -> None:
    with answering(ENDLESS[name](), slow=False, timeout_s=20.0) as (connection, _):
        with pytest.raises(WireError) as caught:
            connection.exchange(GET)
        assert caught.value.trouble == Trouble.TOO_LARGE


def test_the_largest_answer_is_read() -> None:
    body = bytes(MAX_BODY)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with answering(iter([answer])) as (connection, _):
        assert connection.exchange(GET) == (200, body)


@pytest.mark.parametrize(
    ("answer", "told"),
    [(b"", "no answer within"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "mid-answer")],
    ids=["waiting", "mid-answer"],
)
def test_a_timeout_says_what_it_waited_for(answer: bytes, told: str) -> None:
    with answering(iter([answer]), timeout_s=0.2) as (connection, _):
        with pytest.raises(WireError, match=told) as caught:
            connection.exchange(GET)
        assert caught.value.trouble == Trouble.TIMEOUT


def test_a_connection_closed_unanswered_says_so_and_is_asked_once() -> None:
    with answering(iter(()), then_close=True) as (connection, server):
        with pytest.raises(WireError, match="closed unanswered"):
            connection.exchange(GET)
        assert server.requests == 1


def test_a_full_queue_of_connections_is_a_timeout_while_connecting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for other in waiting:
            other.setblocking(False)
            other.connect_ex(address)
        wire = Wire(resolve_target(f"http://127.0.0.1:{address[1]}"), 0.2)
        with pytest.raises(WireError, match="while connecting") as caught:
            Connection(wire).open()
        assert caught.value.trouble == Trouble.TIMEOUT
        wire.close()
        for other in waiting:
            other.close()
