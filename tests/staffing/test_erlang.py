"""Erlang's formulas against published figures, exact fractions, limits and each other.

Published, to the digits in print. Erlang C: the worked example "Erlang C Formula - Made Simple" of
Call Centre Helper and the README of pyworkforce 0.5 (200 contacts an hour of 180 s, 14 agents);
the worked examples of Tanner and Mitan (360 in half an hour of 240 s and 55 agents; 10 erlang and
12 servers); the table of a TETRA textbook (8 servers). Erlang A: regression tests of pyworkforce
0.5.4 (100 in half an hour of 3 minutes, patience 5 minutes, 14 agents). Beside each stands the
value recomputed in two independent ways.
"""

import doctest
from collections.abc import Callable
from fractions import Fraction
from math import inf
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from dmsim.staffing import desk, erlang, goal, sharing
from dmsim.staffing.erlang import MOST_PATIENCES, Queue, erlang_b, erlang_c, erlang_queue
from dmsim.staffing.goal import Goal, agents_needed, to_schedule
from dmsim.staffing.square_root import delay_of, safety_of

CENTRE = erlang_queue(200 / 3600, 180.0, 14)
LARGER = erlang_queue(360 / 1800, 240.0, 55)
IMPATIENT = erlang_queue(100 / 1800, 180.0, 14, 300.0)
POISSON = erlang_queue(102.0, 1.0, 100, 1.0)


def halfin_whitt(beta: float) -> float:
    """The limit of the delay probability with A + β √A agents (Halfin and Whitt 1981)."""
    return float(1 / (1 + beta * stats.norm.cdf(beta) / stats.norm.pdf(beta)))


@pytest.mark.parametrize(
    ("found", "published", "digits", "computed"),
    [
        (CENTRE.p_wait, 0.1741319335950498, 1e-15, 0.17413193359504966),
        (CENTRE.service_level(20), 0.8883500191794669, 1e-15, 0.888350019179467),
        (CENTRE.occupancy, 0.7142857142857143, 1e-15, 0.7142857142857142),
        (LARGER.p_wait, 0.2387, 5e-5, 0.2387009363780093),
        (LARGER.service_level(20), 0.8668, 5e-5, 0.8667964881728508),
        (erlang_c(12, 10.0), 0.44939, 5e-6, 0.449388224298271),
        (erlang_queue(3.87, 1, 8).p_wait_exceeds(1) / erlang_c(8, 3.87), 0.016, 5e-4,
         0.016082878822588433),
        (IMPATIENT.p_wait, 0.14526, 5e-6, 0.14526011429636132),
        (IMPATIENT.p_abandon, 0.013984, 5e-7, 0.013983744122408945),
        (IMPATIENT.occupancy, 0.704297, 5e-7, 0.7042973256268509),
        (POISSON.p_abandon, 0.049918, 5e-7, 0.04991797599982074),
        (POISSON.p_wait, 0.591719, 5e-7, 0.5917186345188438),
        (delay_of(0.5), 0.504539, 5e-7, 0.504538640997945),
        (safety_of(0.5, 1.0), 0.506054, 5e-7, 0.5060544689891808),
    ],
)  # fmt: skip
def test_published_figures_are_met_and_the_computed_ones_to_twelve_digits(
    found: float, published: float, digits: float, computed: float
) -> None:
    assert found == pytest.approx(published, abs=digits)
    assert found == pytest.approx(computed, rel=1e-12)


def test_eight_servers_take_the_published_load_where_one_in_twenty_waits() -> None:
    load = brentq(lambda load: erlang_c(8, load) - 0.05, 1, 7, xtol=1e-14)
    assert load == pytest.approx(3.87, abs=5e-3)
    assert load == pytest.approx(3.8686889514408045, rel=1e-12)


def test_the_published_number_of_agents_is_needed_and_scheduled() -> None:
    def centre(agents: int) -> Queue:
        return erlang_queue(200 / 3600, 180.0, agents)

    assert agents_needed(centre, Goal(0.8, 20)) == 14
    assert to_schedule(14, 0.30) == 20


