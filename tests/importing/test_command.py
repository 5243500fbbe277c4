"""``dmsim import`` as it is typed, and what is done with its trace."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dmsim.errors import UsageError
from dmsim.replay.raw import RAW
from dmsim.rulebook.coverage import cover
from dmsim.slicing.write import slice_trace
from dmsim.trace.reader import Trace

#: Ann's request is accepted; her second message and Cid's come out otherwise than recorded.
LOG = """\
when,from,to,what,result
2026-03-04 08:30:00,ann,bob,send_message,requests
2026-03-04 08:30:01,bob,ann,accept_request,done
2026-03-04 08:30:02,ann,bob,send_message,refused:blocked
2026-03-04 08:30:03,dan,eve,send_message,
2026-03-04 08:30:04,eve,dan,accept_request,done
2026-03-04 08:30:05,cid,bob,send_message,inbox
2026-03-04 08:30:06,cid,cid,send_message,inbox
"""
COLUMNS = ("--time", "when", "--action", "what", "--outcome", "result", "--time-zone", "UTC")


def dmsim(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dmsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imported")
    (folder / "log.csv").write_text(LOG)
    done = dmsim("import", folder / "log.csv", *COLUMNS, "--out", folder / "trace", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["actions"], told["accounts"], told["judged"]) == (6, 5, 5)
    assert told["skipped"] == {"to its sender": 1}
    assert "line 8: to its sender ('cid')" in done.stderr
    assert "unjudged 1 actions without a recorded outcome" in done.stderr
    return folder / "trace"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_replay_holds_the_backend_against_the_recorded_outcomes(
    imported: Path, tmp_path: Path, workers: int
) -> None:
    out = tmp_path / "out"
    pace = ("--speed", "60", "--workers", str(workers), "--rows")
    done = dmsim("replay", imported, *pace, "--out", out, "--json")
    summary = json.loads(done.stdout)
    assert (summary["sent"], summary["matches"], summary["mismatches"]) == (6, 2, 2), done.stderr
    assert summary["unjudged"] == 2
    demanded = {
        word: told["expected"] for word, told in summary["by_verdict"]["send_message"].items()
    }
    assert demanded == {"inbox": 1, "requests": 1, "refused": 1}
    rows = pl.read_parquet(out / RAW).select("seq", "judgement", "verdict", "outcome", "origin")
    assert rows.rows()[2:] == [
        (2, "mismatch", "refused", "inbox", None),
        (3, "unjudged", None, "requests", None),
        (4, "unjudged", "done", "done", 3),
        (5, "mismatch", "inbox", "requests", None),
    ]
    assert dmsim("report", out).returncode == 0
    assert dmsim("inspect", imported).returncode == 0


def test_a_slice_of_it_begins_with_what_was_done_before(imported: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("".join(f"{line.rsplit(',', 1)[0]}\n" for line in LOG.splitlines()))
    told = dmsim("import", log, *COLUMNS[:4], *COLUMNS[6:], "--out", tmp_path / "trace")
    assert told.returncode == 0, told.stderr
    trace = Trace.open(tmp_path / "trace")
    begin, end = trace.manifest.from_us + 2_000_000, trace.manifest.until_us
    part = slice_trace(trace, tmp_path / "part", from_us=begin, until_us=end)
    assert part.actions == 4
    assert part.counts["state/threads.parquet"] == 1


def test_the_rules_that_it_exercises_are_not_known(imported: Path) -> None:
    with pytest.raises(UsageError, match="has actions without a verdict"):
        cover([imported])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("missing.csv", "--out", "x"), "missing.csv: no such file; give a log"),
        ((__file__, "--out", "x"), "not a log that can be read; give a .csv"),
        (("missing.csv", "--out", "x", "--time-zone", "Mars"), "--time-zone Mars: no such"),
        (("missing.csv", "--out", __file__), "is a file, not a folder"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: tuple[str, ...], error: str) -> None:
    done = dmsim("import", *arguments)
    assert (done.returncode, done.stdout) == (5, "")
    assert error in done.stderr
    assert len(done.stderr.splitlines()) == 1
