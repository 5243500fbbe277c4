"""A replay second by second, and in wider slots where it took long."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.replay.dispatcher import Fate
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Record
from dmsim.replay.slots import Slots, over_time
from tests.replay.test_schedule import scheduled

SECOND = 1_000_000_000


def answered(instants: list[tuple[int, int, int, int]]) -> Record:
    """A record of matches with the given intended, ready, start and done."""
    intended, ready, start, done = np.array(instants, dtype=np.int64).reshape(-1, 4).T
    size = len(instants)
    return Record(
        schedule=scheduled([{"at": at} for at in (intended // 1000).tolist()]),
        ready=ready,
        start=start,
        done=done,
        fates=np.full(size, int(Fate.ANSWERED), dtype=np.uint8),
        judgements=np.full(size, int(Judgement.MATCH), dtype=np.uint8),
        statuses=np.full(size, 200, dtype=np.int16),
    )


def test_a_second_tells_the_four_times_of_what_ended_in_it() -> None:
    late = (1_000_000, 3_000_000, 6_000_000, SECOND + 10_000_000)
    record = answered([(0, 0, 0, 2_000_000), late])
    first, second = over_time(record, Slots(record, 10))
    assert (first.second, first.sent, first.done, first.response_p99_ms) == (0, 2, 1, 2)
    assert (second.second, second.sent, second.done) == (1, 0, 1)
    assert (second.blocked_p50_ms, second.lateness_p50_ms) == (2, 3)
    assert (second.service_p50_ms, second.response_p50_ms) == (1004, 1009)
    assert second.response_p99_ms == second.response_p50_ms


def test_a_second_in_which_nothing_ended_has_no_times() -> None:
    record = answered([(0, 0, 0, 2_500_000_000)])
    seconds = over_time(record, Slots(record, 10))
    assert [second.done for second in seconds] == [0, 0, 1]
    assert seconds[1].service_p99_ms is seconds[1].blocked_p50_ms is None


def test_a_replay_of_nothing_has_no_seconds() -> None:
    record = answered([])
    assert over_time(record, Slots(record, 10)) == []


@given(st.integers(1, 10_000), st.integers(1, 50))
def test_there_are_never_more_slots_than_allowed(length_s: int, most: int) -> None:
    record = answered([(0, 0, 0, length_s * SECOND - 1)])
    slots = Slots(record, most)
    assert len(slots) <= most
    assert len(slots) * slots.width_s >= length_s
    assert slots.ended(len(slots) - 1).tolist() == [0]


@given(st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=60), st.integers(1, 6))
def test_slots_hold_every_row_once_with_its_percentiles(done: list[int], most: int) -> None:
    record = answered([(0, 0, 0, instant) for instant in done])
    slots = Slots(record, most)
    rows = [row for slot in range(len(slots)) for row in slots.ended(slot).tolist()]
    assert sorted(rows) == list(range(len(done)))
    for slot, second in enumerate(over_time(record, slots)):
        histogram = Histogram()
        histogram.record_all(record.done[slots.ended(slot)])
        for percent, told in ((50, second.service_p50_ms), (99, second.service_p99_ms)):
            near = histogram.percentile(percent)
            assert told == (None if near is None else pytest.approx(near / 1e6, rel=0.004))
