"""Who is told: the address, the secret that signs, and whether it may be sent anything."""

import hmac
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dmsim.errors import UsageError
from dmsim.server.kept import WEBHOOK_SECRET_VARIABLE, given_webhook_secret

_FORM = "give it as http://127.0.0.1:9000/webhook"


@dataclass(frozen=True)
class Receiver:
    """Where events go, and the secret with which they are signed.

    Attributes:
        url: with the very address that was checked where only this machine may be told: a name
            that stands for another one later leads nowhere else.
        secret: signs.
        host: the name that the address had, for the Host header and certificates; empty if none.
    """

    url: str
    secret: bytes = field(repr=False)
    host: str = ""

    def signature(self, body: bytes) -> str:
        """The value of ``X-Hub-Signature-256`` for a body."""
        return "sha256=" + hmac.digest(self.secret, body, "sha256").hex()


def receiver(url: str, secret_file: Path | None, allow_hosts: Sequence[str]) -> Receiver:
    """The receiver as the user gave it.

    Args:
        url: http or https.
        secret_file: holds the secret; None to take it from the environment.
        allow_hosts: hosts that may be told although they are not this machine.

    Raises:
        UsageError: the address cannot be used, is another machine's, or there is no secret.
    """
    host, port = _split(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UsageError(f"--webhook: the host {host} cannot be resolved; {_FORM}") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    remote = [address for address in addresses if not ip_address(address).is_loopback]
    if remote and host not in allow_hosts:
        raise UsageError(
            f"--webhook: {host} is {remote[0]}, not this machine; to tell it what happens add"
            f" --allow-webhook-host {host}"
        )
    secret = given_webhook_secret(secret_file)
    if secret is None:
        raise UsageError(
            "--webhook: needs a secret to sign with; give --webhook-secret-file or"
            f" {WEBHOOK_SECRET_VARIABLE}"
        )
    if host in allow_hosts:
        return Receiver(url, secret.encode())
    checked = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    parts = urlsplit(url)
    fixed = urlunsplit(parts._replace(netloc=f"{checked}:{port}"))
    return Receiver(fixed, secret.encode(), parts.netloc)


def _split(url: str) -> tuple[str, int]:
    """The host and the port; nothing of an address that may hold a secret is told."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"--webhook: {error}; {_FORM}") from None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.fragment:
        raise UsageError(f"--webhook: is no address of a receiver; {_FORM}")
    return host, port or (443 if parts.scheme == "https" else 80)
