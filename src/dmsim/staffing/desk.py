"""One desk at a constant rate: what waiting is like there, and how many agents it takes."""

from math import inf

import msgspec

from dmsim.staffing.erlang import Queue, erlang_queue
from dmsim.staffing.goal import Goal, agents_needed, to_schedule

_PERCENTILES = (50, 90, 95, 99)


class DeskFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A desk as it was told, and what follows.

    Shares are from 0 to 1 and times in seconds; an infinite one is null in JSON. ``asa_s`` and the
    percentiles are of all contacts, answered or not. ``p_abandon`` are all who leave, and
    ``p_abandon_silent`` those of them whom nobody sees leave. ``agents_needed`` keep ``level``
    within ``target_s`` and ``max_occupancy``; so many as ``agents_scheduled`` must be paid for it.
    """

    arrivals_per_hour: float
    handle_s: float
    patience_s: float
    silent: float
    level: float
    target_s: float
    max_occupancy: float
    shrinkage: float
    offered_load_erlang: float
    agents: int
    overloaded: bool
    p_wait: float
    service_level: float
    service_level_of_answered: float
    service_level_without_early_leavers: float
    asa_s: float
    wait_percentiles_s: dict[str, float]
    p_abandon: float
    p_abandon_silent: float
    occupancy: float
    utilisation: float
    agents_needed: int
    agents_scheduled: int


def describe_desk(
    rate: float,
    handle_s: float,
    goal: Goal,
    *,
    agents: int | None = None,
    patience_s: float = inf,
    silent: float = 0.0,
    shrinkage: float = 0.0,
) -> DeskFigures:
    """All figures of one desk by Erlang C, or with patience by Erlang A.

    >>> from dmsim.staffing.goal import Goal
    >>> describe_desk(200 / 3600, 180.0, Goal(0.8, 20.0)).agents_needed
    14

    Args:
        rate: contacts per second.
        handle_s: mean handling time in seconds.
        goal: what is promised.
        agents: on duty; by default as many as are needed.
        patience_s: mean time in seconds after which somebody who waits leaves.
        silent: share of those who leave whom nobody sees leave: they are handled all the same.
        shrinkage: share of paid time without work.

    Raises:
        ValueError: a figure makes no sense, or no number of agents keeps the promise.
    """

    def desk(number: int) -> Queue:
        return erlang_queue(rate, handle_s, number, patience_s, silent)

    needed = agents_needed(desk, goal)
    on_duty = needed if agents is None else agents
    queue = desk(on_duty)
    levels = queue.service_levels(goal.within_s)
    return DeskFigures(
        arrivals_per_hour=3600 * rate,
        handle_s=handle_s,
        patience_s=patience_s,
        silent=silent,
        level=goal.level,
        target_s=goal.within_s,
        max_occupancy=goal.most_occupancy,
        shrinkage=shrinkage,
        offered_load_erlang=rate * handle_s,
        agents=on_duty,
        # Nobody on duty is no overload where nobody comes.
        overloaded=rate > 0 and queue.is_overloaded,
        p_wait=queue.p_wait,
        service_level=levels.of_offered,
        service_level_of_answered=levels.of_answered,
        service_level_without_early_leavers=levels.without_early_leavers,
        asa_s=queue.asa_s,
        wait_percentiles_s={str(p): queue.wait_percentile_s(p) for p in _PERCENTILES},
        p_abandon=queue.p_abandon,
        p_abandon_silent=queue.p_abandon * silent,
        occupancy=queue.occupancy,
        utilisation=queue.occupancy * (1 - shrinkage),
        agents_needed=needed,
        agents_scheduled=to_schedule(needed, shrinkage),
    )