#: Of M/M/N+M, from its chain and the integral of its waits with forty digits: contacts per second,
#: services per second, agents, patiences per second, a wait; the shares who wait, who leave, who
#: are answered after that wait, and who wait longer.
FORTY_DIGITS = (
    (100 / 1800, 1 / 180, 14, 1 / 300, 20.0,
     0.14526011429636113, 0.01398374412240893, 0.06922416401404415, 0.07604397272525447),
    (200 / 3600, 1 / 180, 8, 1 / 300, 60.0,
     0.8475697697402377, 0.2318641346867106, 0.37931093065052596, 0.47914987844523027),
    (50.0, 1.0, 60, 0.01, 0.1,
     0.11679212097824355, 0.00011554012502383975, 0.042562756241096046, 0.042604699229300005),
    (3.0, 1.0, 1, 5.0, 0.5,
     0.8332819552525762, 0.7222393482491413, 0.007362405423812163, 0.04500546221905387),
    (0.5, 1.0, 4, 0.001, 1.0,
     0.0018049806389290875, 5.155194086781895e-07, 5.441429500116357e-05, 5.4429838456682736e-05),
    (1000.0, 1.0, 1010, 0.2, 0.02,
     0.5154020774926018, 0.004274760151857858, 0.3426745532869923, 0.3452419006821319),
    (900.0, 1.0, 800, 0.5, 0.1,
     0.9999992853894908, 0.11111111737712495, 0.8860385848473705, 0.9484000807752558),
)  # fmt: skip


@pytest.mark.parametrize("row", FORTY_DIGITS)
def test_erlang_a_is_right_to_all_digits_but_the_last(row: tuple[float, ...]) -> None:
    rate, served, agents, leaving, wait, *figures = row
    queue = erlang_queue(rate, 1 / served, int(agents), 1 / leaving)
    waits, leaves, late, longer = figures
    assert queue.p_wait == pytest.approx(waits, rel=1e-12)
    assert queue.p_abandon == pytest.approx(leaves, rel=1e-12)
    assert queue.p_wait_exceeds(wait) == pytest.approx(longer, rel=1e-12)
    levels = queue.service_levels(wait)
    assert levels.of_offered == pytest.approx(1 - leaves - late, rel=1e-12)
    assert levels.of_answered == pytest.approx((1 - leaves - late) / (1 - leaves), rel=1e-12)
    counted = 1 - leaves - late + longer
    assert levels.without_early_leavers == pytest.approx((1 - leaves - late) / counted, rel=1e-12)


def exact_b(agents: int, load: int) -> Fraction:
    """Erlang's loss formula by its recursion, in fractions."""
    blocked = Fraction(1)
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


@pytest.mark.parametrize(
    ("agents", "load"), [(1, 1), (20, 3), (3, 20), (400, 380), (380, 400), (500, 250), (64, 1)]
)
def test_loss_and_delay_equal_the_exact_fractions(agents: int, load: int) -> None:
    blocked = exact_b(agents, load)
    assert erlang_b(agents, load) == pytest.approx(float(blocked), rel=1e-13)
    if load < agents:
        delayed = agents * blocked / (agents - load * (1 - blocked))
        assert erlang_c(agents, load) == pytest.approx(float(delayed), rel=1e-13)


def test_ten_thousand_erlang_follow_the_square_root_rule() -> None:
    """Halfin and Whitt's limit is met to the order of one over the root of the load."""
    for beta in (0.1, 0.5, 1.0, 2.0):
        delayed = erlang_c(round(10_000 + beta * 100), 10_000.0)
        assert delayed == pytest.approx(halfin_whitt(beta), rel=0.03)


def test_ten_thousand_erlang_with_patience_like_service_are_poisson() -> None:
    queue = erlang_queue(10_000.0, 1.0, 10_050, 1.0)
    assert queue.p_wait == pytest.approx(stats.poisson.sf(10_049, 10_000), rel=1e-9)


def test_a_thousand_million_agents_take_no_longer_than_the_load_asks_for() -> None:
    assert erlang_b(10**9, 1.0) == 0
    delayed = erlang_c(10**9, 10**9 - 10**4.5)
    assert delayed == pytest.approx(halfin_whitt(1.0), rel=1e-4)
    halves = erlang_queue(1e9, 1.0, 10**9, 1.0).p_wait
    assert halves == pytest.approx(0.5, abs=1e-4)


