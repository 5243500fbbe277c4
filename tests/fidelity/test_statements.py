"""The study's statements of order: the curves of ``seeds/`` make them, and others do not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.fidelity.statements import (
    COMMENT_READINGS,
    MESSAGE_READINGS,
    Reading,
    comment_statements,
    message_statements,
)
from dmsim.population.curves import load_curve

Week = NDArray[np.float64]
Change = Callable[[Week], None]

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def contradicted(week: Week, reading: Reading, *, comments: bool) -> set[str]:
    """The R-numbers that a week of counts does not show."""
    say = comment_statements if comments else message_statements
    return {
        statement.source
        for statement in say(week.ravel(), reading)
        if min(float(row @ week.ravel()) for row in statement.weights) < -1e-9
    }


@pytest.mark.parametrize("name", [*COMMENT_READINGS, *MESSAGE_READINGS])
def test_a_curve_of_the_study_makes_every_statement_in_its_reading(name: str) -> None:
    reading = {**COMMENT_READINGS, **MESSAGE_READINGS}[name]
    week = load_curve(name).reshape(7, 24)
    assert contradicted(week, reading, comments=name in COMMENT_READINGS) == set()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("messages", "messages_inclusive"),
        ("messages_inclusive", "messages"),
        ("messages", "messages_evening"),
        ("comments", "comments_inclusive"),
        ("comments_inclusive", "comments"),
    ],
)
def test_a_curve_contradicts_another_reading(name: str, other: str) -> None:
    reading = {**COMMENT_READINGS, **MESSAGE_READINGS}[other]
    week = load_curve(name).reshape(7, 24)
    assert contradicted(week, reading, comments=name in COMMENT_READINGS)


def swap(day: int, other: int) -> Change:
    def change(week: Week) -> None:
        week[[day, other]] = week[[other, day]]

    return change


def scale(days: slice | int, hours: slice | int, factor: float) -> Change:
    def change(week: Week) -> None:
        week[days, hours] *= factor

    return change


def lift(part: float) -> Change:
    """As if somebody wrote at every hour, as much as a part of the busiest."""

    def change(week: Week) -> None:
        week += part * week.max()

    return change


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lift(0.5), "R107"),
        (scale(slice(5), 10, 4), "R108"),
        (scale(MON, 9, 5), "R108"),
        (scale(SUN, slice(19, 22), 2), "R109"),
        (scale(SUN, slice(7, 24), 0.4), "R109"),
        (swap(SAT, FRI), "R110"),
        (swap(WED, TUE), "R111"),
        (scale(THU, 18, 0.5), "R111"),
    ],
)
def test_a_changed_week_of_comments_contradicts_its_statement(change: Change, number: str) -> None:
    week = load_curve("comments").reshape(7, 24).copy()
    change(week)
    assert number in contradicted(week, Reading(), comments=True)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (scale(slice(5), 21, 4), "R115"),
        (scale(TUE, slice(9, 14), 3), "R115"),
        (scale(SAT, slice(11, 14), 0.5), "R116"),
        (scale(SUN, 15, 4), "R116"),
        (scale(FRI, slice(12, 15), 0.4), "R117"),
        (scale(TUE, slice(0, 24), 2), "R117"),
        (scale(FRI, 21, 4), "R118"),
        (scale(slice(7), 4, 100), "R119"),
        (scale(slice(7), 7, 10), "R119"),
        (scale(slice(5), 9, 0.1), "R119"),
        (swap(FRI, THU), "R120"),
    ],
)
def test_a_changed_week_of_messages_contradicts_its_statement(change: Change, number: str) -> None:
    week = load_curve("messages").reshape(7, 24).copy()
    change(week)
    assert number in contradicted(week, Reading(), comments=False)
