"""Differences between points, corrections, and when there are enough replications."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dmsim.experiments.statistics import holm, p_value, paired
from dmsim.experiments.stopping import Rule, Runs, enough, too_wide

Pairs = list[tuple[float, float]]
PAIRS = st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=3, max_size=20)


@given(PAIRS)
def test_the_p_value_and_the_interval_are_student_s_of_pairs(pairs: Pairs) -> None:
    one, other = ([float(pair[place]) for pair in pairs] for place in (0, 1))
    differences = {round(a - b, 6) for a, b in pairs}
    found, p = paired(one, other), p_value(one, other)
    if len(differences) == 1:
        assert p == (1.0 if differences == {0} else 0.0)
        assert found.half_width == 0
        return
    expected = stats.ttest_rel(one, other)
    low, high = expected.confidence_interval(0.95)
    assert p == pytest.approx(expected.pvalue, abs=1e-9)
    assert found.mean == pytest.approx((low + high) / 2)
    # The table of quantiles has four digits.
    assert found.half_width == pytest.approx((high - low) / 2, rel=1e-3)


def test_pairs_without_a_value_are_left_out() -> None:
    found = paired([1.0, None, 5.0, 7.0], [0.0, 1.0, None, 3.0])
    assert (found.count, found.mean) == (2, 2.5)
    assert p_value([1.0, None], [0.0, 1.0]) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_what_the_steps_down_reject(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
            if p_values[place] * (len(p_values) - rank) > level:
                break
            rejected.add(place)
        assert {n for n, p in enumerate(adjusted) if p is not None and p <= level} == rejected


def test_holm_leaves_out_what_is_unknown() -> None:
    assert holm([0.01, None, 0.04]) == [0.02, None, 0.04]


def test_it_is_enough_when_every_interval_is_as_narrow_as_asked() -> None:
    rule = Rule(2, 9, 0.1, ("x",))
    narrow: Runs = {number: {"x": 100.0 + 3 * (number % 2)} for number in range(9)}
    spread: Runs = {number: {"x": 100.0 + 50 * (number % 2)} for number in range(9)}
    assert not enough([narrow], 1, rule)
    assert not enough([narrow], 2, rule)  # two values say little: t is large
    assert enough([narrow], 3, rule)
    assert not enough([narrow, spread], 8, rule)
    assert enough([narrow, spread], 9, rule)
    assert [(wide.point, wide.measure) for wide in too_wide([narrow, spread], 9, rule)] == [
        (1, "x")
    ]


def test_without_a_precision_the_least_is_enough() -> None:
    rule = Rule(2, 9, None, ("x",))
    runs: Runs = {number: {"x": float(number)} for number in range(2)}
    assert not enough([runs], 1, rule)
    assert enough([runs], 2, rule)
    assert too_wide([runs], 2, rule) == []


def test_a_measure_without_values_is_not_waited_for_and_nothing_is_precise() -> None:
    rule = Rule(2, 9, 0.1, ("x",))
    unknown: Runs = {0: {"x": None}, 1: {"x": None}}
    nothing: Runs = {0: {"x": 0.0}, 1: {"x": 0.0}}
    single: Runs = {0: {"x": None}, 1: {"x": 1.0}}
    assert enough([unknown], 2, rule)
    assert enough([nothing], 2, rule)
    assert not enough([single], 2, rule)
