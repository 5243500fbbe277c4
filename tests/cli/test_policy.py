"""``--policy FILE``: traffic under another service's rules."""

from pathlib import Path

import pytest

from dmsim.trace.reader import Trace
from tests.cli.test_ends import dmsim

#: Simulated within a moment.
QUICK = ("--set=population.persons=100", "--set=time.record=2m", "--set=time.warm_up=0s")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text("minimum_age = 0\nban_from = 9\n")
    return path


def test_a_trace_is_made_under_the_files_rules_and_tells_them(rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "trace"
    rest = ("--set=policy.ban_from=7", "--policy", str(rules), "--out", str(out))
    done = dmsim("simulate", "quickstart", *QUICK, *rest)
    assert done.returncode == 0, done.stderr
    manifest = Trace.open(out).manifest
    assert manifest.scenario["policy"] == {"minimum_age": 0, "ban_from": 7}
    assert manifest.policy["minimum_age"] == 0


@pytest.mark.parametrize("command", ["simulate", "demo", "gate"])
def test_a_mistake_in_the_file_is_told_in_one_line_before_any_work(
    command: str, rules: Path, tmp_path: Path
) -> None:
    rules.write_text("minimum_aeg = 0\n")
    out = tmp_path / "run"
    done = dmsim(command, "quickstart", "--policy", str(rules), "--out", str(out))
    assert done.returncode == 5
    assert done.stderr.startswith(f"error: {rules}:1: policy.minimum_aeg = 0: unknown key")
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()


def test_a_ready_trace_keeps_the_rules_under_which_it_was_made(rules: Path, tmp_path: Path) -> None:
    made = tmp_path / "trace"
    done = dmsim("simulate", "quickstart", *QUICK, "--out", str(made))
    assert done.returncode == 0, done.stderr
    done = dmsim("gate", str(made), "--policy", str(rules), folder=tmp_path)
    assert done.returncode == 5
    assert "leave out --seed and --set and --policy" in done.stderr
