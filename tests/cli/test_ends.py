"""How a command ends: exit code, one line, no traceback. Each in a real process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dmsim import __version__


def dmsim(
    *arguments: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dmsim", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


#: Runs the command line with one more command, which does what a test wants to see handled.
WITH_COMMAND = """
import sys, os
from dmsim.cli.app import app
from dmsim.cli.main import main
from dmsim.errors import *

@app.command()
def act() -> None:
    {}

sys.exit(main(["act"]))
"""


def test_the_version_is_told() -> None:
    done = dmsim("--version")
    assert (done.returncode, done.stdout) == (0, f"dmsim {__version__}\n")


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    heavy = "numba|polars|locust|gevent|scipy|simpy|faker|uvicorn"
    done = python(
        "import sys, contextlib\n"
        "from dmsim.cli.main import main\n"
        "code = main(['--help'])\n"
        f"print('heavy:', sorted(set('{heavy}'.split('|')) & set(sys.modules)), code)"
    )
    assert "heavy: [] 0" in done.stdout
    for command in (
        "simulate",
        "inspect",
        "serve",
        "replay",
        "scenarios",
        "demo",
        "gate",
        "report",
    ):
        assert f"  {command}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gate", "quickstart", "--limt", "x"], "No such option: --limt"),
        (["nonsense"], "No such command 'nonsense'"),
        (["demo", "--seed", "many"], "'--seed'"),
        (["gate", "quickstart", "--retry-invalid", "-1"], "--retry-invalid"),
    ],
)
def test_a_mistyped_command_line_is_a_usage_error_with_a_hint(
    arguments: list[str], said: str
) -> None:
    done = dmsim(*arguments)
    assert done.returncode == 5
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "--help" in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_no_command_at_all_shows_the_help() -> None:
    done = dmsim()
    assert done.returncode == 5
    assert "Commands:" in done.stderr


@pytest.mark.parametrize(
    ("statement", "code", "said"),
    [
        ("raise UsageError('x.toml: no such key; remove it')", 5, "error: x.toml: no such key"),
        ("raise InvalidRunError('the backend went away')", 4, "error: the backend went away"),
        ("raise KeyboardInterrupt", 130, "interrupted"),
        ("os.kill(os.getpid(), 2); import time; time.sleep(5)", 130, "interrupted"),
        ("os.kill(os.getpid(), 15); import time; time.sleep(5)", 130, "interrupted"),
        ("os.kill(os.getpid(), 1); import time; time.sleep(5)", 130, "interrupted"),
        ("raise UsageError('a\\nb\\x1b[1m')", 5, "error: a b\\x1b[1m"),
        ("open('/no/such/file')", 5, "error: /no/such/file: No such file or directory; "),
        ("raise MemoryError('14.9 GiB')", 5, "error: not enough memory (14.9 GiB); lower"),
        ("raise ValueError('a\\nb')", 70, "internal error: ValueError: a b (set DMSIM_TRACEBACK=1"),
    ],
)
def test_every_end_is_one_line_and_an_exit_code(statement: str, code: int, said: str) -> None:
    done = python(WITH_COMMAND.format(statement))
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1


def test_an_interrupt_that_python_drops_is_not_lost() -> None:
    done = python(
        WITH_COMMAND.format(
            "import signal, time\n"
            "    class Last:\n"
            "        def __del__(self): signal.raise_signal(signal.SIGINT); time.sleep(0.1)\n"
            "    Last(); time.sleep(10)"
        )
    )
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_the_traceback_of_an_internal_error_is_shown_on_demand() -> None:
    done = python(WITH_COMMAND.format("raise ValueError('odd')"), DMSIM_TRACEBACK="1")
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1] == "internal error: ValueError: odd"


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_COMMAND.format("print('x' * 10_000_000)")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 128 + signal.SIGPIPE
    assert said == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--set", "population.persons=-3"],
        ["demo", "no-such-scenario"],
        ["gate", "no-such-file.toml"],
        ["gate", "quickstart", "--limit", "fast"],
        ["gate", "quickstart", "--adapter", "pigeon"],
        ["gate", "."],
        ["report", "."],
        ["gate", "ci-gate", "--host", "http://127.0.0.1:9"],
        ["gate", "ci-gate", "--host", "http://192.0.2.1:80"],
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(arguments: list[str], tmp_path: Path) -> None:
    done = dmsim(*arguments, folder=tmp_path, DMSIM_TOKEN="t")
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 5
    assert len(errors) == 1
    assert done.stderr.splitlines()[-1] == errors[0]
    assert "Traceback" not in done.stderr


def test_a_foreign_folder_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    done = dmsim("demo", "--out", str(tmp_path))
    assert done.returncode == 5
    assert "--out" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
