"""When the shifts of a week may be worked, and whom they bring to which interval."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from dmsim.rostering.model import DAY, WEEK, ShiftsFile, ShiftTemplate, minutes
from dmsim.scenario.units import DAYS

Span = tuple[int, int]
Floats = NDArray[np.float64]


class Worked:
    """Time at work, from its begin to its end but for breaks; minutes since Monday 00:00."""

    begin: int
    end: int
    breaks: tuple[Span, ...]

    @property
    def day(self) -> int:
        """On which it begins, 0 for Monday."""
        return self.begin // DAY

    @property
    def spans(self) -> list[Span]:
        """What is worked of it."""
        return list(worked_spans(self.begin, self.end, self.breaks))

    @property
    def worked(self) -> int:
        """Minutes without breaks."""
        return sum(until - since for since, until in self.spans)


@dataclass(frozen=True)
class Slot(Worked):
    """A shift at one of its starts on one day; minutes since Monday 00:00.

    What goes on after Sunday lies beyond the week, and covers the Monday of the next.
    """

    shift: str
    begin: int
    end: int
    breaks: tuple[Span, ...]


def worked_spans(begin: int, end: int, breaks: Collection[Span]) -> Iterator[Span]:
    """What breaks leave of a shift, in order."""
    at = begin
    for since, until in sorted(breaks):
        if since > at:
            yield at, min(since, end)
        at = max(at, until)
    if at < end:
        yield at, end


def presence(spans: Collection[Span], step: int) -> Floats:
    """Which share of each interval of the week lies within some spans.

    Args:
        spans: minutes since Monday 00:00; what lies beyond the week counts from its begin.
        step: minutes of an interval.
    """
    there = np.zeros(WEEK)
    for since, until in spans:
        there[np.arange(since, until) % WEEK] += 1
    return np.asarray(there.reshape(-1, step).mean(axis=1), dtype=np.float64)


def slots(told: ShiftsFile, closed: Collection[int] = ()) -> list[Slot]:
    """Every shift at every start of every day that is not closed, in the order of their begins."""
    found = [
        slot_at(name, shift, day, minutes(start))
        for name, shift in told.shifts.items()
        for day, word in enumerate(DAYS)
        if word in shift.days and day not in closed
        for start in dict.fromkeys(shift.starts)
    ]
    return sorted(found, key=lambda slot: slot.begin)


def grid(told: ShiftsFile, step: int) -> int:
    """The longest interval, a part of ``step``, in which nobody comes, goes or has a break.

    Held against a mean over longer ones, half a shift would cover while all of it had a break.
    """
    edges = {step}
    for shift in told.shifts.values():
        edges |= {minutes(start) for start in shift.starts} | {minutes(shift.lasts)}
        edges |= {minutes(at) for b in shift.breaks for at in (b.after, b.after + b.lasts)}
    return gcd(*edges)


def slot_at(name: str, shift: ShiftTemplate, day: int, start: int) -> Slot:
    """A shift that begins at a minute of a day."""
    begin = day * DAY + start
    breaks = tuple(
        (begin + minutes(pause.after), begin + minutes(pause.after + pause.lasts))
        for pause in shift.breaks
    )
    return Slot(name, begin, begin + minutes(shift.lasts), breaks)


def shift_of(told: ShiftsFile, begin: int, end: int) -> str:
    """The shift of a shifts file that is from one minute of the week to another, or nothing."""
    for name, shift in told.shifts.items():
        for start in shift.starts:
            slot = slot_at(name, shift, begin // DAY, minutes(start))
            if (slot.begin, slot.end) == (begin, end):
                return name
    return ""
