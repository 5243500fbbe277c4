"""What was heard, set against what was sent."""

from typing import Any

import numpy as np
import pytest

from dmsim.adapters.base import Outcome
from dmsim.adapters.listening import TOLD
from dmsim.replay.dispatcher import Fate
from dmsim.replay.heard import Heard, Held, HeldFate
from dmsim.replay.judge import Judgement
from dmsim.replay.listened import (
    HEARD_WITHIN_NS,
    Listened,
    listened,
    listening_histograms,
    listening_summary,
)
from dmsim.replay.record import Record
from tests.replay.test_schedule import scheduled

MS = 1_000_000
#: The account 1 listens for two seconds; messages come from 0 unless told otherwise.
LISTENS = Held(1, 0, 10 * MS, 2010 * MS)
REFUSED = {"verdict": "refused", "reason": "blocked"}
TEXTS = {0: 0, 1: 1, 2: 0}


def replayed(
    rows: list[dict[str, Any]],
    ids: dict[int, bytes],
    heard: list[Heard],
    held: list[Held] | None = None,
    starts: list[int] | None = None,
) -> Record:
    """A record of answered messages, sent at some ms, or at 100, 101 … ms, answered 5 ms later."""
    size = len(rows)
    start = np.array(starts if starts is not None else range(100, 100 + size)) * MS
    return Record(
        schedule=scheduled([{"at": 90_000 + n, **row} for n, row in enumerate(rows)]),
        ready=start,
        start=start,
        done=start + 5 * MS,
        fates=np.full(size, int(Fate.ANSWERED), dtype=np.uint8),
        judgements=np.full(size, int(Judgement.MATCH), dtype=np.uint8),
        statuses=np.full(size, 201, dtype=np.int16),
        ids=ids,
        heard=heard,
        held=[LISTENS] if held is None else held,
    )


def messages(found: Listened) -> dict[str, Any]:
    """What is not empty."""
    told = {
        "seen": found.seen,
        "never_seen": found.never_seen,
        "unknown": found.unknown,
        "unidentified": found.unidentified,
        "leaked": found.leaked,
        "unexplained": found.unexplained,
    }
    return {name: value for name, value in told.items() if value}


def test_what_arrives_is_seen_and_counted_once() -> None:
    again = [Heard(1, b"a", 150 * MS), Heard(1, b"a", 130 * MS), Heard(1, b"a", 140 * MS)]
    found = listened(replayed([{}], {0: b"a"}, again), TEXTS, TOLD)
    assert messages(found) == {"seen": {0: 130 * MS}}
    histograms = listening_histograms(found)
    summary = listening_summary(found, histograms)
    assert summary.arrival_ms.max == 30
    assert summary.arrival_from_intended_ms.max == 40
    assert summary.opening_ms.max == 10
    assert summary.expected == summary.seen == 1


@pytest.mark.parametrize(
    ("start", "answered_before_end", "count"),
    [
        (100, HEARD_WITHIN_NS + 1, "never_seen"),
        (1006, HEARD_WITHIN_NS - 1 * MS, "unknown"),
        (9, 0, None),
        (2010, 0, None),
    ],
)
def test_what_is_not_heard_is_missed_only_by_who_listened_for_long_enough(
    start: int, answered_before_end: int, count: str | None
) -> None:
    found = listened(replayed([{}], {0: b"a"}, [], starts=[start]), TEXTS, TOLD)
    assert messages(found) == ({} if count is None else {count: 1})


def test_nothing_is_expected_of_a_connection_that_broke() -> None:
    broken = Held(1, 0, 10 * MS, 90 * MS, HeldFate.BROKEN, "timeout")
    again = Held(1, 0, 500 * MS, 2000 * MS)
    record = replayed([{}, {}], {0: b"a", 1: b"b"}, [], [again, broken], starts=[100, 600])
    found = listened(record, TEXTS, TOLD)
    assert messages(found) == {"never_seen": 1}
    summary = listening_summary(found, listening_histograms(found))
    assert (summary.opened, summary.broken, summary.most_at_once) == (2, 1, 1)
    assert summary.troubles == {"timeout": 1}


