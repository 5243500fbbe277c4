"""TLS over a non-blocking socket, with the surface of one.

The engine of :mod:`ssl` works on buffers here, not on the socket: the socket stays a raw one that
gevent's loop watches, and a plain connection pays nothing for it.
"""

import socket
import ssl
import time
from contextlib import suppress

_CHUNK = 1 << 16


class TlsSocket:
    """A connection whose other end speaks TLS; it has no handshake behind it yet.

    Args:
        context: whom to trust.
        host: the name that the certificate must carry, also told to the server.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._engine = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._unsent = memoryview(b"")
        self._ended = False
        self._raw: socket.socket

    def handshake(self, waiting: socket.socket, deadline: float) -> None:
        """Shake hands over a socket that waits.

        Args:
            waiting: where to; it waits in its own way.
            deadline: until when, in ``time.monotonic()``.

        Raises:
            TimeoutError: the handshake was not over by then.
            ssl.SSLError: it failed; the other end has been told why.
            OSError: the connection was lost.
        """
        while True:
            try:
                self._engine.do_handshake()
            except ssl.SSLWantReadError:
                self._pass_on(waiting, deadline)
            except ssl.SSLError:
                self._pass_on(waiting, deadline)
                raise
            else:
                self._pass_on(waiting, deadline)
                return
            self._limit(waiting, deadline)
            if data := waiting.recv(_CHUNK):
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    def use(self, raw: socket.socket) -> None:
        """Go on over this non-blocking socket."""
        self._raw = raw

    def fileno(self) -> int:
        """The descriptor to watch."""
        return self._raw.fileno()

    def send(self, data: bytes | memoryview) -> int:
        """Send everything.

        Raises:
            BlockingIOError: a part is still to go; to be called again with the same data.
        """
        if not self._unsent:
            view = memoryview(data)
            while view:
                view = view[self._engine.write(view) :]
            self._unsent = memoryview(self._outgoing.read())
        while self._unsent:
            self._unsent = self._unsent[self._raw.send(self._unsent) :]
        return memoryview(data).nbytes

    def recv(self, size: int) -> bytes:
        """All that can be read by now; empty where the other end said that this was all.

        Raises:
            BlockingIOError: nothing came but words of the protocol, such as session tickets.
            ssl.SSLError: the stream is broken, or was cut off.
        """
        if self._ended:
            return b""
        if data := self._raw.recv(size):
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        pieces: list[bytes] = []
        try:
            while piece := self._engine.read(size):
                pieces.append(piece)
            self._end()  # the other end has said goodbye
        except ssl.SSLWantReadError:
            if not pieces:
                raise BlockingIOError from None
        except ssl.SSLError:
            if not pieces:
                raise
        return b"".join(pieces)

    def close(self) -> None:
        """Say goodbye, if that can be done at once, and close the socket."""
        # Raises because it waits for the other end's goodbye, which we do not.
        with suppress(OSError, ValueError):
            self._engine.unwrap()
        if not self._unsent:
            with suppress(OSError):
                self._raw.send(self._outgoing.read())
        self._raw.close()

    def _end(self) -> None:
        """Nothing more will come, although the other end may keep the socket open.

        Shut down, the socket is readable for good: whoever waits for more is woken.
        """
        self._ended = True
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_RD)

    def _pass_on(self, waiting: socket.socket, deadline: float) -> None:
        if data := self._outgoing.read():
            self._limit(waiting, deadline)
            waiting.sendall(data)

    def _limit(self, waiting: socket.socket, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        waiting.settimeout(left)
