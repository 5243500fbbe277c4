"""Trying a demand: the cheapest roster that covers it, and the weeks that a team works by it."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dmsim.care.alone import run_alone
from dmsim.experiments.pool import run_jobs
from dmsim.optimising.promise import Counts, Services, count_in_time, judge, shortfall
from dmsim.population.curves import HOURS
from dmsim.progress import Progress
from dmsim.rostering.demand import Demand
from dmsim.rostering.lacks import explained
from dmsim.rostering.model import HOUR, ShiftsFile
from dmsim.rostering.plan import plan_roster
from dmsim.rostering.planned import Plan
from dmsim.rostering.team import with_roster
from dmsim.scenario import Scenario, Time
from dmsim.scenario.units import DAY_US, HOUR_US, SECOND_US, WEEK_US
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats, Ints


@dataclass(frozen=True)
class Case:
    """What a search is about.

    Attributes:
        scenario: as :func:`whole_week` gives it.
        team: whose roster it is.
        told: shifts, people and prices of one week.
        goal: what is promised.
        replications: of each simulation.
        workers: processes that simulate side by side.
    """

    scenario: Scenario
    team: str
    told: ShiftsFile
    goal: Goal
    replications: int
    workers: int = 1


@dataclass(frozen=True)
class Trial:
    """A roster that was simulated.

    Attributes:
        demand: whom it was to bring to each hour of the week, shape (168,).
        plan: the roster, its costs and its bound.
        services: how well it keeps the promises.
    """

    demand: Ints
    plan: Plan
    services: Services

    @property
    def cost(self) -> float:
        """What its shifts cost: what is missing has no pay."""
        return self.plan.weeks[0].costs.work

    @property
    def shortfall(self) -> Floats:
        """By how much each hour misses a promise, shape (168,)."""
        return shortfall(self.services)

    @property
    def missed(self) -> int:
        """Hours of the week that miss a promise."""
        return int((self.shortfall > 0).sum())

    @property
    def worked_hours(self) -> float:
        """Person-hours of the week, breaks left out."""
        return sum(duty.worked for duty in self.plan.duties) / HOUR

    @property
    def people(self) -> int:
        """Who have a duty."""
        return len({(duty.people, duty.who) for duty in self.plan.duties})

    @property
    def working(self) -> Floats:
        """The most people that each hour has at once, shape (168,)."""
        covered = self.plan.weeks[0].coverage
        return np.asarray(covered.working.reshape(HOURS, HOUR // covered.step).max(axis=1))


def whole_week(scenario: Scenario, goal: Goal) -> Scenario:
    """A scenario that records so long that each hour of one week is judged.

    It begins when the scenario does, with a warm-up of a day at least, and goes on after the week
    for as long as somebody may wait. Shocks are left out: they are no part of a mean week.
    """
    wait = max(scenario.care.answered_within, round(goal.within_s * SECOND_US))
    time = Time.model_construct(
        start=scenario.time.start,
        warm_up=-(-max(scenario.time.warm_up, DAY_US) // HOUR_US) * HOUR_US,
        record=WEEK_US + wait,
    )
    return scenario.model_copy(update={"time": time, "shocks": {}})


def plan_demand(case: Case, demand: Ints, seconds: float) -> Plan:
    """The cheapest roster for a demand that is found in a time."""
    return plan_roster(case.told, _hourly(demand), seconds=seconds)


def explain_trial(case: Case, trial: Trial, seconds: float, progress: Progress | None) -> Trial:
    """The same trial, with the reason why people are missing in its roster, where some are."""
    demand = _hourly(trial.demand)
    plan = explained(case.told, demand, trial.plan, seconds=seconds, progress=progress)
    return replace(trial, plan=plan)


def simulate_plan(
    case: Case, plan: Plan, report: Callable[[float], None], first: int = 0
) -> Services:
    """Let the team work a roster in independent weeks.

    Replication r has the same arrivals whatever the roster.

    Args:
        case: the team and its promises.
        plan: the roster.
        report: is told of each simulated week.
        first: the number of the first replication.
    """
    staffed = with_roster(case.scenario, case.team, case.told, plan.duties)
    jobs = range(first, first + case.replications)
    work = partial(_simulated, staffed, case.team, case.goal)
    runs: dict[int, Counts] = {}
    with closing(run_jobs(iter(jobs), work, case.workers)) as done:
        for number, counts in done:
            runs[number] = counts
            report(1)
    return judge([runs[number] for number in sorted(runs)], case.goal)


def roster_digest(plan: Plan) -> str:
    """A digest of who works when: rosters that differ in names alone have the same."""
    spans = sorted((duty.people, duty.begin, duty.end, duty.breaks) for duty in plan.duties)
    return hashlib.blake2b(repr(spans).encode(), digest_size=8).hexdigest()


def _hourly(demand: Ints) -> Demand:
    return Demand(HOUR, {"": demand.astype(float)})


def _simulated(scenario: Scenario, team: str, goal: Goal, replication: int) -> Counts:
    served: Sequence[str] = scenario.care.teams[team].brands
    brands = {number: brand for number, brand in enumerate(scenario.brands) if brand in served}
    run = run_alone(scenario, teams=[team], replication=replication)
    return count_in_time(scenario, brands, goal, run)
