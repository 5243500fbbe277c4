"""Asking a backend: requests as bytes, one after the other, and their answers."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dmsim.errors import UsageError
from dmsim.replay.target import Target
from dmsim.replay.transport import told_tls_error

#: Seconds that a backend may take over an answer.
TIMEOUT_S = 30.0

#: No answer comes near it.
_MOST_BYTES = 1 << 22


class Client:
    """A connection to a backend.

    Args:
        connection: the open connection.
        target: where it leads, for what is told to people.
        token: the backend's master token.
    """

    def __init__(self, connection: socket.socket, target: Target, token: str) -> None:
        self._connection = connection
        self._target = target
        self._token = token

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole HTTP/1.1 request; the status and the body of its answer."""
        self._connection.sendall(request)
        with http.client.HTTPResponse(self._connection) as response:
            response.begin()
            body = response.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise http.client.HTTPException(f"an answer of more than {_MOST_BYTES} bytes")
        return response.status, body

    def health(self) -> Any:
        """What the backend says of itself.

        Raises:
            UsageError: it is no reference backend.
        """
        status, body = self.send(self._head("GET", "/health", 0))
        try:
            told = json.loads(body) if status == 200 else None
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or not {"ready", "accounts"} <= told.keys():
            raise UsageError(
                f"--host {self._target.url}: no reference backend answers there; start one with: "
                "dmsim serve"
            )
        return told

    def provision(self, verb: str, value: object) -> None:
        """Reset, load or make ready.

        Raises:
            UsageError: the backend refuses.
        """
        body = json.dumps(value).encode()
        status, said = self.send(self._head("POST", f"/v1/admin/{verb}", len(body)) + body)
        if status >= 300:
            text = said[:200].decode(errors="replace")
            raise UsageError(
                f"--host {self._target.url}: provisioning ({verb}) was answered {status} {text}; "
                "check DMSIM_TOKEN and that the backend is of this version"
            )

    def _head(self, method: str, path: str, length: int) -> bytes:
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: {self._target.authority}",
            f"Authorization: Bearer {self._token}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
        )
        return "\r\n".join((*lines, "", "")).encode()


def _connection(target: Target) -> socket.socket:
    connection = socket.create_connection((target.address, target.port), TIMEOUT_S)
    if target.tls is None:
        return connection
    return target.tls.wrap_socket(connection, server_hostname=target.host)


@contextmanager
def connect(target: Target, token: str) -> Iterator[Client]:
    """A connection for the length of a block.

    Raises:
        UsageError: nobody listens, or what answers is no backend.
    """
    try:
        with _connection(target) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Client(connection, target, token)
    except ConnectionRefusedError:
        raise UsageError(f"--host {target.url}: nothing listens there; start the backend") from None
    except ssl.SSLError as error:
        raise UsageError(f"--host {target.url}: {told_tls_error(error)}") from None
    except TimeoutError:
        raise UsageError(f"--host {target.url}: no answer within {TIMEOUT_S:g} s") from None
    except (OSError, http.client.HTTPException) as error:
        detail = str(error) or type(error).__name__
        raise UsageError(f"--host {target.url}: {detail}; is this the backend?") from None
