"""Several replays of one trace as one result."""

from pathlib import Path

import msgspec
import pytest

from dmsim.replay.controls import Controls
from dmsim.replay.histogram import Histogram
from dmsim.replay.repeats import merged_results, repeat_folders
from dmsim.replay.result import DELIVERY, METRICS, ReplayResult, Validity, read_result
from dmsim.replay.run import replay
from tests.replay.conftest import MakeTrace
from tests.replay.test_end_to_end import says
from tests.samples import mismatch, summary, wrong_summary


def measured(*values: int) -> dict[str, dict[str, Histogram]]:
    found = {metric: {"all": Histogram()} for metric in METRICS}
    for value in values:
        found["response"]["all"].record(value)
    return found


def test_counts_and_histograms_are_added_and_seconds_follow_each_other() -> None:
    good, bad = summary(), wrong_summary([mismatch()], valid=False, invalid_because=["too late"])
    results = [
        ReplayResult(summary=good, histograms=measured(1_000_000, 1_000_000, 1_000_000)),
        ReplayResult(summary=bad, histograms=measured(9_000_000)),
    ]
    folders = repeat_folders(Path("out"), 2)
    merged = merged_results(results, folders)
    found = merged.summary
    assert (found.sent, found.mismatches) == (good.sent + bad.sent, 1)
    assert found.actions == good.actions + bad.actions
    assert found.by_verdict["send_message"]["refused"].mismatches == 1
    assert found.by_action["open_inbox"].sent == 2 * good.by_action["open_inbox"].sent
    assert found.response_ms.max == 9.0
    assert found.response_ms.p50 == pytest.approx(1.0, rel=0.01)
    assert [second.second for second in found.over_time] == list(range(60))
    assert (found.valid, found.invalid_because) == (False, ["repeat-2: too late"])
    assert found.seconds == {"simulate": 4.8, "provision": 1.4, "replay": 60.2}
    assert [(repeat.folder, repeat.exit_code) for repeat in found.repeats] == [
        ("repeat-1", 0),
        ("repeat-2", 1),
    ]
    assert merged.exit_code == 1


def test_a_single_replay_goes_to_the_folder_itself() -> None:
    assert repeat_folders(Path("out"), 1) == [Path("out")]


def test_a_trace_is_replayed_as_often_as_asked(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    trace = make_trace([{"say": "inbox"}, {"say": "refused:blocked", "actor": 2, "target": 3}])
    out = tmp_path / "out"
    stale = out / "repeat-3" / "summary.json"
    stale.parent.mkdir(parents=True)
    stale.touch()
    result = replay(trace, host=backend, out=out, controls=Controls(repeat=2))
    assert result.exit_code == 1
    assert (result.summary.sent, result.summary.mismatches) == (4, 2)
    parts = [read_result(out / f"repeat-{n}").summary for n in (1, 2)]
    assert [part.sent for part in parts] == [2, 2]
    assert all((out / f"repeat-{n}" / "judgements.parquet").is_file() for n in (1, 2))
    assert not stale.exists()
    told = msgspec.json.decode((out / "summary.json").read_bytes())
    assert told["controls"]["repeat"] == len(told["repeats"]) == 2


def test_deliveries_of_all_repeats_are_added(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    trace = make_trace(says("late:0:inbox"), delivery_probes=1000)
    out = tmp_path / "out"
    result = replay(trace, host=backend, out=out, controls=Controls(repeat=2))
    delivery = result.summary.delivery
    assert delivery is not None
    assert (delivery.probes, delivery.seen, delivery.never_seen) == (2, 2, 0)
    parts = [read_result(out / f"repeat-{n}").summary.delivery for n in (1, 2)]
    assert delivery.delivery_ms.max == max(part.delivery_ms.max or 0 for part in parts if part)
    assert len(read_result(out).histograms[DELIVERY]["send_message"]) == 2


def test_repeats_without_a_probe_tell_no_delivery() -> None:
    results = [ReplayResult(summary=summary(), histograms=measured(1_000_000))] * 2
    merged = merged_results(results, repeat_folders(Path("out"), 2))
    assert merged.summary.delivery is None
    assert DELIVERY not in merged.histograms


def test_of_every_budget_the_worst_repeat_is_told() -> None:
    def late(p99_ms: float, *, ok: bool) -> ReplayResult:
        row = Validity(
            what="lateness p99", measured=p99_ms, budget=50.0, unit="ms", ok=ok, remedy=""
        )
        told = msgspec.structs.replace(summary(), validity=[row])
        return ReplayResult(summary=told, histograms=measured())

    results = [late(1.0, ok=True), late(60.0, ok=False), late(2.0, ok=True)]
    (row,) = merged_results(results, repeat_folders(Path("out"), 3)).summary.validity
    assert (row.measured, row.ok) == (60.0, False)
