"""Backends that cannot be filled: told in time and in one line."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters import adapter_named
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError
from dmsim.replay.provision import takes_time
from dmsim.replay.target import resolve_target
from tests.replay.conftest import MakeTrace

#: The replay patches the standard library as this does, and waits longer.
FILL = """
from gevent import monkey; monkey.patch_all()
import sys
from pathlib import Path
from dmsim.adapters import adapter_named
from dmsim.errors import UsageError
from dmsim.progress import Silent
from dmsim.replay import provision
from dmsim.replay.target import resolve_target
from dmsim.trace.reader import Trace

provision.TIMEOUT_S = 0.5
try:
    trace, adapter = Trace.open(Path(sys.argv[1])), adapter_named("reference", "token")
    provision.provision(trace, adapter, resolve_target(sys.argv[2]), Silent())
except UsageError as error:
    print(error)
"""


@contextmanager
def answering(*pieces: bytes, forever: bool = False) -> Iterator[str]:
    """The URL of a backend that answers everything alike, forever its last piece."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # What is left unread when the connection is closed would reset it.
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                while forever and not over.wait(0.05):
                    self.wfile.write(pieces[-1])
            except OSError:
                pass
            self.close_connection = True

        do_POST = do_GET  # noqa: N815 - the handler's own names

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


def fill(trace: Path, host: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(trace), host],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "forever", "told"),
    [
        ((HEAD, b"1\r\nx\r\n"), True, "no answer within 0.5 s"),
        ((HEAD, b"200000\r\n", b"x" * 0x200000), False, "an answer of more than 1048576 bytes"),
        ((b"\x00\x1b[1m\r\n\xff\r\n",), False, "is this the backend?"),
        ((), False, "is this the backend?"),
    ],
    ids=["drips", "talks too much", "garbage", "says nothing"],
)
def test_a_backend_that_cannot_be_filled_is_told_in_one_line(
    make_trace: MakeTrace, pieces: tuple[bytes, ...], forever: bool, told: str
) -> None:
    with answering(*pieces, forever=forever) as host:
        said = fill(make_trace([]), host)
    assert told in said
    assert len(said.splitlines()) == 1
    assert said.removesuffix("\n").isprintable()


def health(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@pytest.mark.parametrize(
    ("answer", "takes"),
    [
        (health(b'{"simulated_time":true}'), True),
        (health(b'{"simulated_time":false}'), False),
        (health(b'{"simulated_time":true}', b"404 Not Found"), False),
        (health(b"all is well"), False),
    ],
)
def test_the_backend_is_asked_once_whether_it_takes_simulated_time(
    answer: bytes, takes: bool
) -> None:
    with answering(answer) as host:
        assert takes_time(adapter_named("reference", "token"), resolve_target(host)) is takes


def test_a_backend_that_cannot_be_asked_is_told_in_one_line() -> None:
    with (
        answering(b"\x00garbage\r\n") as host,
        pytest.raises(UsageError, match="is this the backend"),
    ):
        takes_time(adapter_named("reference", "token"), resolve_target(host))


def test_a_kind_of_backend_without_a_health_is_not_asked() -> None:
    class Healthless(ReferenceAdapter):
        health = ""

    assert not takes_time(Healthless("token"), resolve_target("http://127.0.0.1:1"))
