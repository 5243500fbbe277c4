"""The hours of the week over several runs of the same care teams: how surely each is in time."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec
import polars as pl

from dmsim.report.care import Reading, care_measures
from dmsim.report.intervals import Interval, interval


class HourService(msgspec.Struct, frozen=True, kw_only=True):
    """One hour of the week (0 is Monday 00:00) over independent runs.

    Attributes:
        hour: of the week.
        cases: that were written in it and judged, mean of the runs.
        present: agents, mean of the runs.
        in_time: share of these cases that were answered within the target.
    """

    hour: int
    cases: float
    present: float
    in_time: Interval


def hours_together(
    runs: Sequence[tuple[pl.DataFrame, pl.DataFrame]],
    brands: Mapping[int, str],
    reading: Reading,
    window: tuple[int, int],
) -> list[HourService]:
    """Every hour of the week that the recorded window touches.

    Args:
        runs: the tables of cases and of staff of each.
        brands: as of :func:`dmsim.report.care.care_measures`.
        reading: as there.
        window: as there.
    """
    each = [care_measures(*run, brands, reading, window) for run in runs]
    found = []
    for of_all in zip(*(care.by_hour for care in each), strict=True):
        answers = [care.answers(hour.cases) for care, hour in zip(each, of_all, strict=True)]
        found.append(
            HourService(
                hour=of_all[0].hour,
                cases=fmean(answer.decided for answer in answers),
                present=fmean(hour.present for hour in of_all),
                in_time=interval([answer.in_time_share for answer in answers]),
            )
        )
    return found
