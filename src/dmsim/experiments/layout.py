"""Which key of a design goes along the axis of a chart, which in colours, which in panels."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dmsim.experiments.design import Design


class Layout(NamedTuple):
    """How the points of a design are drawn.

    Attributes:
        key: along the axis.
        values: of that key, in their order.
        panels: by name of a panel its lines; by name of a line its point at each value, None where
            there is none. Names are empty where nothing else varies.
    """

    key: str
    values: tuple[str, ...]
    panels: Mapping[str, Mapping[str, Sequence[int | None]]]


def lay_out(design: Design) -> Layout:
    """The key with the most values along the axis, that with the second most in colours."""
    values = [list(dict.fromkeys(column)) for column in zip(*design.points, strict=True)]
    order = sorted(range(len(values)), key=lambda place: -len(values[place]))
    along, colour, panel = order[0], order[1:2], order[2:]
    panels: dict[str, dict[str, list[int | None]]] = {}
    for number, point in enumerate(design.points):
        lines = panels.setdefault(_name(design, point, panel), {})
        empty: list[int | None] = [None] * len(values[along])
        line = lines.setdefault(_name(design, point, colour), empty)
        line[values[along].index(point[along])] = number
    return Layout(design.keys[along], tuple(values[along]), panels)


def only_varied(design: Design, place: int, baseline: int) -> list[int]:
    """The points that differ from the baseline in one key alone, and the baseline itself."""
    base = design.points[baseline]
    return [
        number
        for number, point in enumerate(design.points)
        if all(value == base[other] for other, value in enumerate(point) if other != place)
    ]


def _name(design: Design, point: Sequence[str], places: Sequence[int]) -> str:
    return ", ".join(f"{design.keys[place]} = {point[place]}" for place in places)
