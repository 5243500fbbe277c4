"""The weeks that people of one contract may have, as paths through a network.

A tour is what one person works in a week: slots with enough rest between them and enough days off.
There are far too many tours to list, but each is a path: a node says from when on a person may
begin a shift again and what the person has worked so far, an arc is a slot that is worked. As many
whole paths as there are people are an integer flow, so the size of the problem does not depend on
how many people there are, and people who could change places are not told apart.

The week repeats: a late shift on Sunday has its rest before the first shift on Monday. So each path
remembers its first begin, as coarsely as the ends of the last shifts demand (its ``wrap``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

from dmsim.rostering.model import DAY, WEEK, People, minutes
from dmsim.rostering.slots import Slot


class Load(NamedTuple):
    """What a person has worked so far in the week."""

    days: int
    minutes: int


class Node(NamedTuple):
    """People who may begin a shift at a minute of the week, or later."""

    at: int
    load: Load
    wrap: int


class Arc(NamedTuple):
    """A slot that is worked: ``tail`` is None of the first of the week, ``head`` of the last."""

    slot: int
    tail: Node | None
    head: Node | None


@dataclass(frozen=True)
class Network:
    """Arcs in the order of their begins, and for each node the one that waiting leads to."""

    arcs: tuple[Arc, ...]
    waits: dict[Node, Node]


class Worked(Protocol):
    """Something worked, in minutes since Monday 00:00."""

    @property
    def day(self) -> int:
        """On which it begins, 0 for Monday."""

    @property
    def end(self) -> int:
        """When it ends."""


def ready(worked: Worked, people: People) -> int:
    """From which minute on a person may begin again: rested, and not on the same day."""
    return max(worked.end + minutes(people.rest), (worked.day + 1) * DAY)


def overhang(worked: Worked, people: People) -> int:
    """How far into the next week a person has to rest, in minutes."""
    return max(ready(worked, people) - WEEK, 0)


def week_network(slots: Sequence[Slot], people: People) -> Network:
    """The network of a contract.

    Args:
        slots: in the order of their begins.
        people: their rules; which shifts they work and how many they are does not matter here.
    """
    begins = sorted({slot.begin for slot in slots})
    # Rests that end before the same begin are alike.
    rests = [_next(begins, overhang(slot, people)) for slot in slots]
    wraps = sorted({_next(begins, 0), *rests})
    loads = _loads(slots, people)
    arcs = []
    for number, slot in enumerate(slots):
        again = _next(begins, ready(slot, people))
        first = max(wrap for wrap in wraps if wrap <= slot.begin)
        for before in [None, *loads]:
            after = _after(before or Load(0, 0), slot, people)
            if after not in loads:
                continue
            for wrap in wraps if before else [first]:
                if rests[number] <= wrap <= slot.begin or not before:
                    tail = Node(slot.begin, before, wrap) if before else None
                    head = None if again >= WEEK else Node(again, after, wrap)
                    arcs.append(Arc(number, tail, head))
    return Network(tuple(arcs), _waits(begins, arcs))


def _next(begins: Sequence[int], minute: int) -> int:
    """The first begin at a minute or later, or the end of the week."""
    return next((begin for begin in begins if begin >= minute), WEEK)


def _loads(slots: Sequence[Slot], people: People) -> dict[Load, None]:
    """All loads that a week within the rules can come to."""
    found: dict[Load, None] = {}
    new = {Load(0, 0)}
    while new:
        new = {_after(load, slot, people) for load in new for slot in slots}
        new = {load for load in new if _is_allowed(load, people) and load not in found}
        found |= dict.fromkeys(sorted(new))
    return found


def _after(load: Load, slot: Slot, people: People) -> Load:
    """Minutes are only counted where they are limited."""
    more = slot.worked if people.most_hours is not None else 0
    return Load(load.days + 1, load.minutes + more)


def _is_allowed(load: Load, people: People) -> bool:
    most = people.most_hours
    in_time = most is None or load.minutes <= minutes(most)
    return in_time and load.days <= 7 - people.days_off


def _waits(begins: Sequence[int], arcs: Sequence[Arc]) -> dict[Node, Node]:
    """From each node the next of the same load and wrap; the last of them leads nowhere."""
    lines = {(node.load, node.wrap) for arc in arcs for node in arc[1:] if node is not None}
    return {
        Node(begin, load, wrap): Node(later, load, wrap)
        for load, wrap in sorted(lines)
        for begin, later in pairwise(begins)
    }
