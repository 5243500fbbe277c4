"""What a trace asks of a backend over time, by kind of action."""

from dataclasses import dataclass

import polars as pl

from dmsim.report.bins import Bins, bins_of
from dmsim.report.scan import scan
from dmsim.trace.reader import Trace

#: Kinds shown by themselves; rarer ones are summed up, because nobody tells more colours apart.
_MOST_KINDS = 6
OTHER = "other"


@dataclass(frozen=True)
class Traffic:
    """Actions per interval of simulated time.

    ``series`` maps an action's word (or ``other``) to its count in each interval, most frequent
    first.
    """

    bins: Bins
    series: dict[str, list[int]]


def traffic(trace: Trace) -> Traffic:
    """Count a trace's actions by interval and kind over its recorded window."""
    bins = bins_of(trace.manifest)
    counted = (
        scan(trace)
        .select(bin=bins.position(pl.col("at")), action=pl.col("action"))
        .group_by("bin", "action")
        .len()
        .collect()
    )
    return Traffic(bins, _series(counted, len(bins.starts_us)))


def _series(counted: pl.DataFrame, bins: int) -> dict[str, list[int]]:
    totals = (
        counted.group_by("action")
        .agg(pl.col("len").sum())
        .sort("len", "action", descending=[True, False])
    )
    kinds = totals["action"].to_list()
    shown = kinds if len(kinds) <= _MOST_KINDS + 1 else kinds[:_MOST_KINDS]
    series = {kind: [0] * bins for kind in shown}
    for position, kind, number in counted.select("bin", "action", "len").iter_rows():
        series.setdefault(kind if kind in shown else OTHER, [0] * bins)[position] += number
    return series
