"""A client that an adapter brings along: one connection, and what may go wrong on it."""

import ssl
from enum import StrEnum
from typing import Protocol


class Trouble(StrEnum):
    """What kept an exchange from being answered."""

    REFUSED = "no connection"
    TLS = "no TLS connection"
    LOST = "connection lost"
    TIMEOUT = "timeout"
    GARBAGE = "not HTTP"
    UNREADABLE = "not of the protocol"
    TOO_LARGE = "answer too large"


class WireError(Exception):
    """An exchange that ended without an answer.

    Args:
        trouble: by which it is counted.
        detail: what else there is to say, in a few words.
    """

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble


class Endpoint(Protocol):
    """A backend's address, resolved and allowed."""

    @property
    def url(self) -> str:
        """As the user gave it."""

    @property
    def host(self) -> str:
        """The host by its name."""

    @property
    def address(self) -> str:
        """The IPv4 or IPv6 address to connect to."""

    @property
    def port(self) -> int:
        """The TCP port."""

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What TLS connections are made with; None where the backend speaks none."""


class OwnConnection(Protocol):
    """One connection that an adapter made; it is used by one greenlet at a time.

    Its sockets have to be those of :mod:`gevent.socket`, or nothing else goes on meanwhile. It need
    not watch the time: an exchange that takes too long is ended from outside and the connection
    closed. Any :class:`OSError` that it raises is counted as the trouble that it tells of.
    """

    def open(self) -> None:
        """Connect anew; also used to warm connections before the first action.

        Raises:
            WireError: or an :class:`OSError`; there is no connection.
        """

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        """Send one request, never twice, and wait for its answer; open the connection if need be.

        Args:
            request: as the adapter encoded it.
            actor: the account in whose name it is sent, -1 while the backend is filled.

        Returns:
            the status and the body, as the adapter's ``decode`` takes them.

        Raises:
            WireError: or an :class:`OSError`; no answer came that could be understood.
        """

    def close(self) -> None:
        """Close it, if it is open; the next exchange opens another."""
