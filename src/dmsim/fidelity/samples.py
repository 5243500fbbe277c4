"""Checks of the usual kinds of samples, each with its interval; too few stay unchecked."""

import numpy as np

from dmsim.fidelity.check import Check, Subject, judge, too_few, unchecked
from dmsim.fidelity.intervals import (
    Floats,
    mean_interval,
    quantile_interval,
    share_interval,
)


def judge_share(subject: Subject, found: int, of: int, what: str) -> Check:
    """A share of independent trials.

    Args:
        subject: what is checked.
        found: the trials that count.
        of: all of them.
        what: what the trials are, in the plural.
    """
    because = too_few(of, what)
    if because:
        return unchecked(subject, because)
    return judge(subject, found / of, lambda level: share_interval(found, of, level))


def judge_mean(subject: Subject, values: Floats, what: str) -> Check:
    """The mean of independent values; arguments as of :func:`judge_share`."""
    because = too_few(len(values), what)
    if because:
        return unchecked(subject, because)
    return judge(subject, float(values.mean()), lambda level: mean_interval(values, level))


def judge_quantile(subject: Subject, ordered: Floats, part: float, what: str) -> Check:
    """A quantile of ascending values; arguments as of :func:`judge_share`."""
    because = too_few(len(ordered), what)
    if because:
        return unchecked(subject, because)
    measured = float(np.quantile(ordered, part))
    return judge(subject, measured, lambda level: quantile_interval(ordered, part, level))
