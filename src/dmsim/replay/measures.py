"""What monitoring systems are told of a replay, whatever they are spoken to in."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dmsim.replay.histogram import Histogram, middle_of
from dmsim.replay.result import METRICS, ReplayResult

#: Upper bounds of the buckets of the four times, in seconds.
BOUNDS_S = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
)  # fmt: skip

#: What each of the four times is, in words.
TIMES = {
    "response": "From the moment an action was intended until it was done",
    "service": "From the moment an action was sent until it was done",
    "lateness": "The sender's own delay",
    "blocked": "Waiting for an earlier action that conflicts",
}
COUNTS = "Actions by kind and by what came of them"
VALID = "Whether the run's figures may be believed"

#: How the counts of a tally are called where each of them is a label.
_LABELS = {
    "matches": "match",
    "mismatches": "mismatch",
    "unordered": "unordered",
    "unjudged": "unjudged",
    "unsupported": "unsupported",
    "left_out": "left_out",
    "dropped": "dropped",
    "skipped": "skipped",
    "errors": "error",
}


@dataclass(frozen=True)
class Durations:
    """Durations of one kind of action, counted in the buckets of :data:`BOUNDS_S`.

    Attributes:
        counts: one more than there are bounds: the last is of what is above them all.
        sum_s: seconds, within 0.4 %.
        min_s: seconds, within 0.4 %.
        max_s: seconds, exact.
    """

    counts: list[int]
    sum_s: float
    min_s: float
    max_s: float


def counts_of(result: ReplayResult) -> Iterator[tuple[str, str, int]]:
    """Kind of action, what came of it, and how many, zeros included."""
    for action, tally in result.summary.by_action.items():
        for count, label in _LABELS.items():
            yield action, label, getattr(tally, count)


def durations_of(result: ReplayResult, metric: str) -> Iterator[tuple[str, Durations]]:
    """One of the four times by kind of action."""
    assert metric in METRICS
    for action, histogram in result.histograms[metric].items():
        if action != "all" and len(histogram):
            yield action, durations(histogram)


def durations(histogram: Histogram) -> Durations:
    """A histogram of nanoseconds, not empty, in coarser buckets of seconds."""
    counts = [0] * (len(BOUNDS_S) + 1)
    middles = {middle_of(bucket) / 1e9: count for bucket, count in histogram.counts.items()}
    for middle, count in middles.items():
        place = next((n for n, bound in enumerate(BOUNDS_S) if middle <= bound), len(BOUNDS_S))
        counts[place] += count
    return Durations(
        counts,
        sum_s=math.fsum(middle * count for middle, count in middles.items()),
        min_s=min(middles),
        max_s=histogram.longest / 1e9,
    )
