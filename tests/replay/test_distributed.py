"""One trace replayed by several processes: the same outcomes, and a clear end whoever dies."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import polars as pl
import pytest

from dmsim.errors import DmsimError
from dmsim.replay.controls import Controls
from dmsim.replay.job import Job
from dmsim.replay.judgements import read_judgements
from dmsim.replay.result import ReplayResult, read_result
from dmsim.replay.run import recover, replay
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from tests.replay.conftest import MakeTrace, Row
from tests.replay.test_end_to_end import LOCUSTFILE

Popen = subprocess.Popen[str]

#: Replays and prints the summary's line as ``dmsim replay`` does.
REPLAY = [sys.executable, "-m", "dmsim", "replay"]


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace with everything in it that conflicts over an account."""
    few = ["population.persons=250", "replay.lateness_p99_budget=5s"]
    scenario = load_scenario("abuse-wave", 3, few)
    return simulate(scenario, tmp_path_factory.mktemp("lively") / "trace").path


def outcomes(result: ReplayResult, out: Path) -> pl.DataFrame:
    assert result.summary.valid, result.summary.invalid_because
    return read_judgements(out)


def test_one_two_and_four_processes_come_to_the_same_outcomes(lively: Path, tmp_path: Path) -> None:
    found = []
    for workers in (1, 2, 4):
        out = tmp_path / str(workers)
        result = replay(lively, out=out, speed=4000.0, workers=workers)
        assert (result.summary.mismatches, result.summary.unordered) == (0, 0)
        assert len(result.histograms["response"]["all"]) == result.summary.actions
        assert result.summary.generator is not None
        budgets = [row.what for row in result.summary.validity]
        assert ("clock skew" in budgets) == (workers > 1)
        assert not (out / "parts").exists()
        found.append(outcomes(result, out))
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_a_reply_on_one_process_names_the_comment_that_another_created(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    busy: list[Row] = [
        {"say": "inbox", "actor": actor, "target": actor + 1, "at": 20_000 * n}
        for n, actor in enumerate([2, 4] * 20)
    ]
    # The comment's pair goes to one process, its reader's to the other.
    rows: list[Row] = [
        {"action": "comment", "actor": 2, "target": 7, "uses": 1, "binds": 70, "verdict": "done",
         "say": "done", "at": 900_000},
        {"action": "read_comment", "actor": 4, "target": 7, "uses": 70, "verdict": "done",
         "say": "done", "at": 900_500, "after": [40]},
    ]  # fmt: skip
    result = replay(make_trace([*busy, *rows]), host=backend, out=tmp_path / "out", workers=2)
    assert (result.exit_code, result.summary.matches) == (0, 42), result.summary.invalid_because


#: Forty conversations that go on for a minute; the test ends them long before.
LONG: list[Row] = [
    {"say": "inbox", "actor": n % 4, "target": 4 + n % 4, "at": 20_000 * n} for n in range(3000)
]


def test_a_worker_for_which_there_is_nothing_to_do_sends_nothing(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    talk = [{**row, "actor": 0, "target": 1} for row in LONG[:20]]
    result = replay(make_trace(talk), host=backend, out=tmp_path / "out", workers=3)
    assert (result.exit_code, result.summary.matches) == (0, 20), result.summary.invalid_because
    assert sorted(worker.finished for worker in result.summary.workers) == [0, 0, 20]


@contextmanager
def long_replay(trace: Path, host: str, out: Path) -> Iterator[Popen]:
    """A replay by two workers that has been going on for a while."""
    command = [*REPLAY, str(trace), "--host", host, "--out", str(out), "--workers", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        wait_for(out / "parts" / "run.json")
        time.sleep(1.5)
        try:
            yield process
        finally:
            process.kill()


def of_role(process: Popen, role: str) -> list[int]:
    """The processes of a replay that play a part."""
    pid = process.pid
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"dmsim.replay.process" in words and role.encode() in words:
            found.append(int(child))
    return found


def kill_a_worker(process: Popen) -> None:
    os.kill(of_role(process, "worker")[0], signal.SIGKILL)


def hang_a_worker(process: Popen) -> None:
    os.kill(of_role(process, "worker")[0], signal.SIGSTOP)


def kill_the_master(process: Popen) -> None:
    (master,) = of_role(process, "master")
    os.kill(master, signal.SIGKILL)


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        (kill_a_worker, "it held 50.0% of the trace"),
        (hang_a_worker, "it held 50.0% of the trace"),
        (kill_the_master, "the replaying process died"),
    ],
)
def test_a_process_that_dies_or_hangs_voids_the_run_and_what_had_finished_is_kept(
    make_trace: MakeTrace,
    backend: str,
    tmp_path: Path,
    fate: Callable[[Popen], None],
    told: str,
) -> None:
    out = tmp_path / "out"
    with long_replay(make_trace(LONG), backend, out) as process:
        fate(process)
        _, stderr = process.communicate(timeout=40)
    assert process.returncode == 4, stderr
    assert told in stderr
    summary = read_result(out).summary
    assert not summary.valid
    assert any(told in reason for reason in summary.invalid_because), summary.invalid_because
    assert 50 < summary.matches < 1000
    assert read_judgements(out)["judgement"].value_counts().height == 2
    assert not (out / "parts").exists()


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("too", ["nobody", "master"])
def test_the_processes_of_a_replay_end_when_whoever_started_them_is_killed(
    make_trace: MakeTrace, backend: str, tmp_path: Path, too: str
) -> None:
    stuck = [{**LONG[0], "say": "hang"}]  # so that there is no progress to tell of
    trace = make_trace(stuck, timeout="60s")
    with long_replay(trace, backend, tmp_path / "out") as process:
        left = [*of_role(process, "master"), *of_role(process, "worker")]
        assert len(left) == 3
        victims = of_role(process, too)
        process.kill()
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        limit = time.monotonic() + 25
        while any(map(alive, left)):
            assert time.monotonic() < limit, left
            time.sleep(0.05)


def test_a_worker_that_dies_before_it_joins_is_not_waited_for_without_end(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    job = Job(trace=str(make_trace(LONG)), host=backend, out=str(tmp_path), workers=1)
    lead = "import sys; from dmsim.replay import process; process._JOINING_S = 0.5; process.main()"
    told = subprocess.run(
        [sys.executable, "-c", lead, "master"],
        input=msgspec.json.encode(job),
        capture_output=True,
        timeout=40,
        check=False,
    )
    assert b"0 of 1 workers joined within 0.5 s; replay again" in told.stdout


def test_a_backend_that_dies_under_several_processes_ends_the_run(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    rows = [*LONG[:100], {**LONG[100], "say": "die"}, *LONG[101:]]
    result = replay(make_trace(rows), host=backend, out=out, workers=2)
    assert result.exit_code == 4
    assert "stopped answering" in result.summary.invalid_because[0]
    assert result.summary.matches >= 90
    assert result.summary.seconds["replay"] < 20


def test_an_interrupted_replay_by_several_processes_keeps_what_had_finished(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with long_replay(make_trace(LONG), backend, out) as process:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=40)
    assert process.returncode == 130, stderr
    summary = read_result(out).summary
    assert summary.invalid_because == ["stopped before its end: interrupted"]
    assert summary.matches > 50


def test_a_replay_leaves_nothing_of_an_earlier_one_in_its_folder(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "parts").mkdir(parents=True)
    for name in ("histograms.json", "parts/run.json", "parts/3.rows", "parts/3.notes"):
        (out / name).touch()
    with pytest.raises(DmsimError, match="the trace begins at"):
        replay(make_trace(LONG[:5]), host=backend, out=out, controls=Controls(from_us=5))
    assert list(out.rglob("*")) == []


def test_what_was_replayed_is_kept_where_the_results_cannot_be_written(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "summary.json" / "in the way").mkdir(parents=True)
    with by_hand(make_trace(LONG[:20]), backend, out, 1) as (master, worker):
        assert (master.wait(timeout=40), worker.wait(timeout=40)) == (5, 0)
    (out / "summary.json" / "in the way").rmdir()
    (out / "summary.json").rmdir()
    assert recover(out).summary.matches == 20
    assert not (out / "parts").exists()


def test_the_token_of_a_test_is_never_in_what_a_replay_leaves(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    replay(make_trace(LONG[:5]), host=backend, out=out, workers=2)
    for file in out.rglob("*"):
        assert os.environ["DMSIM_TOKEN"].encode() not in file.read_bytes()


@contextmanager
def by_hand(trace: Path, host: str, out: Path, workers: int) -> Iterator[list[Popen]]:
    """The master of a replay, whose workers are started by the test; it comes first."""
    job = Job(trace=str(trace), host=host, out=str(out), workers=workers)
    role = [sys.executable, "-m", "dmsim.replay.process"]
    with subprocess.Popen(
        [*role, "master"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as master:
        assert master.stdin is not None
        assert master.stdout is not None
        with master.stdin as stdin:
            stdin.write(msgspec.json.encode(job).decode())
        port = json.loads(master.stdout.readline())["port"]
        processes = [master]
        try:
            for index in range(workers):
                elsewhere = ["unshare", "--time", "--monotonic", "5000"] if index else []
                worker = [*elsewhere, *role, "worker", str(port)]
                processes.append(subprocess.Popen(worker, text=True))
            yield processes
        finally:
            for process in processes:
                process.kill()
                process.wait()


def unshared() -> bool:
    """Whether a process may be given a clock of its own, as another machine has."""
    command = ["unshare", "--time", "--monotonic", "5000", "true"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not unshared(), reason="needs the right to make a time namespace")
def test_a_worker_whose_clock_differs_begins_with_the_others(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    chain = [{**row, "after": [n - 1] if n else []} for n, row in enumerate(LONG[:60])]
    with by_hand(make_trace(chain), backend, out, 2) as (master, *_):
        assert master.wait(timeout=40) == 0
    summary = read_result(out).summary
    assert (summary.valid, summary.matches) == (True, 60)
    late = summary.lateness_ms.p50
    assert late is not None
    assert late < 1_000


def test_a_worker_that_joins_late_voids_the_run(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    port = str(free_port())
    plain = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"]
    master = [*plain, "--master", "--master-bind-port", port, "--expect-workers", "1"]
    told = ["--trace", str(make_trace(LONG)), "--host", backend, "--out", str(out)]
    worker = [*plain, "--worker", "--master-port", port]
    with (
        started([*master, *told], stderr=subprocess.PIPE) as leader,
        started(worker, stderr=subprocess.DEVNULL),
    ):
        wait_for(out / "parts" / "run.json")
        with started(worker, stderr=subprocess.DEVNULL):
            _, stderr = leader.communicate(timeout=40)
    assert leader.returncode == 4, stderr
    summary = read_result(out).summary
    assert "joined after the replay had begun" in summary.invalid_because[0]
    assert summary.matches > 0


def test_plain_locust_spreads_a_replay_over_processes_and_adds_their_statistics_up(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace(LONG[:100], connections=500)
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--json"]
    told = ["--trace", str(trace), "--host", backend, "--processes", "2"]
    port = str(free_port())
    done = subprocess.run(
        [*command, *told, "--master-bind-port", port, "--master-port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"num_requests": 100' in done.stdout  # the workers print theirs, too: none
    assert read_result(trace / "replay").summary.matches == 100


def free_port() -> int:
    """Below the range from which the system takes ports for outgoing connections."""
    while True:
        port = secrets.choice(range(15_000, 30_000))
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def started(command: list[str], stderr: int) -> Iterator[Popen]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(file: Path) -> None:
    limit = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < limit, f"{file} does not appear"
        time.sleep(0.05)


def test_what_plain_locust_had_finished_when_it_was_killed_is_summed_up_afterwards(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    plain = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"]
    told = ["--trace", str(make_trace(LONG)), "--host", backend, "--out", str(out)]
    with started([*plain, *told], stderr=subprocess.DEVNULL) as process:
        wait_for(out / "parts" / "run.json")
        time.sleep(1.5)
        process.kill()
    done = subprocess.run(
        [sys.executable, "-m", "dmsim", "recover", str(out)],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "invalid run: stopped before its end: its process died" in done.stderr
    assert read_result(out).summary.matches > 20
    again = subprocess.run(
        [sys.executable, "-m", "dmsim", "recover", str(out)],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert again.returncode == 5
    assert "holds no interrupted replay" in again.stderr
