"""Who works when: the duties of a roster."""

from collections.abc import Sequence
from dataclasses import dataclass

from dmsim.rostering.slots import Slot, Span, Worked


@dataclass(frozen=True)
class Duty(Worked):
    """One person on one shift of one week.

    Attributes:
        week: from 0 on.
        who: the person's name.
        people: the contract, a name in the shifts file.
        shift: its name there; empty where no shift of the file is worked at that time.
        begin: minutes since Monday 00:00 of the week, as ``end`` and ``breaks`` are.
    """

    week: int
    who: str
    people: str
    shift: str
    begin: int
    end: int
    breaks: tuple[Span, ...]

    @classmethod
    def of(cls, slot: Slot, week: int, who: str, people: str) -> "Duty":
        """A person works a slot."""
        return cls(week, who, people, slot.shift, slot.begin, slot.end, slot.breaks)


Duties = Sequence[Duty]
