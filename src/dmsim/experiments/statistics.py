"""Paired differences under common random numbers, and what is left of them among many."""

from collections.abc import Sequence

from dmsim.report.intervals import Interval, interval

Values = Sequence[float | None]


def paired(values: Values, baseline: Values) -> Interval:
    """The mean difference to the baseline, replication by replication; 95 % interval.

    Replications in which either has no value are left out.
    """
    return interval(_differences(values, baseline))


def p_value(values: Values, baseline: Values) -> float | None:
    """The two-sided p-value of Student's paired test; None of fewer than two pairs."""
    from scipy.special import stdtr  # noqa: PLC0415 - only here, and it takes its time

    differences = _differences(values, baseline)
    found = interval(differences)
    if found.half_width is None or found.mean is None:
        return None
    count = found.count
    spread = sum((value - found.mean) ** 2 for value in differences)
    if spread == 0:
        return 1.0 if found.mean == 0 else 0.0
    error = (spread / (count - 1) / count) ** 0.5
    return float(2 * stdtr(count - 1, -abs(found.mean) / error))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction: p-values that may be judged together; None stays None.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, 1979.
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        adjusted[place] = largest
    return adjusted


def _differences(values: Values, baseline: Values) -> list[float]:
    pairs = zip(values, baseline, strict=True)
    return [value - base for value, base in pairs if value is not None and base is not None]
