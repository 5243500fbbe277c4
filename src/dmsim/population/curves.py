"""How activity is spread over the week."""

import numpy as np
from numpy.typing import NDArray

from dmsim.errors import UsageError
from dmsim.scenario import read_curve, seed_curve

#: Hours of a week.
HOURS = 24 * 7


def load_curve(curve: str | tuple[float, ...]) -> NDArray[np.float64]:
    """A weekly curve as a scenario names or holds it (R101-R128).

    Args:
        curve: The weights themselves, or the name of a curve of ``seeds/``: ``"comments"`` on the
            pages of brands, direct ``"messages"``, or another reading of the study (Q9, Q10);
            ``dmsim.scenario.curve_names()`` lists all.

    Returns:
        Shape (168 k,), mean 1: the relative activity in each step of the week, k steps an hour, in
        the local time of the audience unless a scenario says otherwise (Q8). It begins on Monday
        at 00:00.

    Raises:
        UsageError: The file of ``seeds/`` is missing or was altered.
    """
    try:
        weights = np.array(curve if isinstance(curve, tuple) else read_curve(seed_curve(curve)))
    except ValueError as error:
        raise UsageError(f"{error}; restore the file as it came with dmsim") from error
    return np.asarray(weights / weights.mean())


def hourly(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve by the hour: the mean of the steps of each, shape (168,)."""
    return np.asarray(curve.reshape(HOURS, -1).mean(axis=1))
