"""Who is on duty when."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from zlib import crc32

from dmsim.draws import SCALE, SHRINKAGE, draw
from dmsim.scenario.care import RosterShift, Team
from dmsim.scenario.units import DAY_US, DAYS, WEEK_US


@dataclass(frozen=True)
class Duty:
    """One occurrence of a shift; ``worked`` are its parts between the breaks, in order (µs)."""

    begin: int
    end: int
    worked: tuple[tuple[int, int], ...]


class Absences:
    """Who does not work a scheduled shift, for illness or training.

    Each is drawn by the names of team and shift, the agent's place in the shift and the day: one
    agent more changes nobody else's.
    """

    def __init__(self, key: int, team: str, shift: str, shrinkage: float) -> None:
        self._key = key
        self._stream = crc32(f"{team}.{shift}".encode())
        self._absent = round(shrinkage * SCALE)

    def holds(self, place: int, duty: Duty) -> bool:
        """Whether the agent at a place (below 65 536) of the shift is absent this time."""
        occurrence = duty.begin // DAY_US << 16 | place
        return draw(self._key, self._stream, SHRINKAGE, occurrence) < self._absent


def shifts_of(team: Team) -> dict[str, RosterShift]:
    """The shifts of a team by name; without a roster one from midnight to midnight (R157)."""
    if team.roster:
        return team.roster
    return {"": RosterShift.model_construct(start=0, until=DAY_US, agents=team.agents)}


def duties(shift: RosterShift, now: int) -> Iterator[Duty]:
    """When a shift is worked, every week, from the first time that is not yet over."""
    length = (shift.until - shift.start) % DAY_US or DAY_US
    days = sorted({DAYS.index(day) for day in shift.days})
    for week in count(now // WEEK_US - 1):
        for day in days:
            begin = week * WEEK_US + day * DAY_US + shift.start
            if begin + length > now:
                yield Duty(begin, begin + length, tuple(_worked(shift, begin, begin + length)))


def _worked(shift: RosterShift, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """What breaks leave of a shift, in which they all lie."""
    at = begin
    for start, lasts in sorted(((b.at - shift.start) % DAY_US, b.lasts) for b in shift.breaks):
        if begin + start > at:
            yield at, begin + start
        at = max(at, begin + start + lasts)
    if at < end:
        yield at, end
