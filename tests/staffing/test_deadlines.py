"""Work that may wait, but not too long."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.staffing.deadlines import ReplyPlan, staff_replies

works = st.lists(st.floats(0, 5), min_size=4, max_size=12)


def none(number: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.zeros(number, dtype=np.int64)


def oldest(work: list[float], plan: ReplyPlan) -> int:
    """How many intervals back the oldest work goes, first come, first served, in a second week."""
    waiting: list[tuple[int, float]] = []
    ages = [0]
    number = len(work)
    for at in range(3 * number):
        waiting.append((at, work[at % number]))
        left = plan.worked[at % number]
        while waiting and waiting[0][1] <= left + 1e-9:
            left -= waiting.pop(0)[1]
        if waiting:
            since, amount = waiting[0]
            waiting[0] = since, amount - left
            if waiting[0][1] > 1e-6:
                ages.append(at - since + 1)
    return max(ages)


@settings(deadline=None, max_examples=25)
@given(works, st.integers(1, 4), st.floats(0.5, 1))
def test_nothing_waits_longer_than_its_window(
    work: list[float], window: int, occupancy: float
) -> None:
    plan = staff_replies(np.array(work), window, none(len(work)), np.zeros(len(work)), occupancy)
    assert oldest(work, plan) <= window
    assert (plan.worked <= occupancy * plan.people + 1e-6).all()
    assert plan.worked.sum() == pytest.approx(sum(work), abs=1e-6)


@pytest.mark.parametrize(
    ("work", "window"), [([2.5, 0, 0, 0], 3), ([1.5, 0.2, 0.7, 0], 2), ([0.4, 0.4, 0.4, 0.4], 4)]
)
def test_it_takes_as_few_people_as_any_whole_numbers_do(work: list[float], window: int) -> None:
    plan = staff_replies(np.array(work), window, none(4), np.zeros(4))

    def does(people: tuple[int, ...]) -> bool:
        worked, waiting = [], 0.0
        for at in range(8):
            waiting += work[at % 4]
            done = min(waiting, people[at % 4])
            waiting -= done
            worked.append(done)
        steady = ReplyPlan(np.array(people), np.array(worked[4:]), np.zeros(4))
        return sum(worked[4:]) > sum(work) - 1e-9 and oldest(work, steady) <= window

    fewest = min(sum(people) for people in product(range(4), repeat=4) if does(people))
    assert plan.people.sum() == fewest


def test_time_that_others_leave_is_used_before_anybody_is_added() -> None:
    work, spare = np.full(24, 0.5), np.zeros(24)
    spare[8:20] = 1.0
    there = (spare > 0).astype(np.int64)
    assert staff_replies(work, 24, there, spare).people.sum() == 0
    assert staff_replies(work, 4, there, spare).people.sum() > 0


def test_a_longer_window_never_takes_more_people() -> None:
    rng = np.random.default_rng(1)
    work = rng.random(24) * np.repeat([0.2, 2.0], 12)
    people = [
        staff_replies(work, window, none(24), np.zeros(24)).people.sum() for window in (1, 2, 6, 24)
    ]
    assert people == sorted(people, reverse=True)


def test_people_mostly_stay_on_from_an_interval_to_the_next() -> None:
    day = np.repeat([0.1, 3.3], 12)
    plan = staff_replies(day, 12, none(24), np.zeros(24))
    assert plan.people.sum() == 41
    assert np.abs(np.diff(plan.people, append=plan.people[:1])).sum() <= 8


def test_a_window_has_to_lie_in_the_week() -> None:
    for window in (0, 5):
        with pytest.raises(ValueError, match="from 1 to 4"):
            staff_replies(np.ones(4), window, none(4), np.zeros(4))
