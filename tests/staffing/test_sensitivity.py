"""What people and service do when volumes, times, patience and concurrency are other ones."""

from dataclasses import replace

import numpy as np
import pytest

from dmsim.population.curves import load_curve
from dmsim.staffing.goal import Goal
from dmsim.staffing.methods import by_offered_load
from dmsim.staffing.plan import HOUR_S, Desk
from dmsim.staffing.sensitivity import Answer, sensitivities

WEEK = load_curve("messages") * 30
DESK = Desk(600.0, 300.0, threads=3, slowdown=0.2)
GOAL = Goal(0.8, 120.0)


def answers() -> dict[str, tuple[Answer | None, ...]]:
    return {told.name: told.answers for told in sensitivities(WEEK, DESK, GOAL)}


def test_more_work_takes_more_people_and_is_served_worse_by_the_same() -> None:
    found = answers()
    for name in ("volume", "handling time"):
        told = [answer for answer in found[name] if answer]
        assert np.all(np.diff([answer.person_hours for answer in told]) > 0)
        assert np.all(np.diff([answer.service_level for answer in told]) < 0)


def test_more_threads_at_once_take_fewer_people() -> None:
    _, fewer, _, more, _ = answers()["threads at once, ± 1"]
    assert fewer
    assert more
    assert fewer.person_hours > more.person_hours


def test_without_a_change_everything_is_as_planned() -> None:
    planned = {told[2] for told in answers().values()}
    assert len(planned) == 1
    (same,) = planned
    assert same
    assert same.person_hours == by_offered_load(WEEK, HOUR_S, DESK, GOAL).sum()
    assert same.service_level > GOAL.level


def test_patience_takes_the_people_of_a_desk_that_is_as_patient() -> None:
    for answer, factor in zip(answers()["patience"], (0.8, 0.9, 1.0, 1.1, 1.2), strict=True):
        desk = replace(DESK, patience_s=factor * DESK.patience_s)
        assert answer
        assert answer.person_hours == by_offered_load(WEEK, HOUR_S, desk, GOAL).sum()


def test_the_service_of_a_week_is_that_of_its_contacts() -> None:
    """Hours in which hardly anybody comes, all of them in time, hardly count."""
    contacts, desk = np.array([0.5] * 84 + [300.0] * 84), Desk(60.0)
    same = sensitivities(contacts, desk, GOAL)[0].answers[2]
    busy = int(by_offered_load(contacts, HOUR_S, desk, GOAL)[120])
    assert same
    level = desk.queue(300.0 / HOUR_S, busy).service_level(GOAL.within_s)
    assert same.service_level == pytest.approx(level, abs=1e-3)


def test_what_a_desk_does_not_have_is_not_varied() -> None:
    desk = replace(DESK, patience_s=float("inf"), threads=1, slowdown=0.0)
    assert [told.name for told in sensitivities(WEEK, desk, GOAL)] == ["volume", "handling time"]
