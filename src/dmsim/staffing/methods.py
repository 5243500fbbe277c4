"""The same week staffed by several methods, side by side."""

from functools import partial
from math import inf
from typing import Literal

import numpy as np
import polars as pl

from dmsim.progress import Progress
from dmsim.staffing.goal import Goal, agents_needed
from dmsim.staffing.kernel import Floats, Ints
from dmsim.staffing.offered_load import offered_load
from dmsim.staffing.plan import Desk
from dmsim.staffing.search import find_staff
from dmsim.staffing.sharing import paces
from dmsim.staffing.simulate import WeekSimulator
from dmsim.staffing.square_root import square_root_staffing

#: Columns of :func:`staff_week`.
Column = Literal["erlang_c", "erlang_a", "mol_root", "mol", "simulated"]


def by_rate(contacts: Floats, length_s: float, desk: Desk, goal: Goal) -> Ints:
    """The agents that each interval needs if its rate had always been so (PSA)."""
    rates = (np.asarray(contacts, dtype=np.float64) / length_s).tolist()
    return np.array([agents_needed(partial(desk.queue, rate), goal) for rate in rates])


#: So little is left of earlier contacts, where none come, that nobody has to be there for it.
_OVER_ERLANG = 1e-3


def by_offered_load(contacts: Floats, length_s: float, desk: Desk, goal: Goal) -> Ints:
    """The agents that each interval needs for its modified offered load (MOL), exactly.

    Those of a desk at the constant rate that would keep as many contacts in hand: what
    :func:`by_square_root` comes close to for large loads.
    """
    load = _load(contacts, length_s, desk.handle_s)
    return by_rate(load / desk.handle_s, 1.0, desk, goal)


def by_square_root(contacts: Floats, length_s: float, desk: Desk, goal: Goal) -> Ints:
    """The agents that each interval needs for its modified offered load by the square-root rule.

    Of several threads at once each is a server, as fast as with all of them in hand. How busy
    agents may be binds where hardly anybody waits: there everybody in hand has an agent alone.
    """
    handle = desk.handle_s * desk.threads / float(paces(desk.threads, desk.slowdown)[-1])
    load = _load(contacts, length_s, handle)
    slots = np.zeros(len(load), dtype=np.int64)
    if goal.level > 0:
        impatience = handle / desk.patience_s if desk.patience_s else inf
        slots = square_root_staffing(
            load, 1 - goal.level, goal.within_s / handle, impatience, desk.silent
        )
    agents = -(-slots // desk.threads)
    if goal.most_occupancy == 1:
        return agents
    busy = np.ceil(_load(contacts, length_s, desk.handle_s) / goal.most_occupancy - 1e-9)
    return np.maximum(agents, busy.astype(np.int64))


def _load(contacts: Floats, length_s: float, handle_s: float) -> Floats:
    """The modified offered load in erlang, without the last traces of what came before."""
    load = offered_load(contacts, length_s, handle_s)
    over = (np.asarray(contacts) == 0) & (load < _OVER_ERLANG)
    return np.where(over, 0.0, load)


def by_simulation(week: WeekSimulator, goal: Goal, progress: Progress | None = None) -> Ints:
    """The agents that each interval needs in a simulation, with confidence."""
    start = by_offered_load(week.contacts, week.length_s, week.desk, goal)
    return find_staff(week, goal, start, progress)


def staff_week(
    contacts: Floats,
    length_s: float,
    desk: Desk,
    goal: Goal,
    *,
    simulate: bool = True,
    replications: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Staff a week that comes again by every method.

    Args:
        contacts: the mean number that comes in each interval, shape (n,).
        length_s: of every interval, in seconds.
        desk: what contacts are like.
        goal: what is promised in every interval.
        simulate: staff by simulation too, which takes seconds.
        replications: of the simulation; see :class:`WeekSimulator`.
        seed: of the simulation.
        progress: is told of the simulation.

    Returns:
        a row for each interval: ``contacts``; ``load_erlang`` (λ/μ) and ``mol_erlang`` (modified
        offered load); the agents by ``erlang_c`` (as if nobody left), by ``erlang_a`` (the same
        where nobody does), by ``mol_root`` (square-root rule), ``mol`` (exactly) and ``simulated``;
        and ``disagreement``, the most of them less the fewest, without Erlang C, which stands for a
        method only where nobody leaves.

    Raises:
        ValueError: a figure makes no sense, or no number of agents keeps the promise.
    """
    contacts = np.asarray(contacts, dtype=np.float64)
    week = None
    if simulate and contacts.any():
        # First, as it refuses what the formulas would take long for.
        week = WeekSimulator(contacts, length_s, desk, replications=replications, seed=seed)
    endless = Desk(desk.handle_s, threads=desk.threads, slowdown=desk.slowdown)
    methods: dict[Column, Ints] = {
        "erlang_c": by_rate(contacts, length_s, endless, goal),
        "erlang_a": by_rate(contacts, length_s, desk, goal),
        "mol_root": by_square_root(contacts, length_s, desk, goal),
        "mol": by_offered_load(contacts, length_s, desk, goal),
    }
    if week is not None:
        methods["simulated"] = by_simulation(week, goal, progress)
    compared = [name for name in methods if name != "erlang_c"]
    frame = pl.DataFrame(
        {
            "contacts": contacts,
            "load_erlang": contacts / length_s * desk.handle_s,
            "mol_erlang": _load(contacts, length_s, desk.handle_s),
        }
    ).with_columns(pl.Series(name, agents) for name, agents in methods.items())
    return frame.with_columns(
        disagreement=pl.max_horizontal(compared) - pl.min_horizontal(compared)
    )
