"""A connection on which somebody else does the talking, for one greenlet."""

import socket
from contextlib import suppress

from dmsim.replay.tls import TlsSocket
from dmsim.replay.wire import Trouble, Wire, WireError

_READ, _WRITE = 1, 2
_CHUNK = 1 << 16


class Stream:
    """A connection to a backend, just opened.

    Args:
        wire: the way to it.

    Raises:
        WireError: there is no connection.
    """

    def __init__(self, wire: Wire) -> None:
        self._hub = wire.hub
        self._socket: socket.socket | TlsSocket = wire.connect()
        self._readable = self._hub.loop.io(self._socket.fileno(), _READ)

    def send(self, data: bytes) -> None:
        """Send everything.

        Raises:
            WireError: the connection is lost.
        """
        sent = 0
        while sent < len(data):
            try:
                sent += self._socket.send(data[sent:])
            except BlockingIOError:
                self._wait_writable()
            except OSError as error:
                raise WireError(Trouble.LOST, error.strerror or str(error)) from None

    def receive(self) -> bytes:
        """Whatever comes next; empty where the other end has closed.

        Raises:
            WireError: the connection is lost.
        """
        while True:
            try:
                return self._socket.recv(_CHUNK)
            except BlockingIOError:
                self._hub.wait(self._readable)
            except OSError as error:
                raise WireError(Trouble.LOST, error.strerror or str(error)) from None

    def close(self) -> None:
        """Close it."""
        self._readable.stop()
        self._readable.close()
        with suppress(OSError):
            self._socket.close()

    def _wait_writable(self) -> None:
        watcher = self._hub.loop.io(self._socket.fileno(), _WRITE)
        try:
            self._hub.wait(watcher)
        finally:
            watcher.stop()
            watcher.close()
