"""``dmsim replay`` as it is typed, against the reference backend and against others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.replay.conftest import MakeTrace, Row

OPEN_INBOX: Row = {"action": "open_inbox", "verdict": "done"}


def dmsim(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dmsim", "replay", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ,
    )


def test_without_a_host_the_reference_backend_is_started_and_stopped(
    make_trace: MakeTrace,
) -> None:
    trace = make_trace([{"say": "hello", "verdict": "refused", "reason": "setting"}])
    done = dmsim(trace, "--json")
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout)
    assert summary["sent"] == summary["mismatches"] == 1, done.stderr
    assert done.returncode == 1
    assert "mismatch: cell=0 row 0 (seq 0): send_message of 0 to 1: expected refused (setting)" in (
        done.stderr
    )


def test_a_second_replay_does_not_overwrite_the_first(make_trace: MakeTrace, backend: str) -> None:
    trace = make_trace([OPEN_INBOX])
    assert dmsim(trace, "--host", backend).returncode == 0
    refused = dmsim(trace, "--host", backend)
    assert refused.returncode == 5
    assert refused.stdout == ""
    assert dmsim(trace, "--host", backend, "--force").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--host", "http://192.0.2.1"], "--allow-host 192.0.2.1"),
        (["--host", "http://127.0.0.1:1"], "nothing listens there"),
        (["--adapter", "smoke"], "no such adapter"),
        (["--speed", "-1"], "must be above 0"),
        (["--only", "folow"], "--only folow: no kind of action; did you mean follow"),
        (["--from", "1d"], "--from 1d: not in what the trace recorded (Mon 00:00"),
        (["--from", "tue 25:00"], "--from tue 25:00: no such time of day"),
        (["--users", "0"], "--users 0: must be 1 or more"),
        (["--dry-run", "--ramp", "1"], "--ramp 1: not a duration"),
        (["--sped", "1"], "No such option"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_5(
    make_trace: MakeTrace, backend: str, arguments: list[str], complaint: str
) -> None:
    trace = make_trace([OPEN_INBOX])
    done = dmsim(trace, *arguments)
    assert done.returncode == 5
    assert complaint in done.stderr
    assert not (trace / "replay").exists()


def test_a_folder_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    done = dmsim(tmp_path)
    assert done.returncode == 5
    assert "not a trace" in done.stderr


def test_controls_are_told_in_the_result(make_trace: MakeTrace, backend: str) -> None:
    trace = make_trace([OPEN_INBOX, {"action": "follow", "actor": 2, "target": 3}, OPEN_INBOX])
    done = dmsim(trace, "--host", backend, "--except", "follow", "--max-rps", "9", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["sent"], summary["left_out"]) == (2, 1)
    assert (summary["controls"]["except"], summary["controls"]["max_rps"]) == (["follow"], 9)
    assert "1 left out" in done.stderr


def test_a_dry_run_needs_no_backend_and_writes_nothing(make_trace: MakeTrace) -> None:
    trace = make_trace([OPEN_INBOX])
    told = dmsim(trace, "--dry-run", "--host", "http://127.0.0.1:1")
    assert (told.returncode, told.stdout.splitlines()[0]) == (0, "1 actions in 0.0 s at speed 1")
    assert json.loads(dmsim(trace, "--dry-run", "--json").stdout)["actions"] == 1
    assert not (trace / "replay").exists()
