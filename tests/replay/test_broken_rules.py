"""The judge against the reference backend itself, with one rule broken on purpose."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmsim.simulation import simulate
from tests.worlds import LIVELY, small

TOKEN = "token-of-the-test"
FAULTY_SERVER = Path(__file__).parents[1] / "server" / "faulty_server.py"


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(small(*LIVELY), tmp_path_factory.mktemp("broken") / "trace").path


@contextmanager
def faulty_backend(fault: str, folder: Path) -> Iterator[str]:
    command = [sys.executable, str(FAULTY_SERVER), "--fault", fault, "--json"]
    command += ["--db", str(folder / "backend.db")]
    with subprocess.Popen(
        command, env={**os.environ, "DMSIM_TOKEN": TOKEN}, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["url"]
        finally:
            server.terminate()


@pytest.mark.parametrize(
    ("fault", "expected", "got"),
    [
        ("no_one_ignored", {("refused", "no_one")}, {"inbox", "requests"}),
        # What a block hid may be refused for another reason, which is a mismatch as well.
        ("block_ignored", {("refused", "blocked")}, {"inbox", "requests", "refused"}),
        ("requests_to_inbox", {("requests", "")}, {"inbox"}),
    ],
)
def test_a_broken_rule_is_caught_and_names_its_trace_lines(
    trace: Path, tmp_path: Path, fault: str, expected: set[tuple[str, str]], got: set[str]
) -> None:
    with faulty_backend(fault, tmp_path) as url:
        command = [sys.executable, "-m", "dmsim", "replay", str(trace), "--host", url]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / "out"), "--speed", "1200", "--json"],
            env={**os.environ, "DMSIM_TOKEN": TOKEN},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    summary = json.loads(done.stdout)
    assert summary["mismatches"] > 0
    assert summary["matches"] > summary["mismatches"]
    for mismatch in summary["worst_mismatches"]:
        reason = mismatch["expected_reason"].replace("none", "")
        assert (mismatch["expected"], reason) in expected
        assert mismatch["got"] in got
        assert f"cell=0 row {mismatch['row']} (seq {mismatch['seq']})" in done.stderr or (
            mismatch not in summary["worst_mismatches"][:10]
        )
