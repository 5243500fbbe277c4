"""The modified offered load: how many contacts a rate that changes keeps in hand.

Where handling takes long, a busy hour is felt in the hours after it. In a desk that never lacks an
agent the mean number in hand m(t) follows m'(t) = λ(t) - m(t)/h for exponential handling of mean h
(Eick, Massey and Whitt 1993). Staffing for m(t) instead of λ(t) h is the MOL rule (Jagerman 1975;
Jennings, Mandelbaum, Massey and Whitt 1996); it is the rule by the interval (PSA) where h is short.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Floats = NDArray[np.float64]


def mean_in_hand(contacts: Floats, length_s: float, handle_s: float) -> Floats:
    """The mean number in hand at the beginning of each interval of a week that comes again.

    Solved exactly for a rate that is constant within each interval:
    m(t + s) = λ h + (m(t) - λ h) e^(-s/h).

    Args:
        contacts: how many come in each interval, shape (n,).
        length_s: of every interval, in seconds.
        handle_s: mean handling time in seconds.

    Returns:
        shape (n,); the end of an interval is the beginning of the next, that of the last the first.
    """
    steady = np.asarray(contacts, dtype=np.float64) / length_s * handle_s
    kept = np.exp(-length_s / handle_s)
    lost = -np.expm1(-length_s / handle_s)
    # What one week leaves of nothing, and then what is left when all weeks were like it.
    left = 0.0
    for load in steady:
        left = load * lost + left * kept
    begins = np.empty_like(steady)
    now = left / -np.expm1(-length_s * len(steady) / handle_s)
    for place, load in enumerate(steady):
        begins[place] = now
        now = load * lost + now * kept
    return begins


def offered_load(contacts: Floats, length_s: float, handle_s: float) -> Floats:
    """The modified offered load in erlang: the mean of m(t) over each interval, exactly.

    Arguments are those of :func:`mean_in_hand`, as is the shape of what is returned.
    """
    steady = np.asarray(contacts, dtype=np.float64) / length_s * handle_s
    begins = mean_in_hand(contacts, length_s, handle_s)
    share = -np.expm1(-length_s / handle_s) * handle_s / length_s
    return np.asarray(steady + (begins - steady) * share)


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


def safety_of(delay: float, impatience: float = 0.0) -> float:
    """The β of :func:`delay_of` that lets a share of contacts wait.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 < delay < 1:
        raise ValueError(f"delay = {delay}: must be between 0 and 1")
    lowest = 0.0 if impatience == 0 else -30.0
    return float(brentq(lambda beta: delay_of(beta, impatience) - delay, lowest, 30.0, xtol=1e-13))


def square_root_staffing(load: Floats, delay: float, impatience: float = 0.0) -> NDArray[np.int64]:
    """The agents m + β √m, rounded up, that let a share of contacts wait, by the load of each hour.

    Args:
        load: offered loads in erlang, such as :func:`offered_load` gives.
        delay: the share who may wait.
        impatience: mean handling time over mean patience.
    """
    agents = np.ceil(load + safety_of(delay, impatience) * np.sqrt(load) - 1e-9)
    return np.asarray(np.maximum(agents, 0), dtype=np.int64)
