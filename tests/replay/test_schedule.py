"""When an action is sent and what it waits for."""

import numpy as np
import pytest

from dmsim.errors import UsageError
from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule
from tests.replay.conftest import Row, actions_frame


def scheduled(rows: list[Row], from_us: int = 0, speed: float = 1.0) -> Schedule:
    return make_schedule(actions_frame(rows)[0].select(COLUMNS), from_us, speed)


def dependents(schedule: Schedule, row: int) -> list[int]:
    return list(schedule.dependents[schedule.first[row] : schedule.first[row + 1]])


@pytest.mark.parametrize(
    ("at", "from_us", "speed", "expected_ns"),
    [
        (0, 0, 1.0, 0),
        (5, 0, 1.0, 5_000),
        (1_000_005, 1_000_000, 1.0, 5_000),
        (1_000_000, 0, 600.0, 1_666_667),
        (1_000_000, 0, 0.5, 2_000_000_000),
    ],
)
def test_an_action_is_sent_at_its_time_divided_by_the_speed(
    at: int, from_us: int, speed: float, expected_ns: int
) -> None:
    assert scheduled([{"at": at}], from_us, speed).intended.tolist() == [expected_ns]


def test_a_replay_that_would_take_years_is_refused() -> None:
    with pytest.raises(UsageError, match="raise --speed"):
        scheduled([{"at": 1_000_000}], 0, 1e-9)


def test_an_action_waits_for_all_it_comes_after() -> None:
    schedule = scheduled([{}, {}, {"after": [0, 1]}, {"after": [2]}])
    assert schedule.waits_for.tolist() == [0, 0, 2, 1]
    assert [dependents(schedule, row) for row in range(4)] == [[2], [2], [3], []]


def test_what_happened_before_the_recorded_window_counts_as_done() -> None:
    schedule = scheduled([{"seq": 100, "after": [7, 99]}, {"seq": 101, "after": [100, 50]}])
    assert schedule.waits_for.tolist() == [0, 1]


def test_rows_of_several_cells_are_ordered_by_time() -> None:
    rows: list[Row] = [
        {"seq": 1, "at": 30},
        {"seq": 2, "at": 40, "after": [1]},
        {"seq": (1 << 40) + 1, "at": 20},
        {"seq": (1 << 40) + 2, "at": 35, "after": [(1 << 40) + 1]},
    ]
    schedule = scheduled(rows)
    assert schedule.at.tolist() == [20, 30, 35, 40]
    assert [dependents(schedule, row) for row in range(4)] == [[2], [3], [], []]


def test_a_reply_to_a_comment_made_in_the_window_waits_for_the_comment() -> None:
    rows: list[Row] = [
        {"action": "comment", "uses": 3, "binds": 900, "verdict": "done"},
        {"action": "public_reply", "uses": 900, "verdict": "done", "after": [0]},
        {"action": "private_reply", "uses": 900},
        {"action": "private_reply", "uses": 3},
    ]
    schedule = scheduled(rows)
    assert schedule.binder.tolist() == [-1, 0, 0, -1]
    assert schedule.waits_for.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("action", ["read_comment", "resolve", "hand_off"])
def test_whatever_names_a_comment_made_in_the_window_waits_for_it(action: str) -> None:
    rows: list[Row] = [
        {"action": "comment", "uses": 3, "binds": 900, "verdict": "done"},
        {"action": action, "uses": 900, "verdict": "done"},
        {"action": action, "uses": None, "verdict": "done"},
        {"action": "watch_video", "uses": 900, "verdict": "done"},
    ]
    assert scheduled(rows).binder.tolist() == [-1, 0, -1, -1]


def test_an_action_after_a_later_one_is_refused() -> None:
    with pytest.raises(UsageError, match="seq 0 comes after a later one"):
        scheduled([{"after": [1]}, {}])


def test_a_trace_without_actions_has_an_empty_schedule() -> None:
    schedule = scheduled([])
    assert len(schedule) == 0
    assert np.array_equal(schedule.first, [0])
