"""The gate and the demo as a CI job and a newcomer run them: real processes, real replays."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.test_ends import dmsim

#: A world small enough for a test; timings of a shared machine cannot fail it.
SMALL = (
    "--set=population.persons=200",
    "--set=time.record=4m",
    "--set=replay.speed=480",
    "--set=replay.lateness_p99_budget=60s",
    "--set=replay.unordered_budget=1.0",
    "--set=gate.limits.0.bound=60s",
    "--set=gate.limits.1.bound=60s",
    "--set=gate.limits.2.bound=60s",
)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a gate that passed; its trace serves the other tests."""
    folder = tmp_path_factory.mktemp("gate") / "run"
    done = dmsim("gate", "ci-gate", *SMALL, "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return folder


def summary_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


def test_a_gate_that_passes_leaves_everything_a_ci_job_reads(passed: Path) -> None:
    assert {path.name for path in passed.iterdir()} == {
        "trace",
        "summary.json",
        "histograms.json",
        "judgements.parquet",
        "junit.xml",
        "summary.md",
        "report.html",
    }
    summary = summary_of(passed)
    assert summary["sent"] == summary["actions"] > 10
    assert summary["mismatches"] == 0
    assert summary["report"] == str(passed / "report.html")
    assert {"simulate", "replay"} <= set(summary["seconds"])
    assert ElementTree.parse(passed / "junit.xml").getroot().get("failures") == "0"


def test_an_impossible_limit_gives_exit_code_2_and_junit_names_it(
    passed: Path, tmp_path: Path
) -> None:
    out, step = tmp_path / "run", tmp_path / "step.md"
    step.write_text("before\n")
    done = dmsim(
        *("gate", str(passed / "trace"), "--limit", "response all max < 1us", "--json"),
        *("--out", str(out)),
        GITHUB_STEP_SUMMARY=str(step),
    )
    assert done.returncode == 2, done.stderr
    told = json.loads(done.stdout)
    assert told["gate"]["exit_code"] == 2
    assert [limit["passed"] for limit in told["gate"]["limits"]] == [True, True, True, False]
    (failure,) = ElementTree.parse(out / "junit.xml").getroot().iter("failure")
    assert str(failure.get("message")).startswith("response all max <= 0.001 ms: measured")
    assert step.read_text().startswith("before\n## dmsim gate ci-gate: ❌ a limit is missed")


def test_a_backend_with_other_rules_gives_exit_code_1_and_the_trace_lines(
    passed: Path, tmp_path: Path
) -> None:
    trace = shutil.copytree(passed / "trace", tmp_path / "trace")
    manifest = json.loads((trace / "manifest.json").read_text())
    manifest["policy"] |= {"minimum_age": 99}  # the backend is told other rules than the trace
    (trace / "manifest.json").write_text(json.dumps(manifest))
    done = dmsim("gate", str(trace), "--out", str(tmp_path / "run"))
    assert done.returncode == 1, done.stderr
    summary = summary_of(tmp_path / "run")
    assert summary["mismatches"] > 0
    worst = summary["worst_mismatches"][0]
    assert worst["got_reason"] == "under_age"
    for name in ("junit.xml", "summary.md", "report.html"):
        assert "refused (under_age)" in (tmp_path / "run" / name).read_text().replace("\\_", "_")
    assert f"cell={worst['cell']} row {worst['row']}" in (tmp_path / "run/junit.xml").read_text()
    assert "under_age" in done.stderr


def test_verdicts_only_cannot_be_failed_by_timing(passed: Path, tmp_path: Path) -> None:
    trace, limit = str(passed / "trace"), "response all max < 1us"
    done = dmsim(
        *("gate", trace, "--verdicts-only", "--limit", limit, "--out", str(tmp_path / "run")),
        GITHUB_STEP_SUMMARY=str(tmp_path / "no-such-folder" / "step.md"),
    )
    assert done.returncode == 0, done.stderr
    assert "warning: GITHUB_STEP_SUMMARY=" in done.stderr
    assert summary_of(tmp_path / "run")["mismatches"] == 0


def test_verdicts_only_cannot_be_voided_by_lateness_or_missing_connections(tmp_path: Path) -> None:
    late = ("--set=replay.lateness_p99_budget=1us", "--set=replay.connections=1")
    out = ("--out", str(tmp_path / "run"))
    done = dmsim("gate", "ci-gate", *SMALL, *late, "--verdicts-only", *out)
    assert done.returncode == 0, done.stderr
    assert summary_of(tmp_path / "run")["dropped"] > 0


def test_an_invalid_run_is_retried_as_often_as_told_and_gives_exit_code_4(tmp_path: Path) -> None:
    strict = "--set=replay.lateness_p99_budget=1us"
    done = dmsim(
        "gate", "ci-gate", *SMALL, strict, "--retry-invalid", "1", "--out", str(tmp_path / "run")
    )
    assert done.returncode == 4, done.stderr
    assert done.stderr.count("replay: ") >= 2
    assert "invalid: " in done.stderr


def test_a_ready_trace_is_replayed_as_it_is(passed: Path, tmp_path: Path) -> None:
    done = dmsim("gate", str(passed / "trace"), "--seed", "3", folder=tmp_path)
    assert done.returncode == 5
    assert "leave out --seed and --set" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_gate_is_not_overwritten_without_force(passed: Path) -> None:
    before = (passed / "summary.json").read_bytes()
    done = dmsim("gate", str(passed / "trace"), "--out", str(passed))
    assert done.returncode == 5
    assert (passed / "summary.json").read_bytes() == before


def test_a_foreign_host_needs_the_token_by_its_name(passed: Path, tmp_path: Path) -> None:
    url = "http://127.0.0.1:9"
    done = dmsim("gate", str(passed / "trace"), "--host", url, folder=tmp_path, DMSIM_TOKEN="")
    assert done.returncode == 5
    assert "DMSIM_TOKEN is not set" in done.stderr


def test_the_report_can_be_made_anew(passed: Path) -> None:
    report = passed / "report.html"
    report.unlink()
    done = dmsim("report", str(passed))
    assert (done.returncode, done.stdout) == (0, f"{report}\n")
    assert "0 mismatches" in report.read_text()


def test_the_demo_ends_with_a_judged_replay_and_may_be_repeated(tmp_path: Path) -> None:
    small = [option for option in SMALL if "gate." not in option]
    for _ in range(2):
        done = dmsim("demo", *small, "--seed", "7", "--json", folder=tmp_path)
        assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["report"] == "reports/quickstart-7/report.html"
    assert (tmp_path / told["report"]).is_file()
    assert told["sent"] == told["matches"] > 0
    assert "verdicts judged" in done.stderr
    assert told == json.loads((tmp_path / "reports/quickstart-7/summary.json").read_text())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_of_a_replay_is_130(
    passed: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    out = tmp_path / "run"
    slow = ("--set=population.persons=200", "--set=time.record=10m", "--set=replay.speed=10")
    process = subprocess.Popen(
        [sys.executable, "-m", "dmsim", "gate", "ci-gate", *slow, "--out", str(out)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=dict(os.environ),
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("provision:"):
            break
    time.sleep(1.0)
    process.send_signal(stop)
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 130
    assert said.splitlines()[-1] == "interrupted"
    assert "Traceback" not in said
    assert not (out / "report.html").exists()
