"""How activity is spread over the week."""

import csv

import numpy as np
from numpy.typing import NDArray

from dmsim.errors import UsageError
from dmsim.paths import data_path

DAYS = 7
HOURS = 24 * DAYS


def load_curve(name: str) -> NDArray[np.float64]:
    """A weekly curve of ``seeds/`` (R101-R128).

    Args:
        name: ``"comments"`` on the pages of brands, direct ``"messages"``, or another reading of
            the study (Q9, Q10); ``dmsim.scenario.curve_names()`` lists all.

    Returns:
        Shape (168,), mean 1: the relative activity in each hour of the week, in the local time of
        the audience unless a scenario says otherwise (Q8). Index ``24 * day + hour``; Monday is
        day 0.

    Raises:
        UsageError: The file is missing or does not hold one positive weight for each hour.
    """
    path = data_path("seeds") / f"activity_{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                (int(row["day"]), int(row["hour"]), float(row["weight"]))
                for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not a weekly curve ({error}); restore the file") from error
    weights = np.array([weight for _, _, weight in rows])
    in_order = [row[:2] for row in rows] == [divmod(hour, 24) for hour in range(HOURS)]
    if not in_order or not bool(np.all(np.isfinite(weights) & (weights > 0))):
        remedy = "restore the file as it came with dmsim"
        raise UsageError(f"{path}: does not hold a positive weight for each of 168 hours; {remedy}")
    curve: NDArray[np.float64] = weights / weights.mean()
    return curve