def test_an_endless_overload_loses_all_but_what_the_agents_can_do() -> None:
    queue = erlang_queue(1e8, 3600.0, 8_000_000, 1.0)
    assert queue.p_wait == 1
    assert queue.p_abandon == pytest.approx(1 - 8e6 / 3600 / 1e8, rel=1e-12)
    assert queue.service_level(0) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("agents", [0, 9, 10])
def test_a_desk_that_is_overrun_says_so(agents: int) -> None:
    queue = erlang_queue(10.0, 1.0, agents)
    assert queue.is_overloaded
    assert (queue.p_wait, queue.asa_s, queue.occupancy, queue.p_abandon) == (1, inf, 1, 0)
    assert set(queue.service_levels(3600)) == {0}
    assert queue.wait_percentile_s(1) == inf
    assert queue.p_wait_exceeds(1e9) == 1


def test_just_below_capacity_everybody_waits_long_but_not_forever() -> None:
    queue = erlang_queue(10 * (1 - 1e-12), 1.0, 10)
    assert queue.p_wait == pytest.approx(1, abs=1e-10)
    assert queue.asa_s == pytest.approx(1e11, rel=1e-3)


def test_of_tiny_loads_nobody_waits() -> None:
    assert erlang_c(1, 1e-9) == pytest.approx(1e-9, rel=1e-12)
    for rate in (0.0, 1e-320):
        for patience in (0.0, 1.0, inf):
            queue = erlang_queue(rate, 1.0, 3, patience)
            found = queue.p_wait, queue.asa_s, queue.p_abandon, queue.wait_percentile_s(99)
            assert (*found, *queue.service_levels(0)) == (0, 0, 0, 0, 1, 1, 1)


def test_where_nobody_sits_everybody_leaves_when_patience_is_over() -> None:
    queue = erlang_queue(3.0, 1.0, 0, 100.0)
    assert (queue.p_wait, queue.p_abandon, queue.occupancy) == (1, 1, 1)
    assert queue.asa_s == pytest.approx(100)
    assert queue.p_wait_exceeds(100) == pytest.approx(0.36787944117144233)
    assert set(queue.service_levels(1e6)) == {0}


def test_endless_patience_is_erlang_c_and_none_is_erlang_b() -> None:
    rate, service, agents = 50.0, 1.0, 53
    patient = erlang_queue(rate, service, agents, 1e6)
    for figure in ("p_wait", "asa_s", "occupancy"):
        told = getattr(erlang_queue(rate, service, agents), figure)
        assert getattr(patient, figure) == pytest.approx(told, rel=1e-4), figure
    hasty = erlang_queue(rate, service, agents, 1e-9)
    assert hasty.p_wait == pytest.approx(erlang_b(agents, 50), rel=1e-6)
    assert hasty.p_abandon == pytest.approx(erlang_b(agents, 50), rel=1e-6)


def chain(agents: int, load: float, service: float, patience: float) -> tuple[float, float, float]:
    """Of M/M/N+M: the probabilities of waiting and of leaving, and the mean wait of all.

    From the stationary weights of the birth and death chain: with n in the system, deaths come at
    the rate of min(n, N) services and of max(n - N, 0) patiences.
    """
    weights = [1.0]
    while weights[-1] > 1e-14 * max(weights) or len(weights) < 2 * agents:
        n = len(weights)
        deaths = min(n, agents) / service + max(n - agents, 0) / patience
        weights.append(weights[-1] * load / service / deaths)
    whole = sum(weights)
    waiting = sum((n - agents) * weight for n, weight in enumerate(weights) if n > agents) / whole
    wait = waiting * service / load
    return sum(weights[agents:]) / whole, wait / patience, wait


figure = st.floats(0.01, 100)


@given(figure, figure, st.integers(1, 150), st.floats(0.01, 50))
def test_erlang_a_agrees_with_its_chain_summed_plainly(
    rate: float, service: float, agents: int, patience: float
) -> None:
    # Larger weights overflow there.
    assume(rate * max(service, patience) < 200)
    queue = erlang_queue(rate, service, agents, patience)
    waits, leaves, wait = chain(agents, rate * service, service, patience)
    assert queue.p_wait == pytest.approx(waits, rel=1e-8, abs=1e-12)
    assert queue.p_abandon == pytest.approx(leaves, rel=1e-8, abs=1e-12)
    assert queue.asa_s == pytest.approx(wait, rel=1e-8, abs=1e-12)


