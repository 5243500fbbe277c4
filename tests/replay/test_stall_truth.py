"""The truth against which the stall test of the benchmark holds what is reported."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stall_truth import errors, percentile, true_responses


def test_an_action_intended_during_the_stall_waits_for_its_end() -> None:
    intended = np.array([0, 3_999, 4_000, 4_500, 4_999, 5_000, 9_000])
    waits = true_responses(intended, 4_000, 5_000)
    assert waits.tolist() == [0, 0, 1_000, 500, 1, 0, 0]


def test_a_second_of_stall_in_ten_shows_in_the_95th_percentile_and_not_in_the_median() -> None:
    intended = np.arange(0, 10_000, 2)
    waits = true_responses(intended, 4_000, 5_000)
    assert [percentile(waits, percent) for percent in (50, 90, 95, 99)] == [0, 0, 500, 900]


@given(
    values=st.lists(st.floats(0, 1e9), min_size=1, max_size=50),
    percent=st.integers(1, 100),
)
def test_so_many_percent_of_the_values_are_at_most_the_percentile(
    values: list[float], percent: int
) -> None:
    found = percentile(np.array(values), percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


def test_errors_are_shares_of_the_truth_in_either_direction() -> None:
    assert errors([95, 1_010], [100, 1_000]) == pytest.approx([0.05, 0.01])
