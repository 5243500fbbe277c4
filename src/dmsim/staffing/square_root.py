"""The square-root rule: as many agents as the load, and a few times its root for safety.

For large loads m the chance of waiting depends on β in m + β √m alone (Halfin and Whitt 1981; with
patience Garnett, Mandelbaum and Reiman 2002). With the modified offered load for m it is the rule
by which staff that changes over the day is planned (Jennings, Mandelbaum, Massey and Whitt 1996).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]

#: Nobody has so much safety to spare, nor so little.
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
    steep = impatience**-0.5
    waiting = np.exp(norm.logpdf(beta * steep) - norm.logsf(beta * steep))
    free = np.exp(norm.logpdf(beta) - norm.logcdf(beta))
    return float(1 / (1 + waiting / (steep * free)))


def late_of(beta: float, load: float, within: float, impatience: float = 0.0) -> float:
    """The share whom more than ``within`` mean handling times of waiting lie ahead of.

    The tail of the wait of who waits: e^(-a t) with a = β √m, or with patience of the normal
    distribution, (1 - Φ((a + b t)/√b)) / (1 - Φ(a/√b)) with b = m θ/μ (Zeltyn and Mandelbaum 2005).

    Args:
        beta: the square-root safety.
        load: the offered load m in erlang, above 0.
        within: the acceptable wait over the mean handling time.
        impatience: as in :func:`delay_of`.
    """
    drift, pull = beta * load**0.5, load * impatience
    if impatience == 0:
        tail = np.exp(-max(drift, 0.0) * within)
    else:
        ends = (drift + pull * within) / pull**0.5
        tail = np.exp(norm.logsf(ends) - norm.logsf(drift / pull**0.5))
    return delay_of(beta, impatience) * float(tail)


def safety_of(late: float, load: float, within: float = 0.0, impatience: float = 0.0) -> float:
    """The β with which a share is late by :func:`late_of`; the least there is where fewer are.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 < late < 1:
        raise ValueError(f"late = {late}: must be between 0 and 1")

    def missed(beta: float) -> float:
        return late_of(beta, load, within, impatience) - late

    lowest = 0.0 if impatience == 0 else -_MOST_SAFETY
    if missed(lowest) <= 0:
        return lowest
    return float(brentq(missed, lowest, _MOST_SAFETY, xtol=1e-13))


def square_root_staffing(
    load: Floats, late: float, within: float = 0.0, impatience: float = 0.0
) -> NDArray[np.int64]:
    """The agents m + β √m, rounded up, with which a share is late, by the load of each hour.

    >>> square_root_staffing(np.array([0.0, 100.0]), 0.2).tolist()
    [0, 111]

    Args:
        load: offered loads in erlang, such as :func:`dmsim.staffing.offered_load.offered_load`
            gives.
        late: the share who may wait longer than ``within``.
        within: the acceptable wait over the mean handling time.
        impatience: mean handling time over mean patience, for those who are seen to leave.
    """
    agents = np.zeros(len(load), dtype=np.int64)
    for place, mean in enumerate(np.asarray(load, dtype=np.float64).tolist()):
        if mean > 0:
            needed = mean + safety_of(late, mean, within, impatience) * mean**0.5
            agents[place] = max(np.ceil(needed - 1e-9), 1)
    return agents
