"""From the flow of a week's network to the weeks of single persons."""

from collections import defaultdict
from collections.abc import Sequence

from dmsim.rostering.network import Load, Network
from dmsim.rostering.slots import Slot

#: The numbers of the slots that one person works in a week, in the order of their begins.
Tour = list[int]


def tours_of(network: Network, flow: Sequence[int], slots: Sequence[Slot]) -> list[Tour]:
    """As many tours as the flow has paths.

    Args:
        network: of the week.
        flow: how many people go along each arc; whole numbers that keep the network's balance.
        slots: what the arcs number.
    """
    tours: list[Tour] = []
    # Who may begin again from when on, by what they worked and how their week began.
    free: dict[tuple[Load, int], list[tuple[int, Tour]]] = defaultdict(list)
    numbered = zip(network.arcs, flow, strict=True)
    for arc, people in sorted(numbered, key=lambda each: slots[each[0].slot].begin):
        for _ in range(people):
            if arc.tail is None:
                tour: Tour = []
                tours.append(tour)
            else:
                waiting = free[arc.tail.load, arc.tail.wrap]
                found = min(waiting, key=lambda each: each[0])
                waiting.remove(found)
                tour = found[1]
            tour.append(arc.slot)
            if arc.head is not None:
                free[arc.head.load, arc.head.wrap].append((arc.head.at, tour))
    return tours
