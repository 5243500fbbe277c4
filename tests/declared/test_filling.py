"""Filling a backend: side by side, in order for each account, and again after a kill."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dmsim.adapters import adapter_named
from dmsim.cli.main import main
from dmsim.errors import UsageError
from dmsim.replay.filling import About, Filling, recall_filling
from dmsim.replay.run import fill_backend, replay
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, FOLLOWS

#: Accounts are given a secret each, with which they follow; who is there already is told 409.
ADAPTER = """
url = "{url}"
[auth]
kind = "bearer"
token = "{{actor.secret}}"

[[provision]]
for = "accounts"
request = "PUT /users/{{id}}"
accept = [409]
capture.secret = {{ json = "secret", keep = "account" }}

[[provision]]
for = "follows"
as = "follower"
request = "PUT /follows/{{follower}}/{{followed}}"

[actions.open_inbox]
request = "GET /inbox/{{actor}}"

[[outcomes]]
status = 200
headers = {{ X-Outcome = "^done$" }}
outcome = "done"
"""


class Counting:
    """A service that remembers what it was sent; it stops answering after ``slow_after``."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users: set[int] = set()
        self.follows: defaultdict[int, list[int]] = defaultdict(list)
        self.requests = 0
        self.at_once = 0
        self.most_at_once = 0
        self.pause_s = 0.0

    def answer(self, path: list[str], secret: str) -> tuple[int, dict[str, object]]:
        kind, one, *rest = path
        if kind == "users":
            status = 409 if int(one) in self.users else 201
            self.users.add(int(one))
            return status, {"secret": f"s{one}"}
        if secret != f"s{one}":
            return 401, {}
        if kind == "follows":
            self.follows[int(one)].append(int(rest[0]))
            return 201, {}
        return 200, {}


@contextmanager
def counting(service: Counting) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_PUT(self) -> None:
            with service.lock:
                service.requests += 1
                service.at_once += 1
                service.most_at_once = max(service.at_once, service.most_at_once)
            time.sleep(service.pause_s)
            secret = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with service.lock:
                status, told = service.answer(self.path.split("/")[1:], secret)
                service.at_once -= 1
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Outcome", "done")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT  # noqa: N815 - the handler's own names

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever was killed does not read its answer."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    few = ("population.persons=60", "population.graph.follows_mean=4", "time.warm_up=0s")
    budget = ("replay.unjudged_budget=1", "replay.speed=3600")
    scenario = load_scenario("quickstart", None, (*few, *budget))
    return simulate(scenario, tmp_path_factory.mktemp("filling") / "trace").path


def adapter(folder: Path, url: str) -> str:
    path = folder / "mine.toml"
    path.write_text(ADAPTER.format(url=url))
    return str(path)


def holds_all(service: Counting, trace: Path) -> bool:
    told = Trace.open(trace)
    follows = told.table(FOLLOWS)
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    for one, other in follows.iter_rows():
        wanted[one].append(other)
    return service.users == set(told.table(ACCOUNTS)["id"]) and service.follows == wanted


def test_accounts_are_filled_side_by_side_and_each_in_order(trace: Path, tmp_path: Path) -> None:
    service = Counting()
    service.pause_s = 0.002
    with counting(service) as url:
        told = adapter(tmp_path, url)
        fill_backend(trace, state=tmp_path / "state", host=None, adapter=told)
    assert holds_all(service, trace)
    assert 1 < service.most_at_once <= 8


