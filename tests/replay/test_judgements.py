"""The file that tells what came of every action."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dmsim.adapters.base import Outcome
from dmsim.errors import UsageError
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.judgements import (
    COLUMNS,
    JUDGEMENTS,
    judgements_frame,
    read_judgements,
    write_judgements,
)
from dmsim.replay.record import Record
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

#: What was demanded, what became of it, how it is judged, and what came where it did not match.
CASES: list[tuple[Row, Fate, Judgement, Outcome | None, int]] = [
    ({}, Fate.ANSWERED, Judgement.MATCH, None, 201),
    ({"verdict": "refused", "reason": "no_one"}, Fate.ANSWERED, Judgement.MATCH, None, 403),
    ({"verdict": "removed", "reason": "removed"}, Fate.ANSWERED, Judgement.UNORDERED, None, 200),
    ({}, Fate.ANSWERED, Judgement.MISMATCH, Outcome("refused", "blocked"), 403),
    ({}, Fate.ANSWERED, Judgement.UNJUDGED, Outcome("what?"), 200),
    ({"verdict": None}, Fate.ANSWERED, Judgement.UNJUDGED, Outcome("inbox"), 201),
    ({"verdict": None}, Fate.ERROR, Judgement.NONE, None, 0),
    ({}, Fate.ERROR, Judgement.NONE, None, 503),
    ({}, Fate.SKIPPED, Judgement.SKIPPED, None, 0),
    ({}, Fate.UNSUPPORTED, Judgement.UNSUPPORTED, None, 0),
    ({}, Fate.PENDING, Judgement.NONE, None, 0),
]
ROWS = [
    (0, "match", "inbox", "none", 201),
    (1, "match", "refused", "no_one", 403),
    (2, "unordered", "removed", "removed", 200),
    (3, "mismatch", "refused", "blocked", 403),
    (4, "unjudged", "what?", "none", 200),
    (5, "unjudged", "inbox", "none", 201),
    (6, "none", None, None, None),
    (7, "none", None, None, 503),
    (8, "skipped", None, None, None),
    (9, "unsupported", None, None, None),
    (10, "none", None, None, None),
]


def record_of(cases: list[tuple[Row, Fate, Judgement, Outcome | None, int]]) -> Record:
    times = np.arange(len(cases), dtype=np.int64)
    return Record(
        schedule=scheduled([row for row, *_ in cases]),
        ready=times,
        start=times,
        done=times,
        fates=np.array([fate for _, fate, *_ in cases], dtype=np.uint8),
        judgements=np.array([judgement for _, _, judgement, *_ in cases], dtype=np.uint8),
        statuses=np.array([status for *_, status in cases], dtype=np.int16),
        outcomes={n: came for n, (*_, came, _) in enumerate(cases) if came is not None},
    )


@pytest.mark.parametrize("count", [0, 1, 3, len(CASES)])
def test_every_action_has_its_row(tmp_path: Path, count: int) -> None:
    write_judgements(judgements_frame(record_of(CASES[:count])), tmp_path)
    frame = read_judgements(tmp_path)
    assert frame.schema == pl.Schema(COLUMNS)
    assert frame.rows() == ROWS[:count]
    assert [path.name for path in tmp_path.iterdir()] == [JUDGEMENTS]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / JUDGEMENTS).mkdir()
    with pytest.raises(OSError, match=JUDGEMENTS):
        write_judgements(judgements_frame(record_of(CASES)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [JUDGEMENTS]


@pytest.mark.parametrize("content", [None, b"", b"PAR1garbage"])
def test_what_is_no_such_file_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / JUDGEMENTS).write_bytes(content)
    with pytest.raises(UsageError, match="replay again") as caught:
        read_judgements(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_with_other_columns_is_of_another_version(tmp_path: Path) -> None:
    judgements_frame(record_of(CASES)).drop("status").write_parquet(tmp_path / JUDGEMENTS)
    with pytest.raises(UsageError, match="another version"):
        read_judgements(tmp_path)
