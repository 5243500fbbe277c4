"""A server that nobody here wrote: traffic under its rules, and a rule switched off behind them."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from dmsim.paths import data_path
from dmsim.replay.controls import Controls
from dmsim.replay.result import ReplaySummary
from dmsim.replay.run import replay
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS
from tests.matrix.conftest import running

#: The server does 30 to 50 messages a second here, each with a look by its recipient.
MOST_PER_SECOND = 20


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = load_scenario("matrix", None, ("time.record=40m",))
    return simulate(scenario, tmp_path_factory.mktemp("matrix") / "trace").path


def replayed(trace: Path, url: str, out: Path, for_us: int | None = None) -> ReplaySummary:
    controls = Controls(max_rps=MOST_PER_SECOND, for_us=for_us)
    result = replay(trace, out=out, host=url, adapter="matrix", speed=600.0, controls=controls)
    return result.summary


def test_the_scenario_lives_by_the_rules_of_the_adapter() -> None:
    adapter = tomllib.loads((data_path("seeds") / "adapters" / "matrix.toml").read_text())
    scenario = tomllib.loads((data_path("scenarios") / "matrix.toml").read_text())
    assert scenario["policy"] == adapter["policy"]


def test_a_real_synapse_keeps_every_rule_that_the_adapter_promises(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Trace.open(trace)
    assert opened.table(ACCOUNTS).height >= 50
    with running(monkeypatch) as url:
        summary = replayed(trace, url, tmp_path / "out")
    assert (summary.mismatches, summary.errors, summary.dropped) == (0, 0, 0)
    assert summary.sent >= 500
    assert summary.valid, summary.invalid_because
    # What is not promised, and what cannot be said at all, is counted and shown.
    assert set(summary.not_promised) <= {"setting", "shown", "not_read"}
    assert summary.not_promised["setting"] > 0
    assert summary.unsupported > 0
    judged = pl.read_parquet(tmp_path / "out" / "judgements.parquet")
    matched = judged.filter(pl.col("judgement") == "match")
    assert matched.height > 0.7 * summary.sent


def test_an_invitation_in_spite_of_no_one_is_a_mismatch(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(monkeypatch, doors=False) as url:
        summary = replayed(trace, url, tmp_path / "out", for_us=600_000_000)
    assert summary.mismatches > 0
    for mismatch in summary.worst_mismatches:
        assert (mismatch.action, mismatch.expected_reason) == ("send_message", "no_one")
        assert mismatch.got in {"requests", "inbox"}


def test_messages_arrive_at_the_polls_of_those_who_are_online(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Controls(max_rps=MOST_PER_SECOND, for_us=900_000_000)
    with running(monkeypatch) as url:
        summary = replay(
            trace, out=tmp_path, host=url, adapter="matrix", speed=60.0, controls=first, listen=True
        ).summary
    listening = summary.listening
    assert listening is not None
    assert summary.mismatches == 0
    assert (listening.leaked, listening.never_seen, listening.broken) == (0, 0, 0)
    assert listening.seen >= 5
