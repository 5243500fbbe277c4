"""The wire client against a server that misbehaves; gevent needs no patched library for it."""

import time
from collections.abc import Callable, Iterator

import gevent
import pytest

from dmsim.replay.target import resolve_target
from dmsim.replay.wire import Connection, Trouble, Wire, WireError


@pytest.fixture
def connection(backend: str) -> Iterator[Connection]:
    wire = Wire(resolve_target(backend), 0.5)
    connection = Connection(wire)
    yield connection
    connection.close()
    wire.close()


def message(text: str) -> bytes:
    body = b'{"text":"%b"}' % text.encode()
    head = b"POST /v1/threads/1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


INBOX = (200, b'{"outcome": "inbox"}')


@pytest.mark.parametrize(
    "text",
    ["inbox", "chunked:inbox", "last:inbox", "interim:inbox", "slow:0.1:inbox"],
)
def test_well_formed_answers_are_read_whole(connection: Connection, text: str) -> None:
    for _ in range(3):
        assert connection.exchange(message(text)) == INBOX


def test_a_body_without_a_length_ends_with_the_connection(connection: Connection) -> None:
    for _ in range(2):
        assert connection.exchange(message("endless")) == (200, b'{"outcome":"inbox"}')


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("close", Trouble.LOST),
        ("cut", Trouble.LOST),
        ("cut head", Trouble.LOST),
        ("garbage", Trouble.GARBAGE),
        ("huge", Trouble.TOO_LARGE),
        ("hang", Trouble.TIMEOUT),
    ],
)
def test_what_is_no_answer_is_told_apart_and_the_next_exchange_works(
    connection: Connection, text: str, trouble: Trouble
) -> None:
    with pytest.raises(WireError) as caught:
        connection.exchange(message(text))
    assert caught.value.trouble == trouble
    assert connection.exchange(message("inbox")) == INBOX


@pytest.mark.parametrize("pause", [gevent.sleep, time.sleep], ids=["noticed", "not yet noticed"])
def test_a_kept_connection_that_the_server_closed_is_replaced_before_sending(
    connection: Connection, pause: Callable[[float], None]
) -> None:
    for _ in range(3):
        assert connection.exchange(message("idle:inbox")) == INBOX
        pause(0.05)
    assert connection.exchange(message("inbox")) == INBOX


def test_a_request_is_never_sent_twice(connection: Connection) -> None:
    comment = message("close").replace(b"/threads/1/messages", b"/posts/1/comments")
    connection.exchange(message("inbox"))
    with pytest.raises(WireError, match="connection lost"):
        connection.exchange(comment)


def test_a_large_request_is_sent_in_pieces(connection: Connection) -> None:
    body = b'{"text":"inbox","more":"' + b"x" * 8_000_000 + b'"}'
    head = b"POST /v1/threads/1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    assert connection.exchange(head % len(body) + body) == INBOX


def test_nobody_listening_is_no_connection() -> None:
    wire = Wire(resolve_target("http://127.0.0.1:1"), 0.5)
    with pytest.raises(WireError) as caught:
        Connection(wire).exchange(message("inbox"))
    wire.close()
    assert caught.value.trouble == Trouble.REFUSED
