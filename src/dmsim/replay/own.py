"""The client that an adapter brings along, held to what the replay needs of every client."""

import ssl

import gevent

from dmsim.adapters.base import NO_HEADERS, ConnectingAdapter
from dmsim.adapters.connection import OwnConnection, Trouble, WireError
from dmsim.replay.target import Target
from dmsim.replay.transport import told_tls_error


class OwnClient:
    """The way to one backend that an adapter knows by itself.

    Args:
        adapter: makes the connections.
        target: the backend.
        timeout_s: how long one exchange may take, connecting included.
    """

    def __init__(self, adapter: ConnectingAdapter, target: Target, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._adapter = adapter
        self._target = target

    def connection(self, *, headed: bool = False) -> "GuardedConnection":
        """Another connection, not opened yet; none of them tells headers."""
        return GuardedConnection(
            self._adapter.connection(self._target, self.timeout_s), self.timeout_s
        )

    def close(self) -> None:
        """Nothing is kept beside the connections, which close themselves."""


class GuardedConnection:
    """A connection whose exchanges end in time, and whose troubles are told in our words."""

    headers = NO_HEADERS

    def __init__(self, connection: OwnConnection, timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = timeout_s

    def open(self) -> None:
        """Connect anew.

        Raises:
            WireError: it cannot be.
        """
        try:
            with gevent.Timeout(self._timeout_s, TimeoutError):
                self._connection.open()
        except BaseException as error:
            self.close()
            raise _told(error, f"no connection within {self._timeout_s:g} s") from None

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        """Send a request of an account and wait for its answer.

        Returns:
            the status and the body.

        Raises:
            WireError: nothing that could be understood came back in time.
        """
        try:
            with gevent.Timeout(self._timeout_s, TimeoutError):
                return self._connection.exchange(request, actor)
        except BaseException as error:
            self.close()
            raise _told(error, f"no answer within {self._timeout_s:g} s") from None

    def close(self) -> None:
        """Close it; the next exchange opens another."""
        self._connection.close()


def _told(error: BaseException, too_late: str) -> BaseException:
    """The trouble that an error stands for; what is no trouble of a connection stays as it is."""
    match error:
        case TimeoutError():
            return WireError(Trouble.TIMEOUT, too_late)
        case ConnectionRefusedError():
            return WireError(Trouble.REFUSED, error.strerror or str(error))
        case ssl.SSLError():
            return WireError(Trouble.TLS, told_tls_error(error))
        case OSError():
            return WireError(Trouble.LOST, error.strerror or str(error))
    return error
