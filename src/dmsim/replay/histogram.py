"""Log-linear counters of durations: mergeable by addition, percentiles within 0.4 %.

A value below 256 ns has a bucket of its own; above that every power of two is split into 128
buckets (7 bits of mantissa), so a bucket is at most 0.8 % wide and its middle at most 0.4 % off.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

MANTISSA_BITS = 7
_LINEAR = 1 << MANTISSA_BITS


def bucket_of(value: int) -> int:
    """The bucket that counts a duration in nanoseconds; negative ones count as 0."""
    if value < 2 * _LINEAR:
        return max(value, 0)
    shift = value.bit_length() - MANTISSA_BITS - 1
    return shift * _LINEAR + (value >> shift)


def buckets_of(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """:func:`bucket_of` for an array."""
    values = np.maximum(values, 0)
    bits = np.frexp(values.astype(np.float64))[1].astype(np.int64)
    # Rounding to a double may carry a value just below a power of two over it.
    bits -= (bits > 0) & (values < (np.int64(1) << np.maximum(bits - 1, 0)))
    shift = np.maximum(bits - MANTISSA_BITS - 1, 0)
    result: npt.NDArray[np.int64] = shift * _LINEAR + (values >> shift)
    return result


def middle_of(bucket: int) -> float:
    """The duration in nanoseconds that stands for a bucket."""
    if bucket < 2 * _LINEAR:
        return float(bucket)
    shift = bucket // _LINEAR - 1
    low = (bucket - shift * _LINEAR) << shift
    return low + ((1 << shift) - 1) / 2


class Histogram:
    """How often durations of each size occurred."""

    def __init__(self, counts: Mapping[int, int] | None = None, longest: int = 0) -> None:
        self.counts: dict[int, int] = dict(counts or {})
        self.longest = longest

    def record(self, value: int) -> None:
        """Count one duration in nanoseconds."""
        bucket = bucket_of(value)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.longest = max(self.longest, value)

    def record_all(self, values: npt.NDArray[np.int64]) -> None:
        """Count many durations in nanoseconds."""
        if not len(values):
            return
        buckets, counts = np.unique(buckets_of(values), return_counts=True)
        for bucket, count in zip(buckets.tolist(), counts.tolist(), strict=True):
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.longest = max(self.longest, int(values.max()))

    def merge(self, other: "Histogram") -> None:
        """Add what another histogram counted; the result is as if one had counted all."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.longest = max(self.longest, other.longest)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def percentile(self, percent: float) -> float | None:
        """The nearest-rank percentile in nanoseconds; None where nothing was counted.

        Args:
            percent: above 0, at most 100; 100 is the exact maximum.
        """
        total = len(self)
        if not total:
            return None
        rank = math.ceil(percent / 100 * total)
        if rank >= total:
            return float(self.longest)
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return min(middle_of(bucket), float(self.longest))
        return float(self.longest)
