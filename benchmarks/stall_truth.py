"""What the users of a backend that stands still for a while feel: the truth of the stall test.

The model: an open workload, in which actions are *intended* at their times whatever the backend
does; a backend that answers at once, but answers nothing from the instant it is stopped until it
goes on, and then everything that has come meanwhile. So an action intended during the stall waits
for the end of it, and every other one does not wait. A load generator that is free of coordinated
omission reports these responses; one that waits for an answer before it sends the next request
does not even send most of what would have waited.

Arithmetic on arrays, without a clock; the unit is the caller's.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64] | npt.NDArray[np.int64]


def true_responses(intended: Times, stopped: float, resumed: float) -> npt.NDArray[np.float64]:
    """The response of each action, from its intended time to its answer.

    Args:
        intended: when each action was to be sent.
        stopped: when the backend was stopped, on the same clock.
        resumed: when it went on.
    """
    stalled = (intended >= stopped) & (intended < resumed)
    return np.where(stalled, resumed - intended, 0).astype(np.float64)


def percentile(values: npt.NDArray[np.float64], percent: float) -> float:
    """The nearest-rank percentile, above 0, as dmsim's histograms define it."""
    return float(np.sort(values)[math.ceil(percent * len(values) / 100) - 1])


def errors(reported: Sequence[float], true: Sequence[float]) -> list[float]:
    """How far reported figures are off, as shares of the true ones."""
    return [abs(r - t) / t for r, t in zip(reported, true, strict=True)]
