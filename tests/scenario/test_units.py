"""Durations, times of the week, counts and percentiles as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.scenario import units
from dmsim.scenario.units import DAY_US, HOUR_US, LONGEST_US, MINUTE_US, SECOND_US, WEEK_US


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("24h", 24 * HOUR_US),
        ("90s", 90 * SECOND_US),
        ("250ms", 250_000),
        ("7us", 7),
        ("3d", 3 * DAY_US),
        ("1h30m", 90 * MINUTE_US),
        ("1.5h", 90 * MINUTE_US),
        ("0s", 0),
        ("0.000001s", 1),
    ],
)
def test_a_duration_is_an_amount_with_a_unit(text: str, microseconds: int) -> None:
    assert units.parse_duration(text) == microseconds


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (5, "needs a unit"),
        (0.5, "needs a unit"),
        (True, "must be a duration"),
        (None, "must be a duration"),
        ("5", "not a duration"),
        ("", "not a duration"),
        ("5 h", "not a duration"),
        ("5h\n", "not a duration"),
        ("5w", "not a duration"),
        ("\u0665h", "not a duration"),
        ("1e3s", "not a duration"),
        ("-5h", "cannot be negative"),
        ("0.5us", "cannot be finer"),
        ("4000d", "longer than ten years"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_remedy(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        units.parse_duration(value)


def test_some_durations_must_be_longer_than_nothing() -> None:
    assert units.parse_positive_duration("1us") == 1
    with pytest.raises(ValueError, match="longer than 0"):
        units.parse_positive_duration("0h")


@given(st.integers(0, LONGEST_US))
def test_a_written_duration_reads_back_the_same(microseconds: int) -> None:
    text = units.format_duration(microseconds)
    assert units.parse_duration(text) == microseconds
    assert re.match(units.DURATION_PATTERN, text)


@given(st.integers(0, WEEK_US // SECOND_US - 1))
def test_a_written_time_of_the_week_reads_back_the_same(second: int) -> None:
    text = units.format_week_time(second * SECOND_US)
    assert units.parse_week_time(text) == second * SECOND_US
    assert re.match(units.WEEK_TIME_PATTERN, text)


def test_a_week_begins_on_monday_at_midnight() -> None:
    assert units.parse_week_time("mon 00:00") == 0
    assert units.parse_week_time("fri 13:00") == 4 * DAY_US + 13 * HOUR_US
    assert units.parse_week_time("Sun 23:59:59") == WEEK_US - SECOND_US


@pytest.mark.parametrize(
    "value",
    [5, None, "friday 13:00", "fri", "13:00", "fri 24:00", "fri 12:60", "fri 1:2", "fri13:00"],
)
def test_what_is_no_time_of_the_week_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match='such as "fri 13:00"'):
        units.parse_week_time(value)


@given(st.integers(0, 24 * 60))
def test_a_written_time_of_day_reads_back_the_same(minute: int) -> None:
    text = units.format_day_time(minute * MINUTE_US)
    assert units.parse_day_time(text) == minute * MINUTE_US


@pytest.mark.parametrize("value", ["8", "08:60", "24:01", "25:00", "-1:00", "noon", 8, None])
def test_what_is_no_time_of_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a time of day; write hours"):
        units.parse_day_time(value)


@pytest.mark.parametrize(
    ("text", "hours"), [("0", 0), ("3", 3), ("-5", -5), ("5.5", 5.5), ("12.75", 12.75)]
)
def test_an_offset_between_clocks_is_written_in_hours(text: str, hours: float) -> None:
    assert units.offset_us(units.check_utc_offset(text)) == hours * HOUR_US


@pytest.mark.parametrize("text", ["", "x", "15", "-14.25", "1.3", "+3", "3h", "1e1"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an offset; write hours"):
        units.check_utc_offset(text)


@pytest.mark.parametrize(
    ("value", "count"),
    [(2000, 2000), ("2000", 2000), ("50k", 50_000), ("2M", 2_000_000), ("1.5k", 1500)],
)
def test_a_count_may_be_written_in_thousands_and_millions(value: object, count: int) -> None:
    assert units.parse_count(value) == count


@pytest.mark.parametrize(
    "value",
    [0, -1, 2.0, True, None, "", "2m", "2 k", "1.5", "0k", "-2k", "9000M", "nan", 3 * 10**9],
)
def test_what_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match='such as 2000, "50k" or "2M"'):
        units.parse_count(value)


def test_a_percentile_is_above_zero_and_at_most_one_hundred_or_the_maximum() -> None:
    assert units.parse_percentile(99.9) == 99.9
    assert units.parse_percentile(100) == 100.0
    assert units.parse_percentile("max") == "max"
    for value in (0, 100.1, -1, True, "99", "min", None, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="above 0 and at most 100"):
            units.parse_percentile(value)
