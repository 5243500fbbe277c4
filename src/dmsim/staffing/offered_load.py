"""The modified offered load: how many contacts a rate that changes keeps in hand.

Where handling takes long, a busy hour is felt in the hours after it. In a desk that never lacks an
agent the mean number in hand m(t) follows m'(t) = λ(t) - m(t)/h for exponential handling of mean h
(Eick, Massey and Whitt 1993). Staffing for m(t) instead of λ(t) h is the MOL rule (Jagerman 1975;
Jennings, Mandelbaum, Massey and Whitt 1996); it is the rule by the interval (PSA) where h is short.
"""

import numpy as np
from numpy.typing import NDArray

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
