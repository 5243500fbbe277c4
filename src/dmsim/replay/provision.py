"""Filling a backend with a trace's initial state before T0, and what it can do."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import gevent

from dmsim.adapters.base import Adapter, Answer, ProvisionRequest, joined_headers
from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.replay.target import Target
from dmsim.replay.transport import told_tls_error
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL

#: A backend may take long over a chunk of rows, but not for ever.
TIMEOUT_S = 60.0

#: No answer to a chunk of rows comes near it.
_MOST_BYTES = 1 << 20


def provision(trace: Trace, adapter: Adapter, target: Target, progress: Progress) -> None:
    """Send the adapter's provisioning requests one after the other.

    Raises:
        UsageError: the backend is down, hangs, or refuses what it is sent.
    """
    rows = sum(trace.manifest.counts.get(table.path, 0) for table in INITIAL)
    with (
        progress.stage("provision", rows, "rows") as stage,
        _connection(target) as connection,
    ):
        for request in adapter.provisioning(trace):
            following: ProvisionRequest | None = request
            while following is not None:
                following = _send(connection, following, target)
            stage.advance(request.rows)


def check_reachable(target: Target) -> None:
    """See that somebody listens.

    Raises:
        UsageError: nobody does.
    """
    with _connection(target) as connection:
        connection.connect()


def takes_time(adapter: Adapter, target: Target) -> bool:
    """Ask the backend whether requests may carry the time at which they happen in the trace.

    Raises:
        UsageError: the backend is down, hangs, or answers what is no HTTP.
    """
    if not adapter.health:
        return False
    with _connection(target) as connection:
        status, body, _ = _exchange(connection, ProvisionRequest("GET", adapter.health, {}, b"", 0))
    return status == 200 and adapter.takes_time(body)


@contextmanager
def _connection(target: Target) -> Iterator["_Connection"]:
    connection = _Connection(target)
    try:
        yield connection
    except ConnectionRefusedError:
        if target.proxy is not None:
            raise UsageError(
                f"--proxy {target.proxy.url}: nothing listens there; start the proxy, or leave "
                "--proxy out"
            ) from None
        raise UsageError(
            f"--host {target.url}: nothing listens there; start the backend, or leave --host out "
            "for the reference backend"
        ) from None
    except ssl.SSLError as error:
        raise UsageError(f"--host {target.url}: {told_tls_error(error)}") from None
    except TimeoutError:
        raise UsageError(f"--host {target.url}: no answer within {TIMEOUT_S:g} s") from None
    except (OSError, http.client.HTTPException) as error:
        detail = str(error) or type(error).__name__
        raise UsageError(f"--host {target.url}: {detail}; is this the backend?") from None
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To the address that was resolved once, under the name that the user gave."""

    def __init__(self, target: Target) -> None:
        first = target.proxy or target
        super().__init__(first.address, first.port, timeout=TIMEOUT_S)
        self._target = target
        if target.proxy is not None and target.tls is not None:
            self.set_tunnel(target.host, target.port)

    def connect(self) -> None:
        super().connect()
        if self._target.tls is not None:
            host = self._target.host
            self.sock = self._target.tls.wrap_socket(self.sock, server_hostname=host)

    def ask(self, request: ProvisionRequest) -> http.client.HTTPResponse:
        target = self._target
        # A proxy is told the whole address, unless it only passes on what it cannot read.
        whole = target.proxy is not None and target.tls is None
        url = f"http://{target.authority}{request.path}" if whole else request.path
        headers = {"Host": target.authority, **request.headers}
        self.request(request.method, url, request.body, headers)
        return self.getresponse()


def _send(
    connection: _Connection, request: ProvisionRequest, target: Target
) -> ProvisionRequest | None:
    """Send one request; returns the one that it entails."""
    answer = _exchange(connection, request)
    status, body, _ = answer
    if status >= 300 and status not in request.accepted:
        said = body[:200].decode(errors="replace").strip()
        raise UsageError(
            f"--host {target.url}: provisioning with {request.method} {request.path} was answered "
            f"{status} {' '.join(said.split())}; check {TOKEN_VARIABLE} and the adapter"
        )
    return None if request.answered is None else request.answered(answer)


def _exchange(connection: _Connection, request: ProvisionRequest) -> Answer:
    # The connection's own limit is on each piece of an answer, this one is on the whole.
    with gevent.Timeout(TIMEOUT_S, TimeoutError):
        response = connection.ask(request)
        body = response.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise http.client.HTTPException(f"an answer of more than {_MOST_BYTES} bytes")
    return Answer(response.status, body, joined_headers(response.getheaders()))
