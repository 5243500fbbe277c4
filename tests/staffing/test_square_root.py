"""The square-root rule, against the published limits and the exact formulas."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.staffing.erlang import erlang_c, erlang_queue
from dmsim.staffing.square_root import delay_of, late_of, safety_of, square_root_staffing


def test_the_published_safety_and_delay_belong_together() -> None:
    assert delay_of(0.5) == pytest.approx(0.504538640997945, rel=1e-12)
    assert safety_of(0.5, 1.0) == pytest.approx(0.5060544689891808, rel=1e-12)
    assert delay_of(-1.0) == delay_of(0.0) == 1


def test_patience_like_service_makes_the_delay_normal() -> None:
    """The number in the system is Poisson then, and close to normal."""
    assert delay_of(0.0, 1.0) == pytest.approx(0.5)
    assert delay_of(1.0, 1.0) == pytest.approx(0.15865525393145707)
    assert delay_of(0.5, 1e-8) == pytest.approx(delay_of(0.5), rel=1e-3)


@given(st.floats(0.01, 0.99), st.sampled_from([0.0, 0.1, 1.0, 5.0]))
def test_safety_undoes_delay(delay: float, impatience: float) -> None:
    assert delay_of(safety_of(delay, 9.0, 0.0, impatience), impatience) == pytest.approx(
        delay, rel=1e-6
    )


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.5])
def test_the_square_root_rule_agrees_with_the_formulas_for_large_loads(delay: float) -> None:
    loads = np.array([1_000.0, 20_000.0])
    for load, agents in zip(loads, square_root_staffing(loads, delay), strict=True):
        assert erlang_c(int(agents), load) == pytest.approx(delay, rel=0.08)
    for load, agents in zip(loads, square_root_staffing(loads, delay, 0.0, 0.5), strict=True):
        queue = erlang_queue(load, 1.0, int(agents), 2.0)
        assert queue.p_wait == pytest.approx(delay, rel=0.08)


def test_a_share_that_is_none_has_no_safety() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        safety_of(1.0, 1.0)


@pytest.mark.parametrize("impatience", [0.0, 0.5, 4.0])
@pytest.mark.parametrize("within", [0.01, 0.05])
def test_the_tail_of_the_wait_is_that_of_the_formulas_for_large_loads(
    within: float, impatience: float
) -> None:
    load = 2_000.0
    patience = 1 / impatience if impatience else float("inf")
    for beta in (0.3, 1.0):
        queue = erlang_queue(load, 1.0, round(load + beta * load**0.5), patience)
        # What the formula's wait is like for who never leaves.
        stay = np.exp(within / patience)
        expected = queue.p_wait_exceeds(within) * stay
        assert late_of(beta, load, within, impatience) == pytest.approx(
            expected, rel=0.08, abs=1e-5
        )


def test_more_time_to_answer_takes_no_more_agents() -> None:
    loads = np.array([0.0, 0.2, 3.0, 40.0, 500.0])
    staff = [square_root_staffing(loads, 0.2, within) for within in (0.0, 0.01, 0.1, 1.0, 10.0)]
    assert all((fewer <= more).all() for more, fewer in pairwise(staff))
    assert all(agents[0] == 0 and (agents[1:] > loads[1:]).all() for agents in staff)
