"""The client with cookies and proxies; gevent needs no patched library for it."""

from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.replay.provision import check_reachable
from dmsim.replay.run import replay
from dmsim.replay.session import SessionConnection, Sessions
from dmsim.replay.target import resolve_target
from dmsim.replay.transport import Transport
from dmsim.replay.wire import Trouble, WireError
from tests.replay.conftest import MakeTrace, ProxyProcess
from tests.replay.proxy_server import Proxy
from tests.replay.test_end_to_end import says
from tests.replay.test_wire import INBOX
from tests.replay.test_wire_answers import CUT, CUTS, ENDLESS, WHOLE, pieces, served

COUNT = b"GET /count HTTP/1.1\r\nHost: x\r\n\r\n"


def message(text: str, account: str = "kim") -> bytes:
    body = b'{"text":"%b"}' % text.encode()
    head = (
        b"POST /v1/threads/1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n"
        b"Content-Length: %d\r\n\r\n"
    )
    return head % (account.encode(), len(body)) + body


@pytest.fixture
def sessions(backend: str) -> Iterator[Sessions]:
    sessions = Sessions(resolve_target(backend), 0.5)
    yield sessions
    sessions.close()


@pytest.fixture
def connection(sessions: Sessions) -> Iterator[SessionConnection]:
    connection = sessions.connection()
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "text", ["inbox", "chunked:inbox", "last:inbox", "interim:inbox", "slow:0.1:inbox"]
)
def test_well_formed_answers_are_read_whole(connection: SessionConnection, text: str) -> None:
    for _ in range(3):
        assert connection.exchange(message(text), 0) == INBOX


def test_a_body_without_a_length_ends_with_the_connection(connection: SessionConnection) -> None:
    for _ in range(2):
        assert connection.exchange(message("endless"), 0) == (200, b'{"outcome":"inbox"}')


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
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_what_is_no_answer_is_told_apart_and_is_never_asked_for_twice(
    connection: SessionConnection, text: str, trouble: Trouble, method: bytes
) -> None:
    assert connection.exchange(message("inbox"), 0) == INBOX
    with pytest.raises(WireError) as caught:
        connection.exchange(message(text).replace(b"POST", method), 0)
    assert caught.value.trouble == trouble
    assert connection.exchange(COUNT, 0) == (200, b"2")


def test_a_redirect_is_an_answer_and_not_followed(connection: SessionConnection) -> None:
    assert connection.exchange(message("redirect"), 0) == (302, b"")
    assert connection.exchange(COUNT, 0) == (200, b"1")


def test_a_kept_connection_that_the_server_closed_is_replaced_before_sending(
    connection: SessionConnection,
) -> None:
    for _ in range(3):
        assert connection.exchange(message("idle:inbox"), 0) == INBOX
        gevent.sleep(0.05)
    assert connection.exchange(COUNT, 0) == (200, b"3")


@pytest.mark.parametrize("name", ["body", "chunks", "trailers"])
def test_an_endless_answer_is_given_up(name: str) -> None:
    with served(ENDLESS[name](), slow=False) as (target, _):
        connection = Sessions(target, 2.0).connection()
        with pytest.raises(WireError) as caught:
            connection.exchange(message("inbox"), 0)
        assert caught.value.trouble in (Trouble.TOO_LARGE, Trouble.TIMEOUT)


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(sorted(WHOLE)), cuts=CUTS)
def test_an_answer_is_the_same_in_any_pieces(name: str, cuts: list[int]) -> None:
    answer, understood = WHOLE[name]
    with served(pieces(answer, cuts), pieces(answer, cuts)) as (target, server):
        connection = Sessions(target, 5.0).connection()
        for _ in range(2):
            assert connection.exchange(message("inbox"), 0) == understood
        connection.close()
        assert server.requests == 2


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(sorted(CUT)), cuts=CUTS, method=st.sampled_from([b"GET", b"POST"]))
def test_an_answer_that_was_cut_off_is_lost_and_not_asked_for_again(
    name: str, cuts: list[int], method: bytes
) -> None:
    with served(pieces(CUT[name], cuts), then_close=True) as (target, server):
        connection = Sessions(target, 5.0).connection()
        with pytest.raises(WireError) as caught:
            connection.exchange(message("inbox").replace(b"POST", method), 0)
        assert caught.value.trouble == Trouble.LOST
        assert server.requests == 1


