"""A plan of a week that comes again and again, by every method, of which the simulation counts."""

import polars as pl

from dmsim.progress import Progress
from dmsim.staffing.goal import Goal
from dmsim.staffing.methods import staff_week
from dmsim.staffing.plan import Desk, with_net
from dmsim.staffing.simulate import WeekSimulator

#: What a plan tells of waiting, of the columns of a simulated week.
MEASURES = (
    "service_level",
    "service_level_low",
    "service_level_high",
    "p_wait",
    "p_abandon",
    "asa_s",
    "occupancy",
)


def plan_week(
    intervals: pl.DataFrame,
    desk: Desk,
    goal: Goal,
    *,
    replications: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Staff a week by every method of :mod:`dmsim.staffing.methods`.

    Args:
        intervals: a whole week of them, in order, with ``length_s`` and ``contacts``.
        desk: what contacts are like.
        goal: what is promised in every interval.
        replications: of the simulation; see :class:`WeekSimulator`.
        seed: of the simulation.
        progress: is told of the simulation.

    Returns:
        the intervals with the columns of :func:`dmsim.staffing.methods.staff_week`; ``required``
        (the simulated staff, where somebody comes), ``to_schedule``, ``scheduled`` and ``net`` as
        in :func:`dmsim.staffing.plan.plan_intervals`; and what waiting is like with them in the
        simulation, the service level with its 95 % interval.

    Raises:
        ValueError: a figure makes no sense, or no number of agents keeps the promise.
    """
    length, contacts = float(intervals["length_s"][0]), intervals["contacts"].to_numpy()
    staffed = staff_week(
        contacts, length, desk, goal, replications=replications, seed=seed, progress=progress
    ).drop("contacts")
    if not contacts.any():
        nothing = (pl.lit(None, pl.Float64).alias(name) for name in MEASURES)
        staffed = staffed.with_columns(pl.col("mol").alias("simulated"), *nothing)
    else:
        week = WeekSimulator(contacts, length, desk, replications=replications, seed=seed)
        told = week.describe(staffed["simulated"].to_numpy(), goal.within_s)
        staffed = staffed.with_columns(told[name] for name in MEASURES)
    planned = pl.concat([intervals, staffed], how="horizontal")
    return with_net(planned.with_columns(required=pl.col("simulated")), desk.shrinkage)
