"""What a replay shows while it runs adds up to what its record says afterwards."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import Outcome
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.live import SHOWN, Live, LiveCounts
from dmsim.replay.result import Mismatch
from dmsim.replay.rows import Block, Rows
from dmsim.replay.schedule import Schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.trace_lines import mismatch_of
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

#: How an action may end: its fate, its judgement and what is counted.
ENDS = {
    "matches": (Fate.ANSWERED, Judgement.MATCH),
    "mismatches": (Fate.ANSWERED, Judgement.MISMATCH),
    "unjudged": (Fate.ANSWERED, Judgement.UNJUDGED),
    "errors": (Fate.ERROR, Judgement.NONE),
    "dropped": (Fate.DROPPED, Judgement.NONE),
    "skipped": (Fate.SKIPPED, Judgement.NONE),
    "unsupported": (Fate.UNSUPPORTED, Judgement.NONE),
    "left_out": (Fate.LEFT_OUT, Judgement.NONE),
}
SENT = ("matches", "mismatches", "unjudged", "errors")
SETTINGS = replay_settings({})
KINDS = ("send_message", "follow")


def played(ends: list[str], late_ns: int = 10_000) -> tuple[Live, Rows]:
    """Rows in memory that ended so, and somebody who looks on."""
    kinds: list[Row] = [{"action": KINDS[n % 2]} for n in range(len(ends))]
    schedule, rows = scheduled(kinds), Rows(len(ends))
    rows.t0 = 10**12
    for row, end in enumerate(ends):
        fate, judgement = ENDS[end]
        rows.fates[row], rows.judgements[row] = fate, judgement
        rows.ready[row] = rows.t0 + int(schedule.intended[row])
        if end in SENT:
            rows.start[row] = rows.ready[row] + late_ns
            rows.done[row] = rows.start[row] + 1_000_000
        if end == "mismatches":
            rows.note_outcome(row, Outcome("refused", "blocked"), "")
        rows.order.append(row)
    return Live(schedule, SETTINGS), rows


@given(st.lists(st.sampled_from(sorted(ENDS)), max_size=40), st.integers(1, 9))
def test_counts_do_not_depend_on_how_often_one_looks(ends: list[str], step: int) -> None:
    live, rows = played(ends)
    for first in range(0, len(ends), step):
        block = rows.since(first)
        live.add(Block(block.table[:step], block.notes))
    snapshot = live.snapshot()
    for name in ENDS:
        assert getattr(snapshot.counts, name) == ends.count(name)
    assert snapshot.counts.finished == len(ends)
    assert sum(counts.finished for counts in snapshot.by_action.values()) == len(ends)
    assert set(snapshot.by_action) == set(KINDS[: len(ends)])
    sent = sum(end in SENT for end in ends)
    assert (snapshot.response_ms.p50 is not None) == (sent > 0)
    assert len(snapshot.mismatches) == min(SHOWN, ends.count("mismatches"))


def test_the_newest_mismatch_comes_first_and_names_its_line() -> None:
    live, rows = played(["mismatches", "matches", "mismatches"])
    live.add(rows.since(0))
    newest, oldest = live.snapshot().mismatches
    assert newest.startswith("cell=0 row 2 (seq 2): send_message")
    assert oldest.startswith("cell=0 row 0 (seq 0)")


def test_mismatches_that_are_not_shown_are_not_put_into_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[int] = []

    def noted(schedule: Schedule, row: int, *of_answer: Any) -> Mismatch:
        told.append(row)
        return mismatch_of(schedule, row, *of_answer)

    monkeypatch.setattr("dmsim.replay.live.mismatch_of", noted)
    live, rows = played(["mismatches"] * (SHOWN + 5))
    live.add(rows.since(0))
    assert told == list(range(5, SHOWN + 5))
    assert live.snapshot().counts.mismatches == SHOWN + 5


def test_a_budget_that_is_overdrawn_is_told_at_once() -> None:
    live, rows = played(["matches"] * 5, late_ns=80_000_000)
    assert live.snapshot().invalid_because == []
    live.add(rows.since(0))
    assert live.snapshot().invalid_because == ["lateness p99 80 ms, budget 50 ms"]
    live, rows = played(["dropped", "matches", "errors"])
    live.add(rows.since(0))
    assert live.snapshot().invalid_because == [
        "1 dropped or skipped (33.33%, budget 0.00%)",
        "1 without an answer (33.33%, budget 0.00%)",
    ]


def test_the_unjudged_are_a_part_of_what_can_still_be_judged() -> None:
    live, rows = played(["unsupported"] * 18 + ["matches", "unjudged"])
    live.add(rows.since(0))
    assert live.snapshot().invalid_because == ["1 unjudged (50.00%, budget 5.00%)"]


def test_nothing_is_known_before_the_first_action() -> None:
    live, _ = played([])
    assert live.snapshot().counts == LiveCounts()
