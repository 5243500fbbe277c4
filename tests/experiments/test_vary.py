"""What ``--vary``, ``--until`` and ``--replications`` mean."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.experiments.vary import parse_replications, parse_until, parse_vary
from dmsim.scenario.units import format_duration, parse_duration


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ("4", ("4",)),
        ("4h,24h", ("4h", "24h")),
        ("4..7", ("4", "5", "6", "7")),
        ("4..9..2", ("4", "6", "8")),
        ("-1..1", ("-1", "0", "1")),
        ("0.1..0.3..0.1", ("0.1", "0.2", "0.3")),
        ("1..2..0.5", ("1", "1.5", "2")),
        ("30m..2h..30m", ("30m", "1h", "1h30m", "2h")),
        ("50k..150k..50k", ("50000", "100000", "150000")),
        ("1..3, 8", ("1", "2", "3", "8")),
        ('["a,b", 1],["c"]', ('["a,b", 1]', '["c"]')),
        ("{ x = 1, y = 2 },{ x = 2, y = 2 }", ("{ x = 1, y = 2 }", "{ x = 2, y = 2 }")),
        ('"a,b",c', ('"a,b"', "c")),
        ("../curve.csv,other.csv", ("../curve.csv", "other.csv")),
        ("fri 13:00,sat 13:00", ("fri 13:00", "sat 13:00")),
    ],
)
def test_values_are_lists_and_ranges(told: str, values: tuple[str, ...]) -> None:
    assert parse_vary(f" a.b-c.0 ={told}") == ("a.b-c.0", values)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("a.b", "not KEY=VALUES"),
        ("a b=1", "not KEY=VALUES"),
        ("=1", "not KEY=VALUES"),
        ("a=", "a value is missing"),
        ("a=1,,2", "a value is missing"),
        ("a=1,1", "stands there twice"),
        ("a=1..3,2", "stands there twice"),
        ("a=3..1", "write the smaller end first"),
        ("a=1..3..0", "not above 0"),
        ("a=1h..3h", "needs a step"),
        ("a=0.1..0.3", "needs a step"),
        ("a=1h..3", "mixes units"),
        ("a=1h..3k..1h", "mixes units"),
        ("a=-1h..3h..1h", "cannot be negative"),
        ("a=1..1001", "more than 1000 values"),
        ("a=0..1..0.0001", "more than 1000 values"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(told: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as error:
        parse_vary(told)
    assert str(error.value).startswith("--vary")


@given(st.integers(-1000, 1000), st.integers(0, 999))
def test_a_range_of_whole_numbers_counts_each_of_them(begin: int, more: int) -> None:
    _, values = parse_vary(f"key={begin}..{begin + more}")
    assert [int(value) for value in values] == list(range(begin, begin + more + 1))


@given(st.decimals(-99, 99, places=3), st.integers(1, 50), st.decimals("0.001", 9, places=3))
def test_steps_of_decimals_are_exact(begin: Decimal, steps: int, step: Decimal) -> None:
    _, values = parse_vary(f"key={begin}..{begin + steps * step}..{step}")
    assert [Decimal(value) for value in values] == [begin + n * step for n in range(steps + 1)]


@given(st.integers(1, 10**12), st.integers(1, 20), st.integers(1, 10**10))
def test_steps_of_durations_are_exact(begin: int, steps: int, step: int) -> None:
    ends = f"{begin}us..{begin + steps * step}us..{step}us"
    _, values = parse_vary(f"key={ends}")
    assert [parse_duration(value) for value in values] == [
        begin + n * step for n in range(steps + 1)
    ]
    assert values[0] == format_duration(begin)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=5, unique=True))
def test_quoted_texts_come_through_whatever_is_in_them(texts: list[str]) -> None:
    quoted = [json.dumps(text.replace('"', "").replace("\\", "") + "x") for text in texts]
    kept = list(dict.fromkeys(quoted))
    assert parse_vary(f"key={','.join(kept)}").values == tuple(kept)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(told: str) -> None:
    try:
        key, values = parse_vary(f"key={told}")
    except UsageError:
        return
    assert key == "key"
    assert values


def test_a_precision_lies_between_nothing_and_everything() -> None:
    assert parse_until("precision=0.02") == 0.02
    for told in ("0.02", "precision=2", "precision=0", "precision=x", "width=0.1", "precision=nan"):
        with pytest.raises(UsageError, match="not a precision"):
            parse_until(told)


def test_replications_are_a_number_or_from_least_to_most() -> None:
    assert parse_replications("7", None) == (7, 7)
    assert parse_replications("5..50", 0.1) == (5, 50)
    assert parse_replications(None, None) == (10, 10)
    assert parse_replications(None, 0.1) == (10, 200)
    for told in ("0", "5..4", "x", "1..2..3", "-1"):
        with pytest.raises(UsageError, match="not a number of replications"):
            parse_replications(told, None)
    with pytest.raises(UsageError, match="at least 2"):
        parse_replications("1..9", 0.1)
