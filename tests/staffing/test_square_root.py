"""The square-root rule, against the published limits and the exact formulas."""

from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.staffing.erlang import erlang_c, erlang_queue
from dmsim.staffing.goal import Goal
from dmsim.staffing.methods import by_offered_load, by_square_root
from dmsim.staffing.plan import HOUR_S, Desk
from dmsim.staffing.square_root import delay_of, missed_of, safety_of, square_root_staffing


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
    assert delay_of(safety_of(delay, 100.0, 0.0, impatience), impatience) == pytest.approx(
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


@pytest.mark.parametrize("silent", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("impatience", [0.0, 0.5, 4.0])
@pytest.mark.parametrize("within", [0.0, 0.01, 0.05])
def test_who_is_missed_is_so_by_the_formulas_for_large_loads(
    within: float, impatience: float, silent: float
) -> None:
    load = 2_000.0
    patience = 1 / impatience if impatience else inf
    for beta in (0.3, 1.0):
        queue = erlang_queue(load, 1.0, round(load + beta * load**0.5), patience, silent)
        assert missed_of(beta, load, within, impatience, silent) == pytest.approx(
            1 - queue.service_level(within), rel=0.08, abs=1e-5
        )


@pytest.mark.parametrize("silent", [0.0, 0.4])
def test_where_nobody_waits_the_rule_is_that_of_erlang_b(silent: float) -> None:
    queue = erlang_queue(2_000.0, 1.0, 2_000, 0.0, silent)
    assert missed_of(0.0, 2_000.0, 0.1, inf, silent) == pytest.approx(queue.p_wait, rel=0.03)


@pytest.mark.parametrize(
    "desk",
    [
        Desk(360.0, 0.0),
        Desk(360.0, 0.0, silent=0.5),
        Desk(360.0, 3.0),
        Desk(360.0, 30.0),
        Desk(360.0, 120.0, silent=0.5),
        Desk(360.0, 120.0, silent=1.0),
        Desk(180.0, 120.0, silent=0.5, threads=3, slowdown=0.5),
        Desk(180.0, threads=20, slowdown=0.1),
    ],
)
@pytest.mark.parametrize(
    "goal", [Goal(0.8, 20.0), Goal(0.9, 60.0), Goal(0.8, 20.0, 0.85)], ids=["80", "90", "busy"]
)
def test_the_rule_is_close_to_the_formulas_whoever_leaves_and_however_busy(
    desk: Desk, goal: Goal
) -> None:
    contacts = np.full(24, 1_000.0)
    exact = by_offered_load(contacts, HOUR_S, desk, goal)
    assert by_square_root(contacts, HOUR_S, desk, goal) == pytest.approx(exact, rel=0.08)


def test_more_time_to_answer_takes_no_more_agents() -> None:
    loads = np.array([0.0, 0.2, 3.0, 40.0, 500.0])
    staff = [square_root_staffing(loads, 0.2, within) for within in (0.0, 0.01, 0.1, 1.0, 10.0)]
    assert all((fewer <= more).all() for more, fewer in pairwise(staff))
    assert all(agents[0] == 0 and (agents[1:] > loads[1:]).all() for agents in staff)
