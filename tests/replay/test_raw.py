"""The raw rows of a replay: every action with its times."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.judgements import judgements_frame
from dmsim.replay.raw import COLUMNS, RAW, raw_frame, write_raw
from dmsim.replay.record import Record
from dmsim.replay.result import METRICS
from dmsim.replay.run import replay
from tests.replay.conftest import MakeTrace
from tests.replay.test_end_to_end import says
from tests.replay.test_judgements import CASES, record_of
from tests.replay.test_schedule import scheduled

FOUR_TIMES = [f"{metric}_ns" for metric in METRICS]


def three_actions() -> Record:
    """The second gets no answer, so the third, which comes after it, is skipped."""
    return Record(
        schedule=scheduled([{"at": 0}, {"at": 1000}, {"at": 2000, "after": [1]}]),
        ready=np.array([0, 1_200_000, 2_000_000]),
        start=np.array([5, 1_200_010, -1]),
        done=np.array([900, 1_300_000, -1]),
        fates=np.array([Fate.ANSWERED, Fate.ERROR, Fate.SKIPPED], dtype=np.uint8),
        judgements=np.array([Judgement.MATCH, Judgement.NONE, Judgement.SKIPPED], dtype=np.uint8),
        statuses=np.array([201, 0, 0], dtype=np.int16),
        origins={2: 1},
        errors={1: "timeout"},
    )


def test_each_of_the_four_times_follows_from_the_instants() -> None:
    frame = raw_frame(three_actions())
    assert frame.select("intended", "ready", "start", "done", *FOUR_TIMES).rows() == [
        (0, 0, 5, 900, 900, 895, 5, 0),
        (1_000_000, 1_200_000, 1_200_010, 1_300_000, 300_000, 99_990, 10, 200_000),
        (2_000_000, None, None, None, None, None, None, None),
    ]


def test_what_was_under_way_when_a_run_was_stopped_has_no_times() -> None:
    record = three_actions()
    record.done[1] = -1
    row = raw_frame(record).row(1, named=True)
    assert row["start"] == 1_200_010
    assert row["done"] is None
    assert [row[time] for time in FOUR_TIMES] == [None] * 4


def test_what_went_wrong_names_its_error_and_its_origin() -> None:
    frame = raw_frame(three_actions())
    assert frame.select("fate", "error", "origin").rows() == [
        ("answered", None, None),
        ("error", "timeout", None),
        ("skipped", None, 1),
    ]


def test_a_verdict_that_nobody_knows_is_null() -> None:
    found = raw_frame(record_of(CASES))["verdict"].is_null().to_list()
    assert found == [row.get("verdict", "inbox") is None for row, *_ in CASES]
    assert any(found)


@pytest.mark.parametrize("count", [0, 1, len(CASES)])
def test_raw_rows_say_of_each_judgement_what_its_own_file_says(tmp_path: Path, count: int) -> None:
    record = record_of(CASES[:count])
    write_raw(record, tmp_path)
    frame = pl.read_parquet(tmp_path / RAW)
    assert frame.schema == pl.Schema(COLUMNS)
    told = frame.select("seq", "judgement", "outcome", reason="outcome_reason", status="status")
    assert told.equals(judgements_frame(record))


def test_raw_rows_that_cannot_be_written_leave_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / RAW).mkdir()
    with pytest.raises(OSError, match=RAW):
        write_raw(three_actions(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [RAW]


def test_a_replay_writes_raw_rows_where_asked_and_takes_old_ones_away(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    trace, out = make_trace(says("inbox", "status:503", "inbox"), errors_budget=1.0), tmp_path / "o"
    result = replay(trace, host=backend, out=out, rows=True)
    frame = pl.read_parquet(out / RAW)
    assert frame["error"].to_list() == [None, "status 503", None]
    longest = frame["response_ns"].max()
    assert result.summary.response_ms.max == pytest.approx(longest / 1e6)  # type: ignore[operator]
    replay(trace, host=backend, out=out)
    assert not (out / RAW).exists()
