"""Random numbers of a simulation: one counter-based stream per actor and purpose.

A draw is a hash of (key, actor, purpose, step), so that two runs that differ in one rule share all
other draws (common random numbers), and a new kind of action does not shuffle the rest. Everything
is 32-bit arithmetic inside 64-bit integers that never overflow: compiled code and plain Python
agree to the bit, without wrapping. Like the rules, these are plain functions that the engine
compiles.
"""

from collections.abc import Callable
from math import ceil, exp, log, log1p
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

#: Draws lie in ``range(SCALE)``; a probability is compared as ``draw < round(p * SCALE)``.
SCALE = 1 << 32
_MASK = SCALE - 1
#: Entries of a quantile table; the top bits of a draw choose one.
QUANTILES = 4096
_QUANTILE_SHIFT = 20

# Purposes: each names what a draw decides, and decides nothing else within a step.
CHOICE = 1
ADDRESSEE = 2
ADDRESSEE_KIND = 3
THINK = 4
TEXT = 5
SESSION_LENGTH = 6
REPLY = 7
VISIT = 8
VISIT_DELAY = 9
NEW_SETTING = 10
POST = 11
REQUEST = 13
FRIEND_OF_FRIEND = 14
CONTENT = 15
VIOLATION = 16
SEVERITY = 17
DETECTION = 18
OBJECT = 19
REACTION = 20
AGAIN = 21
DETAIL = 22
MEMBERSHIP = 23
WATCH_SHARED = 24
LOOK_AT_FILTERED = 25
TOPIC = 26
READING = 27
MENTION_VISIT = 28
MENTION_DELAY = 29
FORGETTING = 30
ANSWER_BRAND = 31
PAGE = 32
OPENING = 33
OPENING_DELAY = 34
BURST = 35
BURST_GAP = 36
CIRCLE = 37
CIRCLE_PLACE = 38
RELATION = 39
# Of the moderators.
PENALTY = 40
REVIEW = 41
JUDGEMENT = 42
# Of customers' cases and of their staff.
COMMENT_CASE = 43
MESSAGE_CASE = 44
COMPLEX = 45
PERSONAL = 46
TURNS = 47
HANDS_OFF = 48
ANNOUNCED = 49
IN_PRIVATE = 50
SLIP = 51
SLIP_DELAY = 52
TRIAGE_TIME = 53
PUBLIC_TIME = 54
PRIVATE_TIME = 55
ANSWER_TIME = 56
PATIENCE = 57
THREAD_PATIENCE = 58
ESCALATES = 59
SHRINKAGE = 60
LEAVES_SILENTLY = 61


def scramble(x: int) -> int:
    """A bijection on 32-bit integers in which every input bit moves every output bit.

    Both multipliers are below 2**31 (a published low-bias pair), so products stay below 2**63.
    """
    x = x ^ (x >> 15)
    x = (x * 0x2C1B3C6D) & _MASK
    x = x ^ (x >> 12)
    x = (x * 0x297A2D39) & _MASK
    return x ^ (x >> 15)


def draw(key: int, actor: int, purpose: int, step: int) -> int:
    """A number in ``range(SCALE)`` that depends on all four and on nothing else.

    ``key`` lies in ``range(SCALE)``. The actor enters twice, so that two actors whose first hashes
    collide still part ways.
    """
    x = scramble((key + actor) & _MASK)
    x = scramble((x + purpose * 0x1E3779B1 + step) & _MASK)
    return scramble((x ^ actor ^ (purpose << 20)) & _MASK)


def moment_of(at: int) -> int:
    """A time in µs as a step of a stream: for what is to depend on the moment alone."""
    return at & 0x3FFFFFFF


def below(number: int, bound: int) -> int:
    """Scale a draw to ``range(bound)``, for bounds below 2**31."""
    return (number * bound) >> 32


def quantile(table: NDArray[np.int64], number: int) -> int:
    """The value of a quantile table that a draw chooses."""
    return int(table[number >> _QUANTILE_SHIFT])


def quantile_table(inverse: Callable[[float], float]) -> NDArray[np.int64]:
    """Tabulate a distribution's inverse at the midpoints of :data:`QUANTILES` equal slices.

    Values are rounded to integers, which hides the last bit in which the logarithms of different
    machines differ.
    """
    return np.array(
        [max(1, round(inverse((i + 0.5) / QUANTILES))) for i in range(QUANTILES)], dtype=np.int64
    )


def lognormal_table(median: float, sigma: float) -> NDArray[np.int64]:
    """Quantiles of a lognormal distribution with the given median and sigma of its logarithm."""
    normal = NormalDist()
    return quantile_table(lambda p: median * exp(sigma * normal.inv_cdf(p)))


def exponential_table(mean: float) -> NDArray[np.int64]:
    """Quantiles of an exponential distribution with the given mean, scaled to keep that mean."""
    raw = [-log1p(-(i + 0.5) / QUANTILES) for i in range(QUANTILES)]
    scale = mean * QUANTILES / sum(raw)
    return np.array([max(1, round(scale * value)) for value in raw], dtype=np.int64)


def geometric_table(mean: float) -> NDArray[np.int64]:
    """Quantiles of a geometric distribution on 1, 2, … with the given mean (at least 1)."""
    if mean <= 1:
        return np.ones(QUANTILES, dtype=np.int64)
    ratio = log(1 - 1 / mean)
    return quantile_table(lambda p: ceil(log(1 - p) / ratio))
