"""Erlang's formulas: what waiting is like where contacts come at random and agents serve them.

All three are one model, M/M/N+M: contacts come at a constant rate, each is handled for an
exponential time by one of N agents, waits while all are busy, and leaves when its patience, which
is exponential too, is over. Nobody ever leaves: Erlang C. Nobody waits at all: Erlang B. Otherwise
Erlang A (Palm; Garnett, Mandelbaum and Reiman 2002; Mandelbaum and Zeltyn 2007).

Nothing here is simulated or rounded. Sums run over positive terms only and begin at the largest,
so that figures are right to nearly all digits of a float, at any load, in a time that grows with
the square root of the load. A probability below the smallest float is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import exp, expm1, floor, inf, isfinite, log
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.special import gammainc

#: Terms that are smaller, compared with their sum, cannot change it.
_NEGLIGIBLE = 1e-19
#: What is smaller is next to nothing beside 1, and multiplying it may not make it less.
_VANISHING = 1e-300
#: A waiting room of patience means that hold more contacts than that is one nobody leaves.
MOST_PATIENCES = 1e10


class ServiceLevels(NamedTuple):
    """The three usual definitions of a service level, for one acceptable wait.

    ``of_offered`` is the one that targets are about: contacts answered in time over all that came.
    ``of_answered`` has only the answered ones below the line, and looks better the more leave.
    ``without_early_leavers`` leaves out below the line who left before the acceptable wait was
    over: a customer whom nobody could have been late for. Where nobody leaves, all are the same.
    """

    of_offered: float
    of_answered: float
    without_early_leavers: float


@dataclass(frozen=True)
class Queue:
    """Contacts that come at random, wait in turn for one of ``slots``, and leave when served.

    Made by :func:`erlang_queue` and :func:`dmsim.staffing.sharing.shared_queue`. Where contacts
    come as fast as they can be served, or faster, and nobody leaves, the queue grows without end:
    everybody waits, the mean wait and all percentiles are infinite, the service level is 0.

    Args:
        rate: contacts per second.
        served: the contacts per second that are finished with n = 1 … ``slots`` in service; never
            fewer for a larger n.
        slots: how many can be in service at once.
        patience_s: the mean of the exponential time after which a waiting contact leaves:
            ``inf`` nobody leaves, 0 nobody waits.

    Raises:
        ValueError: a figure is negative or not a number, or patience is so long that nobody leaves.
    """

    rate: float
    served: Callable[[int], float]
    slots: int
    patience_s: float = inf

    def __post_init__(self) -> None:
        if not (isfinite(self.rate) and self.rate >= 0):
            raise ValueError(f"rate = {self.rate}: not a rate; it must be at least 0 and finite")
        if self.slots < 0:
            raise ValueError(f"slots = {self.slots}: cannot be negative")
        if not self.patience_s >= 0:
            raise ValueError(f"patience_s = {self.patience_s}: must be at least 0")
        if inf > self.rate * self.patience_s > MOST_PATIENCES:
            told = f"more than {MOST_PATIENCES:g} contacts come in one patience, so nobody leaves"
            raise ValueError(f"patience_s = {self.patience_s}: {told}; leave patience out")

    @property
    def full_rate(self) -> float:
        """Contacts per second that can be served at most."""
        return self.served(self.slots) if self.slots else 0.0

    @property
    def is_overloaded(self) -> bool:
        """Whether the queue grows without end: nobody leaves and too few are served."""
        return self.patience_s == inf and self.rate >= self.full_rate

    @cached_property
    def p_wait(self) -> float:
        """The probability that a contact finds no slot free (PASTA: and of that state)."""
        if self.is_overloaded:
            return 1.0
        blocked = blocking(self.rate, self.served, self.slots)
        # With the queue as long as it may get, the full state weighs as much as the whole queue.
        return blocked / (blocked + (1 - blocked) * self._weight_of_full)

    @cached_property
    def p_abandon(self) -> float:
        """The probability that a contact leaves unserved."""
        if self.patience_s == inf:
            return 0.0
        if self.patience_s == 0 or self.p_wait == 0 or not self.slots:
            return self.p_wait
        return self.p_wait * self._mean_queue / (self.rate * self.patience_s)

    @property
    def occupancy(self) -> float:
        """The share of time on duty in which agents are busy.

        Not the utilisation, which is of paid time and so less by shrinkage.
        """
        if self.rate == 0:
            return 0.0
        if self.is_overloaded or not self.slots:
            return 1.0
        # Rounding of the few who stay must not make anybody busier than always.
        return min(self.rate * (1 - self.p_abandon) / self.full_rate, 1.0)

    @property
    def asa_s(self) -> float:
        """The mean wait in seconds of all who came, be they answered or not (ASA).

        By Little's law the mean queue over the rate, and so patience times the share who leave.
        Where nobody leaves it is the average speed of answer in every definition.
        """
        if self.is_overloaded:
            return inf
        if self.rate == 0 or self.patience_s == 0:
            return 0.0
        if self.patience_s < inf:
            return self.p_abandon * self.patience_s
        return self.p_wait * self._mean_queue / self.rate

    def p_wait_exceeds(self, wait_s: float) -> float:
        """The probability that a contact waits longer than so many seconds, then served or not."""
        if self.is_overloaded:
            return 1.0
        if self.p_wait == 0 or self.patience_s == 0:
            return 0.0
        if self.patience_s == inf:
            return self.p_wait * exp((self.rate - self.full_rate) * wait_s)
        return self.p_wait * exp(-wait_s / self.patience_s) * self._ahead(0, wait_s)

    def service_levels(self, target_s: float) -> ServiceLevels:
        """The share of contacts answered within ``target_s`` seconds, by each definition."""
        late = self._p_answered_late(target_s)
        answered = 1 - self.p_abandon
        in_time = max(answered - late, 0.0)
        # Who neither is answered in time nor late, nor waits beyond the target, left before it.
        counted = in_time + self.p_wait_exceeds(target_s)
        return ServiceLevels(
            in_time,
            in_time / answered if answered else 0.0,
            in_time / counted if counted else 0.0,
        )

    def service_level(self, target_s: float) -> float:
        """The share of all contacts answered within ``target_s`` seconds."""
        return self.service_levels(target_s).of_offered

    def wait_percentile_s(self, percent: float) -> float:
        """The wait in seconds that ``percent`` of all contacts do not exceed, served or not.

        Raises:
            ValueError: ``percent`` is not from 0 up to, but not including, 100.
        """
        if not 0 <= percent < 100:
            raise ValueError(f"percent = {percent}: must be from 0 to below 100")
        longer = 1 - percent / 100
        if self.p_wait <= longer or self.patience_s == 0:
            return 0.0
        if self.is_overloaded:
            return inf
        if self.patience_s == inf:
            return log(self.p_wait / longer) / (self.full_rate - self.rate)
        most = self.patience_s * log(self.p_wait / longer)
        if self.p_wait_exceeds(most) >= longer:
            return most
        return float(brentq(lambda wait: self.p_wait_exceeds(wait) - longer, 0, most, xtol=1e-12))

    def _p_answered_late(self, target_s: float) -> float:
        """The probability of an answer after more than so many seconds."""
        if self.patience_s == inf:
            return self.p_wait_exceeds(target_s)
        if self.p_wait == 0 or self.patience_s == 0 or not self.slots:
            return 0.0
        share = self.full_rate / self.rate
        return self.p_wait * share * self._ahead(1, target_s)

    def _ahead(self, more: int, wait_s: float) -> float:
        """P(x + more, z) / P(x, y), regularised incomplete gammas, with z = y e^(-wait/patience).

        The wait that somebody with endless patience would have is, where there is one, of density
        proportional to exp(λ H(t) - R t), with R the full rate and H(t) the integral of the
        survival of patience (Mandelbaum and Zeltyn 2007). With s = e^(-t/patience) its tail is this
        ratio, and so (``more`` = 1) is that of those whose patience lasts.
        """
        x, y = self.full_rate * self.patience_s, self.rate * self.patience_s
        z = y * exp(-wait_s / self.patience_s)
        if x == 0:
            return 1.0
        if y >= x:
            return float(gammainc(x + more, z) / gammainc(x, y))
        # Where there is room to spare both are smaller than any float; their series are not, and
        # the ratio of what stands before these is known.
        power = -self.full_rate * wait_s - y * expm1(-wait_s / self.patience_s)
        series = _queue_series(x + more, z)[0] / _queue_series(x, y)[0]
        return exp(power) * series * (z / (x + 1) if more else 1.0)

    @cached_property
    def _queue(self) -> tuple[float, float]:
        """One over the weight of all states with a queue, and the mean queue in them."""
        if self.patience_s == 0:
            return 1.0, 0.0
        if self.patience_s == inf:
            spare = (self.full_rate - self.rate) / self.full_rate
            return spare, self.rate / (self.full_rate - self.rate)
        total, mean, first = _queue_sums(
            self.full_rate * self.patience_s, self.rate * self.patience_s
        )
        return first / total, mean

    @property
    def _weight_of_full(self) -> float:
        return self._queue[0]

    @property
    def _mean_queue(self) -> float:
        return self._queue[1]


def erlang_queue(rate: float, handle_s: float, agents: int, patience_s: float = inf) -> Queue:
    """M/M/N+M: Erlang C, with patience Erlang A, with patience 0 Erlang B.

    >>> queue = erlang_queue(200 / 3600, 180, 14)
    >>> round(queue.p_wait, 4), round(queue.service_level(20), 4)
    (0.1741, 0.8884)

    Args:
        rate: contacts per second, λ.
        handle_s: mean handling time in seconds, 1/μ; talking and whatever follows it.
        agents: on duty, N; 0 is a desk where nobody sits.
        patience_s: mean time in seconds until a waiting contact leaves, 1/θ.

    Raises:
        ValueError: a figure makes no sense.
    """
    if not (isfinite(handle_s) and handle_s > 0):
        raise ValueError(f"handle_s = {handle_s}: must be above 0 and finite")
    return Queue(rate, lambda busy: busy / handle_s, agents, patience_s)


def erlang_b(agents: int, load: float) -> float:
    """The probability that all agents are busy where nobody waits (Erlang 1917).

    Args:
        agents: N, at least 0.
        load: offered load A = λ/μ in erlang, at least 0.

    Returns:
        (A^N/N!) / Σ A^n/n!.

    Raises:
        ValueError: a figure is negative or not finite.
    """
    return erlang_queue(load, 1.0, agents, 0.0).p_wait


def erlang_c(agents: int, load: float) -> float:
    """The probability of waiting where nobody leaves (Erlang 1917); arguments of :func:`erlang_b`.

    Returns:
        N B / (N - A (1 - B)) with Erlang's B; 1 where the load reaches the agents.
    """
    return erlang_queue(load, 1.0, agents).p_wait


def blocking(rate: float, served: Callable[[int], float], slots: int) -> float:
    """The probability of the full state in a birth and death chain without a queue.

    One over it is 1 + r(N)/λ + r(N) r(N-1)/λ² + …, summed from the full state down: it takes about
    as many terms as the square root of the load, wherever the load is.
    """
    if rate == 0:
        return 0.0 if slots else 1.0
    total = term = 1.0
    for busy in range(slots, 0, -1):
        factor = served(busy) / rate
        term *= factor
        total += term
        if total == inf or (factor < 1 and term < _NEGLIGIBLE * total):
            break
    return 1 / total


def _queue_series(x: float, y: float) -> tuple[float, float]:
    """Σ y^j / ((x+1) … (x+j)) over j ≥ 0, which is x e^y y^-x γ(x, y), and Σ of j times that."""
    total = term = 1.0
    moment, j = 0.0, 0
    while True:
        j += 1
        factor = y / (x + j)
        term *= factor
        total += term
        moment += j * term
        if factor < 1 and j * term < _NEGLIGIBLE * (moment + total) * (1 - factor):
            return total, moment


def _queue_sums(x: float, y: float) -> tuple[float, float, float]:
    """The weights of the queue lengths: their sum, their mean length, and the first of them.

    The largest weighs 1: the length at which as many leave and are served as come.
    """
    peak = max(0, floor(y - x))
    total, moment = _queue_series(x + peak, y)
    moment += peak * total
    term, j = 1.0, peak
    while j > 0 and term > _VANISHING:
        term *= (x + j) / y
        j -= 1
        total += term
        moment += j * term
    return total, moment / total, term if j == 0 else 0.0
