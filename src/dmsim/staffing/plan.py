"""A plan: how many people each interval needs, how many to schedule, and what is left over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil, inf

import msgspec
import polars as pl

from dmsim.staffing.erlang import Queue, erlang_queue
from dmsim.staffing.goal import Goal, agents_needed, to_schedule
from dmsim.staffing.sharing import shared_queue

HOUR_S = 3600
WEEK_S = 168 * HOUR_S
#: Paid hours a week of one full-time equivalent.
FTE_HOURS = 40


@dataclass(frozen=True)
class Desk:
    """What the contacts of a plan are like, and how those who handle them work.

    Args:
        handle_s: mean handling time in seconds of one contact that an agent has alone.
        patience_s: mean time in seconds after which somebody who waits leaves.
        silent: share of those who leave whom nobody sees leave: they are handled all the same.
        threads: contacts that an agent holds at once (concurrency).
        slowdown: by so much each further one lengthens the handling of all while they are in hand
            together.
        shrinkage: share of paid time without work.
    """

    handle_s: float
    patience_s: float = inf
    silent: float = 0.0
    threads: int = 1
    slowdown: float = 0.0
    shrinkage: float = 0.0

    def queue(self, rate: float, agents: int) -> Queue:
        """What waiting is like with so many agents, at so many contacts per second."""
        if self.threads == 1:
            return erlang_queue(rate, self.handle_s, agents, self.patience_s, self.silent)
        return shared_queue(
            rate,
            self.handle_s,
            agents,
            threads=self.threads,
            slowdown=self.slowdown,
            patience_s=self.patience_s,
            silent=self.silent,
        )


def plan_intervals(intervals: pl.DataFrame, desk: Desk, goal: Goal) -> pl.DataFrame:
    """Staff each interval as if its rate had always been so (PSA: Erlang C, or A with patience).

    Args:
        intervals: as :func:`dmsim.staffing.volumes.read_intervals` gives them.
        desk: what contacts are like.
        goal: what is promised.

    Returns:
        the intervals with ``load_erlang`` (offered load λ/μ), ``required`` (people on duty),
        ``to_schedule`` (``required`` over 1 - shrinkage, rounded up), ``scheduled`` (theirs if
        there is such a column, else ``to_schedule``), ``net`` (``scheduled`` less shrinkage and
        less ``required``: too many, or negative too few), and with ``required`` on duty
        ``service_level``, ``p_wait``, ``asa_s``, ``p_abandon`` and ``occupancy``.

    Raises:
        ValueError: a figure makes no sense, or no number of agents keeps the promise.
    """
    rates = (intervals["contacts"] / intervals["length_s"]).to_list()
    required = [agents_needed(partial(desk.queue, rate), goal) for rate in rates]
    queues = [desk.queue(rate, agents) for rate, agents in zip(rates, required, strict=True)]
    planned = intervals.with_columns(
        pl.Series("load_erlang", [rate * desk.handle_s for rate in rates], dtype=pl.Float64),
        pl.Series("required", required, dtype=pl.Int64),
    )
    figures: Mapping[str, Callable[[Queue], float]] = {
        "service_level": lambda queue: queue.service_level(goal.within_s),
        "p_wait": lambda queue: queue.p_wait,
        "asa_s": lambda queue: queue.asa_s,
        "p_abandon": lambda queue: queue.p_abandon,
        "occupancy": lambda queue: queue.occupancy,
    }
    return with_net(planned, desk.shrinkage).with_columns(
        # Where nobody comes nobody waits, and there is nothing to tell.
        pl.Series(name, [figure(queue) if queue.rate else None for queue in queues], pl.Float64)
        for name, figure in figures.items()
    )


def with_net(planned: pl.DataFrame, shrinkage: float) -> pl.DataFrame:
    """A plan with what follows from its ``required``.

    Args:
        planned: with ``required`` and, where people are scheduled already, ``scheduled``.
        shrinkage: share of paid time without work.

    Returns:
        the plan with ``to_schedule``, ``scheduled`` (the same unless it was there) and ``net``.
    """
    needed = [to_schedule(required, shrinkage) for required in planned["required"]]
    planned = planned.with_columns(pl.Series("to_schedule", needed, dtype=pl.Int64))
    if "scheduled" not in planned.columns:
        planned = planned.with_columns(pl.col("to_schedule").cast(pl.Float64).alias("scheduled"))
    net = pl.col("scheduled") * (1 - shrinkage) - pl.col("required")
    # What is even must not be lacking by rounding.
    return planned.with_columns(net=net.round(9))


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """A plan added up. Hours are person-hours; FTE are of 40 paid hours a week."""

    weeks: int
    contacts: float
    workload_hours: float
    required_hours: float
    to_schedule_hours: float
    scheduled_hours: float
    lacking_hours: float
    required_peak: int
    required_fte: float
    to_schedule_fte: float
    scheduled_fte: float
    at_work_hours: float
    surplus_hours: float
    lacking_intervals: int


def add_up(planned: pl.DataFrame) -> Totals:
    """The totals of a plan, over all its intervals."""
    hours = planned["length_s"] / HOUR_S
    starts = planned["start_s"].to_list()
    # Also the last interval has its length: from Monday to Monday are two weeks.
    weeks = ceil((max(starts) + int(planned["length_s"][0]) - min(starts)) / WEEK_S)
    required, needed, scheduled = (
        float((planned[name] * hours).sum()) for name in ("required", "to_schedule", "scheduled")
    )
    return Totals(
        weeks=weeks,
        contacts=float(planned["contacts"].sum()),
        workload_hours=float((planned["load_erlang"] * hours).sum()),
        required_hours=required,
        to_schedule_hours=needed,
        scheduled_hours=scheduled,
        lacking_hours=float((planned["net"].clip(upper_bound=0) * -hours).sum()),
        required_peak=max(planned["required"].to_list()),
        required_fte=required / weeks / FTE_HOURS,
        to_schedule_fte=needed / weeks / FTE_HOURS,
        scheduled_fte=scheduled / weeks / FTE_HOURS,
        at_work_hours=float(((planned["net"] + planned["required"]) * hours).sum()),
        surplus_hours=float((planned["net"].clip(lower_bound=0) * hours).sum()),
        lacking_intervals=int((planned["net"] < 0).sum()),
    )
