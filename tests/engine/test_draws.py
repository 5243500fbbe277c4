import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim import draws

keys = st.integers(0, draws.SCALE - 1)


@given(keys, keys)
def test_scrambling_is_a_bijection_on_32_bits(a: int, b: int) -> None:
    assert 0 <= draws.scramble(a) < draws.SCALE
    assert (draws.scramble(a) == draws.scramble(b)) == (a == b)


@given(keys, st.integers(0, 1 << 31), st.integers(1, 60), st.integers(0, 1 << 31))
def test_draws_stay_in_their_range_and_depend_on_nothing_else(
    key: int, actor: int, purpose: int, step: int
) -> None:
    number = draws.draw(key, actor, purpose, step)
    assert 0 <= number < draws.SCALE
    assert number == draws.draw(key, actor, purpose, step)
    assert 0 <= draws.below(number, 7) < 7


def test_streams_of_different_actors_and_purposes_are_uniform_and_unrelated() -> None:
    n = 20_000
    streams = np.array(
        [
            [draws.draw(99, actor, purpose, step) for step in range(n)]
            for actor, purpose in ((1, 1), (2, 1), (1, 2))
        ]
    )
    uniform = streams / draws.SCALE
    assert np.abs(uniform.mean(axis=1) - 0.5).max() < 5 / np.sqrt(12 * n)
    assert np.abs(np.corrcoef(uniform) - np.eye(3)).max() < 5 / np.sqrt(n)


@pytest.mark.parametrize("mean", [1.0, 1.5, 9.0, 200.0])
def test_session_lengths_have_the_mean_they_are_given(mean: float) -> None:
    table = draws.geometric_table(mean)
    assert table.min() >= 1
    assert table.mean() == pytest.approx(mean, rel=0.02)


def test_handling_times_have_the_mean_they_are_given_and_are_never_zero() -> None:
    table = draws.exponential_table(90_000_000)
    assert table.mean() == pytest.approx(90_000_000, rel=1e-6)
    assert draws.exponential_table(1).min() >= 1


def test_half_of_the_think_times_are_shorter_than_the_median() -> None:
    table = draws.lognormal_table(10_000_000, 0.9)
    assert np.median(table) == pytest.approx(10_000_000, rel=0.001)
