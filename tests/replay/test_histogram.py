"""Percentiles from log-linear counters."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.replay.histogram import Histogram, bucket_of, buckets_of, middle_of

durations = st.lists(st.integers(0, 2**52), min_size=1, max_size=300)
percents = st.floats(0.001, 100)


def recorded(values: list[int]) -> Histogram:
    histogram = Histogram()
    histogram.record_all(np.array(values, dtype=np.int64))
    return histogram


@given(durations, percents)
def test_a_percentile_is_within_four_per_mille_of_the_truth(
    values: list[int], percent: float
) -> None:
    truth = sorted(values)[math.ceil(percent / 100 * len(values)) - 1]
    found = recorded(values).percentile(percent)
    assert found is not None
    assert abs(found - truth) <= 0.004 * truth


@given(durations, durations)
def test_merged_histograms_equal_one_of_all(left: list[int], right: list[int]) -> None:
    merged = recorded(left)
    merged.merge(recorded(right))
    whole = recorded(left + right)
    assert (merged.counts, merged.longest) == (whole.counts, whole.longest)


@given(durations)
def test_one_by_one_counts_as_all_at_once(values: list[int]) -> None:
    single = Histogram()
    for value in values:
        single.record(value)
    whole = recorded(values)
    assert (single.counts, single.longest) == (whole.counts, whole.longest)


@pytest.mark.parametrize("value", [2**k + d for k in range(8, 53) for d in (-1, 0, 1)])
def test_buckets_do_not_slip_around_powers_of_two(value: int) -> None:
    assert buckets_of(np.array([value]))[0] == bucket_of(value)
    assert bucket_of(value - 1) <= bucket_of(value) <= bucket_of(value - 1) + 1
    assert abs(middle_of(bucket_of(value)) - value) <= 0.004 * value


def test_the_maximum_is_exact_and_nothing_has_no_percentile() -> None:
    assert recorded([1, 123_456_789]).percentile(100) == 123_456_789
    assert Histogram().percentile(99) is None


def test_a_clock_that_seems_to_run_backwards_counts_as_no_time() -> None:
    assert recorded([-5]).percentile(50) == 0 or recorded([-5]).longest == 0