def test_cookies_are_kept_for_the_account_that_they_were_given_to(sessions: Sessions) -> None:
    first, second = sessions.connection(), sessions.connection()
    assert first.exchange(message("member:inbox", "kim"), 1) == (403, b"")
    assert first.exchange(message("enter:inbox", "kim"), 1) == INBOX
    assert second.exchange(message("member:inbox", "kim"), 1) == INBOX
    assert first.exchange(message("member:inbox", "lee"), 2) == (403, b"")
    assert first.exchange(message("enter:inbox", "lee"), 2) == INBOX
    for connection in (first, second):
        assert connection.exchange(message("member:inbox", "kim"), 1) == INBOX
        assert connection.exchange(message("member:inbox", "lee"), 2) == INBOX
        connection.close()


def test_an_opened_connection_is_used(connection: SessionConnection) -> None:
    connection.open()
    assert connection.exchange(message("inbox"), 0) == INBOX


def test_nobody_listening_is_no_connection() -> None:
    connection = Sessions(resolve_target("http://127.0.0.1:1"), 0.5).connection()
    with pytest.raises(WireError) as opened:
        connection.open()
    with pytest.raises(WireError) as exchanged:
        connection.exchange(message("inbox"), 0)
    assert opened.value.trouble == exchanged.value.trouble == Trouble.REFUSED


def test_a_proxy_between_sees_every_request_once(backend: str) -> None:
    proxy = Proxy()
    transport = Transport(proxy=f"http://127.0.0.1:{proxy.port}")
    connection = Sessions(resolve_target(backend, transport=transport), 0.5).connection()
    for _ in range(3):
        assert connection.exchange(message("inbox"), 0) == INBOX
    assert connection.exchange(COUNT, 0) == (200, b"3")
    connection.close()
    proxy.close()
    assert (proxy.forwarded, proxy.tunnelled) == (4, 0)


def test_a_replay_goes_through_the_proxy(
    make_trace: MakeTrace, backend: str, proxy: ProxyProcess
) -> None:
    trace = make_trace(says(*["inbox"] * 20))
    out = trace.parent / "out"
    result = replay(trace, host=backend, out=out, transport=Transport(proxy=proxy.url))
    assert result.exit_code == 0, result.summary.invalid_because
    assert proxy.counts()[0] > 20


def test_a_replay_over_tls_goes_through_the_proxy_unread(
    make_trace: MakeTrace, tls_backend: str, authority: Path, proxy: ProxyProcess
) -> None:
    trace = make_trace(says(*["inbox"] * 20))
    out = trace.parent / "out"
    transport = Transport(proxy=proxy.url, ca=str(authority))
    result = replay(trace, host=tls_backend, out=out, transport=transport)
    assert result.exit_code == 0, result.summary.invalid_because
    forwarded, tunnelled = proxy.counts()
    assert forwarded == 0
    assert tunnelled > 0


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("https://127.0.0.1:1", "plain HTTP"),
        ("http://me:secret@127.0.0.1:1", "do not belong there"),
        ("http://192.0.2.1:1", "--allow-host 192.0.2.1"),
        ("nonsense", "not usable"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=f"--proxy.*{complaint}") as caught:
        resolve_target("http://127.0.0.1:2", transport=Transport(proxy=url))
    assert "secret" not in str(caught.value)


def test_a_proxy_that_is_down_is_named(backend: str) -> None:
    transport = Transport(proxy="http://127.0.0.1:1")
    with pytest.raises(UsageError, match=r"--proxy http://127.0.0.1:1: nothing listens there"):
        check_reachable(resolve_target(backend, transport=transport))
