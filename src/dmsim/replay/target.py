"""Where a replay is sent, and whether it may be."""

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.replay.transport import DEFAULT, Transport, tls_context

#: Seconds that an address has to accept a connection before the next one is tried.
_CONNECT_S = 3.0

#: The schemes, with the ports they stand for; ``tcp`` is for adapters of other protocols.
_PORTS = {"http": 80, "https": 443, "tcp": None}


@dataclass(frozen=True)
class Target:
    """A backend's address, resolved once so that no request waits for a name.

    ``proxy`` is the proxy through which the backend is reached, if one is.
    ``tls`` is what TLS connections are made with; None where the backend speaks plain HTTP.
    """

    url: str
    host: str
    port: int
    address: str
    tls: ssl.SSLContext | None = field(default=None, compare=False, repr=False)
    proxy: "Target | None" = None

    @property
    def authority(self) -> str:
        """``host:port`` as the Host header carries it."""
        return _authority(self.host, self.port)


def resolve_target(
    url: str, allow_hosts: Sequence[str] = (), transport: Transport = DEFAULT
) -> Target:
    """Resolve a backend's URL and refuse it unless it is this machine or allowed by name.

    Args:
        url: ``http://host:port`` or ``https://host:port``; ``tcp://host:port`` for what is no HTTP.
        allow_hosts: hosts that may be sent load although they are not loopback.
        transport: whom to trust where it is https.

    Raises:
        UsageError: the URL cannot be used, its host is unknown, or it is not allowed.
    """
    host, port, secure = _split(url, "--host")
    proxy = _proxy(transport.proxy, allow_hosts) if transport.proxy else None
    addresses = allowed_addresses("--host", url, host, port, allow_hosts)
    tls = _tls(url, secure, transport)
    # Through a proxy, only the proxy can try which of them accepts.
    address = _first_that_accepts(addresses, port) if proxy is None else addresses[0]
    return Target(url, host, port, address, tls, proxy)


def _proxy(url: str, allow_hosts: Sequence[str]) -> Target:
    host, port, secure = _split(url, "--proxy")
    if secure:
        raise UsageError(f"--proxy {url}: a proxy is spoken to in plain HTTP; give it as http://")
    addresses = allowed_addresses("--proxy", url, host, port, allow_hosts)
    return Target(url, host, port, _first_that_accepts(addresses, port))


def allowed_addresses(
    option: str, url: str, host: str, port: int, allow_hosts: Sequence[str]
) -> list[str]:
    """Resolve a host and refuse it unless it is this machine or allowed by name.

    Nobody is asked for a name that is not allowed, but the names of this machine itself.

    Args:
        option: with which ``url`` was given, for the error.
        url: as it was given.
        host: its host.
        port: its port.
        allow_hosts: hosts that may be spoken to although they are not loopback.

    Raises:
        UsageError: the host is unknown, or it is not allowed.
    """
    allowed = host in allow_hosts
    if not allowed and not _is_local_name(host):
        raise _not_allowed(option, url, host, "is no name of this machine")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UsageError(f"{option} {url}: the host {host} cannot be resolved") from None
    addresses = [str(entry[4][0]) for entry in found]
    remote = [address for address in addresses if not _is_loopback(address)]
    if remote and not allowed:
        raise _not_allowed(option, url, host, f"is {remote[0]}, not this machine")
    return addresses


def _is_local_name(host: str) -> bool:
    """Whether a host is an address, which need not be asked for, or a name of this machine."""
    with suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return True
    return (
        host == "localhost" or host.endswith(".localhost") or host == socket.gethostname().lower()
    )


def _not_allowed(option: str, url: str, host: str, why: str) -> UsageError:
    what = "anything" if option == "--otlp" else "load"
    return UsageError(f"{option} {url}: {host} {why}; to send {what} there add --allow-host {host}")


def authority_of(url: str) -> str:
    """``host:port`` of a backend's URL, whether or not it could be reached.

    Raises:
        UsageError: the URL cannot be used.
    """
    host, port, _ = _split(url, "--host")
    return _authority(host, port)


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _tls(url: str, secure: bool, transport: Transport) -> ssl.SSLContext | None:
    if secure:
        return tls_context(transport)
    for given, option in ((transport.ca, "--ca"), (transport.insecure, "--insecure")):
        if given:
            raise UsageError(f"{option}: has no meaning for {url}; give https:// or leave it out")
    return None


def _first_that_accepts(addresses: Sequence[str], port: int) -> str:
    """A name may stand for an IPv6 and an IPv4 address while a backend listens on one of them."""
    for address in addresses[:-1]:
        try:
            socket.create_connection((address, port), _CONNECT_S).close()
        except OSError:
            continue
        return address
    return addresses[-1]


def _split(url: str, option: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{option} {url}: {error}; give it as http://127.0.0.1:8000") from None
    if "@" in parts.netloc:
        raise UsageError(
            f"{option}: a user and a password do not belong there; put the master token into "
            f"{TOKEN_VARIABLE} and give the URL as http://127.0.0.1:8000"
        )
    extra = parts.path.strip("/") or parts.query or parts.fragment
    port = _PORTS.get(parts.scheme) if port is None else port
    if parts.scheme not in _PORTS or not host or extra or port is None:
        raise UsageError(f"{option} {url}: not usable; give it as http://127.0.0.1:8000")
    return host, port, parts.scheme == "https"


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
