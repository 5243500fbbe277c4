"""Live threads: agents who hold several conversations at once, slower the more they hold.

Limited processor sharing with rates that depend on the state: a birth and death chain whose deaths
come at the total rate of all conversations at hand. For one agent this is exact; for several it
takes conversations to be spread evenly, as they are where the next goes to whoever holds least.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from dmsim.staffing.erlang import Queue

Floats = NDArray[np.float64]


def shared_queue(
    rate: float,
    handle_s: float,
    agents: int,
    *,
    threads: int = 1,
    slowdown: float = 0.0,
    patience_s: float = inf,
    silent: float = 0.0,
) -> Queue:
    """A desk of agents who hold up to ``threads`` conversations each.

    How much an agent gets done is told by :func:`paces`.

    Args:
        rate: conversations per second.
        handle_s: mean handling time in seconds of a conversation that an agent has alone.
        agents: on duty.
        threads: conversations that an agent holds at most: the concurrency.
        slowdown: by so much each further conversation lengthens the handling of all.
        patience_s: mean time until a waiting customer leaves.
        silent: the share of those who leave whom nobody sees leave.

    Returns:
        the queue; its ``slots`` are agents times threads, and its ``occupancy`` is the share of
        time in which an agent has anything in hand.

    Raises:
        ValueError: a figure makes no sense, or agents would do less the more they hold.
    """
    if not handle_s > 0 or threads < 1 or agents < 0:
        raise ValueError("handle_s must be above 0, threads at least 1, agents at least 0")
    pace = np.concatenate([[0.0], paces(threads, slowdown), [0.0]])
    held = np.arange(1, agents * threads + 1)
    each, more = np.divmod(held, max(agents, 1))
    rates = ((agents - more) * pace[each] + more * pace[each + 1]) / handle_s
    slots = agents * threads
    return SharedQueue(rate, _numbered(rates), slots, patience_s, silent, agents, rates)


@dataclass(frozen=True)
class SharedQueue(Queue):
    """A queue whose slots belong to fewer ``agents``, who are busy with one conversation already.

    Made by :func:`shared_queue`; ``rates`` are the values of ``served``, shape (slots,).
    """

    agents: int = 0
    rates: Floats = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

    @property
    def occupancy(self) -> float:
        """The share of time on duty in which an agent has at least one conversation in hand."""
        if self.rate == 0:
            return 0.0
        if self.is_overloaded or not self.agents:
            return 1.0
        held = np.arange(self.slots + 1)
        weights = np.concatenate([[0.0], np.cumsum(np.log(self.rate / self.rates))])
        chances = np.exp(weights - weights.max())
        # In all states with a queue everybody is busy.
        below = 1 - self.p_wait * (1 - self._weight_of_full)
        idle = float((chances * np.maximum(self.agents - held, 0)).sum() / chances.sum()) * below
        return 1 - idle / self.agents


def paces(threads: int, slowdown: float) -> Floats:
    """What an agent with 1, 2, … ``threads`` conversations gets done in the time of one alone.

    j / (1 + slowdown (j - 1)), as in a scenario's ``care.teams.NAME.slowdown``.

    >>> paces(3, 0.25).round(3).tolist()
    [1.0, 1.6, 2.0]

    Raises:
        ValueError: agents would do less the more they hold.
    """
    if not 0 <= slowdown <= 1:
        told = "above 1 an agent does less with two conversations than with one"
        raise ValueError(f"slowdown = {slowdown}: must be from 0 to 1; {told}")
    held = np.arange(1, threads + 1)
    return np.asarray(held / (1 + slowdown * (held - 1)))


def rated_queue(rate: float, rates: Sequence[float], patience_s: float = inf) -> Queue:
    """A queue whose total rates of service were measured, for 1, 2, … in service.

    >>> round(rated_queue(10 / 3600, [6 / 3600, 10 / 3600, 12 / 3600]).p_wait, 6)
    0.657895

    Raises:
        ValueError: there is no rate, one is not above 0, or fewer are served with more at hand.
    """
    if not rates or rates[0] <= 0 or list(rates) != sorted(rates):
        raise ValueError("rates must be above 0, and none below the one before it")
    return Queue(rate, _numbered(np.asarray(rates)), len(rates), patience_s)


def _numbered(rates: Floats) -> Callable[[int], float]:
    """The rates as a function of how many are in service, from 1 on."""
    return lambda busy: float(rates[busy - 1])
