"""When a promise is kept: periods with enough in them, and which hours are to blame."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dmsim.optimising.promise import ENOUGH, Counts, _threads, judge, periods_of, shortfall
from dmsim.scenario.units import HOUR_US, SECOND_US, WEEK_US
from dmsim.staffing.goal import Goal

GOAL = Goal(0.8, 120.0)


def run(came: dict[int, float], in_time: dict[int, float]) -> Counts:
    """Cases by hour of a simulated week; no threads."""
    counts = np.zeros((2, 168))
    for part, of_hours in enumerate((came, in_time)):
        for hour, count in of_hours.items():
            counts[part, hour] = count
    nothing = np.zeros(168)
    return {"cases": (counts[0], counts[1]), "threads": (nothing, nothing)}


@given(arrays(np.float64, 168, elements=st.integers(0, 120).map(float)))
def test_periods_follow_each_other_and_have_enough(came: np.ndarray) -> None:
    periods = periods_of(came)
    assert periods[0] == 0
    assert set(np.diff(periods)) <= {0, 1}
    if came.sum() >= ENOUGH:
        assert np.bincount(periods, weights=came).min() >= ENOUGH


def test_a_busy_hour_is_judged_by_itself() -> None:
    busy = dict.fromkeys(range(168), 100.0)
    kept = {hour: 70.0 if hour == 30 else 95.0 for hour in range(168)}
    found = judge([run(busy, kept)] * 2, GOAL)
    assert list(found) == ["cases"]
    assert len(found["cases"].levels) == 168
    assert np.flatnonzero(shortfall(found)).tolist() == [30]
    assert shortfall(found)[30] == pytest.approx(0.1)
    assert found["cases"].surely_missed == 1


def test_of_quiet_hours_judged_together_those_that_are_late_are_to_blame() -> None:
    came = dict.fromkeys(range(168), 10.0)
    kept = {hour: 0.0 if hour in (1, 2) else 10.0 for hour in range(168)}
    found = judge([run(came, kept)] * 2, GOAL)
    assert found["cases"].levels[0].mean == pytest.approx(1 / 3)
    assert np.flatnonzero(shortfall(found)).tolist() == [1, 2]


def test_a_level_that_is_not_sure_is_not_kept() -> None:
    came = dict.fromkeys(range(168), 100.0)
    high, low = (dict.fromkeys(range(168), share) for share in (99.0, 75.0))
    service = judge([run(came, high), run(came, low)], GOAL)["cases"]
    assert service.total.mean > GOAL.level > service.total.low
    assert (service.shortfall >= 0).all()
    assert service.surely_missed == 0


def test_of_threads_those_of_the_week_count_and_are_in_time_if_answered_so() -> None:
    begin = 24 * HOUR_US
    back = [begin - 1, begin, begin + HOUR_US, begin + HOUR_US, begin + WEEK_US]
    waits = [0, 120, 121, None, 0]
    answered = [
        at + wait * SECOND_US if wait is not None else None
        for at, wait in zip(back, waits, strict=True)
    ]
    came, kept = _threads(pl.DataFrame({"returned": back, "answered": answered}), begin, GOAL)
    assert {int(hour): came[hour] for hour in np.flatnonzero(came)} == {24: 1, 25: 2}
    assert np.flatnonzero(kept).tolist() == [24]


def test_where_nothing_comes_nothing_was_promised() -> None:
    assert judge([run({}, {})] * 2, GOAL) == {}
    assert not shortfall({}).any()
