"""The wire client: pre-encoded requests over keep-alive HTTP/1.1, one answer at a time.

It never retries and never follows a redirect: every request of a replay is sent at most once, and
whatever comes back is the backend's answer. A kept connection that the backend has closed is
noticed before anything is sent on it and replaced; a failure after that is an error of the action.

The sockets are watched by gevent's loop directly, because its socket wrappers cost as much again as
the rest of an exchange.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable

import gevent
import gevent.monkey
import gevent.socket
import httptools

from dmsim.adapters.base import NO_HEADERS, Headers
from dmsim.adapters.connection import Trouble, WireError
from dmsim.replay.target import Target
from dmsim.replay.tls import TlsSocket
from dmsim.replay.transport import told_tls_error

__all__ = [
    "MAX_BODY",
    "MAX_IDLE_NS",
    "Connection",
    "HeadedConnection",
    "Trouble",
    "Wire",
    "WireError",
]

#: An answer larger than this is an error; no action's answer comes near it.
MAX_BODY = 1 << 20
_MAX_ANSWER = MAX_BODY + (1 << 16)
_CHUNK = 1 << 16

#: Kept connections are replaced after this long without use. Servers commonly close them after
#: five seconds, and a request that crosses with the closing would be lost.
MAX_IDLE_NS = 4_000_000_000

_READ, _WRITE = 1, 2
_RawSocket = gevent.monkey.get_original("socket", "socket")
_RawPoll = gevent.monkey.get_original("select", "poll")


class Wire:
    """The way to one backend: its address, the limit on waiting, and who is waiting.

    Args:
        target: the backend.
        timeout_s: how long one exchange may take, connecting included.
    """

    def __init__(self, target: Target, timeout_s: float) -> None:
        self.target = target
        self.timeout_s = timeout_s
        self.hub = gevent.get_hub()
        self.waiting: set[Connection] = set()
        self._family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
        # One timer looks after all exchanges: a timer each would cost more than the parsing.
        interval = min(max(timeout_s / 20, 0.005), 0.25)
        self._watch = self.hub.loop.timer(interval, repeat=interval)
        self._watch.start(self._expire)

    def connection(self, *, headed: bool = False) -> "Connection":
        """Another connection, not opened yet; ``headed`` if it tells the headers of answers."""
        return (HeadedConnection if headed else Connection)(self)

    def connect(self) -> socket.socket | TlsSocket:
        """A new non-blocking connection.

        Raises:
            WireError: ``REFUSED``, ``TLS``, or ``TIMEOUT`` where nobody answers.
        """
        deadline = time.monotonic() + self.timeout_s
        plain = gevent.socket.socket(self._family, socket.SOCK_STREAM)
        try:
            plain.settimeout(self.timeout_s)
            plain.connect((self.target.address, self.target.port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = self._secured(plain, deadline)
        except TimeoutError:
            plain.close()
            raise WireError(Trouble.TIMEOUT, "while connecting") from None
        except OSError as error:
            plain.close()
            raise WireError(Trouble.REFUSED, error.strerror or str(error)) from None
        except BaseException:
            plain.close()
            raise
        raw: socket.socket = _RawSocket(fileno=plain.detach())
        raw.setblocking(False)
        if secure is None:
            return raw
        secure.use(raw)
        return secure

    def _secured(self, plain: socket.socket, deadline: float) -> TlsSocket | None:
        if self.target.tls is None:
            return None
        secure = TlsSocket(self.target.tls, self.target.host)
        try:
            secure.handshake(plain, deadline)
        except TimeoutError:
            raise WireError(Trouble.TIMEOUT, "in the TLS handshake") from None
        except ssl.SSLError as error:
            raise WireError(Trouble.TLS, told_tls_error(error)) from None
        except OSError as error:
            raise WireError(Trouble.TLS, error.strerror or str(error)) from None
        return secure

    def close(self) -> None:
        """Stop looking after exchanges; the connections close themselves."""
        self._watch.stop()
        self._watch.close()

    def _expire(self) -> None:
        limit = time.monotonic_ns() - int(self.timeout_s * 1e9)
        for connection in [c for c in self.waiting if c.began <= limit]:
            connection.expire()


class Connection:
    """One kept connection, used by one greenlet at a time.

    It is also the protocol that httptools' parser calls back.
    """

    def __init__(self, wire: Wire) -> None:
        self.began = 0
        self._wire = wire
        self._hub = wire.hub
        self._socket: socket.socket | TlsSocket | None = None
        self._poll: select.poll
        self._watcher: object = None
        self._resume: Callable[[bool], object] | None = None
        self._in_use = False
        self._used = 0
        self._complete = False
        self._parser: httptools.HttpResponseParser
        self._start_answer()

    def exchange(self, request: bytes, actor: int = -1) -> tuple[int, bytes]:
        """Send a request and wait for its answer.

        Args:
            request: the whole HTTP/1.1 request.
            actor: the account; its requests carry all that there is to know of it.

        Returns:
            the status and the body.

        Raises:
            WireError: nothing that could be understood came back in time.
        """
        self.began = time.monotonic_ns()
        self._in_use = True
        try:
            if self._socket is None or self._is_stale():
                self.open()
            self._start_answer()
            self._send(request)
            self._receive()
        except BaseException:
            self.close()
            raise
        finally:
            self._in_use = False
        if self._surplus or not self._keep:
            self.close()
        self._used = time.monotonic_ns()
        return self._status, self._body[0] if len(self._body) == 1 else b"".join(self._body)

    def open(self) -> None:
        """Connect anew; also used to warm connections before T0."""
        self.close()
        self._socket = self._wire.connect()
        self._poll = _RawPoll()
        self._poll.register(self._socket, select.POLLIN)
        self._parser = httptools.HttpResponseParser(self)
        self._watcher = self._hub.loop.io(self._socket.fileno(), _READ)
        self._watcher.start(self._on_readable)  # type: ignore[attr-defined]
        self._used = time.monotonic_ns()

    def close(self) -> None:
        """Close the socket, if any; the next exchange opens another."""
        if self._socket is None:
            return
        self._watcher.stop()  # type: ignore[attr-defined]
        self._watcher.close()  # type: ignore[attr-defined]
        self._socket.close()
        self._socket = None

    def expire(self) -> None:
        """Called from the loop when the exchange has taken too long."""
        if self._resume is not None:
            self._resume(False)

    def on_message_begin(self) -> None:
        """Parser: an answer begins, or somebody speaks unasked."""
        if self._complete:
            self._surplus = True

    def on_headers_complete(self) -> None:
        """Parser: only at this moment it knows whether the connection will be kept."""
        self._headers = True
        self._keep = self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        """Parser: a piece of the body."""
        if not self._complete:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """Parser: an answer is whole; an interim one (1xx) is not the answer."""
        if self._complete:
            return
        self._status = self._parser.get_status_code()
        if self._status < 200:
            self._begin_anew()
        else:
            self._complete = True

    @property
    def headers(self) -> Headers:
        """The headers of the last answer, where anybody looks at them."""
        return NO_HEADERS

    def _start_answer(self) -> None:
        self._size = self._status = 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._complete = self._headers = self._keep = self._surplus = False
        self._body: list[bytes] = []

    def _is_stale(self) -> bool:
        """Whether the backend closed the idle connection, or said something unasked on it."""
        if self.began - self._used > MAX_IDLE_NS:
            return True
        return bool(self._poll.poll(0)) and not self._is_quiet()

    def _is_quiet(self) -> bool:
        """Whether what made the idle socket readable is TLS's own affair."""
        assert self._socket is not None
        try:
            self._socket.recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def _send(self, request: bytes) -> None:
        assert self._socket is not None
        sent = 0
        while True:
            try:
                sent += self._socket.send(request[sent:] if sent else request)
            except BlockingIOError:
                pass
            except OSError as error:
                raise WireError(Trouble.LOST, error.strerror or str(error)) from None
            if sent == len(request):
                return
            self._wait_writable()

    def _wait_writable(self) -> None:
        assert self._socket is not None
        watcher = self._hub.loop.io(self._socket.fileno(), _WRITE)
        try:
            watcher.start(self._wake)
            self._wait()
        finally:
            watcher.stop()
            watcher.close()

    def _wake(self) -> None:
        if self._resume is not None:
            self._resume(True)

    def _receive(self) -> None:
        head = b""
        while not self._complete:
            assert self._socket is not None
            if not self._watcher.active:  # type: ignore[attr-defined]
                self._watcher.start(self._on_readable)  # type: ignore[attr-defined]
            self._wait()
            try:
                data = self._socket.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                raise WireError(Trouble.LOST, error.strerror or str(error)) from None
            if not data:
                self._end_of_stream(head)
                return
            if not self._headers:
                head += data
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._complete:
                raise WireError(Trouble.GARBAGE, str(error) or type(error).__name__) from None
            self._surplus = True
        if not self._complete and self._size > _MAX_ANSWER:
            raise WireError(Trouble.TOO_LARGE, f"more than {MAX_BODY} bytes")

    def _end_of_stream(self, head: bytes) -> None:
        """The end of the stream ends a body only where no length was announced."""
        if self._headers and not _announces_length(head):
            self._status = self._parser.get_status_code()
            return
        raise WireError(Trouble.LOST, "closed in mid-answer" if head else "closed unanswered")

    def _wait(self) -> None:
        self._resume = gevent.getcurrent().switch
        self._wire.waiting.add(self)
        try:
            in_time = self._hub.switch()
        finally:
            self._resume = None
            self._wire.waiting.discard(self)
        if not in_time:
            what = "still in mid-answer after" if self._size else "no answer within"
            raise WireError(Trouble.TIMEOUT, f"{what} {self._wire.timeout_s:g} s")

    def _on_readable(self) -> None:
        if self._resume is not None:
            self._resume(True)
        elif self._in_use:
            self._watcher.stop()  # type: ignore[attr-defined]
        elif not self._is_quiet():
            self.close()


class HeadedConnection(Connection):
    """A connection that also keeps the headers of answers, which costs a call for each of them."""

    def __init__(self, wire: Wire) -> None:
        self._headers_seen: dict[str, str] = {}
        super().__init__(wire)

    @property
    def headers(self) -> Headers:
        """The headers of the last answer."""
        return self._headers_seen

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: a header."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        before = self._headers_seen.get(key)
        self._headers_seen[key] = text if before is None else f"{before}\n{text}"

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self._headers_seen = {}


class _Names:
    """Callbacks of a parser: the names of the last answer's headers."""

    def on_message_begin(self) -> None:
        self.names: set[bytes] = set()

    def on_header(self, name: bytes, _: bytes) -> None:
        self.names.add(name.lower())


def _announces_length(head: bytes) -> bool:
    """Whether an answer says where it ends; ``head`` is what came until its headers were whole."""
    names = _Names()
    httptools.HttpResponseParser(names).feed_data(head)
    return not names.names.isdisjoint({b"content-length", b"transfer-encoding"})
