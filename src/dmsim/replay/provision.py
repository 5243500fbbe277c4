"""Filling a backend with a trace's initial state before T0, and what it can do."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

import gevent

from dmsim.adapters.base import (
    OWN,
    Adapter,
    Answer,
    ConnectingAdapter,
    ProvisionRequest,
    joined_headers,
)
from dmsim.adapters.connection import WireError
from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.replay.filling import Filling
from dmsim.replay.own import OwnClient
from dmsim.replay.target import Target
from dmsim.replay.transport import told_tls_error
from dmsim.replay.wire import MAX_IDLE_NS
from dmsim.trace.reader import Trace

#: A backend may take long over a chunk of rows, but not for ever.
TIMEOUT_S = 60.0

#: So many connections carry what may be sent side by side, and so much of it at a time.
LANES = 8
_AT_ONCE = 512

#: No answer to a chunk of rows comes near it.
_MOST_BYTES = 1 << 20


def provision(
    trace: Trace,
    adapter: Adapter,
    target: Target,
    progress: Progress,
    filling: Filling | None = None,
) -> None:
    """Send the adapter's provisioning requests: those of several accounts side by side.

    Args:
        trace: whose initial state the backend is to hold.
        adapter: makes the requests.
        target: the backend.
        progress: told of the rows.
        filling: what was sent before, which is not sent again.

    Raises:
        UsageError: the backend is down, hangs, or refuses what it is sent.
    """
    if filling is not None:
        filling.recall(adapter)
        adapter.learnt()
    with (
        progress.stage("provision", adapter.provision_rows(trace), "rows") as stage,
        ExitStack() as stack,
    ):

        def finished(n: int, request: ProvisionRequest) -> None:
            if filling is not None:
                filling.note(n, adapter.learnt())
            stage.advance(request.rows)

        lanes = _Lanes(adapter, target, stack, finished)
        for n, request in enumerate(adapter.provisioning(trace)):
            if request is None:
                lanes.wait()
            elif filling is not None and filling.has(n):
                stage.advance(request.rows)
            else:
                lanes.send(n, request)
        lanes.wait()
    if filling is not None:
        filling.finish()


class _Lanes:
    """Several connections, each of which carries the requests of its accounts in order."""

    def __init__(
        self,
        adapter: Adapter,
        target: Target,
        stack: ExitStack,
        finished: Callable[[int, ProvisionRequest], None],
    ) -> None:
        self._target = target
        self._ways = [stack.enter_context(_way(adapter, target)) for _ in range(LANES)]
        self._finished = finished
        self._waiting: list[tuple[int, ProvisionRequest]] = []

    def send(self, n: int, request: ProvisionRequest) -> None:
        """Send a request, now or with the next ones."""
        alone = request.account < 0
        if alone or len(self._waiting) == _AT_ONCE:
            self.wait()
        self._waiting.append((n, request))
        if alone:
            self.wait()

    def wait(self) -> None:
        """Send all that is left, and wait until it is answered."""
        lanes: list[list[tuple[int, ProvisionRequest]]] = [[] for _ in self._ways]
        for n, request in self._waiting:
            lanes[max(request.account, 0) % LANES].append((n, request))
        self._waiting = []
        carriers = [
            gevent.spawn(self._carry, ask, lane)
            for ask, lane in zip(self._ways, lanes, strict=True)
            if lane
        ]
        try:
            gevent.joinall(carriers, raise_error=True)
        finally:
            gevent.killall(carriers)

    def _carry(self, ask: "_Ask", lane: Sequence[tuple[int, ProvisionRequest]]) -> None:
        for n, request in lane:
            following = request.begun()
            while following is not None:
                following = _send(ask, following, self._target)
            self._finished(n, request)


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
    own = adapter.health.encode() if adapter.client == OWN else b""
    with _way(adapter, target) as ask:
        status, body, _ = ask(ProvisionRequest("GET", adapter.health, {}, own, 0))
    return status == 200 and adapter.takes_time(body)


#: Sends a request and waits for its answer.
_Ask = Callable[[ProvisionRequest], Answer]


@contextmanager
def _way(adapter: Adapter, target: Target) -> Iterator[_Ask]:
    """How the backend is asked: over HTTP, or by the adapter's own client."""
    if adapter.client != OWN:
        with _connection(target) as http_connection:
            yield lambda request: _exchange(http_connection, request)
        return
    own = OwnClient(cast(ConnectingAdapter, adapter), target, TIMEOUT_S).connection()
    try:
        own.open()
        yield lambda request: Answer(*own.exchange(request.body, -1))
    except WireError as error:
        raise UsageError(f"--host {target.url}: {error}; is this the backend?") from None
    finally:
        own.close()


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
        self._used = 0
        if target.proxy is not None and target.tls is not None:
            self.set_tunnel(target.host, target.port)

    def connect(self) -> None:
        super().connect()
        if self._target.tls is not None:
            host = self._target.host
            self.sock = self._target.tls.wrap_socket(self.sock, server_hostname=host)

    def ask(self, request: ProvisionRequest) -> http.client.HTTPResponse:
        target = self._target
        if time.monotonic_ns() - self._used > MAX_IDLE_NS:
            self.close()
        self._used = time.monotonic_ns()
        # A proxy is told the whole address, unless it only passes on what it cannot read.
        whole = target.proxy is not None and target.tls is None
        url = f"http://{target.authority}{request.path}" if whole else request.path
        headers = {"Host": target.authority, **request.headers}
        self.request(request.method, url, request.body, headers)
        return self.getresponse()


def _send(ask: _Ask, request: ProvisionRequest, target: Target) -> ProvisionRequest | None:
    """Send one request; returns the one that it entails."""
    answer = ask(request)
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