def test_filtered_messages_are_neither_expected_nor_wrong() -> None:
    rows = [{"verdict": "filtered"}, {"verdict": "filtered"}, {"verdict": "requests"}]
    heard = [Heard(1, b"b", 150 * MS), Heard(1, b"c", 150 * MS)]
    found = listened(replayed(rows, {0: b"a", 1: b"b", 2: b"c"}, heard), TEXTS, TOLD)
    assert messages(found) == {"seen": {2: 150 * MS}}


def test_what_came_out_otherwise_is_expected_as_it_came() -> None:
    record = replayed([{"verdict": "requests"}, {}], {0: b"a"}, [])
    record.outcomes.update({1: Outcome("refused", "blocked")})
    assert messages(listened(record, TEXTS, TOLD)) == {"never_seen": 1}


def test_an_author_who_hears_himself_needs_no_explanation() -> None:
    heard = [Heard(1, b"a", 150 * MS), Heard(0, b"a", 150 * MS)]
    assert messages(listened(replayed([{}], {0: b"a"}, heard), TEXTS, TOLD)) == {
        "seen": {0: 150 * MS}
    }


def test_an_answer_without_an_id_leaves_its_message_unidentified() -> None:
    heard = [Heard(1, b"a", 150 * MS)]
    found = listened(replayed([{}], {}, heard), TEXTS, TOLD)
    assert messages(found) == {"unidentified": 1, "unexplained": 1}


def test_a_refused_message_that_was_let_through_has_leaked() -> None:
    record = replayed([REFUSED, REFUSED], {0: b"a", 1: b"b"}, [Heard(1, b"a", 150 * MS)])
    record.judgements[0] = Judgement.MISMATCH
    record.outcomes[0] = Outcome("inbox")
    found = listened(record, TEXTS, TOLD)
    assert messages(found) == {"leaked": [0]}
    (leak,) = listening_summary(found, listening_histograms(found)).worst_leaks
    assert (leak.row, leak.expected, leak.got) == (0, "refused", "arrived")


@pytest.mark.parametrize("judgement", [Judgement.UNORDERED, Judgement.UNJUDGED])
def test_what_cannot_be_judged_does_not_leak(judgement: Judgement) -> None:
    record = replayed([REFUSED], {0: b"a"}, [Heard(1, b"a", 150 * MS)])
    record.judgements[0] = judgement
    record.outcomes[0] = Outcome("inbox")
    assert messages(listened(record, TEXTS, TOLD)) == {"seen": {0: 150 * MS}}


def test_a_message_that_is_said_to_be_refused_is_known_by_its_text() -> None:
    # Texts 0 and 2 read the same.
    rows = [{**REFUSED, "text": 2}, {**REFUSED, "text": 0}, {**REFUSED, "text": 1}]
    heard = [Heard(1, b"x", 150 * MS, 0), Heard(2, b"y", 150 * MS, 1)]
    found = listened(replayed(rows, {}, heard), TEXTS, TOLD)
    assert messages(found) == {"leaked": [0], "unexplained": 1}


def test_a_message_that_came_before_it_was_sent_is_another() -> None:
    rows = [{**REFUSED, "text": 0}]
    found = listened(replayed(rows, {}, [Heard(1, b"x", 99 * MS, 0)]), TEXTS, TOLD)
    assert messages(found) == {"unexplained": 1}


def test_where_another_message_of_that_text_may_have_come_nothing_has_leaked() -> None:
    rows: list[dict[str, Any]] = [{**REFUSED, "text": 0}, {"text": 0}]
    record = replayed(rows, {}, [Heard(1, b"x", 150 * MS, 0)])
    record.fates[1] = Fate.ERROR
    record.judgements[1] = Judgement.NONE
    assert messages(listened(record, TEXTS, TOLD)) == {"unexplained": 1}


def test_what_an_adapter_does_not_tell_is_not_expected() -> None:
    record = replayed([{"verdict": "requests"}, {}], {0: b"a", 1: b"b"}, [])
    assert messages(listened(record, TEXTS, ["inbox"])) == {"never_seen": 1}
