"""What accounts that listen are told of their messages."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters.tokens import account_token
from dmsim.server import events
from tests.server.inprocess import ANN, BEN, CEM, MASTER, InProcess
from tests.server.test_process import LIMIT, Served, served


class Stream:
    """One held connection as a plain client sees it."""

    def __init__(self, backend: Served, account: int) -> None:
        self._connection = http.client.HTTPConnection(backend.address, timeout=LIMIT)
        token = {"Authorization": f"Bearer {account_token(MASTER, account)}"}
        self._connection.request("GET", "/v1/events", headers=token)
        self.answer = self._connection.getresponse()
        if self.answer.status == 200:
            assert self.answer.readline() == b": listening\n"
            assert self.answer.readline() == b"\n"

    def event(self) -> Any:
        assert self.answer.readline() == b"event: message\n"
        told = json.loads(self.answer.readline().removeprefix(b"data: "))
        assert self.answer.readline() == b"\n"
        return told

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@contextmanager
def listening(backend: Served, account: int) -> Iterator[Stream]:
    stream = Stream(backend, account)
    try:
        yield stream
    finally:
        stream.close()


def write(backend: Served, author: int, peer: int, text: str) -> Any:
    token = account_token(MASTER, author)
    return backend.ask("POST", f"/v1/threads/{peer}/messages", token, {"text": text})[1]


def told(backend: Served) -> Any:
    return backend.ask("GET", "/health")[1]["events"]


def until(backend: Served, wanted: dict[str, int]) -> None:
    limit = time.monotonic() + LIMIT
    while told(backend) != wanted:
        assert time.monotonic() < limit, told(backend)
        time.sleep(0.02)


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("events") / "backend.db") as opened:
        opened.fill()
        yield opened


def test_whoever_listens_is_told_of_a_message_to_him_alone(backend: Served) -> None:
    with listening(backend, BEN) as ben, listening(backend, BEN) as again:
        assert ben.answer.headers["Content-Type"] == "text/event-stream"
        assert write(backend, ANN, CEM, "not for Ben")["outcome"] == "refused"
        write(backend, BEN, ANN, "from Ben")
        sent = write(backend, ANN, BEN, "two\nlines")
        event = ben.event()
        assert again.event() == event
    assert event.pop("at") > 0
    assert event == {"id": sent["id"], "author": ANN, "text": "two\nlines"}
    until(backend, {"open": 0, "slow": 0})


def test_a_refused_message_is_told_to_nobody(backend: Served) -> None:
    ben = account_token(MASTER, BEN)
    with listening(backend, BEN) as stream:
        assert backend.ask("PUT", f"/v1/blocks/{ANN}", ben)[0] == 200
        assert write(backend, ANN, BEN, "blocked")["reason"] == "blocked"
        assert backend.ask("DELETE", f"/v1/blocks/{ANN}", ben)[0] == 200
        write(backend, ANN, BEN, "after")
        assert stream.event()["text"] == "after"


@pytest.mark.parametrize(
    ("token", "method", "status"),
    [("nobody", "GET", 401), (account_token(MASTER, 99), "GET", 404), (MASTER, "POST", 405)],
)
def test_only_accounts_that_exist_may_listen(
    backend: Served, token: str, method: str, status: int
) -> None:
    assert backend.ask(method, "/v1/events", token)[0] == status


def test_nobody_listens_to_an_empty_backend(empty: InProcess) -> None:
    assert empty.act(ANN, "GET", "events")[0] == 503


def test_a_reset_lets_everybody_go(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as opened:
        opened.fill()
        with listening(opened, BEN) as stream:
            assert opened.ask("POST", "/v1/admin/reset", body={})[0] == 200
            assert stream.answer.read() == b""
            until(opened, {"open": 0, "slow": 0})


def test_a_held_connection_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as opened:
        opened.fill()
        with listening(opened, BEN) as stream:
            code, errors = opened.end(signal.SIGTERM)
            assert stream.answer.read() == b""
    assert code == 0
    assert len(errors.splitlines()) <= 3, errors


def test_a_silent_connection_is_told_that_it_is_held(
    small: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)
    listener = small.run(_listener())
    assert small.run(listener.next()) == b": still here\n\n"


async def _listener() -> events.Listener:
    return events.Listener(int)


def test_a_listener_that_takes_nothing_is_closed_and_counted(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as opened:
        opened.fill()
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with deaf:
            host, _, port = opened.address.partition(":")
            deaf.connect((host, int(port)))
            token = account_token(MASTER, BEN)
            head = f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
            deaf.sendall(head.encode())
            until(opened, {"open": 1, "slow": 0})
            token = account_token(MASTER, ANN)
            for _ in range(50):
                connection = http.client.HTTPConnection(opened.address, timeout=LIMIT)
                text = {"text": "x" * 9000}
                path = f"/v1/threads/{BEN}/messages"
                for _ in range(100):
                    opened.ask_on(connection, "POST", path, token, text)
                connection.close()
                if told(opened)["slow"]:
                    break
            until(opened, {"open": 0, "slow": 1})
        code, errors = opened.end(signal.SIGTERM)
    assert (code, "Traceback" in errors) == (0, False), errors
