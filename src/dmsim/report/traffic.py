"""What a trace asks of a backend over time, by kind of action."""

from dataclasses import dataclass

import polars as pl

from dmsim.trace.reader import Trace

_SECOND_US = 1_000_000
#: Widths of a bin that people can read off an axis, in seconds.
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)
_MOST_BINS = 96
#: Kinds shown by themselves; rarer ones are summed up, because nobody tells more colours apart.
_MOST_KINDS = 6
OTHER = "other"


@dataclass(frozen=True)
class Traffic:
    """Actions per bin of simulated time.

    ``starts_us`` are the left edges of the bins, ``series`` maps an action's word (or ``other``)
    to its count in each bin, most frequent first.
    """

    width_us: int
    starts_us: list[int]
    series: dict[str, list[int]]


def traffic(trace: Trace) -> Traffic:
    """Count a trace's actions by bin and kind over its recorded window."""
    first, until = trace.manifest.from_us, trace.manifest.until_us
    width = _bin_width(until - first)
    starts = list(range(first - first % width, max(until, first + 1), width))
    files = trace.action_files()
    if not files:
        return Traffic(width, starts, {})
    counted = (
        pl.scan_parquet(files, hive_partitioning=False)
        .select(bin=(pl.col("at") - starts[0]) // width, action=pl.col("action"))
        .group_by("bin", "action")
        .len()
        .collect()
    )
    return Traffic(width, starts, _series(counted, len(starts)))


def _bin_width(window_us: int) -> int:
    for seconds in _WIDTHS:
        if window_us <= seconds * _SECOND_US * _MOST_BINS:
            return seconds * _SECOND_US
    return -(-window_us // _MOST_BINS)


def _series(counted: pl.DataFrame, bins: int) -> dict[str, list[int]]:
    totals = counted.group_by("action").agg(pl.col("len").sum()).sort("len", descending=True)
    kinds = totals["action"].to_list()
    shown = kinds if len(kinds) <= _MOST_KINDS + 1 else kinds[:_MOST_KINDS]
    series = {kind: [0] * bins for kind in shown}
    for position, kind, number in counted.select("bin", "action", "len").iter_rows():
        row = series.setdefault(kind if kind in shown else OTHER, [0] * bins)
        row[min(position, bins - 1)] += number
    return series
