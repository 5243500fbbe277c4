"""Simulated time in intervals that people can read off an axis."""

from dataclasses import dataclass

import polars as pl

from dmsim.trace.manifest import Manifest

_SECOND_US = 1_000_000
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)
_MOST_BINS = 96


@dataclass(frozen=True)
class Bins:
    """Equal intervals of simulated time that cover a recorded window.

    ``starts_us`` are their left edges.
    """

    width_us: int
    starts_us: list[int]

    def position(self, at: pl.Expr) -> pl.Expr:
        """The number of the interval in which a time lies."""
        return ((at - self.starts_us[0]) // self.width_us).clip(0, len(self.starts_us) - 1)

    def counts(self, at: pl.Series) -> list[int]:
        """How many of the times lie in each interval."""
        positions = pl.select(self.position(pl.lit(at))).to_series()
        found = dict(positions.value_counts().iter_rows())
        return [found.get(number, 0) for number in range(len(self.starts_us))]


def bins_of(manifest: Manifest) -> Bins:
    """The intervals of a trace's recorded window: at most about a hundred."""
    first, until = manifest.from_us, manifest.until_us
    width = _bin_width(until - first)
    return Bins(width, list(range(first - first % width, max(until, first + 1), width)))


def _bin_width(window_us: int) -> int:
    for seconds in _WIDTHS:
        if window_us <= seconds * _SECOND_US * _MOST_BINS:
            return seconds * _SECOND_US
    return -(-window_us // _MOST_BINS)
