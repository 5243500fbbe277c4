"""Where a replay is sent, and whether it may be."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError

#: Seconds that an address has to accept a connection before the next one is tried.
_CONNECT_S = 3.0


@dataclass(frozen=True)
class Target:
    """A backend's address, resolved once so that no request waits for a name."""

    url: str
    host: str
    port: int
    address: str

    @property
    def authority(self) -> str:
        """``host:port`` as the Host header carries it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def resolve_target(url: str, allow_hosts: Sequence[str] = ()) -> Target:
    """Resolve a backend's URL and refuse it unless it is this machine or allowed by name.

    Args:
        url: ``http://host:port``.
        allow_hosts: hosts that may be sent load although they are not loopback.

    Raises:
        UsageError: the URL cannot be used, its host is unknown, or it is not allowed.
    """
    host, port = _split(url)
    addresses = allowed_addresses("--host", url, host, port, allow_hosts)
    return Target(url, host, port, _first_that_accepts(addresses, port))


def allowed_addresses(
    option: str, url: str, host: str, port: int, allow_hosts: Sequence[str]
) -> list[str]:
    """Resolve a host and refuse it unless it is this machine or allowed by name.

    Args:
        option: with which ``url`` was given, for the error.
        url: as it was given.
        host: its host.
        port: its port.
        allow_hosts: hosts that may be spoken to although they are not loopback.

    Raises:
        UsageError: the host is unknown, or it is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UsageError(f"{option} {url}: the host {host} cannot be resolved") from None
    addresses = [str(entry[4][0]) for entry in found]
    remote = [address for address in addresses if not _is_loopback(address)]
    if remote and host not in allow_hosts:
        what = "load" if option == "--host" else "anything"
        raise UsageError(
            f"{option} {url}: {host} is {remote[0]}, not this machine; to send {what} there add "
            f"--allow-host {host}"
        )
    return addresses


def _first_that_accepts(addresses: Sequence[str], port: int) -> str:
    """A name may stand for an IPv6 and an IPv4 address while a backend listens on one of them."""
    for address in addresses[:-1]:
        try:
            socket.create_connection((address, port), _CONNECT_S).close()
        except OSError:
            continue
        return address
    return addresses[-1]


def _split(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"--host {url}: {error}; give it as http://127.0.0.1:8000") from None
    if "@" in parts.netloc:
        raise UsageError(
            f"--host: a user and a password do not belong there; put the master token into "
            f"{TOKEN_VARIABLE} and give the URL as http://127.0.0.1:8000"
        )
    extra = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme != "http" or not host or extra:
        raise UsageError(f"--host {url}: not usable; give it as http://127.0.0.1:8000")
    return host, 80 if port is None else port


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
