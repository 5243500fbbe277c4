"""The clients a replay can send its requests with, and what they have in common."""

from typing import Protocol, cast

from dmsim.adapters.base import OWN, SESSION, Adapter, ConnectingAdapter, Headers
from dmsim.replay.own import OwnClient
from dmsim.replay.session import Sessions
from dmsim.replay.target import Target
from dmsim.replay.wire import Wire


class ClientConnection(Protocol):
    """One connection to a backend, used by one greenlet at a time."""

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        """Send a request of an account and wait for its answer.

        Returns:
            the status and the body.

        Raises:
            WireError: nothing that could be understood came back in time.
        """

    @property
    def headers(self) -> Headers:
        """The headers of the last answer, where they were asked for."""

    def open(self) -> None:
        """Connect anew; also used to warm connections before T0."""

    def close(self) -> None:
        """Close it; the next exchange opens another."""


class Client(Protocol):
    """The way to one backend."""

    def connection(self, *, headed: bool = False) -> ClientConnection:
        """Another connection, not opened yet; ``headed`` if it tells the headers of answers."""

    def close(self) -> None:
        """Stop looking after exchanges; the connections close themselves."""


def client_for(adapter: Adapter, target: Target, timeout_s: float) -> Client:
    """The client that an adapter asks for; what goes through a proxy needs sessions.

    Args:
        adapter: whose requests it is to send.
        target: the backend.
        timeout_s: how long one exchange may take, connecting included.
    """
    if adapter.client == OWN:
        return OwnClient(cast(ConnectingAdapter, adapter), target, timeout_s)
    if adapter.client == SESSION or target.proxy is not None:
        return Sessions(target, timeout_s)
    return Wire(target, timeout_s)
