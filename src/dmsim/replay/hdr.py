"""``histograms.hlog``: the times of a replay as a log of HdrHistograms (format 1.2, V2 compressed).

Each line holds the times of the actions that ended within an interval, in nanoseconds with three
significant digits. Lines without a tag are the response of all actions, which HdrHistogram's tools
show unless told otherwise; the tags ``service``, ``lateness`` and ``blocked`` are those of all
actions, ``response.send_message`` and so on the response of one kind.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dmsim.errors import UsageError
from dmsim.paths import write_whole
from dmsim.replay.record import Record
from dmsim.replay.result import METRICS
from dmsim.replay.schedule import Ints
from dmsim.replay.slots import Slots
from dmsim.vocabulary import Action, names

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

HDR_LOG = "histograms.hlog"

#: Each line is compressed by itself, which takes about a millisecond.
MOST_INTERVALS = 600

_DIGITS = 3
#: Bits that tell values apart to three digits: as many as HdrHistogram keeps.
_BITS = 11
_ACTIONS = names(Action)
_HEAD = (
    "#[Histogram log format version 1.2]\n"
    "#[Times in nanoseconds; seconds count from the replay's beginning]\n"
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
)


def check_hdr() -> None:
    """Refuse to begin a replay whose log could not be written.

    Raises:
        UsageError: the package is missing.
    """
    if find_spec("hdrh") is None:
        raise UsageError("--hdr needs hdrhistogram; install it with: pip install 'dmsim[hdr]'")


def write_hdr(record: Record, folder: Path) -> None:
    """Write the log, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(folder / HDR_LOG, "".join((_HEAD, *_lines(record))).encode())


def _lines(record: Record) -> Iterator[str]:
    from hdrh.histogram import HdrHistogram

    times = record.times()
    longest = max(int(times[metric][record.measured].max(initial=2)) for metric in METRICS)
    histogram = HdrHistogram(1, longest, _DIGITS)
    slots = Slots(record, MOST_INTERVALS)
    for slot, first_s in enumerate(slots.first_s):
        rows = slots.ended(slot)
        for tag, values in _tagged(record, times, rows):
            _fill(histogram, values)
            named = f"Tag={tag}," if tag else ""
            longest_ms = values.max() / 1e6
            coded = histogram.encode().decode()
            yield f"{named}{first_s}.000,{slots.width_s}.000,{longest_ms:.6f},{coded}\n"


def _tagged(record: Record, times: dict[str, Ints], rows: Ints) -> Iterator[tuple[str, Ints]]:
    """The times of some rows, none of them empty, with the tags of their lines."""
    if not len(rows):
        return
    for metric in METRICS:
        yield ("" if metric == "response" else metric), times[metric][rows]
    actions = record.schedule.action[rows]
    for action in np.unique(actions).tolist():
        yield f"response.{_ACTIONS[action]}", times["response"][rows[actions == action]]


def _fill(histogram: "HdrHistogram", values: Ints) -> None:
    """Count the values, those that HdrHistogram would not tell apart all at once."""
    histogram.reset()
    bits = np.frexp(values.astype(np.float64))[1]
    shift = np.maximum(bits - _BITS - 1, 0)
    distinct, counts = np.unique(values >> shift << shift, return_counts=True)
    for value, count in zip(distinct.tolist(), counts.tolist(), strict=True):
        histogram.record_value(value, count)
