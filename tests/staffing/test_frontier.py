"""What lower and higher promises cost."""

import numpy as np

from dmsim.population.curves import load_curve
from dmsim.staffing.frontier import LEVELS, frontier
from dmsim.staffing.goal import Goal
from dmsim.staffing.methods import by_offered_load
from dmsim.staffing.plan import HOUR_S, Desk

WEEK = load_curve("messages") * 30
DESK = Desk(600.0, 300.0, silent=0.3)


def test_a_higher_promise_takes_more_people_and_answers_more() -> None:
    found = frontier(WEEK, DESK, Goal(0.85, 60.0))
    assert [told.level for told in found] == sorted((*LEVELS, 0.85))
    assert np.all(np.diff([told.person_hours for told in found]) > 0)
    assert np.all(np.diff([told.service_level for told in found]) > 0)
    assert all(told.service_level >= told.level for told in found)


def test_the_promise_of_the_plan_costs_what_the_plan_does() -> None:
    goal = Goal(0.8, 60.0, 0.9)
    (own,) = (told for told in frontier(WEEK, DESK, goal) if told.level == goal.level)
    assert own.person_hours == by_offered_load(WEEK, HOUR_S, DESK, goal).sum()
