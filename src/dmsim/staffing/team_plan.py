"""The week of a care team: live threads first, replies in what time they leave, then more people.

Two kinds of work share the people of a team. Live threads cannot wait: they are staffed for a
service level by the four methods of :mod:`dmsim.staffing.methods`, and the simulated one counts.
Replies to comments have a window (24 h by default, R142): they are worked off in the time that live
threads leave, and where that does not do, people are added for them.

So a reply is taken to be put aside the moment a thread comes. A simulated team finishes what it has
begun: with one thread at a time and many comments, threads wait longer there than planned.
"""

from math import floor, inf
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from dmsim.care.volumes import CountedVolumes
from dmsim.population.curves import HOURS
from dmsim.progress import Progress
from dmsim.scenario import Scenario
from dmsim.scenario.units import HOUR_US, format_week_time
from dmsim.staffing.deadlines import ReplyPlan, staff_replies
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats, Ints
from dmsim.staffing.methods import by_simulation
from dmsim.staffing.plan import HOUR_S, Desk, Totals, add_up, with_net
from dmsim.staffing.simulate import WeekSimulator
from dmsim.staffing.team_work import TeamWork, team_work
from dmsim.staffing.week_plan import plan_week

#: Below so many hours a window leaves no room to put work off: its replies are live work as well.
SHORTEST_WINDOW = 4


