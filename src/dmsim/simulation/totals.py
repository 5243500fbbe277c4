"""Finding the rates that give known totals (``population.totals``), by trial on 8 000 persons.

How often people are active depends on what others write to them, so there is no formula: a small
population lives a week again and again, with more or fewer sessions, and longer or shorter ones.
The trials share their random numbers, so that the totals follow the rates smoothly. What they leave
out comes on top: care teams, moderators, campaigns and shocks.
"""

from dataclasses import dataclass
from math import exp, inf, log

import numpy as np
from numpy.typing import NDArray

from dmsim.engine.engine import Engine
from dmsim.engine.state import Records
from dmsim.errors import UsageError
from dmsim.population.build import build_population, plan_cells
from dmsim.progress import Progress
from dmsim.scenario import Scenario, Totals
from dmsim.scenario.units import DAY_US, WEEK_US
from dmsim.vocabulary import Action

#: As many as a trial needs for totals that are right to about two per cent.
_PERSONS = 8_000
#: The search ends with a trial that misses by less than this, or is content with one that misses by
#: no more than chance explains.
_CLOSE_ENOUGH = 0.01
_TOLERABLE = 0.03
_MOST_TRIALS = 20
#: How a total answers to a rate lies between these elasticities; from the second trial on it is
#: measured.
_LEAST_SLOPE, _MOST_SLOPE = 0.15, 2.0
_LONGEST_STEP = 1.5


def reach_totals(scenario: Scenario, progress: Progress) -> Scenario:
    """The scenario with the rates of its archetypes such that its known totals come about.

    Raises:
        UsageError: no rates give these totals.
    """
    totals = scenario.population.totals
    if totals is None or totals.reached:
        return scenario
    sessions, actions = _Rate(), _Rate()
    best = _Trial(inf, scenario, _Found(0, 0))
    with progress.stage("find rates", None, "trials") as stage:
        for _ in range(_MOST_TRIALS):
            tried = _with_rates(scenario, exp(sessions.factor), exp(actions.factor))
            found = _live_a_week(tried)
            misses = _misses(scenario, totals, found)
            best = min(best, _Trial(max(map(abs, misses)), tried, found), key=lambda t: t.miss)
            stage.advance(1)
            if best.miss < _CLOSE_ENOUGH:
                break
            sessions.correct(misses[0])
            actions.correct(misses[1])
    if best.miss > _TOLERABLE:
        raise UsageError(_unreachable(scenario, totals, best.found))
    return _reached(best.scenario)


@dataclass(frozen=True)
class _Found:
    """What a trial came to, as shares of its persons: active on a mean day, messages a day."""

    active: float
    messages: float


@dataclass(frozen=True)
class _Trial:
    """By how much the totals were missed with the rates of a scenario."""

    miss: float
    scenario: Scenario
    found: _Found


class _Rate:
    """The logarithm of a factor, corrected by how its total answered to it."""

    def __init__(self) -> None:
        self.factor = 0.0
        self._slope = 1.0
        self._before: tuple[float, float] | None = None

    def correct(self, miss: float) -> None:
        """Change the factor; ``miss`` is the logarithm of what is wanted over what was found."""
        if self._before is not None:
            factor, earlier = self._before
            if abs(self.factor - factor) > _CLOSE_ENOUGH:
                slope = (earlier - miss) / (self.factor - factor)
                self._slope = min(_MOST_SLOPE, max(_LEAST_SLOPE, slope))
        self._before = self.factor, miss
        self.factor += min(_LONGEST_STEP, max(-_LONGEST_STEP, miss / self._slope))


def _misses(scenario: Scenario, totals: Totals, found: _Found) -> tuple[float, float]:
    """By how much the totals were missed, as logarithms."""
    wanted = totals.dau / scenario.population.persons
    active = log(wanted / max(found.active, 1e-9))
    if totals.messages_per_dau_day is None:
        return active, 0.0
    per_active = found.messages / max(found.active, 1e-9)
    return active, log(totals.messages_per_dau_day / max(per_active, 1e-9))


def _with_rates(scenario: Scenario, sessions: float, actions: float) -> Scenario:
    archetypes = {
        name: archetype.model_copy(
            update={
                "sessions_per_week": _within(archetype.sessions_per_week * sessions, 1e-4, 10_000),
                "actions_per_session": _within(archetype.actions_per_session * actions, 1, 1000),
            }
        )
        for name, archetype in scenario.archetypes.items()
    }
    return scenario.model_copy(update={"archetypes": archetypes})


def _within(value: float, least: float, most: float) -> float:
    return min(most, max(least, value))


def _reached(scenario: Scenario) -> Scenario:
    population = scenario.population
    assert population.totals is not None
    totals = population.totals.model_copy(update={"reached": True})
    return scenario.model_copy(
        update={"population": population.model_copy(update={"totals": totals})}
    )


def _live_a_week(scenario: Scenario) -> _Found:
    """What some persons do in an ordinary week, after a day in which they find together."""
    # Of the user's own edges most would be missing among them: a graph is made instead.
    graph = scenario.population.graph.model_copy(update={"edges": None})
    some = {"persons": _PERSONS, "cells": 1, "graph": graph}
    few = scenario.population.model_copy(update=some)
    time = scenario.time.model_copy(update={"start": WEEK_US - DAY_US})
    ordinary = {"population": few, "time": time, "shocks": {}}
    trial = scenario.model_copy(update=ordinary)
    counter = _Counter(_PERSONS)
    engine = Engine(trial, build_population(trial, plan_cells(trial)[0]), counter)
    _advance(engine, WEEK_US)
    engine.start_recording()
    for day in range(1, 8):
        _advance(engine, WEEK_US + day * DAY_US)
        engine.flush()
        counter.end_day()
    return _Found(counter.active / 7 / _PERSONS, counter.messages / 7 / _PERSONS)


def _advance(engine: Engine, until: int) -> None:
    """Letters to pages and moderators are left unread."""
    while not engine.advance(until):
        engine.take_mail()


class _Counter:
    """A sink of rows that counts who was active on a day, and the messages of persons."""

    def __init__(self, persons: int) -> None:
        self._today = np.zeros(persons, dtype=np.bool_)
        self.active = 0
        self.messages = 0

    def __call__(self, rows: Records, _afters: NDArray[np.int64], _first: int) -> None:
        actor, action = rows["actor"], rows["action"]
        self._today[actor[action == Action.OPEN_INBOX]] = True
        wrote = (action == Action.SEND_MESSAGE) | (action == Action.SHARE_CONTENT)
        self.messages += int(np.count_nonzero(wrote & (actor < len(self._today))))

    def end_day(self) -> None:
        """Count who was active since the last time."""
        self.active += int(self._today.sum())
        self._today[:] = False


def _unreachable(scenario: Scenario, totals: Totals, found: _Found) -> str:
    dau = round(found.active * scenario.population.persons)
    text = f"scenario {scenario.name}: no rates give population.totals.dau = {totals.dau}"
    came = f"the nearest tried had dau = {dau}"
    if totals.messages_per_dau_day is not None:
        text += f" with messages_per_dau_day = {totals.messages_per_dau_day:g}"
        came += f" and {found.messages / max(found.active, 1e-9):.3g} messages"
    remedy = "change the totals, population.persons or what archetypes do"
    return f"{text}; {came}; {remedy}"
