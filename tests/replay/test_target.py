"""Where load may be sent."""

import socket

import pytest

from dmsim.errors import UsageError
from dmsim.replay.target import resolve_target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://localhost", "localhost:80"),
        ("http://[::1]:9", "[::1]:9"),
    ],
)
def test_this_machine_may_be_sent_load(url: str, authority: str) -> None:
    assert resolve_target(url).authority == authority


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("127.0.0.1:8000", "give it as http://"),
        ("ftp://127.0.0.1", "give it as http://"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1/api", "give it as http://"),
        ("http://no-such-host.invalid", "add --allow-host no-such-host.invalid"),
        ("http://me:secret@127.0.0.1", "do not belong there"),
        ("http://:secret@127.0.0.1", "do not belong there"),
        ("http://192.0.2.1:80", "add --allow-host 192.0.2.1"),
    ],
)
def test_anything_else_is_refused_with_a_remedy(url: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        resolve_target(url)


def test_another_machine_is_allowed_by_name() -> None:
    assert resolve_target("http://192.0.2.1:80", ["192.0.2.1"]).address == "192.0.2.1"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", f"{'a' * 300}.invalid"])
def test_a_name_that_is_allowed_and_unknown_is_told(host: str) -> None:
    with pytest.raises(UsageError, match="cannot be resolved"):
        resolve_target(f"http://{host}", [host])


def test_nobody_is_asked_for_a_name_that_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", 80))]

    monkeypatch.setattr("socket.getaddrinfo", ask)
    local = ["localhost", "api.localhost", "127.0.0.1", "[::1]", socket.gethostname()]
    for host in [*local, "allowed.example"]:
        resolve_target(f"http://{host}", ["allowed.example"])
    with pytest.raises(UsageError, match="is no name of this machine; to send load"):
        resolve_target("http://example.com", ["allowed.example"])
    assert asked == [*(host.strip("[]").lower() for host in local), "allowed.example"]
