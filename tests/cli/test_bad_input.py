"""Clumsy and hostile use of the real commands: one line, the right exit code, nothing left over."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from dmsim.simulation import simulate
from dmsim.trace.schema import FOLLOWS
from tests.cli.test_ends import dmsim
from tests.worlds import small

#: Simulated within a moment.
QUICK = ("--set", "population.persons=100", "--set", "time.record=1m", "--set", "time.warm_up=0s")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(small("time.record=5m"), tmp_path_factory.mktemp("made") / "trace").path


def refusal(done: subprocess.CompletedProcess[str], code: int = 5) -> str:
    """The one line of a refusal."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1:] == lines
    assert "Traceback" not in done.stderr
    return lines[0]


def children(process: int) -> set[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return {int(child) for child in listed.read_text().split()}


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(what: str, seconds: float, condition: object) -> None:
    assert callable(condition)
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.02)


@pytest.mark.parametrize("command", ["simulate", "demo", "gate", "replay"])
@pytest.mark.parametrize("out", ["file/run", "n" * 300], ids=["below a file", "too long a name"])
def test_a_place_for_results_that_cannot_be_used_is_named(
    command: str, out: str, made: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    subject = str(made) if command == "replay" else "ci-gate"
    told = refusal(dmsim(command, subject, "--out", out, folder=tmp_path))
    assert out[:20] in told
    assert "--out" in told
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_no_half_of_a_trace(tmp_path: Path) -> None:
    limited = "ulimit -f 8; exec " + " ".join(
        (sys.executable, "-m", "dmsim", "simulate", "quickstart", "--out", str(tmp_path / "run"))
    )
    done = subprocess.run(
        ["bash", "-c", limited], capture_output=True, text=True, timeout=60, check=False
    )
    assert "cannot be written" in refusal(done)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&-"])
def test_closed_streams_are_no_trouble(closed: str, tmp_path: Path) -> None:
    words = ("simulate", "ci-gate", *QUICK, "--json", "--out", str(tmp_path / "run"))
    line = f"exec {sys.executable} -m dmsim {' '.join(words)} {closed}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, "rror" in done.stderr) == (0, False)
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_a_full_standard_output_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dmsim", "scenarios"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert "No space left on device" in refusal(done)


@pytest.mark.parametrize("speed", ["nan", "inf", "0"])
def test_a_speed_that_is_none_is_refused(speed: str, made: Path, tmp_path: Path) -> None:
    done = dmsim("replay", str(made), "--speed", speed, "--out", str(tmp_path / "run"))
    assert f"--speed {speed}" in refusal(done)


def test_a_token_that_no_header_can_carry_is_refused(made: Path, tmp_path: Path) -> None:
    done = dmsim(
        *("replay", str(made), "--host", "http://127.0.0.1:9", "--out", str(tmp_path / "run")),
        DMSIM_TOKEN="two\nlines",
    )
    assert "DMSIM_TOKEN: is no token" in refusal(done)


@pytest.mark.parametrize("command", ["inspect", "replay", "gate"])
def test_an_altered_trace_accuses_no_backend(command: str, made: Path, tmp_path: Path) -> None:
    trace = Path(shutil.copytree(made, tmp_path / "trace"))
    follows = trace / FOLLOWS.path
    pl.read_parquet(follows).with_columns(followed=pl.lit(0, pl.Int32)).write_parquet(follows)
    out = () if command == "inspect" else ("--out", str(tmp_path / "run"))
    assert "altered or damaged" in refusal(dmsim(command, str(trace), *out))
    assert not (tmp_path / "run").exists()


def test_a_trace_without_actions_is_shown_and_cannot_be_judged(tmp_path: Path) -> None:
    idle = "archetypes={idle={share=1.0, sessions_per_week=1e-9, actions_per_session=1}}"
    trace = tmp_path / "trace"
    words = ("simulate", "ci-gate", *QUICK, "--set", idle, "--out", str(trace))
    assert dmsim(*words).returncode == 0
    shown = dmsim("inspect", str(trace), "--json")
    assert json.loads(shown.stdout)["actions"] == 0
    done = dmsim("gate", str(trace), "--out", str(tmp_path / "run"))
    assert done.returncode == 4
    assert "the trace holds no actions" in done.stderr


@pytest.fixture
def cells(tmp_path: Path) -> "subprocess.Popen[str]":
    """A simulation of several cells that takes long, in processes of its own."""
    words = ("quickstart", "--set", "population.cells=4", "--set", "time.record=3650d")
    process = subprocess.Popen(
        [sys.executable, "-m", "dmsim", "simulate", *words, "--out", str(tmp_path / "run")],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # The simulating processes and the one that Python keeps beside them.
    wanted = 1 + min(4, os.cpu_count() or 1)
    until("all processes there", 30, lambda: len(children(process.pid)) == wanted)
    return process


def end(process: "subprocess.Popen[str]", started: set[int]) -> tuple[int, str]:
    _, said = process.communicate(timeout=30)
    until("all processes gone", 10, lambda: not any(is_running(child) for child in started))
    return process.returncode, said


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_ends_all_processes_and_leaves_nothing(
    cells: "subprocess.Popen[str]", asked: signal.Signals, tmp_path: Path
) -> None:
    started = children(cells.pid)
    os.killpg(cells.pid, asked)  # as a terminal does
    code, said = end(cells, started)
    assert (code, said.splitlines()[-1]) == (130, "interrupted")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


#: Whatever thread a signal falls on, it waits for the children to be there.
WITHHELD = """
import os, signal, threading, time
from dmsim.simulation.children import withheld_from_children
threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
try:
    with withheld_from_children():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        print("began")
    print("went on")
except KeyboardInterrupt:
    print("stopped")
"""


def test_an_interrupt_waits_until_a_child_has_started() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHHELD], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.stdout.split(), done.stderr) == (["began", "stopped"], "")


def test_a_simulating_process_that_dies_ends_the_run(
    cells: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    started = children(cells.pid)
    os.kill(max(started), signal.SIGKILL)
    code, said = end(cells, started)
    assert (code, "a simulation process died" in said) == (4, True)
    assert list(tmp_path.iterdir()) == []


def test_simulating_processes_do_not_outlive_the_command(cells: "subprocess.Popen[str]") -> None:
    started = children(cells.pid)
    cells.kill()
    assert end(cells, started)[0] == -signal.SIGKILL
