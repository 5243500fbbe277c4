"""The client for backends that need cookies, or a proxy: Locust's own HTTP machinery.

It costs several times what the wire client does. What holds there holds here: every request is sent
at most once, and no redirect is followed.
"""

import select
import socket
import ssl
import time
from http.cookiejar import CookieJar
from typing import Any

import gevent
import gevent.monkey
from geventhttpclient.client import HTTPClient
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from geventhttpclient.useragent import CompatRequest, CompatResponse

from dmsim.adapters.base import NO_HEADERS, joined_headers
from dmsim.replay.target import Target
from dmsim.replay.transport import told_tls_error
from dmsim.replay.wire import MAX_BODY, MAX_IDLE_NS, Trouble, WireError

_RawPoll = gevent.monkey.get_original("select", "poll")

#: The pool's size is one less than how often the client would send a request again.
_NEVER_AGAIN = -1

#: How the client's parser begins to say that a connection ended before the answer did.
_EARLY_END = ("Incomplete response", "Invalid EOF state", "connection closed")


class Sessions:
    """The way to one backend, with the cookies that it gave to each account.

    Args:
        target: the backend.
        timeout_s: how long one exchange may take, connecting included.
    """

    def __init__(self, target: Target, timeout_s: float) -> None:
        self.target = target
        self.timeout_s = timeout_s
        self._jars: dict[int, CookieJar] = {}

    def connection(self, *, headed: bool = False) -> "SessionConnection":
        """Another connection, not opened yet; all of them tell the headers of answers."""
        return SessionConnection(self)

    def cookies(self, actor: int) -> CookieJar:
        """What the backend gave to an account to keep."""
        return self._jars.setdefault(actor, CookieJar())

    def close(self) -> None:
        """Forget the cookies."""
        self._jars.clear()


class SessionConnection:
    """One kept connection, used by one greenlet at a time."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._client: HTTPClient | None = None
        self._used = 0
        self.headers = NO_HEADERS

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        """Send a request with the cookies of its account and wait for the answer.

        Args:
            request: the whole HTTP/1.1 request.
            actor: the account.

        Returns:
            the status and the body.

        Raises:
            WireError: nothing that could be understood came back in time.
        """
        target, limit = self._sessions.target, self._sessions.timeout_s
        asked = _parsed(request, target.url)
        jar = self._sessions.cookies(actor)
        jar.add_cookie_header(asked)
        if time.monotonic_ns() - self._used > MAX_IDLE_NS:
            self.close()
        try:
            with gevent.Timeout(limit, TimeoutError):
                answer, body = self._ask(asked)
        except TimeoutError:
            self.close()
            raise WireError(Trouble.TIMEOUT, f"no answer within {limit:g} s") from None
        except BaseException:
            self.close()
            raise
        self._used = time.monotonic_ns()
        jar.extract_cookies(answer, asked)
        self.headers = joined_headers(answer.headers.items())
        return answer.status_code, body

    def open(self) -> None:
        """Connect anew; also used to warm connections before T0."""
        self.close()
        pool = self._opened()._connection_pool
        pool.return_socket(pool.get_socket())
        self._used = time.monotonic_ns()

    def close(self) -> None:
        """Close the connection, if any; the next exchange opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _opened(self) -> HTTPClient:
        if self._client is None:
            self._client = _client(self._sessions.target, self._sessions.timeout_s)
        return self._client

    def _ask(self, asked: CompatRequest) -> tuple[Any, bytes]:
        path, payload = asked.url_split.request_uri, asked.payload
        assert isinstance(payload, bytes)
        try:
            response = self._opened().request(asked.method, path, payload, asked.headers)
            body = response.read(MAX_BODY + 1)
        except HTTPConnectionClosed:
            raise WireError(Trouble.LOST, "closed unanswered") from None
        except HTTPParseError as error:
            raise _broken(error) from None
        except TimeoutError:
            raise
        except OSError as error:
            raise WireError(Trouble.LOST, error.strerror or str(error)) from None
        if len(body) > MAX_BODY:
            response.release()
            raise WireError(Trouble.TOO_LARGE, f"more than {MAX_BODY} bytes")
        return CompatResponse(response, request=asked), body


def _broken(error: Exception) -> WireError:
    """The parser complains of an early end and of what is no HTTP by the same exception."""
    said = str(error.args[0]) if error.args else type(error).__name__
    if said.startswith(_EARLY_END):
        return WireError(Trouble.LOST, "closed in mid-answer")
    return WireError(Trouble.GARBAGE, said)


def _parsed(request: bytes, url: str) -> CompatRequest:
    """An adapter's request as the client takes it."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = Headers()
    for line in lines:
        name, _, value = line.partition(":")
        headers.add(name, value.strip())
    return CompatRequest(url.rstrip("/") + path, method, headers, body)


def _client(target: Target, timeout_s: float) -> HTTPClient:
    proxy = target.proxy
    tls = target.tls
    client = HTTPClient(
        target.host,
        target.port,
        ssl=tls is not None,
        ssl_context_factory=lambda **_: tls,
        insecure=tls is not None and tls.verify_mode == ssl.CERT_NONE,
        proxy_host=None if proxy is None else proxy.host,
        proxy_port=None if proxy is None else proxy.port,
    )
    client._connection_pool = _pool(target, timeout_s)
    return client


def _pool(target: Target, timeout_s: float) -> ConnectionPool:
    """Of one connection, to the address that was resolved once."""
    first = target if target.proxy is None else target.proxy
    more: dict[str, Any] = {
        "size": 1,
        "connection_timeout": timeout_s,
        "network_timeout": timeout_s,
        "use_proxy": target.proxy is not None,
    }
    tls = target.tls
    pool: ConnectionPool
    if tls is None:
        pool = _PlainPool(first.address, first.port, target.host, target.port, **more)
    else:
        pool = _TlsPool(
            first.address,
            first.port,
            target.host,
            target.port,
            insecure=tls.verify_mode == ssl.CERT_NONE,
            ssl_context_factory=lambda **_: tls,
            **more,
        )
    pool.size = _NEVER_AGAIN
    return pool


class _PlainPool(ConnectionPool):
    """One connection; why there is none is told in the words of the wire client."""

    def after_connect(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _create_socket(self) -> Any:
        try:
            return super()._create_socket()
        except TimeoutError:
            raise WireError(Trouble.TIMEOUT, "while connecting") from None
        except ssl.SSLError as error:
            raise WireError(Trouble.TLS, told_tls_error(error)) from None
        except (OSError, RuntimeError) as error:
            raise WireError(Trouble.REFUSED, str(error)) from None

    def _is_socket_alive(self, sock: Any) -> bool:
        # The library's own way cannot look at descriptors above 1023.
        poll = _RawPoll()
        poll.register(sock.fileno(), select.POLLIN)
        return not poll.poll(0)


class _TlsPool(_PlainPool, SSLConnectionPool):
    """The same over TLS."""