queues = st.builds(
    erlang_queue, figure, figure, st.integers(0, 300), st.floats(0.01, 1e4) | st.just(inf)
)


@given(queues, st.floats(0, 100), st.floats(0, 100))
def test_shares_are_shares_and_a_longer_wait_is_rarer(queue: Queue, a: float, b: float) -> None:
    short, long = sorted((a, b))
    assert 0 <= queue.p_abandon <= queue.p_wait <= 1
    assert 0 <= queue.p_wait_exceeds(long) <= queue.p_wait_exceeds(short) <= queue.p_wait
    levels = queue.service_levels(short)
    for level, later in zip(levels, queue.service_levels(long), strict=True):
        assert 0 <= level <= later + 1e-9 <= 1 + 2e-9
    offered, answered, without = levels
    assert offered <= answered + 1e-12
    assert offered <= without + 1e-12


@given(queues, st.floats(1, 99.9))
def test_a_percentile_is_where_the_tail_says(queue: Queue, percent: float) -> None:
    wait = queue.wait_percentile_s(percent)
    if wait == inf:
        assert queue.is_overloaded
    elif wait > 0:
        assert queue.p_wait_exceeds(wait) == pytest.approx(1 - percent / 100, rel=1e-6)
    else:
        assert queue.p_wait <= 1 - percent / 100


@given(figure, figure, st.integers(1, 60), st.floats(0.1, 100) | st.just(inf))
def test_one_agent_more_never_makes_it_worse(
    rate: float, service: float, agents: int, patience: float
) -> None:
    few, more = (erlang_queue(rate, service, n, patience) for n in (agents, agents + 1))
    assert more.p_wait <= few.p_wait * (1 + 1e-12)
    assert more.p_abandon <= few.p_abandon * (1 + 1e-12)
    assert more.service_level(1) >= few.service_level(1) - 1e-12
    assert more.occupancy <= few.occupancy + 1e-12 * max(1, rate * service)


@given(
    figure, st.floats(0.1, 30), st.floats(0.1, 0.99), st.floats(0, 30), st.floats(0.5, 1),
    st.floats(1, 100) | st.just(inf),
)  # fmt: skip
def test_the_agents_needed_are_the_fewest(
    rate: float, service: float, level: float, within: float, busy: float, patience: float
) -> None:
    def staffed(agents: int) -> Queue:
        return erlang_queue(rate, service, agents, patience)

    promise = Goal(level, within, busy)
    needed = agents_needed(staffed, promise)
    assert promise.is_met_by(staffed(needed))
    assert needed == 0 or not promise.is_met_by(staffed(needed - 1))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: erlang_queue(-1.0, 1.0, 1),
        lambda: erlang_queue(inf, 1.0, 1),
        lambda: erlang_queue(1.0, 0.0, 1),
        lambda: erlang_queue(1.0, 1.0, -1),
        lambda: erlang_queue(1.0, 1.0, 1, -1.0),
        lambda: erlang_queue(1.0, 1.0, 1, 2 * MOST_PATIENCES),
        lambda: erlang_queue(1.0, 1.0, 1).wait_percentile_s(100),
        lambda: Goal(level=1.0),
        lambda: Goal(within_s=-1.0),
        lambda: Goal(most_occupancy=0.0),
        lambda: to_schedule(10, 1.0),
    ],
)
def test_figures_without_meaning_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|cannot|not a|nobody leaves|above"):
        wrong()


def test_shrinkage_that_divides_evenly_adds_nobody() -> None:
    assert to_schedule(21, 0.3) == 30
    assert to_schedule(0, 0.3) == 0


@pytest.mark.parametrize("module", [desk, erlang, goal, sharing])
def test_the_examples_of_the_docstrings_are_true(module: ModuleType) -> None:
    ran = doctest.testmod(module)
    assert ran.attempted > 0
    assert ran.failed == 0
