"""How fast an agent is who does several things at once."""

from collections.abc import Generator, Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from dmsim.care.case import Case
from dmsim.care.desk import Desk
from dmsim.care.log import StaffHours
from dmsim.care.routing import default
from dmsim.care.work import Agent
from dmsim.scenario.care import Team
from dmsim.scenario.units import HOUR_US, MINUTE_US, SECOND_US
from dmsim.staffing.sharing import shared_queue
from dmsim.vocabulary import Topic
from tests.care.desk_work import Room
from tests.care.queues import holds

NOON = 12 * HOUR_US
#: When contacts come, and how long each takes alone (µs).
Contacts = Sequence[tuple[int, int]]


def served(contacts: Contacts, threads: int, slowdown: float) -> list[tuple[int, int]]:
    """When each contact was taken, and when it was done, by one agent (µs)."""
    env = simpy.Environment()
    told = Team.model_validate(
        {"brands": ["shop"], "agents": 1, "threads": threads, "slowdown": slowdown}
    )
    desk = Desk(env, "team", told, default, StaffHours("team", 0, HOUR_US))
    desk.come([Agent(0, frozenset(), frozenset())])
    found = [(-1, -1)] * len(contacts)

    def contact(number: int, at: int, time: int) -> Generator[simpy.Event, object, None]:
        yield env.timeout(at)
        work = desk.ask(Case(number, 0, 0, number, -1, Topic.MESSAGE, "en", at), "thread")
        yield work.taken
        begun = int(env.now)
        yield desk.handle(work, time)
        desk.done(work)
        found[number] = begun, int(env.now)

    for number, (at, time) in enumerate(contacts):
        env.process(contact(number, at, time))
    env.run()
    return found


@pytest.mark.parametrize(
    ("slowdown", "contacts", "over"),
    [
        # 60 s alone, the other 120 s of the first side by side at 2/3, 60 s of the second alone.
        (0.5, [(0, 180), (60, 180)], [240, 300]),
        # The second comes and goes meanwhile.
        (0.5, [(0, 180), (60, 40)], [200, 120]),
        (1.0, [(0, 100), (0, 100)], [200, 200]),
        (0.0, [(0, 180), (60, 180), (90, 5)], [180, 240, 95]),
        # All three at half the speed, then two at 2/3, then one.
        (0.5, [(0, 60), (0, 120), (0, 180)], [120, 210, 270]),
        # The fourth waits for the first, and all are at half the speed until the second is done.
        (0.5, [(0, 60), (0, 120), (0, 180), (0, 150)], [120, 240, 330, 360]),
    ],
)
def test_of_three_threads_at_most_each_is_as_fast_as_the_number_at_hand_lets_it(
    slowdown: float, contacts: Contacts, over: list[int]
) -> None:
    in_us = [(at * SECOND_US, time * SECOND_US) for at, time in contacts]
    assert [end / SECOND_US for _, end in served(in_us, 3, slowdown)] == over


def test_a_comment_and_a_thread_slow_each_other_down_step_by_step() -> None:
    room = Room("team.threads=2", "team.slowdown=0.5")
    room.message(NOON, 1)
    room.comment(NOON, 2)
    room.run(NOON + HOUR_US)
    done = {act.what: (act.at - NOON) / SECOND_US for act in room.platform.acts}
    # 10 s, 1 min and 2 min of the comment, of which the last 10 s are alone.
    assert (done["public_reply"], done["answer"], done["private_reply"]) == (105, 270, 280)


CONTACTS = st.lists(
    st.tuples(st.integers(0, 10 * MINUTE_US), st.integers(1, 5 * MINUTE_US)), max_size=12
)
SLOWDOWNS = st.floats(0, 2)
THREADS = st.integers(1, 4)


@given(CONTACTS, SLOWDOWNS)
def test_with_one_thread_everything_takes_exactly_its_time(
    contacts: Contacts, slowdown: float
) -> None:
    moments = served(contacts, 1, slowdown)
    assert [end - begun for begun, end in moments] == [time for _, time in contacts]


@given(st.integers(0, 1 << 45), st.integers(1, 1 << 45), THREADS, SLOWDOWNS)
def test_what_is_alone_takes_exactly_its_time(
    at: int, time: int, threads: int, slowdown: float
) -> None:
    assert served([(at, time)], threads, slowdown) == [(at, at + time)]


@given(CONTACTS, THREADS, SLOWDOWNS)
def test_what_is_done_in_all_is_the_sum_of_all_times(
    contacts: Contacts, threads: int, slowdown: float
) -> None:
    moments = served(contacts, threads, slowdown)
    edges = sorted({moment for both in moments for moment in both})
    done = 0.0
    for since, until in pairwise(edges):
        at_hand = sum(begun <= since and until <= end for begun, end in moments)
        assert at_hand <= threads
        if at_hand:
            done += (until - since) * at_hand / (1 + slowdown * (at_hand - 1))
    # Every end is rounded to a whole µs.
    assert done == pytest.approx(sum(time for _, time in contacts), abs=len(contacts) + 1)


@given(CONTACTS, THREADS, SLOWDOWNS, st.floats(0, 1))
def test_nothing_is_done_earlier_by_who_is_slowed_down_more(
    contacts: Contacts, threads: int, slowdown: float, more: float
) -> None:
    """What came first goes first, so at no moment more of anything has been done."""
    fast, slow = (served(contacts, threads, s) for s in (slowdown, slowdown + more))
    for early, late in zip(fast, slow, strict=True):
        # Every end is rounded to a whole µs, and what is rounded passes on to others.
        assert late[1] >= early[1] - len(contacts) * (1 + slowdown * threads)


def poisson(rate: float, mean: float, seed: int, count: int) -> Iterator[tuple[int, int]]:
    """Contacts that come at a rate (1/s), and take exponential times with a mean (s)."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.exponential(1 / rate, count)) * SECOND_US
    return zip(times.astype(int).tolist(), _whole(rng.exponential(mean, count)), strict=True)


def _whole(seconds: np.ndarray) -> list[int]:
    return [max(1, round(s * SECOND_US)) for s in seconds.tolist()]


def test_the_share_who_wait_for_a_thread_is_that_of_the_formula() -> None:
    mean, threads, slowdown = 180.0, 3, 0.25
    rate = 1.4 / mean
    shares = []
    for seed in range(8):
        contacts = list(poisson(rate, mean, seed, 2000))
        moments = served(contacts, threads, slowdown)
        waits = [begun > at for (at, _), (begun, _) in zip(contacts, moments, strict=True)]
        shares.append(float(np.mean(waits[200:])))
    assert holds(shared_queue(rate, mean, 1, threads=threads, slowdown=slowdown).p_wait, shares)
    # The intervals are narrow enough to tell apart who is a little more or less slowed down.
    for other in (0.15, 0.35):
        other_queue = shared_queue(rate, mean, 1, threads=threads, slowdown=other)
        assert not holds(other_queue.p_wait, shares)
