"""The plan of a file, or of the teams of a scenario, in every form it may be asked for."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from dmsim import __version__
from dmsim.care.alone import served_brands
from dmsim.care.volumes import read_volumes
from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.scenario import Scenario
from dmsim.staffing.goal import Goal
from dmsim.staffing.page import render_plan, render_teams
from dmsim.staffing.plan import Desk, add_up, plan_intervals
from dmsim.staffing.simulate import MOST_SIMULATED
from dmsim.staffing.team_plan import plan_scenario, plan_summary
from dmsim.staffing.text import plan_lines, team_lines
from dmsim.staffing.volumes import read_intervals, whole_week
from dmsim.staffing.week_plan import plan_week


class Planned(NamedTuple):
    """A plan in every form it may be asked for.

    Attributes:
        table: a row for each interval (of each team).
        told: everything of it, for a machine to read.
        lines: for a terminal.
        page: makes the HTML page of it, which takes a while.
    """

    table: pl.DataFrame
    told: dict[str, Any]
    lines: list[str]
    page: Callable[[], str]


def plan_file(
    path: Path, desk: Desk, goal: Goal, *, simulate: bool, progress: Progress | None = None
) -> Planned:
    """Staff the intervals of a file of volumes.

    Args:
        path: as :func:`dmsim.staffing.volumes.read_intervals` reads it.
        desk: how its contacts are handled.
        goal: what is promised.
        simulate: by all methods, as a week that comes again and again; else each interval as if
            its rate had always been so.
        progress: is told of the simulation.

    Raises:
        UsageError: the file cannot be used.
        ValueError: figures do not go together, or no number of people keeps the promise.
    """
    given = read_intervals(path)
    if simulate:
        if (contacts := given["contacts"].sum()) > MOST_SIMULATED:
            told = f"{contacts:,.0f} contacts, of which {MOST_SIMULATED:,} can be simulated"
            raise UsageError(f"{path}: {told}; leave --simulate out")
        planned = plan_week(whole_week(path, given), desk, goal, progress=progress)
    else:
        planned = plan_intervals(given, desk, goal)
    return Planned(
        planned,
        {"goal": goal, "desk": desk, "totals": add_up(planned), "intervals": planned.to_dicts()},
        plan_lines(planned, desk, given),
        partial(render_plan, path.name, planned, desk, goal),
    )


def plan_teams(
    scenario: Scenario,
    names: Collection[str],
    goal: Goal,
    *,
    volumes: Path | None = None,
    shrinkage: float | None = None,
    progress: Progress | None = None,
) -> Planned:
    """Staff the care teams of a scenario.

    Args:
        scenario: its teams, brands, customers and campaigns.
        names: of the teams, or none for all of them.
        goal: the service level of a turn in a live thread.
        volumes: file of counts by the hour, instead of the scenario's ``care.volumes``.
        shrinkage: instead of the teams' own.
        progress: is told of the simulations.

    Raises:
        UsageError: there is no such team, the file cannot be used, or nothing reaches the teams.
        ValueError: no number of people keeps the promise.
    """
    brands = served_brands(scenario, list(names))
    others = set(served_brands(scenario)) - set(brands)
    counted = read_volumes(volumes, brands, others) if volumes else None
    plans = [
        plan_scenario(scenario, name, goal, volumes=counted, shrinkage=shrinkage, progress=progress)
        for name in scenario.care.teams
        if not names or name in names
    ]
    if not any(plan.hours["contacts"].sum() for plan in plans):
        remedy = f"set care.volumes.{brands[0]}.comments_per_week, or give --volumes FILE"
        raise UsageError(f"scenario {scenario.name}: nothing reaches its teams; {remedy}")
    summary = {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "dmsim_version": __version__,
        "teams": {plan.team: plan_summary(plan) for plan in plans},
    }
    hours = [plan.hours.select(pl.lit(plan.team).alias("team"), pl.all()) for plan in plans]
    lines = [line for plan in plans for line in team_lines(plan)][1:]
    page = partial(render_teams, scenario.name, plans)
    return Planned(pl.concat(hours, how="diagonal"), summary, lines, page)
