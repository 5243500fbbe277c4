"""Erlang's formulas: what waiting is like where contacts come at random and agents serve them.

All three are one model, M/M/N+M: contacts come at a constant rate, each is handled for an
exponential time by one of N agents, waits while all are busy, and leaves when its patience, which
is exponential too, is over. Nobody ever leaves: Erlang C. Nobody waits at all: Erlang B. Otherwise
Erlang A (Palm; Garnett, Mandelbaum and Reiman 2002; Mandelbaum and Zeltyn 2007).

In text some leave silently (Castellanos, Yom-Tov and Goldberg 2023): nobody knows, their contact
keeps its place and is handled like any other. To the queue this is a patience that with some chance
never ends, M/M/N+G, and since it is exponential otherwise the figures are those of Erlang A at
another rate: λ(1-q) who are seen to leave, in the room R-λq that the q who are not leave of the
full rate R.

Nothing here is simulated or rounded. Sums run over positive terms only and begin at the largest,
so that figures are right to nearly all digits of a float, at any load, in a time that grows with
the square root of the load. A probability below the smallest float is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import exp, expm1, floor, inf, isfinite, log, log1p, pi
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.special import gammainc

#: Terms that are smaller, compared with their sum, cannot change it.
_NEGLIGIBLE = 1e-19
#: What is smaller is next to nothing beside 1, and multiplying it may not make it less.
_VANISHING = 1e-300
#: From this parameter on SciPy's incomplete gamma ends its series too early, far from the mean.
_LARGE_GAMMA = 1e4
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
    that nobody sees leave come as fast as they can be served, or faster, the queue grows without
    end: everybody waits, and until patience is over; the service level is 0.

    Args:
        rate: contacts per second.
        served: the contacts per second that are finished with n = 1 … ``slots`` in service; never
            fewer for a larger n.
        slots: how many can be in service at once.
        patience_s: the mean of the exponential time after which a waiting contact leaves:
            ``inf`` nobody leaves, 0 nobody waits.
        silent: the share of those who leave whom nobody sees leave; each is handled as long as one
            who stays.

    Raises:
        ValueError: a figure is negative, more than all or not a number, or patience is so long that
            nobody leaves.
    """

    rate: float
    served: Callable[[int], float]
    slots: int
    patience_s: float = inf
    silent: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.rate) and self.rate >= 0):
            raise ValueError(f"rate = {self.rate}: not a rate; it must be at least 0 and finite")
        if self.slots < 0:
            raise ValueError(f"slots = {self.slots}: cannot be negative")
        if not self.patience_s >= 0:
            raise ValueError(f"patience_s = {self.patience_s}: must be at least 0")
        if not 0 <= self.silent <= 1:
            raise ValueError(f"silent = {self.silent}: must be from 0 to 1")
        if self.patience_s < inf and not self.rate * self.patience_s <= MOST_PATIENCES:
            told = f"more than {MOST_PATIENCES:g} contacts come in one patience, so nobody leaves"
            raise ValueError(f"patience_s = {self.patience_s}: {told}; leave patience out")

    @property
    def full_rate(self) -> float:
        """Contacts per second that can be served at most."""
        return self.served(self.slots) if self.slots else 0.0

    @property
    def is_overloaded(self) -> bool:
        """Whether the queue grows without end: too few are served of those not seen to leave."""
        if self.patience_s == inf:
            return self.rate >= self.full_rate
        return self.silent > 0 and self.rate * self.silent >= self.full_rate

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
        """The probability that a contact leaves unserved, be it seen or silent."""
        if self.patience_s == inf:
            return 0.0
        if self.is_overloaded or self.patience_s == 0 or self.p_wait == 0 or not self.slots:
            return self.p_wait
        x, y = self._patiences
        # Of those who wait: the mean queue of Erlang A over the contacts of a patience.
        return self.p_wait * (self._mean_queue / y if y else 1 / (x + 1))

    @property
    def occupancy(self) -> float:
        """The share of time on duty in which agents are busy, for those who left silently too.

        Not the utilisation, which is of paid time and so less by shrinkage.
        """
        if self.rate == 0:
            return 0.0
        if self.is_overloaded or not self.slots:
            return 1.0
        seen = self.p_abandon * (1 - self.silent)
        # Rounding of the few who stay must not make anybody busier than always.
        return min(self.rate * (1 - seen) / self.full_rate, 1.0)

    @property
    def asa_s(self) -> float:
        """The mean wait in seconds of all who came, be they answered or not (ASA).

        Patience times the share who leave. Where nobody leaves it is by Little's law the mean queue
        over the rate, and the average speed of answer in every definition.
        """
        if self.rate == 0 or self.patience_s == 0:
            return 0.0
        if self.patience_s < inf:
            return self.p_abandon * self.patience_s
        if self.is_overloaded:
            return inf
        return self.p_wait * (self._mean_queue / self.rate)

    def p_wait_exceeds(self, wait_s: float) -> float:
        """The probability that a contact waits longer than so many seconds, then served or not."""
        if self.p_wait == 0 or self.patience_s == 0:
            return 0.0
        stay = exp(-wait_s / self.patience_s)
        if self.is_overloaded:
            return stay
        if self.patience_s == inf:
            return self.p_wait * exp((self.rate - self.full_rate) * wait_s)
        return self.p_wait * stay * self._ahead(wait_s)

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
        longer = (100 - percent) / 100
        if self.p_wait <= longer or self.patience_s == 0:
            return 0.0
        if self.patience_s == inf:
            room = self.full_rate - self.rate
            return inf if self.is_overloaded else log(self.p_wait / longer) / room
        most = self.patience_s * log(self.p_wait / longer)
        if self.p_wait_exceeds(most) >= longer:
            return most
        return float(brentq(lambda wait: self.p_wait_exceeds(wait) - longer, 0, most, xtol=1e-300))

    def _p_answered_late(self, target_s: float) -> float:
        """The probability of an answer after more than so many seconds."""
        if self.patience_s == inf:
            return self.p_wait_exceeds(target_s)
        if self.is_overloaded or self.p_wait == 0 or self.patience_s == 0 or not self.slots:
            return 0.0
        return self.p_wait * self._answered_ahead(target_s)

    @property
    def _patiences(self) -> tuple[float, float]:
        """In one mean patience: x contacts that can be served of those seen, y who are seen."""
        room = self.full_rate - self.rate * self.silent
        return room * self.patience_s, self.rate * (1 - self.silent) * self.patience_s

    def _ahead(self, wait_s: float) -> float:
        """Of those who wait: whom so many seconds of work are ahead of, or more.

        The wait that somebody with endless patience would have is, where there is one, of density
        proportional to exp(λ H(t) - R t), with R the full rate and H(t) the integral of the
        survival of patience (Mandelbaum and Zeltyn 2007). With s = e^(-t/patience) its tail is
        P(x, z) / P(x, y), regularised incomplete gammas, z = y s.
        """
        x, y = self._patiences
        if x == 0:
            return 1.0
        z = y * exp(-wait_s / self.patience_s)
        if y >= x:
            return _lower_gamma(x, z) / _lower_gamma(x, y)
        # Where there is room to spare both are smaller than any float; their series are not, and
        # the ratio of what stands before these is known.
        return self._power(wait_s) * _queue_series(x, z)[0] / _queue_series(x, y)[0]

    def _answered_ahead(self, wait_s: float) -> float:
        """As :meth:`_ahead`, of those whose patience lasts: x/y P(x + 1, z) / P(x, y)."""
        x, y = self._patiences
        stay = exp(-wait_s / self.patience_s)
        if y >= x and y > 0:
            return x / y * _lower_gamma(x + 1, y * stay) / _lower_gamma(x, y)
        ratio = _queue_series(x + 1, y * stay)[0] / _queue_series(x, y)[0]
        return self._power(wait_s) * ratio * stay * x / (x + 1)

    def _power(self, wait_s: float) -> float:
        """What stands before the series of P(x, z), over the same of P(x, y)."""
        x, y = self._patiences
        return exp(-x * wait_s / self.patience_s - y * expm1(-wait_s / self.patience_s))

    @cached_property
    def _queue(self) -> tuple[float, float]:
        """One over the weight of all states with a queue, and Erlang A's mean queue in them."""
        if self.patience_s == inf:
            spare = (self.full_rate - self.rate) / self.full_rate
            return spare, self.rate / (self.full_rate - self.rate)
        # What is handled of those who left leaves so much of the full rate.
        room = 1 - self.rate * self.silent / self.full_rate if self.silent else 1.0
        if self.patience_s == 0:
            return room, 0.0
        total, mean, first = _queue_sums(*self._patiences)
        return room * first / total, mean

    @property
    def _weight_of_full(self) -> float:
        return self._queue[0]

    @property
    def _mean_queue(self) -> float:
        return self._queue[1]