def test_a_filling_that_was_killed_goes_on_and_comes_to_the_same(
    trace: Path, tmp_path: Path
) -> None:
    service, state = Counting(), tmp_path / "state"
    service.pause_s = 0.02
    with counting(service) as url:
        told = adapter(tmp_path, url)
        command = ["provision", str(trace), "--adapter", told, "--state", str(state)]
        process = subprocess.Popen(
            [sys.executable, "-m", "dmsim", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 60
        while service.requests < 90 and time.monotonic() < end:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # Its filling process notices that it is alone; what it still sends is noted as well.
        before = -1
        while before != service.requests and time.monotonic() < end:
            before = service.requests
            time.sleep(0.7)
        service.pause_s = 0.0
        assert not holds_all(service, trace)
        sent = service.requests
        assert main(command) == 5  # neither --resume nor --force
        assert main([*command, "--resume"]) == 0
        assert holds_all_once_or_twice(service, trace)
        follows = Trace.open(trace).table(FOLLOWS).height
        accounts = Trace.open(trace).table(ACCOUNTS).height
        # At most what was under way on eight connections is sent again.
        assert service.requests - sent <= follows + accounts - sent + 8
        result = replay(trace, out=tmp_path / "out", adapter=told, provisioned=state)
    assert result.summary.errors == 0
    assert result.summary.matches > 0
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def holds_all_once_or_twice(service: Counting, trace: Path) -> bool:
    """What was under way when it was killed may have been sent again."""
    service.follows = defaultdict(
        list, {one: list(dict.fromkeys(others)) for one, others in service.follows.items()}
    )
    return holds_all(service, trace)


def test_a_replay_asks_for_the_filling_of_this_trace_adapter_and_backend(
    trace: Path, tmp_path: Path
) -> None:
    service, state = Counting(), tmp_path / "state"
    with counting(service) as url:
        told = adapter(tmp_path, url)
        with pytest.raises(UsageError, match="no such file; make it with dmsim provision"):
            replay(trace, out=tmp_path / "out", adapter=told, provisioned=state)
        fill_backend(trace, state=state, host=None, adapter=told)
        with pytest.raises(UsageError, match="the backend is filled"):
            fill_backend(trace, state=state, host=None, adapter=told, resume=True)
        (tmp_path / "mine.toml").write_text(ADAPTER.format(url=url) + "\n# changed\n")
        with pytest.raises(UsageError, match="is about adapter"):
            replay(trace, out=tmp_path / "out", adapter=told, provisioned=state)
        state.write_text("something else\n")
        with pytest.raises(UsageError, match="is no filling"):
            replay(trace, out=tmp_path / "out", adapter=told, provisioned=state)
        fill_backend(trace, state=state, host=None, adapter=told, force=True)


def test_two_workers_replay_what_another_command_has_filled(trace: Path, tmp_path: Path) -> None:
    service, state = Counting(), tmp_path / "state"
    with counting(service) as url:
        told = adapter(tmp_path, url)
        fill_backend(trace, state=state, host=None, adapter=told)
        filled = service.requests
        result = replay(trace, out=tmp_path / "o", adapter=told, provisioned=state, workers=2)
    assert result.summary.errors == 0
    assert service.requests - filled == result.summary.sent > 0


def test_what_is_half_written_is_left_out(tmp_path: Path) -> None:
    of, path = About(trace="t", adapter="a", host="h"), tmp_path / "state"
    with Filling.open(path, of) as filling:
        filling.note(0, [["secret", "x", False, 3]])
        filling.note(1, [])
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with Filling.open(path, of) as filling:
            assert (filling.has(0), filling.has(1)) in {(False, False), (True, False)}
            filling.note(7, [])
        with Filling.open(path, of) as filling:
            assert filling.has(7)
            assert not filling.complete


def test_a_backend_that_refuses_ends_the_filling_in_one_line(trace: Path, tmp_path: Path) -> None:
    service = Counting()
    service.users = {0}
    with counting(service) as url:
        told = adapter(tmp_path, url)
        path = Path(told)
        path.write_text(path.read_text().replace("accept = [409]", ""))
        with pytest.raises(UsageError, match=r"PUT /users/0 was answered 409"):
            fill_backend(trace, state=tmp_path / "state", host=None, adapter=told)


@pytest.mark.parametrize("more", [{"provision": False}, {"provisioned": Path("state")}])
def test_a_filled_backend_is_one_of_the_users_own(
    more: dict[str, object], trace: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="give it as --host"):
        replay(trace, out=tmp_path / "out", **more)  # type: ignore[arg-type]


def test_one_filling_at_a_time_writes_and_nobody_else_may_read_its_file(tmp_path: Path) -> None:
    of, path = About(trace="t", adapter="a", host="h"), tmp_path / "state"
    path.touch(mode=0o644)
    with Filling.open(path, of):
        for shared in (False, True):
            with pytest.raises(UsageError, match="is in use"):
                Filling.open(path, of, shared=shared)
    with Filling.open(path, of, shared=True), Filling.open(path, of, shared=True):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", ["[" * 5_000, '{"n":1,"learnt":[5]}', '{"n":"x"}', "\\xff"])
def test_a_damaged_file_is_told(line: str, trace: Path, tmp_path: Path) -> None:
    path, told = tmp_path / "state", adapter(tmp_path, "http://127.0.0.1:1")
    of = About(trace="t", adapter="a", host="h")
    with Filling.open(path, of) as filling:
        filling.finish()
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(UsageError, match=r"is no filling|is damaged"):
        recall_filling(path, of, adapter_named(told, ""))
