"""Several independent runs of the same care teams: what they say together, and how surely."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from dmsim.report.care import CareMeasures, Reading, care_measures
from dmsim.report.intervals import Interval, interval

#: The figures that have an interval, by their place in the measures.
FIGURES: dict[str, Callable[[CareMeasures], float | None]] = {
    "answered_share": lambda care: care.answers(care.total).answered_share,
    "in_time_share": lambda care: care.answers(care.total).in_time_share,
    "public_median_s": lambda care: care.total.public.median_s,
    "private_median_s": lambda care: care.total.private.median_s,
    "thread_median_s": lambda care: care.total.thread.median_s,
    "resolution_median_s": lambda care: care.total.resolution.median_s,
    "occupancy": lambda care: care.staff.occupancy,
    "backlog_mean": lambda care: care.staff.backlog_mean.all,
}


def together(
    runs: Sequence[tuple[pl.DataFrame, pl.DataFrame]],
    brands: Mapping[int, str],
    reading: Reading,
    window: tuple[int, int],
) -> tuple[CareMeasures, dict[str, Interval]]:
    """The cases of all runs measured together, the mean of their staff, and 95 % intervals.

    Args:
        runs: the tables of cases and of staff of each.
        brands: as of :func:`dmsim.report.care.care_measures`.
        reading: as there.
        window: as there.

    Returns:
        The measures, and by figure the interval of its mean over the runs; times in seconds.
    """
    cases = pl.concat([cases for cases, _ in runs])
    staff = pl.concat([staff for _, staff in runs])
    means = staff.group_by("team", "at", maintain_order=True).mean()
    whole = care_measures(cases, means, brands, reading, window)
    each = [care_measures(*run, brands, reading, window) for run in runs]
    intervals = {name: interval([of(care) for care in each]) for name, of in FIGURES.items()}
    return whole, intervals
