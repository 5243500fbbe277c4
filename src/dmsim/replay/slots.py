"""What happened in each second of a replay, or in each slot of several where it took long."""

import math

import numpy as np

from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Record
from dmsim.replay.result import METRICS, Second
from dmsim.replay.schedule import Ints

#: Of the summary: an hour of seconds; a longer replay is told in wider slots.
MOST_SLOTS = 3600

_NS_PER_S = 1_000_000_000


class Slots:
    """The measured rows of a record by the slots in which they ended.

    Attributes:
        width_s: whole seconds.
        first_s: the second with which each slot begins.
    """

    def __init__(self, record: Record, most: int) -> None:
        """Divide the time from T0 to the last instant into at most ``most`` slots."""
        last = max(record.start.max(initial=-1), record.done.max(initial=-1))
        seconds = int(last) // _NS_PER_S + 1
        self.width_s = max(-(-seconds // most), 1)
        self.first_s = range(0, seconds, self.width_s)
        ended = self._slot_of(np.where(record.measured, record.done, -1))
        self._order = np.argsort(ended, kind="stable")
        self._bounds = np.searchsorted(ended[self._order], np.arange(len(self.first_s) + 1))

    def __len__(self) -> int:
        return len(self.first_s)

    def ended(self, slot: int) -> Ints:
        """The rows that ended in a slot."""
        rows: Ints = self._order[self._bounds[slot] : self._bounds[slot + 1]]
        return rows

    def counts(self, instants: Ints) -> Ints:
        """How many of the instants, in nanoseconds from T0, lie in each slot."""
        return np.bincount(self._slot_of(instants), minlength=len(self))

    def _slot_of(self, instants: Ints) -> Ints:
        slots: Ints = instants // (self.width_s * _NS_PER_S)
        return slots


def over_time(record: Record, slots: Slots) -> list[Second]:
    """What was sent in each slot and what ended in it."""
    sent = slots.counts(record.start[record.sent])
    times = record.times()
    seconds = []
    for slot, first_s in enumerate(slots.first_s):
        rows = slots.ended(slot)
        percentiles = {
            f"{metric}_p{percent}_ms": value
            for metric in METRICS
            for percent, value in _percentiles_ms(times[metric][rows]).items()
        }
        seconds.append(
            Second(
                second=first_s,
                sent=int(sent[slot]),
                done=len(rows),
                mismatches=int(np.sum(record.judgements[rows] == Judgement.MISMATCH)),
                errors=int(np.sum(record.fates[rows] == Fate.ERROR)),
                **percentiles,
            )
        )
    return seconds


def _percentiles_ms(values: Ints) -> dict[int, float | None]:
    """The nearest-rank percentiles of durations in nanoseconds, exactly."""
    if not len(values):
        return {50: None, 99: None}
    ranks = {percent: math.ceil(percent / 100 * len(values)) - 1 for percent in (50, 99)}
    ordered = np.partition(values, list(ranks.values()))
    return {percent: float(ordered[rank]) / 1e6 for percent, rank in ranks.items()}
