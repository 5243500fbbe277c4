"""``dmsim slice`` and ``dmsim replay --from`` as they are typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.worlds import everything


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return Trace.open(simulate(everything(), tmp_path_factory.mktemp("whole") / "trace").path)


def dmsim(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dmsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_slice_is_written_and_told(trace: Trace, tmp_path: Path) -> None:
    out = tmp_path / "part"
    done = dmsim("slice", trace.path, "--from", "30m", "--for", "10m", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    part = Trace.open(out)
    assert (told["digest"], told["actions"]) == (part.verify(), part.manifest.actions)
    assert part.manifest.from_us == trace.manifest.from_us + 30 * 60_000_000
    assert part.manifest.until_us == part.manifest.from_us + 10 * 60_000_000
    again = dmsim("slice", trace.path, "--out", out)
    assert (again.returncode, "--force" in again.stderr) == (5, True)


def test_a_replay_from_an_instant_has_its_state_and_leaves_the_slice(
    trace: Trace, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    window = ("--from", "30m", "--for", "10m")
    done = dmsim("replay", trace.path, *window, "--speed", "600", "--out", out, "--json")
    summary = json.loads(done.stdout)
    assert (summary["mismatches"], summary["unjudged"]) == (0, 0), done.stderr
    part = Trace.open(out / "trace")
    assert summary["sent"] == part.manifest.actions > 0
    assert summary["controls"]["from_us"] == part.manifest.from_us
    assert (Path(summary["trace"]), summary["digest"]) == (part.path, part.manifest.digest)
    assert dmsim("report", out).returncode == 0
