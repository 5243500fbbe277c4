"""The wire client over TLS: whom it trusts, and that nothing else is different."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent
import pytest

from dmsim.errors import UsageError
from dmsim.replay.provision import check_reachable
from dmsim.replay.target import resolve_target
from dmsim.replay.transport import DEFAULT, Transport
from dmsim.replay.wire import Connection, Trouble, Wire, WireError
from tests.replay.certificates import certificates
from tests.replay.test_wire import INBOX, message


@contextmanager
def connected(url: str, transport: Transport, timeout_s: float = 10) -> Iterator[Connection]:
    wire = Wire(resolve_target(url, transport=transport), timeout_s)
    connection = Connection(wire)
    try:
        yield connection
    finally:
        connection.close()
        wire.close()


@pytest.fixture
def connection(tls_backend: str, authority: Path) -> Iterator[Connection]:
    with connected(tls_backend, Transport(ca=str(authority))) as connection:
        yield connection


@pytest.mark.parametrize(
    "text", ["inbox", "chunked:inbox", "last:inbox", "interim:inbox", "slow:0.1:inbox"]
)
def test_well_formed_answers_are_read_whole(connection: Connection, text: str) -> None:
    for _ in range(3):
        assert connection.exchange(message(text)) == INBOX


def test_a_body_without_a_length_ends_with_the_goodbye(connection: Connection) -> None:
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
    ],
)
def test_what_is_no_answer_is_told_apart_and_the_next_exchange_works(
    connection: Connection, text: str, trouble: Trouble
) -> None:
    with pytest.raises(WireError) as caught:
        connection.exchange(message(text))
    assert caught.value.trouble == trouble
    assert connection.exchange(message("inbox")) == INBOX


def test_an_answer_that_does_not_come_is_not_waited_for(tls_backend: str, authority: Path) -> None:
    with connected(tls_backend, Transport(ca=str(authority)), timeout_s=0.3) as connection:
        connection.open()
        with pytest.raises(WireError) as caught:
            connection.exchange(message("hang"))
    assert caught.value.trouble == Trouble.TIMEOUT


@pytest.mark.parametrize("pause", [gevent.sleep, time.sleep], ids=["noticed", "not yet noticed"])
def test_session_tickets_do_not_end_an_idle_connection(
    connection: Connection, pause: Callable[[float], None]
) -> None:
    connection.open()
    kept = connection._socket
    pause(0.1)
    assert connection.exchange(message("inbox")) == INBOX
    pause(0.1)
    assert connection.exchange(message("inbox")) == INBOX
    assert connection._socket is kept


@pytest.mark.parametrize("pause", [gevent.sleep, time.sleep], ids=["noticed", "not yet noticed"])
def test_a_kept_connection_that_the_server_closed_is_replaced_before_sending(
    connection: Connection, pause: Callable[[float], None]
) -> None:
    for _ in range(3):
        assert connection.exchange(message("idle:inbox")) == INBOX
        pause(0.05)
    assert connection.exchange(message("inbox")) == INBOX


def test_a_large_request_is_sent_in_pieces(connection: Connection) -> None:
    body = b'{"text":"inbox","more":"' + b"x" * 8_000_000 + b'"}'
    head = b"POST /v1/threads/1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    assert connection.exchange(head % len(body) + body) == INBOX


def test_an_unknown_authority_is_not_trusted(tls_backend: str) -> None:
    with connected(tls_backend, DEFAULT) as connection, pytest.raises(WireError) as caught:
        connection.exchange(message("inbox"))
    assert caught.value.trouble == Trouble.TLS
    with pytest.raises(UsageError, match=r"not trusted.*--ca FILE.*--insecure"):
        check_reachable(resolve_target(tls_backend))


def test_a_certificate_for_another_name_is_not_trusted(tls_backend: str, authority: Path) -> None:
    url, transport = tls_backend.replace("127.0.0.1", "localhost"), Transport(ca=str(authority))
    with connected(url, transport) as connection, pytest.raises(WireError, match="not trusted"):
        connection.exchange(message("inbox"))
    with pytest.raises(UsageError, match="localhost"):
        check_reachable(resolve_target(url, transport=transport))


def test_insecure_talks_to_whoever_answers(tls_backend: str) -> None:
    url, transport = tls_backend.replace("127.0.0.1", "localhost"), Transport(insecure=True)
    check_reachable(resolve_target(url, transport=transport))
    with connected(url, transport) as connection:
        assert connection.exchange(message("inbox")) == INBOX


@contextmanager
def _accepting(then: Callable[[socket.socket], object]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with listener.accept()[0] as peer:
                then(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_a_handshake_that_nobody_answers_times_out() -> None:
    with (
        _accepting(lambda peer: [None for _ in iter(lambda: peer.recv(4096), b"")]) as url,
        connected(url, DEFAULT, timeout_s=0.3) as connection,
        pytest.raises(WireError, match="in the TLS handshake") as caught,
    ):
        connection.exchange(message("inbox"))
    assert caught.value.trouble == Trouble.TIMEOUT


def test_a_backend_that_speaks_plain_http_is_told_so() -> None:
    def answer(peer: socket.socket) -> None:
        peer.recv(4096)
        peer.sendall(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")

    with (
        _accepting(answer) as url,
        connected(url, DEFAULT) as connection,
        pytest.raises(WireError) as caught,
    ):
        connection.exchange(message("inbox"))
    assert caught.value.trouble == Trouble.TLS
    with _accepting(answer) as url, pytest.raises(UsageError, match="http://"):
        check_reachable(resolve_target(url))


def test_a_connection_closed_in_the_handshake_is_no_tls() -> None:
    with (
        _accepting(lambda peer: peer.recv(4096)) as url,
        connected(url, DEFAULT) as connection,
        pytest.raises(WireError) as caught,
    ):
        connection.exchange(message("inbox"))
    assert caught.value.trouble == Trouble.TLS


def test_a_body_without_a_length_and_without_a_goodbye_is_cut_off(authority: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("server.pem"))

    def answer(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 OK\r\n\r\nhel")

    with (
        _accepting(answer) as url,
        connected(url, Transport(ca=str(authority))) as connection,
        pytest.raises(WireError) as caught,
    ):
        connection.exchange(message("inbox"))
    assert caught.value.trouble == Trouble.LOST


def test_a_file_that_holds_no_certificates_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(UsageError, match=f"--ca {path}"):
            resolve_target("https://127.0.0.1:1", transport=Transport(ca=str(path)))


@pytest.mark.parametrize("transport", [Transport(ca="a.pem"), Transport(insecure=True)])
def test_options_of_tls_are_refused_for_plain_http(transport: Transport) -> None:
    with pytest.raises(UsageError, match="no meaning"):
        resolve_target("http://127.0.0.1:1", transport=transport)


def test_another_authority_is_not_trusted(tls_backend: str, tmp_path: Path) -> None:
    other = certificates(tmp_path)[0]
    with pytest.raises(UsageError, match="not trusted"):
        check_reachable(resolve_target(tls_backend, transport=Transport(ca=str(other))))
