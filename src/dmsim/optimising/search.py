"""The search for the cheapest roster with which simulated weeks keep a promise.

Two things decide what a roster is worth. What it costs, under the rules of shifts, rest and days
off, is a mixed-integer linear program, and HiGHS solves it with a bound. Whether it keeps the
promise is known by simulation alone: work waits across hours, and comes by chance. So the search is
over the one thing that both share, the people required in each hour:

1. plan the cheapest roster for a demand, let the team work it, and require more people in the hours
   that miss the promise with 95 % confidence, until none does (iterative staffing after Feldman,
   Mandelbaum, Massey and Whitt 2008, with a roster inside);
2. then require fewer people where the promise is kept with most to spare, and keep what is cheaper
   and still keeps it.

A black-box optimiser over rosters would have to learn the rules from penalties, and the direction
from hundreds of simulations. Here each step has a direction, because one more person in an hour
hardly ever makes anybody wait longer when the same customers come (common random numbers), and a
roster that is no cheaper is not simulated at all. The price: what is found is locally the cheapest.
The bound that is told is that of the first demand, with what is missing and surplus there at its
price; a roster of fewer people in the right hours may well cost less.

The best of many trials looks better in the weeks that chose it than it is. It is therefore
simulated once more, in weeks that the search has not seen, and those are reported.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from dmsim.errors import UsageError
from dmsim.optimising.promise import Services
from dmsim.optimising.trials import (
    Case,
    Trial,
    explain_trial,
    plan_demand,
    roster_digest,
    simulate_plan,
)
from dmsim.progress import Progress, Silent, Stage
from dmsim.rostering.planned import Plan
from dmsim.rostering.solve import SAME
from dmsim.staffing.kernel import Ints

#: Rounds of requiring more without a smaller shortfall than ever before.
_MOST_IDLE = 3
#: Shares of the hours, those with most to spare first, from which a person is taken at once.
_PARTS = (1.0, 0.5, 0.25, 0.1)
#: How often people are given back before a step of taking is given up.
_REPAIRS = 3
#: Who is missing is missed in the hour itself and in as many after it.
_REACH = 2
#: A single plan is searched no longer.
_MOST_PLAN_S = 30.0

#: Why a search ended: nothing cheaper was found, the shifts file lets nobody more work, more people
#: changed nothing (what is promised takes longer than that by itself), or time was over.
Ending: TypeAlias = Literal[
    "nothing cheaper found", "no more people", "more people do not help", "time limit"
]


@dataclass(frozen=True)
class Search:
    """What a search came to.

    Attributes:
        trials: all rosters that were simulated, in order; the first is the cheapest that was found
            for the staffing plan alone.
        best: the cheapest that keeps the promise in every hour; if none does, the one that misses
            it by least, added up over the hours, and why people are missing in it.
        kept: whether ``best`` keeps it.
        ending: why the search ended.
        unseen: the service of ``best`` in weeks that the search did not see.
        seconds: that it took.
    """

    trials: Sequence[Trial]
    best: Trial
    kept: bool
    ending: Ending
    unseen: Services
    seconds: float


def find_roster(
    case: Case, demand: Ints, *, seconds: float, progress: Progress | None = None
) -> Search:
    """The cheapest roster that can be found with which a team keeps its promise in every hour.

    An hour keeps it if the lower end of the 95 % interval does; hours in which little comes are
    judged together (:func:`dmsim.optimising.promise.periods_of`). No trial begins after the time
    limit; one that has begun is finished. Why people are missing where none keeps it is looked for
    after that, for ten seconds at most.

    Args:
        case: the team, its promise, its shifts and people.
        demand: people to schedule in each hour by the staffing plan, where to begin; shape (168,).
        seconds: the time limit.
        progress: is told of simulated weeks.

    Raises:
        UsageError: nobody works in the cheapest roster for the demand.
    """
    began = time.perf_counter()
    with (progress or Silent()).stage("roster search", None, "weeks") as stage:
        search = _Trials(case, began + seconds, stage)
        ending = _raise(search, demand)
        best = search.best()
        if not best.missed:
            ending = _lower(search)
            best = search.best()
        unseen = simulate_plan(case, best.plan, stage.advance, first=case.replications)
    if best.missed:
        best = explain_trial(case, best, seconds, progress)
    took = time.perf_counter() - began
    return Search(search.trials, best, not best.missed, ending, unseen, took)


class _Trials:
    """The trials so far, and the time that is left for others."""

    def __init__(self, case: Case, deadline: float, stage: Stage) -> None:
        self.trials: list[Trial] = []
        self.case = case
        self._deadline = deadline
        self._stage = stage
        self._seen: dict[str, Trial] = {}

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.perf_counter()

    def plan(self, demand: Ints) -> Plan:
        return plan_demand(self.case, demand, min(max(self.seconds_left, 1.0), _MOST_PLAN_S))

    def simulate(self, demand: Ints, plan: Plan) -> Trial:
        """A trial, for which a roster that was simulated before is not simulated again."""
        digest = roster_digest(plan)
        if digest not in self._seen:
            services = simulate_plan(self.case, plan, self._stage.advance)
            self._seen[digest] = Trial(demand, plan, services)
            self.trials.append(self._seen[digest])
        return self._seen[digest]

    def best(self) -> Trial:
        """The cheapest that misses nothing, or else the one that misses least."""
        return min(self.trials, key=lambda trial: (float(trial.shortfall.sum()), trial.cost))


def _raise(search: _Trials, demand: Ints) -> Ending:
    """Require more people wherever the promise is missed, the more the further."""
    plan = search.plan(demand)
    if not plan.duties:
        price = search.case.told.prices.missing
        told = "so cheap that nobody works; raise it above what an hour of a shift costs"
        raise UsageError(f"shifts file: prices.missing = {price:g}: {told}")
    trial = search.simulate(demand, plan)
    least, idle = float(trial.shortfall.sum()), 0
    while trial.missed:
        if idle == _MOST_IDLE:
            lacking = trial.plan.weeks[0].coverage.missing_hours > 0
            return "no more people" if lacking else "more people do not help"
        if search.seconds_left <= 0:
            return "time limit"
        demand = _more(demand, trial)
        before, trial = trial, search.simulate(demand, search.plan(demand))
        if trial is before:
            return "no more people"
        short = float(trial.shortfall.sum())
        least, idle = (short, 0) if short < least else (least, idle + 1)
    return "nothing cheaper found"


def _more(demand: Ints, trial: Trial) -> Ints:
    """More people than there are in the hours that miss the promise.

    A roster may bring more than were required. Half the root of the staff is a step that is felt;
    near the goal one person is.
    """
    short, there = trial.shortfall, np.maximum(demand, np.ceil(trial.working))
    step = np.ceil(short * np.sqrt(np.maximum(there, 1)) / 2)
    return np.where(short > 0, there + step, demand).astype(np.int64)


def _lower(search: _Trials) -> Ending:
    """Require fewer people where there is most to spare, as long as that is cheaper and enough."""
    part = 0
    while part < len(_PARTS) and search.seconds_left > 0:
        part += not _lowered(search, _PARTS[part])
    # A step that time cut short found nothing, but might have.
    return "nothing cheaper found" if search.seconds_left > 0 else "time limit"


def _lowered(search: _Trials, part: float) -> bool:
    """Whether taking a person from a part of the hours led to a cheaper roster that is enough."""
    best = search.best()
    fewer = _fewer(best, part)
    for _ in range(_REPAIRS + 1):
        if np.array_equal(fewer, best.demand) or search.seconds_left <= 0:
            return False
        plan = search.plan(fewer)
        if not plan.duties or plan.weeks[0].costs.work >= best.cost * (1 - SAME):
            return False
        trial = search.simulate(fewer, plan)
        if not trial.missed:
            return True
        fewer = _given_back(fewer, best.demand, trial)
    return False


def _fewer(best: Trial, part: float) -> Ints:
    """One person less in the hours that keep the promise with most to spare."""
    spare = np.min([service.low for service in best.services.values()], axis=0)
    needed = np.flatnonzero(best.demand > 0)
    count = int(np.ceil(part * len(needed)))
    most = needed[np.argsort(-spare[needed], kind="stable")][:count]
    fewer = best.demand.copy()
    fewer[most] -= 1
    return fewer


def _given_back(fewer: Ints, demand: Ints, trial: Trial) -> Ints:
    """Everybody back who was taken in or shortly before an hour that missed the promise."""
    missed = np.flatnonzero(trial.shortfall > 0)
    near = (missed[:, None] - np.arange(_REACH + 1)).ravel() % len(demand)
    again = fewer.copy()
    again[near] = demand[near]
    return again
