"""The compiled desk against a recursion, against formulas, and on the curve of direct messages."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dmsim.population.curves import load_curve
from dmsim.progress import Silent
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import (
    BUSY,
    COLUMNS,
    DELAYED,
    IN_TIME,
    LEFT,
    OFFERED,
    WAIT,
    Floats,
    Ints,
    run_desk,
)
from dmsim.staffing.methods import by_offered_load, by_rate, by_simulation, staff_week
from dmsim.staffing.offered_load import mean_in_hand
from dmsim.staffing.plan import Desk
from dmsim.staffing.simulate import WeekSimulator, ratio

HOUR = 3600.0


def run(
    times: Floats,
    handling: Floats,
    patience: Floats,
    agents: Ints,
    within: float,
    pace: tuple[float, ...] = (1.0,),
) -> Floats:
    """Counts of a desk whose intervals are hours, and which sees everybody leave."""
    ends = np.arange(1, len(agents) + 1, dtype=np.float64) * HOUR
    counts = np.zeros((len(agents), COLUMNS))
    seen = np.zeros(len(times), dtype=np.bool_)
    run_desk(times, handling, patience, seen, ends, agents, np.array(pace), within, counts)
    return counts


def recursion(
    times: Floats, handling: Floats, patience: Floats, agents: int
) -> tuple[list[float], list[bool]]:
    """Waits and who left, by Kiefer and Wolfowitz: who comes next takes who is free first."""
    free = [0.0] * agents
    waits, left = [], []
    for at, takes, patient in zip(times, handling, patience, strict=True):
        free.sort()
        wait = max(free[0] - at, 0.0)
        left.append(wait > patient)
        waits.append(min(wait, patient))
        if wait <= patient:
            free[0] = at + wait + takes
    return waits, left


@pytest.mark.parametrize("patient", [200.0, inf])
def test_the_compiled_desk_agrees_with_the_recursion_contact_by_contact(patient: float) -> None:
    rng = np.random.default_rng(5)
    times = np.sort(rng.random(800) * 4 * HOUR)
    handling = rng.standard_exponential(800) * 180
    patience = np.full(800, inf) if patient == inf else rng.standard_exponential(800) * patient
    agents = 10
    waits, left = recursion(times, handling, patience, agents)
    counts = run(times, handling, patience, np.full(40, agents), 20.0)
    hours = (times // HOUR).astype(int)
    for column, values in {
        OFFERED: np.ones(800),
        DELAYED: np.array(waits) > 0,
        IN_TIME: (np.array(waits) <= 20) & ~np.array(left),
        LEFT: np.array(left),
        WAIT: np.array(waits),
    }.items():
        expected = np.bincount(hours, values, minlength=40)
        assert counts[:, column] == pytest.approx(expected, rel=1e-9, abs=1e-9), column
    served = float(handling[~np.array(left)].sum())
    assert counts[:, BUSY].sum() == pytest.approx(served, rel=1e-9)


def test_who_goes_off_duty_finishes_what_is_in_hand_as_fast_as_before() -> None:
    """Two agents with two contacts each get 4/3 done, so all four are done at 5400 s. The one who
    stays counts as busy, and takes nothing more until then."""
    times = np.array([0.0, 0.0, 0.0, 0.0, HOUR])
    endless = np.full(5, inf)
    counts = run(times, np.full(5, HOUR), endless, np.array([2, 1, 1]), 60.0, (1.0, 4 / 3))
    assert counts[:, WAIT] == pytest.approx([0, 1800, 0])
    assert counts[:, BUSY] == pytest.approx([2 * HOUR, HOUR, 1800])


def test_of_those_who_wait_at_the_very_end_only_the_impatient_have_left() -> None:
    patience = np.array([60.0, inf])
    counts = run(np.array([0.0, 600.0]), np.ones(2), patience, np.array([0]), 5.0)
    assert counts[0].tolist() == [2, 2, 0, 1, 60 + 3000, 0]


staffs = st.lists(st.integers(0, 6), min_size=6, max_size=6)


@settings(deadline=None)
@given(staffs, st.lists(st.booleans(), min_size=6, max_size=6), st.integers(0, 99))
def test_nobody_waits_longer_for_one_agent_more(
    staff: list[int], more: list[bool], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.random(60) * 6 * HOUR)
    handling = rng.standard_exponential(60) * 900
    patience = np.full(60, inf)
    few, many = (
        run(times, handling, patience, np.array(agents), 60.0)
        for agents in (staff, [n + extra for n, extra in zip(staff, more, strict=True)])
    )
    assert few[:, OFFERED].sum() == many[:, OFFERED].sum() == 60
    assert many[:, WAIT].sum() <= few[:, WAIT].sum() + 1e-6
    assert many[:, IN_TIME].sum() >= few[:, IN_TIME].sum()
    assert (few[:, BUSY] <= np.array(staff) * HOUR + 1e-6).all()


@pytest.mark.parametrize(
    ("desk", "agents"),
    [
        (Desk(180.0), 14),
        (Desk(180.0, 300.0), 14),
        (Desk(180.0, 120.0, silent=0.4), 11),
        (Desk(180.0, 120.0, silent=1.0), 11),
        (Desk(180.0, threads=3, slowdown=0.25), 7),
        (Desk(180.0, 120.0, silent=0.7, threads=3, slowdown=0.25), 5),
    ],
    ids=["C", "A", "some silent", "all silent", "threads", "threads, silent"],
)
def test_a_constant_rate_is_what_the_formulas_say(desk: Desk, agents: int) -> None:
    week = WeekSimulator(np.full(24, 200.0), HOUR, desk, replications=600)
    counts = week.run(np.full(24, agents), 20.0)
    queue = desk.queue(200 / HOUR, agents)
    whole = counts.sum(axis=1, keepdims=True)
    for column, value in {
        DELAYED: queue.p_wait,
        IN_TIME: queue.service_level(20),
        LEFT: queue.p_abandon,
        WAIT: queue.asa_s,
    }.items():
        mean, half = ratio(whole[:, :, column], whole[:, :, OFFERED])
        assert abs(mean[0] - value) <= 2 * half[0] + 1e-12, column
        assert half[0] < 0.06 * max(value, 1e-12) or value == 0
    occupancy = float(np.mean(whole[:, :, BUSY])) / (agents * 24 * HOUR)
    assert occupancy == pytest.approx(queue.occupancy, rel=0.01)


def test_with_patience_like_handling_a_week_of_messages_is_poisson_whatever_the_staff() -> None:
    """Mt/M/c(t)+M with θ = μ: leaving and being served are one, so the number in hand is Poisson
    with the mean of the modified offered load, and who comes waits if it is at least c(t)."""
    handle = 3 * HOUR
    contacts = load_curve("messages") * 15
    desk = Desk(handle, handle)
    agents = by_rate(contacts, HOUR, desk, Goal(0.8, 0.0))
    frame = WeekSimulator(contacts, HOUR, desk, replications=300).describe(agents, 0.0)
    begins = mean_in_hand(contacts, HOUR, handle)
    steady = contacts / HOUR * handle
    steps = (np.arange(60) + 0.5) / 60 * HOUR
    loads = steady[:, None] + (begins - steady)[:, None] * np.exp(-steps / handle)
    expected = np.mean(stats.poisson.sf(agents[:, None] - 1, loads), axis=1)
    known = frame["offered"].to_numpy() > 1
    found = frame["p_wait"].to_numpy()
    half = (frame["p_wait_high"] - frame["p_wait_low"]).to_numpy() / 2
    apart = np.abs(found - expected) / np.maximum(half / 1.96, 1e-3)
    assert (apart[known] < 4.5).all()
    assert np.quantile(found[known], 0.95) - np.quantile(found[known], 0.05) > 0.4


def sinusoid(steps: int) -> tuple[Floats, Floats]:
    """Contacts in each of so many steps of a day, and the mean number in hand at its middle.

    λ(t) = 20 + 8 sin ωt an hour with ω a turn in a day, and handling of h = 3 hours:
    m(t) = 20 h + 8 h sin(ωt - atan ωh) / √(1 + ω²h²) (Eick, Massey and Whitt 1993).
    """
    turn, handle = 2 * np.pi / 24, 3.0
    hours = (np.arange(steps) + 0.5) * 24 / steps
    rates = 20 + 8 * np.sin(turn * hours)
    swing = 8 * handle / np.hypot(1, turn * handle)
    return rates * 24 / steps, 20 * handle + swing * np.sin(turn * hours - np.atan(turn * handle))


def test_a_sinusoidal_rate_with_patience_like_handling_keeps_a_poisson_number_in_hand() -> None:
    """Whoever comes waits if as many as are on duty are in hand, by the hour, with staff from far
    below to far above the mean number in hand."""
    steps = 12 * 24
    contacts, in_hand = sinusoid(steps)
    by_hour = in_hand.reshape(24, 12).mean(axis=1)
    safety = np.tile([-1.5, 0.5, -0.5, 1.5, 0.0, 1.0], 4)
    agents = np.repeat(np.round(by_hour + safety * np.sqrt(by_hour)), 12).astype(np.int64)
    desk = Desk(3 * HOUR, 3 * HOUR)
    counts = WeekSimulator(contacts, HOUR / 12, desk, replications=1_500).run(agents, 0.0)
    hourly = counts.reshape(1_500, 24, 12, COLUMNS).sum(axis=2)
    found, half = ratio(hourly[:, :, DELAYED], hourly[:, :, OFFERED])
    chances = contacts * stats.poisson.sf(agents - 1, in_hand)
    expected = chances.reshape(24, 12).sum(axis=1) / contacts.reshape(24, 12).sum(axis=1)
    assert expected.min() < 0.1
    assert expected.max() > 0.9
    assert half.max() < 0.025
    # Of 24 intervals of 95 % the furthest is within 3.5 / 1.96 of their half width.
    assert (np.abs(found - expected) < 1.8 * half).all()


def test_a_sinusoidal_rate_with_patience_like_handling_loses_what_poisson_says() -> None:
    """Of a constant staff c the mean queue is E(N(t) - c)+, and all in it leave at the rate θ."""
    contacts, in_hand = sinusoid(12 * 24)
    agents, patience = 62, 3 * HOUR
    desk = Desk(3 * HOUR, patience)
    week = WeekSimulator(contacts, HOUR / 12, desk, replications=300)
    counts = week.run(np.full(12 * 24, agents), 0.0).sum(axis=1, keepdims=True)
    waiting = in_hand * stats.poisson.sf(agents - 1, in_hand)
    waiting -= agents * stats.poisson.sf(agents, in_hand)
    wait = float(waiting.mean()) * 24 * HOUR / contacts.sum()
    for column, expected in {WAIT: wait, LEFT: wait / patience}.items():
        mean, half = ratio(counts[:, :, column], counts[:, :, OFFERED])
        assert abs(mean[0] - expected) < 1.8 * half[0] < 0.15 * expected


def test_hardly_anybody_can_be_spared_of_whom_a_search_has_found() -> None:
    """Also where an agent who is taken away is missed only hours later."""
    desk = Desk(HOUR, 600.0, silent=0.4, threads=3, slowdown=0.5)
    goal = Goal(0.8, 60.0)
    week = WeekSimulator(load_curve("messages") * 40, HOUR, desk, replications=20)
    agents = by_simulation(week, goal, Silent())

    def is_kept(staff: Ints) -> bool:
        counts = week.run(staff, goal.within_s)
        level, half = ratio(counts[:, :, IN_TIME], counts[:, :, OFFERED])
        return bool((level - half >= goal.level).all())

    assert is_kept(agents)
    hours = np.arange(0, 168, 8)
    spared = [hour for hour in hours if is_kept(agents - (np.arange(168) == hour))]
    assert len(spared) <= 2


def test_a_search_keeps_the_promise_in_every_hour_where_formulas_do_not() -> None:
    contacts, desk, goal = load_curve("messages") * 10, Desk(HOUR), Goal(0.8, 60.0)
    week = WeekSimulator(contacts, HOUR, desk, replications=100)
    agents = by_simulation(week, goal, Silent())
    held = week.describe(agents, 60.0)
    assert held["service_level_low"].min() >= 0.8  # type: ignore[operator]
    by_interval = week.describe(by_rate(contacts, HOUR, desk, goal), 60.0)
    assert by_interval["service_level"].min() < 0.4  # type: ignore[operator]
    by_load = week.describe(by_offered_load(contacts, HOUR, desk, goal), 60.0)
    assert by_load["service_level"].min() > by_interval["service_level"].min()  # type: ignore[operator]
    # One agent less anywhere breaks it somewhere.
    busiest = int(np.argmax(contacts))
    fewer = agents.copy()
    fewer[busiest] -= 1
    after = week.describe(fewer, 60.0)["service_level_low"].to_numpy()
    assert after[busiest : busiest + 3].min() < 0.8


def test_a_search_keeps_the_occupancy_too() -> None:
    goal = Goal(0.5, 600.0, 0.6)
    week = WeekSimulator(np.full(24, 60.0), HOUR, Desk(300.0), replications=20)
    agents = by_simulation(week, goal)
    assert week.describe(agents, 600.0)["occupancy"].max() <= 0.6  # type: ignore[operator]


def test_methods_stand_side_by_side_with_their_disagreement() -> None:
    frame = staff_week(np.full(24, 100.0), HOUR, Desk(180.0, 300.0), Goal(), replications=50)
    assert frame.columns == [
        "contacts", "load_erlang", "mol_erlang", "erlang_c", "erlang_a", "mol_root", "mol",
        "simulated", "disagreement",
    ]  # fmt: skip
    assert frame["erlang_a"].equals(frame["mol"].rename("erlang_a"))
    assert (frame["erlang_c"] >= frame["erlang_a"]).all()
    assert frame["disagreement"].max() <= 1  # type: ignore[operator]


def test_erlang_c_stands_for_the_same_threads_of_customers_who_never_leave() -> None:
    patient = Desk(180.0, threads=3, slowdown=0.5)
    hasty = Desk(180.0, 60.0, threads=3, slowdown=0.5)
    contacts = np.full(24, 200.0)
    frame = staff_week(contacts, HOUR, hasty, Goal(), simulate=False)
    assert frame["erlang_c"].to_list() == by_rate(contacts, HOUR, patient, Goal()).tolist()


def test_silent_leavers_take_people_by_every_method() -> None:
    seen, silent = (
        staff_week(np.full(24, 60.0), HOUR, Desk(300.0, 60.0, silent=share), Goal(0.6, 60.0))
        for share in (0.0, 1.0)
    )
    for method in ("erlang_a", "mol_root", "mol", "simulated"):
        assert silent[method].sum() > seen[method].sum(), method
    assert silent["erlang_c"].equals(seen["erlang_c"])


def test_the_same_seed_gives_the_same_week_whatever_the_staff() -> None:
    first, again = (
        WeekSimulator(np.full(24, 20.0), HOUR, Desk(600.0), replications=3) for _ in range(2)
    )
    few, many = np.full(24, 3), np.full(24, 9)
    assert np.array_equal(first.run(few, 20.0), again.run(few, 20.0))
    assert np.array_equal(first.run(few, 20.0)[..., OFFERED], first.run(many, 20.0)[..., OFFERED])


def test_two_threads_share_an_agent_from_the_moment_at_which_the_second_comes() -> None:
    # Ten minutes alone, then half as fast: what is left of an hour takes 100 minutes.
    times = np.array([0.0, 600.0])
    handling = np.array([HOUR, 3000.0])
    counts = run(times, handling, np.full(2, inf), np.ones(4, dtype=np.int64), 0.0, (1.0, 1.0))
    assert counts[:, BUSY].sum() == pytest.approx(HOUR + 3000.0)
    # Twice as much at once as one alone gets done: nobody is slower for the other.
    counts = run(times, handling, np.full(2, inf), np.ones(4, dtype=np.int64), 0.0, (1.0, 2.0))
    assert counts[:, BUSY].sum() == pytest.approx(HOUR)


def test_three_threads_of_one_agent_wait_as_limited_processor_sharing_says() -> None:
    """Total rates 6, 10, 12 an hour at 1, 2, 3 in hand, ten come: P(wait) = .657895."""
    rng = np.random.default_rng(3)
    hours = 40_000
    times = np.sort(rng.random(rng.poisson(10 * hours)) * hours * HOUR)
    handling = rng.standard_exponential(len(times)) * HOUR / 6
    patience = np.full(len(times), inf)
    counts = run(times, handling, patience, np.ones(hours, dtype=np.int64), 0.0, (1, 10 / 6, 2))
    # In ten batches, as neighbours wait alike.
    delayed, offered = (
        counts[:, c].reshape(10, -1).sum(axis=1)[:, None] for c in (DELAYED, OFFERED)
    )
    mean, half = ratio(delayed, offered)
    assert half[0] < 0.01
    assert abs(mean[0] - 0.657895) < 1.5 * half[0]


def test_who_leaves_silently_costs_time_that_others_wait_for() -> None:
    """The same contacts with the same patience, of whom more and more leave without a word."""
    waits, busy = [], []
    for silent in (0.0, 0.3, 0.6, 1.0):
        week = WeekSimulator(
            np.full(24, 60.0), HOUR, Desk(300.0, 200.0, silent=silent), replications=20
        )
        counts = week.run(np.full(24, 5), 20.0)
        waits.append(float(counts[..., WAIT].sum()))
        busy.append(float(counts[..., BUSY].sum()))
    assert waits == sorted(waits)
    assert busy == sorted(busy)
    assert waits[-1] > 1.2 * waits[0]


def test_nothing_can_be_said_of_nothing_or_of_one_week() -> None:
    with pytest.raises(ValueError, match="nothing comes"):
        WeekSimulator(np.zeros(24), HOUR, Desk(60.0))
    with pytest.raises(ValueError, match="at least 2"):
        WeekSimulator(np.ones(24), HOUR, Desk(60.0), replications=1)