def plan_team(
    work: TeamWork,
    desk: Desk,
    goal: Goal,
    *,
    replications: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Staff the week of a team.

    Args:
        work: what the team has to do.
        desk: how turns of live threads are handled, and the team's shrinkage.
        goal: the service level of a turn that waits, and how busy people may be.
        replications: of the simulation; see :class:`dmsim.staffing.simulate.WeekSimulator`.
        seed: of the simulation.
        progress: is told of the simulation.

    Returns:
        a row for each hour of the week, ``start`` and ``start_s`` as in a file of volumes. Of live
        threads: ``turns``, the columns of :func:`dmsim.staffing.methods.staff_week` and of its
        simulated staff ``service_level`` with its 95 % interval, ``p_abandon``, ``asa_s`` and
        ``occupancy``. Of replies: ``comments``, ``reply_hours`` (person-hours of work that come),
        ``reply_people`` (added for them), ``backlog`` (comments that wait at the end of the hour)
        and ``backlog_age_h`` (how old the oldest of them is). Of both: ``contacts``,
        ``load_erlang``, ``required``, ``to_schedule``, ``scheduled`` (by the roster) and ``net``.

    Raises:
        ValueError: no number of people keeps the promises.
    """
    start = [format_week_time(hour * HOUR_US) for hour in range(HOURS)]
    week = pl.DataFrame(
        {"start": start, "start_s": HOUR_S * np.arange(HOURS), "contacts": work.turns}
    ).with_columns(length_s=pl.lit(HOUR_S, pl.Int64))
    threads = plan_week(
        week, desk, goal, replications=replications, seed=seed, progress=progress
    ).drop("required", "to_schedule", "scheduled", "net")
    there = threads["simulated"].to_numpy()
    spare = there * np.clip(
        goal.most_occupancy - threads["occupancy"].fill_null(0.0).to_numpy(), 0, None
    )
    hours = work.comments * work.comment_s / HOUR_S
    replies = _replies(work, hours, (there, spare), goal, seed)
    frame = threads.rename({"contacts": "turns", "load_erlang": "thread_erlang"}).with_columns(
        pl.Series("comments", work.comments),
        pl.Series("reply_hours", hours),
        pl.Series("reply_people", replies.people),
        pl.Series("backlog", replies.backlog * HOUR_S / work.comment_s),
        pl.Series("backlog_age_h", _ages(hours, replies.backlog)),
        pl.Series("scheduled", work.scheduled),
    )
    frame = frame.with_columns(
        contacts=pl.col("turns") + pl.col("comments"),
        load_erlang=pl.col("thread_erlang") + pl.col("reply_hours"),
        required=pl.col("simulated") + pl.col("reply_people"),
    )
    first = ["start", "start_s", "length_s", "contacts", "load_erlang"]
    planned = with_net(frame, desk.shrinkage)
    return planned.select(*first, pl.exclude(first))


def _replies(
    work: TeamWork, hours: Floats, threads: tuple[Ints, Floats], goal: Goal, seed: int
) -> ReplyPlan:
    """By their deadline; or, where there is hardly a window, people of their own."""
    window = min(floor(work.window_s / HOUR_S), HOURS)
    if window >= SHORTEST_WINDOW or not hours.any():
        return staff_replies(hours, max(window, 1), *threads, goal.most_occupancy)
    soon = Goal(goal.level, work.window_s, goal.most_occupancy)
    week = WeekSimulator(work.comments, HOUR_S, Desk(work.comment_s, inf), seed=seed)
    return ReplyPlan(by_simulation(week, soon), hours, np.zeros(HOURS))


def _ages(hours: Floats, backlog: Floats) -> list[int]:
    """How many hours back the work goes that is left at the end of each hour."""
    ages = []
    for hour, left in enumerate(backlog.tolist()):
        age, came = 0, 0.0
        # A millionth of an hour of work is rounding.
        while came < left - 1e-6 and age < HOURS:
            came += float(hours[hour - age])
            age += 1
        ages.append(age)
    return ages


class TeamPlan(NamedTuple):
    """A team's plan with what it was made from.

    Attributes:
        team: its name.
        work: what it has to do.
        desk: how turns of live threads are handled.
        goal: what is promised to who waits in a thread.
        hours: a row for each hour of the week; see :func:`plan_team`.
        threads_first: whether the team's own priorities put live threads first, as the plan does.
    """

    team: str
    work: TeamWork
    desk: Desk
    goal: Goal
    hours: pl.DataFrame
    threads_first: bool


def plan_scenario(
    scenario: Scenario,
    name: str,
    goal: Goal,
    *,
    volumes: CountedVolumes | None = None,
    shrinkage: float | None = None,
    replications: int | None = None,
    progress: Progress | None = None,
) -> TeamPlan:
    """Staff the week of a team of a scenario.

    People are taken to speak every language and to know every brand of the team, and handling
    times to be exponential; ``dmsim care`` simulates what a roster is told beyond that.

    >>> from dmsim.scenario import load_scenario
    >>> told = plan_scenario(load_scenario("private-replies"), "wallet", Goal(0.8, 120.0))
    >>> told.hours["required"].sum()
    168

    Args:
        scenario: its teams, brands, customers and campaigns.
        name: the team.
        goal: the service level of a turn in a live thread.
        volumes: counts of a file instead of the scenario's ``care.volumes``.
        shrinkage: instead of the team's own.
        replications: of the simulation; see :class:`dmsim.staffing.simulate.WeekSimulator`.
        progress: is told of the simulations.

    Raises:
        ValueError: no number of people keeps the promises, or threads slow agents down too much.
    """
    team = scenario.care.teams[name]
    work = team_work(scenario, name, volumes, progress)
    desk = Desk(
        work.turn_s,
        work.patience_s,
        silent=work.silent,
        threads=team.threads,
        slowdown=team.slowdown if team.threads > 1 else 0.0,
        shrinkage=team.shrinkage if shrinkage is None else shrinkage,
    )
    hours = plan_team(
        work, desk, goal, replications=replications, seed=scenario.seed, progress=progress
    )
    return TeamPlan(name, work, desk, goal, hours, team.priorities[0] == "thread")


class TeamSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A team's plan for a machine to read. An endless patience is null."""

    goal: Goal
    desk: Desk
    comments_per_week: float
    turns_per_week: float
    comment_s: float
    window_s: float
    person_hours: dict[str, float]
    disagreement_hours: float
    totals: Totals
    hours: list[dict[str, object]]


def plan_summary(plan: TeamPlan) -> TeamSummary:
    """Everything of a plan: what it was made from, its totals, and each hour.

    ``person_hours`` are those of live threads by each method, and of ``replies`` beside them.
    """
    hours, work = plan.hours, plan.work
    methods = {
        name: float(hours[name].sum())
        for name in ("erlang_c", "erlang_a", "mol_root", "mol", "simulated")
    }
    return TeamSummary(
        goal=plan.goal,
        desk=plan.desk,
        comments_per_week=float(work.comments.sum()),
        turns_per_week=float(work.turns.sum()),
        comment_s=work.comment_s,
        window_s=work.window_s,
        person_hours=methods | {"replies": float(hours["reply_people"].sum())},
        disagreement_hours=float(hours["disagreement"].sum()),
        totals=add_up(hours),
        hours=hours.to_dicts(),
    )
