"""Agents who hold several conversations at once."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.staffing.erlang import erlang_queue
from dmsim.staffing.sharing import rated_queue, shared_queue


def test_three_slots_at_rising_total_rates() -> None:
    """Weights 1, 10/6, 10/6 · 10/10 and from the third on a ratio of 10/12."""
    queue = rated_queue(10.0, [6.0, 10.0, 12.0])
    full = 10 / 6 * 10 / 10 * 10 / 12 / (1 - 10 / 12)
    assert queue.p_wait == pytest.approx(full / (1 + 10 / 6 + 10 / 6 + full), rel=1e-12)
    assert queue.p_wait == pytest.approx(0.657895, abs=5e-7)
    assert queue.occupancy == pytest.approx(10 / 12)
    assert queue.asa_s == pytest.approx(queue.p_wait / (12 - 10))


def test_these_rates_are_those_of_an_agent_who_is_slowed_down() -> None:
    slowed = shared_queue(10.0, 1 / 6, 1, threads=2, slowdown=0.2)
    assert slowed.p_wait == pytest.approx(rated_queue(10.0, [6.0, 10.0]).p_wait)


@given(st.floats(0.1, 20), st.integers(1, 30), st.integers(1, 5), st.floats(0.1, 50) | st.just(inf))
def test_threads_that_cost_nothing_are_agents(
    rate: float, agents: int, threads: int, patience: float
) -> None:
    shared = shared_queue(rate, 1.0, agents, threads=threads, patience_s=patience)
    alone = erlang_queue(rate, 1.0, agents * threads, patience)
    assert shared.p_wait == pytest.approx(alone.p_wait, rel=1e-9)
    assert shared.p_abandon == pytest.approx(alone.p_abandon, rel=1e-9)


def test_with_a_slowdown_of_one_a_second_thread_only_shortens_the_queue() -> None:
    one, two = (shared_queue(0.9, 1.0, 1, threads=n, slowdown=1.0) for n in (1, 2))
    assert two.full_rate == one.full_rate == 1
    assert two.p_wait == pytest.approx(0.81)


def test_more_done_with_less_at_hand_is_refused() -> None:
    with pytest.raises(ValueError, match="does less"):
        shared_queue(1.0, 1.0, 1, threads=2, slowdown=1.5)
    with pytest.raises(ValueError, match="none below the one before"):
        rated_queue(1.0, [2.0, 1.0])


def test_an_agent_with_one_of_several_conversations_is_busy() -> None:
    """Two agents with two threads each, by the weights of 0 … 4 in hand."""
    queue = shared_queue(1.0, 1.0, 2, threads=2, slowdown=0.5, patience_s=0.0)
    rates = [1.0, 2.0, 1.0 + 4 / 3, 8 / 3]
    weights = [1.0]
    for rate in rates:
        weights.append(weights[-1] / rate)
    idle = (weights[0] + weights[1] / 2) / sum(weights)
    assert queue.occupancy == pytest.approx(1 - idle, rel=1e-12)


@given(st.floats(0.1, 30), st.integers(1, 40), st.floats(0.1, 50) | st.just(inf))
def test_with_one_thread_each_busy_is_busy(rate: float, agents: int, patience: float) -> None:
    shared = shared_queue(rate, 1.0, agents, patience_s=patience)
    alone = erlang_queue(rate, 1.0, agents, patience)
    assert shared.occupancy == pytest.approx(alone.occupancy, rel=1e-9)
