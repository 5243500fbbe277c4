"""What a plan depends on: people and service when volumes, times and concurrency are other ones.

By the formulas alone, in a second or two: each hour for its modified offered load, as the method
MOL of :mod:`dmsim.staffing.methods`. The differences are what counts; the plan's own people come
from the simulation.
"""

from dataclasses import replace
from math import isfinite
from typing import NamedTuple

import numpy as np

from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats, Ints
from dmsim.staffing.methods import by_offered_load
from dmsim.staffing.offered_load import offered_load
from dmsim.staffing.plan import HOUR_S, Desk

#: How much more or less of something, as shares.
CHANGES = (-0.2, -0.1, 0.0, 0.1, 0.2)


class Answer(NamedTuple):
    """What a change comes to.

    Attributes:
        person_hours: a week that are required then.
        service_level: of the week's contacts, if the people stay those of no change.
    """

    person_hours: float
    service_level: float


class Sensitivity(NamedTuple):
    """What changes, and what each change of :data:`CHANGES` comes to; None where there is none."""

    name: str
    answers: tuple[Answer | None, ...]


def sensitivities(contacts: Floats, desk: Desk, goal: Goal) -> list[Sensitivity]:
    """How the people for a week and its service follow what the plan takes for granted.

    Volume and handling time by ±10 and ±20 %, patience as well where anybody leaves. Concurrency,
    where agents hold several threads, by one less and one more, told as ±10 %: there is no half
    thread.

    Args:
        contacts: the mean number that comes in each hour of the week, shape (168,).
        desk: what contacts are like.
        goal: what is promised.

    Raises:
        ValueError: no number of agents keeps the promise.
    """
    agents = by_offered_load(contacts, HOUR_S, desk, goal)

    def answer(contacts: Floats, desk: Desk) -> Answer:
        hours = by_offered_load(contacts, HOUR_S, desk, goal).sum()
        return Answer(float(hours), week_service_level(contacts, desk, goal, agents))

    factors = [1 + change for change in CHANGES]
    found = [
        Sensitivity("volume", tuple(answer(contacts * f, desk) for f in factors)),
        Sensitivity(
            "handling time",
            tuple(answer(contacts, replace(desk, handle_s=desk.handle_s * f)) for f in factors),
        ),
    ]
    if isfinite(desk.patience_s):
        of_patience = (replace(desk, patience_s=desk.patience_s * f) for f in factors)
        told = tuple(answer(contacts, changed) for changed in of_patience)
        found.append(Sensitivity("patience", told))
    if desk.threads > 1:
        fewer, same, more = (
            answer(contacts, replace(desk, threads=desk.threads + by)) for by in (-1, 0, 1)
        )
        found.append(Sensitivity("threads at once, ± 1", (None, fewer, same, more, None)))
    return found


def week_service_level(contacts: Floats, desk: Desk, goal: Goal, agents: Ints) -> float:
    """The share of a week's contacts that agents answer in time, by the modified offered load.

    Args:
        contacts: as of :func:`sensitivities`.
        desk: what contacts are like.
        goal: says what is in time.
        agents: on duty in each hour, shape (168,).
    """
    rates = offered_load(contacts, HOUR_S, desk.handle_s) / desk.handle_s
    levels = [
        desk.queue(rate, number).service_level(goal.within_s) if rate else 1.0
        for rate, number in zip(rates.tolist(), agents.tolist(), strict=True)
    ]
    return float(np.average(levels, weights=contacts))
