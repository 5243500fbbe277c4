"""``dmsim serve`` as a process: its start, its end, its secrets, its crash."""

import base64
import http.client
import json
import os
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters.tokens import account_token, clock_key
from tests.server.inprocess import (
    ACCOUNTS,
    ANN,
    BEN,
    CEM,
    COMMENT,
    DAY,
    FOX,
    MASTER,
    POLICY,
    POST,
    SMALL,
)

SERVE = (sys.executable, "-m", "dmsim", "serve")
FAULTY = (sys.executable, str(Path(__file__).with_name("faulty_server.py")))
SECRETS = ("DMSIM_TOKEN", "DMSIM_KEY")
LIMIT = 30.0


class Served:
    """A running backend."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.address = url.removeprefix("http://")

    def ask(
        self,
        method: str,
        path: str,
        token: str = MASTER,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        connection = http.client.HTTPConnection(self.address, timeout=LIMIT)
        try:
            return self.ask_on(connection, method, path, token, body, headers)
        finally:
            connection.close()

    def ask_on(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        token: str,
        body: object,
        headers: dict[str, str] | None = None,
    ) -> Any:
        content = None if body is None else json.dumps(body)
        given = {"Authorization": f"Bearer {token}", **(headers or {})}
        connection.request(method, path, content, given)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def fill(self) -> None:
        for table, columns in SMALL.items():
            chunk = {"table": table, "columns": columns}
            assert self.ask("POST", "/v1/admin/load", body=chunk)[0] == 200
        ready = {"digest": "d", "policy": POLICY._asdict()}
        assert self.ask("POST", "/v1/admin/ready", body=ready)[0] == 200

    def end(self, signum: int) -> tuple[int, str]:
        self.process.send_signal(signum)
        _, errors = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, errors


@contextmanager
def served(
    database: Path,
    *arguments: str,
    command: tuple[str, ...] = SERVE,
    token: str | None = MASTER,
    key: str | None = None,
) -> Iterator[Served]:
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    if token is not None:
        environment["DMSIM_TOKEN"] = token
    if key is not None:
        environment["DMSIM_KEY"] = key
    with subprocess.Popen(
        [*command, "--port", "0", "--db", str(database), "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            told = json.loads(line)
            assert told["pid"] == process.pid
            yield Served(process, told["url"])
        finally:
            process.kill()


def refused(*arguments: str) -> str:
    """The one line of a start that fails as a wrong use."""
    ended = subprocess.run(
        [*SERVE, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, "DMSIM_TOKEN": MASTER},
        check=False,
    )
    assert ended.returncode == 5
    (line,) = ended.stderr.splitlines()
    return line


def test_sigterm_is_a_good_end_and_ctrl_c_an_interruption(tmp_path: Path) -> None:
    for signum, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        with served(tmp_path / "backend.db") as backend:
            kept_alive = http.client.HTTPConnection(backend.address, timeout=LIMIT)
            backend.ask_on(kept_alive, "GET", "/health", "", None)
            returned, errors = backend.end(signum)
            kept_alive.close()
        assert returned == code
        assert "Traceback" not in errors
        assert f"listening on http://{backend.address}" in errors


def test_all_that_was_answered_survives_a_kill(tmp_path: Path) -> None:
    answered: list[tuple[str, int]] = []
    enough = threading.Event()

    def write(backend: Served, author: int) -> None:
        connection = http.client.HTTPConnection(backend.address, timeout=LIMIT)
        token = account_token(MASTER, author)
        text = {"text": "x"}
        try:
            for n in range(100_000):
                path = f"/v1/posts/{POST}/comments" if n % 2 else f"/v1/threads/{BEN}/messages"
                status, made = backend.ask_on(connection, "POST", path, token, text)
                assert status == 201
                answered.append(("comments" if n % 2 else "messages", made["id"]))
                if len(answered) > 300:
                    enough.set()
        except (OSError, http.client.HTTPException):
            connection.close()

    with served(tmp_path / "backend.db") as backend:
        backend.fill()
        cem = account_token(MASTER, CEM)
        assert backend.ask("PUT", f"/v1/follows/{BEN}", cem)[0] == 200
        writers = [threading.Thread(target=write, args=(backend, a)) for a in (ANN, CEM) * 4]
        for writer in writers:
            writer.start()
        assert enough.wait(LIMIT)
        backend.process.kill()
        for writer in writers:
            writer.join(LIMIT)
    with served(tmp_path / "backend.db") as again:
        status, health = again.ask("GET", "/health")
        assert (status, health["ready"], health["accounts"]) == (200, True, ACCOUNTS)
        assert again.ask("GET", "/v1/requests", account_token(MASTER, BEN))[0] == 200
        again.end(signal.SIGTERM)
    connection = sqlite3.connect(tmp_path / "backend.db")
    kept = {
        (table, id_)
        for table in ("comments", "messages")
        for (id_,) in connection.execute(f"SELECT id FROM {table}")
    }
    connection.close()
    assert len(answered) > 300
    assert set(answered) <= kept


def test_a_killed_backend_comes_back_with_the_same_answers(tmp_path: Path) -> None:
    fox, cem = account_token(MASTER, FOX), account_token(MASTER, CEM)
    private, text = f"/v1/comments/{COMMENT}/private_reply", {"text": "x"}
    with served(tmp_path / "backend.db", "--simulated-time") as backend:
        backend.fill()
        for path in (f"/v1/comments/{COMMENT}/replies", private):
            assert backend.ask("POST", path, fox, text)[0] == 201
        before = backend.ask("GET", f"/v1/comments/{COMMENT}", cem)
        backend.process.kill()
    with served(tmp_path / "backend.db", "--simulated-time") as again:
        assert again.ask("GET", f"/v1/comments/{COMMENT}", cem) == before
        assert before[1]["comment"]["answered_privately"]
        assert again.ask("POST", private, fox, text)[1]["reason"] == "already_replied"
        assert again.ask("POST", f"/v1/threads/{FOX}/read", cem)[1]["messages"][0]["text"] == "x"
        told = {"X-Dmsim-Time": f"{DAY}.{clock_key(MASTER)}"}
        assert again.ask("POST", f"/v1/requests/{FOX}/accept", cem, None, told)[0] == 200
        path, later = f"/v1/threads/{CEM}/messages", f"{2 * DAY}.{clock_key(MASTER)}"
        again.process.kill()
    with served(tmp_path / "backend.db", "--simulated-time") as third:
        assert third.ask("POST", path, fox, text, told)[1]["outcome"] == "inbox"
        _, answer = third.ask("POST", path, fox, text, {"X-Dmsim-Time": later})
        assert answer["reason"] == "outside_window"


def test_a_full_disk_ends_the_backend_with_its_answers_kept(tmp_path: Path) -> None:
    ann = account_token(MASTER, ANN)
    made = []
    with served(tmp_path / "backend.db") as backend:
        resource.prlimit(backend.process.pid, resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
        backend.fill()
        connection = http.client.HTTPConnection(backend.address, timeout=LIMIT)
        for _ in range(1000):
            status, answer = backend.ask_on(
                connection, "POST", f"/v1/posts/{POST}/comments", ann, {"text": "x" * 9000}
            )
            if status != 201:
                break
            made.append(answer["id"])
        connection.close()
        _, errors = backend.process.communicate(timeout=LIMIT)
    assert (status, answer) == (503, {"error": "the store failed"})
    assert backend.process.returncode == 4
    assert "writing failed" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    with served(tmp_path / "backend.db") as again:
        _, answer = again.ask("POST", f"/v1/posts/{POST}/comments", ann, {"text": "more"})
        assert made
        assert answer["id"] > made[-1]


def test_what_is_no_http_gets_an_answer_and_leaves_the_backend_well(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as backend:
        host, _, port = backend.address.rpartition(":")
        for garbage in (
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
            b"GET /v1/\xff\xfe HTTP/1.1\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /v1/admin/load HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        ):
            with socket.create_connection((host, int(port)), LIMIT) as connection:
                connection.sendall(garbage)
                assert connection.recv(100).startswith((b"HTTP/1.1 400", b"HTTP/1.1 401"))
        assert backend.ask("GET", "/health")[0] == 200
        half = socket.create_connection((host, int(port)), LIMIT)
        half.sendall(b"POST /v1/admin/load HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")
        half.close()
        returned, errors = backend.end(signal.SIGTERM)
    assert returned == 0
    assert "Traceback" not in errors


def test_a_body_too_large_is_refused_on_the_wire(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as backend:
        backend.fill()
        ann = account_token(MASTER, ANN)
        path = f"/v1/threads/{BEN}/messages"
        connection = http.client.HTTPConnection(backend.address, timeout=LIMIT)
        chunks = (b"x" * 100_000 for _ in range(30))
        connection.request("POST", path, chunks, {"Authorization": f"Bearer {ann}"})
        assert connection.getresponse().status == 413
        connection.close()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = refused("--port", port, "--db", str(tmp_path / "backend.db"))
    assert f"port {port}" in line
    assert "--port" in line
    assert list(tmp_path.iterdir()) == []


def test_a_second_backend_on_the_same_database_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "backend.db"
    with served(database):
        line = refused("--port", "0", "--db", str(database))
    assert f"{database}: another process holds this database" in line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--host", "0.0.0.0"), "--allow-host 0.0.0.0"),
        (("--host", "0.0.0.0", "--allow-host", "10.0.0.1"), "--allow-host 0.0.0.0"),
        (("--host", "no.such.host.invalid"), "no address of this machine"),
        (("--host", "x" * 300), "no address of this machine"),
        (("--token-file", "missing.token"), "missing.token"),
        (("--key-file", "missing.key"), "missing.key"),
        (("--key-file", __file__), f"{__file__}: is no key; give 32 random bytes in base64"),
    ],
)
def test_a_wrong_option_is_one_line_and_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    line = refused("--port", "0", "--db", str(tmp_path / "backend.db"), *arguments)
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_a_token_is_made_kept_and_never_shown(tmp_path: Path) -> None:
    kept = tmp_path / "backend.db.token"
    with served(tmp_path / "backend.db", token=None) as backend:
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        token = kept.read_text().strip()
        assert backend.ask("POST", "/v1/admin/reset", token)[0] == 200
        _, errors = backend.end(signal.SIGTERM)
    assert str(kept) in errors
    assert token not in errors
    with served(tmp_path / "backend.db", token=None) as again:
        assert again.ask("POST", "/v1/admin/reset", token)[0] == 200


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_a_key_is_made_kept_and_never_shown(tmp_path: Path) -> None:
    kept = tmp_path / "backend.db.key"
    with served(tmp_path / "backend.db") as backend:
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        backend.fill()
        backend.ask(
            "POST", f"/v1/threads/{BEN}/messages", account_token(MASTER, ANN), {"text": "kept"}
        )
        _, errors = backend.end(signal.SIGTERM)
    assert str(kept) in errors
    assert kept.read_text().strip() not in errors
    with served(tmp_path / "backend.db") as again:
        _, answer = again.ask("POST", f"/v1/threads/{ANN}/read", account_token(MASTER, BEN))
        assert [message["text"] for message in answer["messages"]] == ["kept"]


def test_a_given_key_is_not_kept_and_another_one_opens_nothing(tmp_path: Path) -> None:
    database, file = tmp_path / "backend.db", tmp_path / "secret"
    file.write_text(new_key())
    with served(database, "--key-file", str(file), key=new_key()) as backend:
        backend.end(signal.SIGTERM)
    assert not (tmp_path / "backend.db.key").exists()
    with served(database, key=file.read_text()) as again:
        again.end(signal.SIGTERM)
    missing = refused("--port", "0", "--db", str(database))
    assert f"backend.db.key: is missing, and without it nobody can read {database}" in missing
    file.write_text(new_key())
    line = refused("--port", "0", "--db", str(database), "--key-file", str(file))
    assert line == (
        f"error: {database}: was written with another key; give that one by --key-file or"
        " DMSIM_KEY, or choose another --db"
    )
    assert not (tmp_path / "backend.db.key").exists()


def test_requests_tell_the_time_only_where_that_is_wanted(tmp_path: Path) -> None:
    told = {"X-Dmsim-Time": f"{DAY}.{clock_key(MASTER)}"}
    for arguments, later in (((), False), (("--simulated-time",), True)):
        with served(tmp_path / f"{later}.db", *arguments) as backend:
            backend.fill()
            assert backend.ask("GET", "/health")[1]["simulated_time"] is later
            path = f"/v1/threads/{BEN}/messages"
            ann, ben = (account_token(MASTER, account) for account in (ANN, BEN))
            backend.ask("POST", path, ann, {"text": "x"}, told)
            _, answer = backend.ask("POST", f"/v1/threads/{ANN}/read", ben)
            (message,) = answer["messages"]
            assert (message["at"] == DAY) is later
            assert message["at"] == DAY or 0 <= message["at"] < 60_000_000


def test_a_token_file_comes_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-the-file\n")
    with served(tmp_path / "backend.db", "--token-file", str(file)) as backend:
        assert backend.ask("POST", "/v1/admin/reset", "from-the-file")[0] == 200
        assert backend.ask("POST", "/v1/admin/reset", MASTER)[0] == 401


def test_a_faulty_backend_breaks_its_rule_and_no_other(tmp_path: Path) -> None:
    arguments = ("--fault", "block_ignored")
    with served(tmp_path / "backend.db", *arguments, command=FAULTY) as backend:
        backend.fill()
        assert backend.ask("GET", "/health")[1]["simulated_time"]
        ann, ben = (account_token(MASTER, account) for account in (ANN, BEN))
        assert backend.ask("PUT", f"/v1/blocks/{ANN}", ben)[0] == 200
        text = {"text": "x"}
        assert backend.ask("POST", f"/v1/threads/{BEN}/messages", ann, text)[0] == 201
        _, answer = backend.ask("POST", f"/v1/threads/{CEM}/messages", ann, text)
        assert answer == {"outcome": "refused", "reason": "setting"}
