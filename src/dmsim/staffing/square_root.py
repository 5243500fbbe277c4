"""The square-root rule: as many agents as the load, and a few times its root for safety.

For large loads m the chance of waiting depends on β in m + β √m alone (Halfin and Whitt 1981; with
patience Garnett, Mandelbaum and Reiman 2002). With the modified offered load for m it is the rule
by which staff that changes over the day is planned (Jennings, Mandelbaum, Massey and Whitt 1996).
"""

from math import exp, expm1, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]

#: Nobody has so much safety to spare.
_MOST_SAFETY = 30.0


def delay_of(beta: float, impatience: float = 0.0) -> float:
    """The share who wait where there are m + β √m agents for a large load m.

    Without patience Halfin and Whitt (1981), [1 + β Φ(β)/φ(β)]^-1; with it Garnett, Mandelbaum and
    Reiman (2002), [1 + h(c β)/(c h(-β))]^-1 with h = φ/(1 - Φ), c = 1/√(impatience).

    Args:
        beta: the square-root safety; above 0 where nobody leaves.
        impatience: mean handling time over mean patience, θ/μ; 0 where nobody leaves.
    """
    if impatience == 0:
        return float(1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta))) if beta > 0 else 1.0
    steep = 1 / sqrt(impatience)
    return 1 / (1 + _hazard(beta * steep) / (steep * _hazard(-beta)))


def _hazard(x: float) -> float:
    """Of the normal distribution: φ/(1 - Φ)."""
    return float(np.exp(norm.logpdf(x) - norm.logsf(x)))


def missed_of(
    beta: float, load: float, within: float, impatience: float = 0.0, silent: float = 0.0
) -> float:
    """The share not answered within a time: those answered later, and those who leave.

    Of who wait, the wait that lies ahead is of density e^(-a t - b t²/2) with a = β √m and b = m
    times the impatience that is seen (Zeltyn and Mandelbaum 2005). Where patience is shorter than
    it takes until somebody is free, nobody waits to speak of: Erlang B, φ(β)/Φ(β)/√m (Jagerman
    1974).

    Args:
        beta: the square-root safety.
        load: the offered load m in erlang, above 0.
        within: the acceptable wait over the mean handling time.
        impatience: mean handling time over mean patience, of all who leave; ``inf``: nobody waits.
        silent: the share of those who leave whom nobody sees leave.
    """
    seen = impatience * (1 - silent) if silent < 1 else 0.0
    if seen > load:
        full = min(_hazard(-beta) / sqrt(load), 1.0)
        return full / (1 - silent * (1 - full))
    waits = delay_of(beta, seen)
    if within == 0:
        return waits
    drift, pull = beta * sqrt(load), load * seen
    if pull == 0:
        leaving = drift + impatience
        answered = drift / leaving * -expm1(-leaving * within) if drift > 0 else 0.0
        return waits * (1 - answered)
    ends = [end / sqrt(pull) for end in (drift, drift + impatience, drift + impatience)]
    ends[2] += sqrt(pull) * within
    # The square is completed: what stands before the tails is e^((a + i)²/2b - a²/2b).
    before = (ends[1] ** 2 - ends[0] ** 2) / 2 - norm.logsf(ends[0])
    soon = exp(before + norm.logsf(ends[1])) - exp(before + norm.logsf(ends[2]))
    return waits * (1 - soon)


def safety_of(
    missed: float, load: float, within: float = 0.0, impatience: float = 0.0, silent: float = 0.0
) -> float:
    """The β with which a share is missed by :func:`missed_of`; the least there is where less is.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 < missed < 1:
        raise ValueError(f"missed = {missed}: must be between 0 and 1")

    def over(beta: float) -> float:
        return missed_of(beta, load, within, impatience, silent) - missed

    # Where all leave silently the queue is as if nobody left; else as few as nobody may do.
    lowest = 0.0 if impatience == 0 or silent == 1 else -sqrt(load)
    if over(lowest) <= 0:
        return lowest
    return float(brentq(over, lowest, _MOST_SAFETY, xtol=1e-13))


def square_root_staffing(
    load: Floats, missed: float, within: float = 0.0, impatience: float = 0.0, silent: float = 0.0
) -> NDArray[np.int64]:
    """The agents m + β √m, rounded up, with which a share is missed, by the load of each hour.

    >>> square_root_staffing(np.array([0.0, 100.0]), 0.2).tolist()
    [0, 111]

    Args:
        load: offered loads in erlang, such as :func:`dmsim.staffing.offered_load.offered_load`
            gives.
        missed: the share who need not be answered ``within`` the time.
        within: the acceptable wait over the mean handling time.
        impatience: mean handling time over mean patience, of all who leave.
        silent: the share of those who leave whom nobody sees leave.
    """
    agents = np.zeros(len(load), dtype=np.int64)
    for place, mean in enumerate(np.asarray(load, dtype=np.float64).tolist()):
        if mean > 0:
            needed = mean + safety_of(missed, mean, within, impatience, silent) * sqrt(mean)
            # Far below the load the rule errs, but whoever does not leave visibly is handled.
            handled = mean * (1 - missed * (1 - silent))
            agents[place] = max(np.ceil(max(needed, handled) - 1e-9), 1)
    return agents
