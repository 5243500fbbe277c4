"""What of a trace is sent, and at which pace."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.replay.controls import (
    Controls,
    check_begin,
    controlled_schedule,
    end_of,
    instant_of,
    keeps_time,
    left_out_rows,
    read_controls,
)
from dmsim.replay.pace import at_most, ramped
from dmsim.replay.schedule import Schedule
from dmsim.trace.manifest import Manifest
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action
from tests.replay.conftest import MakeTrace, Row

SECOND = 1_000_000_000

#: Microseconds.
HOUR = 3_600_000_000
FRIDAY = 4 * 24 * HOUR

#: A week from Friday on.
RECORDED = Manifest(
    dmsim_version="0", scenario={}, policy={}, seed=1, cells=1, from_us=FRIDAY,
    until_us=FRIDAY + 7 * 24 * HOUR, actions=0, counts={}, by_action={}, digest="",
)  # fmt: skip

TIMES = st.lists(st.integers(0, 20 * SECOND), max_size=60).map(
    lambda times: np.array(sorted(times), dtype=np.int64)
)


def controlled(path: Path, controls: Controls, speed: float = 1.0) -> Schedule:
    return controlled_schedule(Trace.open(path), 0, speed, controls)[0]


@given(TIMES, st.integers(1, 50))
def test_no_second_has_more_than_it_may(intended: np.ndarray, per_second: int) -> None:
    moved = at_most(intended, per_second, np.ones(len(intended), dtype=np.bool_))
    assert np.all(moved >= intended)
    assert np.all(np.diff(moved) >= 0)
    later = moved[per_second:] - moved[:-per_second]
    assert np.all(later >= SECOND)


@given(TIMES, st.integers(1, 50))
def test_times_are_moved_no_further_than_they_must(intended: np.ndarray, per_second: int) -> None:
    moved = at_most(intended, per_second, np.ones(len(intended), dtype=np.bool_))
    gap = SECOND / per_second
    earliest = -np.inf
    for own, got in zip(intended.tolist(), moved.tolist(), strict=True):
        earliest = max(own, earliest + gap)
        # A whole nanosecond is a rounded one.
        assert abs(got - earliest) <= 1


def test_what_is_left_out_counts_for_nothing() -> None:
    intended = np.zeros(5, dtype=np.int64)
    offered = np.array([True, False, False, False, True])
    assert at_most(intended, 2, offered).tolist() == [0, 0, 0, 0, SECOND // 2]


@given(TIMES, st.integers(0, 10 * SECOND))
def test_a_ramp_keeps_order_and_is_half_of_itself_behind(intended: np.ndarray, ramp: int) -> None:
    moved = ramped(intended, ramp)
    assert np.all(np.diff(moved) >= 0)
    assert np.all(moved >= intended - 1)
    after = 2 * intended > ramp
    assert np.all((moved - intended)[after] == ramp // 2)


def test_in_a_ramp_the_load_rises_linearly() -> None:
    even = np.arange(100_000, dtype=np.int64) * (SECOND // 1_000)
    moved = ramped(even, 10 * SECOND)
    per_second = np.bincount(moved // SECOND)[:14]
    expected = [50 + 100 * second for second in range(10)] + [1_000] * 4
    assert np.allclose(per_second, expected, atol=2)


def test_a_window_ends_with_the_time_that_was_asked_for(make_trace: MakeTrace) -> None:
    rows: list[Row] = [{"at": 0}, {"at": 59_999_999}, {"at": 60_000_000}]
    assert len(controlled(make_trace(rows), Controls(for_us=60_000_000))) == 2


def test_controls_act_in_their_order(make_trace: MakeTrace) -> None:
    rows: list[Row] = [{"at": 1_000_000 * n} for n in range(10)]
    controls = Controls(for_us=8_000_000, ramp_us=2_000_000, max_rps=1)
    schedule = controlled(make_trace(rows), controls, speed=2.0)
    # The speed makes 0, 0.5, 1, 1.5 … of it, the ramp 0, 1.41, 2, 2.5 …
    assert schedule.at.tolist() == [1_000_000 * n for n in range(8)]
    assert np.allclose(schedule.intended / SECOND, [0, 2**0.5, *(2**0.5 + n for n in range(1, 7))])
    assert not keeps_time(schedule, 0)
    assert keeps_time(controlled(make_trace(rows), Controls(max_rps=1)), 0)


def test_what_names_a_comment_that_is_left_out_is_left_out_too(make_trace: MakeTrace) -> None:
    rows: list[Row] = [
        {"action": "comment", "uses": 1, "binds": 70},
        {"action": "public_reply", "uses": 70},
        {"action": "public_reply", "uses": 71},
    ]
    controls = read_controls(except_="comment")
    assert left_out_rows(controlled(make_trace(rows), controls), controls).tolist() == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("0s", FRIDAY),
        ("2d3h", FRIDAY + 51 * HOUR),
        ("fri 00:00", FRIDAY),
        ("Sat 14:00", FRIDAY + 38 * HOUR),
        ("thu 01:00", FRIDAY + 6 * 24 * HOUR + HOUR),
    ],
)
def test_an_instant_counts_from_the_start_or_is_the_first_of_its_name_in_the_window(
    text: str, instant: int
) -> None:
    assert instant_of(text, RECORDED) == instant


def test_a_trace_that_begins_elsewhere_lacks_the_state_of_the_instant() -> None:
    check_begin(Controls(from_us=FRIDAY), RECORDED)
    with pytest.raises(UsageError, match="make a slice by: dmsim slice"):
        check_begin(Controls(from_us=FRIDAY + 1), RECORDED)


def test_the_part_that_is_replayed_ends_with_the_trace_at_the_latest() -> None:
    assert end_of(Controls(), RECORDED) == RECORDED.until_us
    assert end_of(Controls(from_us=FRIDAY + 1, for_us=5), RECORDED) == FRIDAY + 6
    assert end_of(Controls(for_us=8 * 24 * HOUR), RECORDED) == RECORDED.until_us


def test_only_and_except_name_kinds_of_actions() -> None:
    assert read_controls(only="follow, send_message").left_out == set(Action) - {
        Action.FOLLOW,
        Action.SEND_MESSAGE,
    }
    assert read_controls(except_="follow").left_out == {Action.FOLLOW}
    assert read_controls().left_out == set()


def test_controls_are_told_by_the_names_of_their_options() -> None:
    told = msgspec.json.decode(msgspec.json.encode(read_controls(except_="follow", ramp="2m")))
    assert (told["except"], told["ramp_us"]) == (["follow"], 120_000_000)
    assert msgspec.convert(told, Controls).except_ == ["follow"]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"for_": "30"}, "--for 30: not a duration"),
        ({"for_": "0s"}, "--for 0s: must be longer than nothing"),
        ({"ramp": "soon"}, "--ramp soon: not a duration"),
        ({"repeat": 0}, "--repeat 0: must be 1 or more"),
        ({"users": 0}, "--users 0: must be 1 or more"),
        ({"max_rps": 0}, "--max-rps 0: must be from 1"),
        ({"only": "send_massage"}, "--only send_massage: no kind of action; did you mean"),
        ({"except_": "follow,"}, "--except : no kind of action"),
        ({"only": "follow", "except_": "follow"}, "--only and --except"),
    ],
)
def test_a_control_that_cannot_be_used_names_its_option(
    given: dict[str, object], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_controls(**given)  # type: ignore[arg-type]