def erlang_queue(
    rate: float, handle_s: float, agents: int, patience_s: float = inf, silent: float = 0.0
) -> Queue:
    """M/M/N+M: Erlang C, with patience Erlang A, with patience 0 Erlang B.

    >>> queue = erlang_queue(200 / 3600, 180, 14)
    >>> round(queue.p_wait, 4), round(queue.service_level(20), 4)
    (0.1741, 0.8884)

    Args:
        rate: contacts per second, λ.
        handle_s: mean handling time in seconds, 1/μ; talking and whatever follows it.
        agents: on duty, N; 0 is a desk where nobody sits.
        patience_s: mean time in seconds until a waiting contact leaves, 1/θ.
        silent: the share of those who leave whom nobody sees leave.

    Raises:
        ValueError: a figure makes no sense.
    """
    if not (isfinite(handle_s) and handle_s > 0 and isfinite(1 / handle_s)):
        raise ValueError(f"handle_s = {handle_s}: must be above 0 and finite")
    return Queue(rate, lambda busy: busy / handle_s, agents, patience_s, silent)


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


def _lower_gamma(a: float, z: float) -> float:
    """P(a, z), the regularised incomplete gamma, also where a is large and z far below it."""
    if a < _LARGE_GAMMA or z > a - 4 * a**0.5:
        return float(gammainc(a, z))
    off = (z - a) / a
    # What stands before the series, z^a e^-z / Γ(a + 1), by Stirling.
    power = a * (log1p(off) - off) - log(2 * pi * a) / 2 - 1 / (12 * a)
    return exp(power) * _queue_series(a, z)[0]


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
