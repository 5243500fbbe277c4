"""Figures with units as people write them."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.staffing.quantities import (
    parse_handle,
    parse_level,
    parse_rate,
    parse_seconds,
    parse_share,
    parse_target,
)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_rate, "200/h", 200 / 3600),
        (parse_rate, "3.5/min", 3.5 / 60),
        (parse_rate, "3.5/m", 3.5 / 60),
        (parse_rate, "2/s", 2.0),
        (parse_rate, "50/15min", 50 / 900),
        (parse_rate, "0/d", 0.0),
        (parse_seconds, "180s", 180.0),
        (parse_seconds, "3min", 180.0),
        (parse_seconds, "3m", 180.0),
        (parse_seconds, "1h30min", 5400.0),
        (parse_seconds, "0s", 0.0),
        (parse_share, "85%", 0.85),
        (parse_share, "99.5%", 0.995),
        (parse_level, "80%/20s", (0.8, 20.0)),
        (parse_level, "95%/24h", (0.95, 86_400.0)),
        (parse_target, "20s", (0.8, 20.0)),
        (parse_target, "90%/1min", (0.9, 60.0)),
    ],
)
def test_figures_are_read_with_their_units(
    parse: Callable[[str], object], text: str, value: object
) -> None:
    assert parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("parse", "text", "told"),
    [
        (parse_rate, "200", "not a rate"),
        (parse_rate, "200/0h", "not a rate"),
        (parse_target, "80/20", 'write for example "80%/20s"'),
        (parse_rate, "200/hour", "not a rate"),
        (parse_rate, "-1/h", "not a rate"),
        (parse_rate, "1e3/h", "not a rate"),
        (parse_rate, "200 / h", "not a rate"),
        (parse_rate, "", "not a rate"),
        (parse_seconds, "180", "not a duration; write an amount"),
        (parse_seconds, "min", "not a duration"),
        (parse_seconds, "-3min", "cannot be negative"),
        (parse_seconds, "3 min", "not a duration"),
        (parse_handle, "0s", "longer than 0"),
        (parse_share, "0.85", "not a percentage"),
        (parse_share, "101%", "more than 100%"),
        (parse_level, "80%", "within a time"),
        (parse_level, "100%/20s", "cannot be promised"),
        (parse_level, "80/20", "not a share within a time"),
        (parse_target, "20", "not a duration"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_remedy(
    parse: Callable[[str], object], text: str, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        parse(text)


@given(st.text(max_size=12))
def test_no_text_gives_anything_but_a_figure_or_an_error(text: str) -> None:
    for parse in (parse_rate, parse_seconds, parse_share):
        with suppress(ValueError):
            assert parse(text) >= 0


@given(st.integers(0, 10**9), st.sampled_from([("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)]))
def test_a_rate_is_its_amount_over_its_unit(amount: int, unit: tuple[str, int]) -> None:
    name, seconds = unit
    assert parse_rate(f"{amount}/{name}") == pytest.approx(amount / seconds, rel=1e-15)
