"""Sessions, rows of messages and answers, from who did what when."""

import numpy as np
import polars as pl
import pytest

from dmsim.fit.behaviour import (
    Estimate,
    Sessions,
    Turns,
    fit_lognormal,
    fit_sessions,
    fit_turns,
)

SECOND = 1_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
GAP, DAY = 30 * MINUTE, 24 * HOUR


def sessions(rows: list[tuple[int, int]], weeks: float = 1.0) -> Sessions:
    """Of (person, second), many times over by other people, so that there are enough."""
    many = [(person + 1000 * copy, at * SECOND) for copy in range(30) for person, at in rows]
    found = fit_sessions(pl.DataFrame(many, schema=["actor", "at"], orient="row"), weeks, GAP)
    assert found is not None
    return found


def turns(rows: list[tuple[int, int, int]], until: int = 10 * DAY) -> Turns:
    """Of (sender, recipient, second), likewise."""
    many = [(a + 1000 * n, b + 1000 * n, at * SECOND) for n in range(30) for a, b, at in rows]
    frame = pl.DataFrame(many, schema=["actor", "target", "at"], orient="row")
    found = fit_turns(frame, until, GAP, DAY)
    assert found is not None
    return found


def value(told: Estimate | None) -> float:
    assert told is not None
    return told.value


def test_a_long_pause_ends_a_session() -> None:
    found = sessions([(1, 0), (1, 100), (1, 1900), (1, 1900 + 1801), (2, 50)], weeks=2)
    assert found.persons == 60
    assert value(found.per_week) == pytest.approx(3 / 2 / 2)
    assert value(found.actions) == pytest.approx(5 / 3)
    # 1900 s, and two of a single action.
    assert value(found.length_s) == pytest.approx(1900 / 3)


def test_sessions_that_are_known_are_taken_as_they_are() -> None:
    rows = [(1, 0, True), (1, 10, False), (1, 20, False), (1, 30, True), (2, 40, True)]
    many = [(a + 10 * n, at * SECOND, begins) for n in range(30) for a, at, begins in rows]
    frame = pl.DataFrame(many, schema=["actor", "at", "begins"], orient="row")
    found = fit_sessions(frame, 1.0, GAP)
    assert found is not None
    assert value(found.per_week) == pytest.approx(3 / 2)
    assert value(found.actions) == pytest.approx(2 / 3)


def test_a_turn_is_what_one_side_writes_without_a_long_pause() -> None:
    # Two in a row, an answer, and after an hour one more by the same side.
    found = turns([(1, 2, 0), (1, 2, 10), (2, 1, 60), (2, 1, 60 + 3600)])
    assert value(found.burst) == pytest.approx(4 / 3)
    assert value(found.replies) == pytest.approx(1 / 3)
    assert found.begun == pytest.approx(2 / 3)
    assert found.delays is not None
    assert value(found.delays.median_s) == pytest.approx(50)
    assert found.burst_gaps is not None
    assert value(found.burst_gaps.median_s) == pytest.approx(10)


def test_conversations_of_others_are_no_answers() -> None:
    found = turns([(1, 2, 0), (3, 1, 30), (2, 3, 60)])
    assert value(found.replies) == 0
    assert found.begun == 1


def test_an_answer_after_the_time_is_none() -> None:
    found = turns([(1, 2, 0), (2, 1, 90_000), (1, 2, 90_060)])
    assert value(found.replies) == pytest.approx(1 / 3)


def test_turns_near_the_end_of_the_log_are_censored() -> None:
    rows = [(1, 2, 0), (2, 1, 60), (1, 2, 100_000)]
    found = turns(rows, until=100_060 * SECOND)
    assert found.censored == 30
    assert value(found.replies) == pytest.approx(1 / 2)


def test_too_few_say_nothing() -> None:
    few = pl.DataFrame({"actor": [1, 2], "target": [2, 1], "at": [0, 5]})
    assert fit_sessions(few, 1.0, GAP) is None
    assert fit_turns(few, DAY, GAP, DAY) is None
    assert fit_lognormal(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None


def test_lognormal_times_are_recognised_within_their_intervals() -> None:
    """Each person has a pace; of 200 replications the interval covers the mean pace."""
    rng = np.random.default_rng(9)
    hits = sigmas = 0
    for _ in range(200):
        person = np.repeat(np.arange(60.0), 8)
        pace = np.repeat(rng.normal(0, 0.4, 60), 8)
        times = np.exp(np.log(20) + pace + rng.normal(0, 1.0, len(person))) * SECOND
        found = fit_lognormal(times, person)
        assert found is not None
        hits += found.median_s.low <= 20 <= found.median_s.high
        sigmas += found.sigma.low <= np.sqrt(1 + 0.4**2) <= found.sigma.high
    assert 180 <= hits <= 198
    assert 180 <= sigmas <= 198


def test_pauses_of_nothing_are_left_out() -> None:
    person, times = np.arange(40.0) % 4, np.where(np.arange(40) % 2, 0.0, 10.0 * SECOND)
    found = fit_lognormal(times, person)
    assert found is not None
    assert found.median_s.value == pytest.approx(10)
    assert found.median_s.count == 20
