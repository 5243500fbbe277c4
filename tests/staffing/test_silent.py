"""Those who leave without a word: nobody knows, and their contact is handled in its turn."""

from math import exp, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from dmsim.staffing.erlang import Queue, blocking, erlang_c, erlang_queue

shares = st.floats(0, 1)
figure = st.floats(0.05, 20)


def integrated(
    rate: float, agents: int, patience: float, silent: float, within: float
) -> tuple[float, float, float]:
    """M/M/N+G by the integral of its wait: P(wait), P(leave) and P(answered within).

    Service takes 1. The wait that lies ahead is of density b(t) = exp(λ H(t) - N t) times what
    Zeltyn and Mandelbaum's E and J say, H the integral of 1 - G for the patience that never ends
    with the chance ``silent``.
    """

    def density(t: float) -> float:
        seen = (1 - silent) * (1 - exp(-t / patience)) * patience
        return exp(rate * (silent * t + seen) - agents * t)

    end = 60 / (agents - rate * silent) + 60 * patience
    points = [within, min(patience, end)]
    whole = quad(density, 0, end, points=points, limit=500, epsabs=1e-14, epsrel=1e-12)[0]
    stay = quad(
        lambda t: density(t) * exp(-t / patience),
        0,
        end,
        points=points,
        limit=500,
        epsabs=1e-14,
        epsrel=1e-12,
    )[0]
    soon = quad(
        lambda t: density(t) * exp(-t / patience), 0, within, limit=500, epsabs=1e-14, epsrel=1e-12
    )[0]
    blocked = blocking(rate, float, agents)
    # Of the states without a queue the full one weighs 1; all with one weigh N J.
    waits = agents * whole / ((1 - blocked) / blocked + agents * whole)
    return waits, waits * (1 - stay / whole), 1 - waits + waits * soon / whole


@pytest.mark.parametrize("silent", [0.0, 0.2, 0.7, 1.0])
@pytest.mark.parametrize("patience", [0.2, 1.0, 5.0])
@pytest.mark.parametrize(("rate", "agents"), [(2.0, 4), (9.5, 10), (10.0, 12), (40.0, 41)])
def test_the_formulas_are_the_integral_of_the_wait(
    rate: float, agents: int, patience: float, silent: float
) -> None:
    queue = erlang_queue(rate, 1.0, agents, patience, silent)
    waits, leaves, in_time = integrated(rate, agents, patience, silent, 0.1)
    assert queue.p_wait == pytest.approx(waits, rel=1e-7)
    assert queue.p_abandon == pytest.approx(leaves, rel=1e-7)
    assert queue.service_level(0.1) == pytest.approx(in_time, rel=1e-7)
    assert queue.asa_s == pytest.approx(leaves * patience, rel=1e-7)
    assert queue.occupancy == pytest.approx(rate * (1 - leaves * (1 - silent)) / agents, rel=1e-7)


def test_if_all_leave_silently_everybody_queues_as_if_nobody_left() -> None:
    queue = erlang_queue(10.0, 1.0, 12, 0.5, 1.0)
    delayed, room = erlang_c(12, 10.0), 12 - 10.0
    assert queue.p_wait == pytest.approx(delayed, rel=1e-13)
    assert queue.p_abandon == pytest.approx(delayed * 2 / (2 + room), rel=1e-13)
    assert queue.p_wait_exceeds(0.3) == pytest.approx(delayed * exp(-(2 + room) * 0.3), rel=1e-13)
    assert queue.occupancy == pytest.approx(10 / 12, rel=1e-13)
    late = delayed * room / (2 + room) * exp(-(2 + room) * 0.3)
    assert queue.service_level(0.3) == pytest.approx(1 - queue.p_abandon - late, rel=1e-13)


@given(figure, st.integers(1, 30), figure, shares, shares)
def test_the_more_leave_silently_the_longer_everybody_waits(
    rate: float, agents: int, patience: float, one: float, other: float
) -> None:
    few, many = (
        erlang_queue(rate, 1.0, agents, patience, silent) for silent in sorted((one, other))
    )
    for worse in ("p_wait", "p_abandon", "asa_s", "occupancy"):
        assert getattr(many, worse) >= getattr(few, worse) * (1 - 1e-9), worse
    assert many.service_level(0.1) <= few.service_level(0.1) + 1e-9
    for queue in (few, many):
        level = queue.service_levels(0.1)
        assert all(0 <= share <= 1 for share in level)
        assert 0 <= queue.p_abandon <= queue.p_wait <= 1


def test_a_hair_of_silence_changes_a_hair() -> None:
    seen, hair = (erlang_queue(10.0, 1.0, 10, 2.0, silent) for silent in (0.0, 1e-12))
    assert hair.p_wait == pytest.approx(seen.p_wait, rel=1e-10)
    all_silent, nearly = (erlang_queue(9.0, 1.0, 10, 2.0, silent) for silent in (1.0, 1 - 1e-12))
    assert nearly.service_level(0.2) == pytest.approx(all_silent.service_level(0.2), rel=1e-10)


@pytest.mark.parametrize("patience", [0.0, 3.0])
@pytest.mark.parametrize("agents", [0, 4, 5])
def test_more_silent_ones_than_can_be_handled_overrun_a_desk(agents: int, patience: float) -> None:
    queue = erlang_queue(10.0, 1.0, agents, patience, 0.5)
    assert queue.is_overloaded
    assert (queue.p_wait, queue.p_abandon, queue.occupancy) == (1, 1, 1)
    assert queue.asa_s == patience
    assert set(queue.service_levels(1.0)) == {0}
    assert queue.wait_percentile_s(50) == pytest.approx(patience * np.log(2))
    assert not erlang_queue(10.0, 1.0, agents + 6, patience, 0.5).is_overloaded


def test_where_nobody_waits_who_leave_at_once_may_be_handled_all_the_same() -> None:
    """Without patience the queue is of silent ones alone, who come at half the rate."""
    queue = erlang_queue(6.0, 1.0, 8, 0.0, 0.5)
    waits, _, _ = integrated(6.0, 8, 1e-9, 0.5, 1e-12)
    assert queue.p_wait == queue.p_abandon == pytest.approx(waits, rel=1e-6)
    assert queue.service_level(0) == pytest.approx(1 - waits, rel=1e-6)


def test_silence_means_nothing_where_nobody_leaves() -> None:
    with_it, without = (erlang_queue(9.0, 1.0, 10, inf, silent) for silent in (0.5, 0.0))
    for told in ("p_wait", "asa_s", "occupancy", "p_abandon"):
        assert getattr(with_it, told) == getattr(without, told)


@pytest.mark.parametrize("silent", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(silent: float) -> None:
    with pytest.raises(ValueError, match="silent"):
        Queue(1.0, float, 3, 1.0, silent)
