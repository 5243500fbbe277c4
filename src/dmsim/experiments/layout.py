"""Which key of a design goes along the axis of a chart, which in colours, which in panels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dmsim.experiments.design import Design


class Layout(NamedTuple):
    """How the points of a design are drawn.

    Attributes:
        key: along the axis, shortened as in :meth:`Design.short_keys`; so are the names.
        values: of that key, in their order.
        panels: by name of a panel its lines; by name of a line its point at each value, None where
            there is none. Names are empty where nothing else varies.
    """

    key: str
    values: tuple[str, ...]
    panels: Mapping[str, Mapping[str, Sequence[int | None]]]


def lay_out(design: Design, most: int) -> Layout:
    """The key with the most values along the axis, that with the second most in colours.

    Args:
        design: whose points are drawn.
        most: lines at most in a panel; what has more colours gets more panels.
    """
    keys = design.short_keys()
    values = [list(dict.fromkeys(column)) for column in zip(*design.points, strict=True)]
    order = sorted(range(len(values)), key=lambda place: -len(values[place]))
    along, colour, panel = order[0], order[1:2], order[2:]
    panels: dict[str, dict[str, list[int | None]]] = {}
    for number, point in enumerate(design.points):
        lines = panels.setdefault(_name(keys, point, panel), {})
        empty: list[int | None] = [None] * len(values[along])
        line = lines.setdefault(_name(keys, point, colour), empty)
        line[values[along].index(point[along])] = number
    return Layout(keys[along], tuple(values[along]), dict(_split(panels, most)))


def only_varied(design: Design, place: int, baseline: int) -> list[int]:
    """The points that differ from the baseline in one key alone, and the baseline itself."""
    base = design.points[baseline]
    return [
        number
        for number, point in enumerate(design.points)
        if all(value == base[other] for other, value in enumerate(point) if other != place)
    ]


def _split(
    panels: Mapping[str, Mapping[str, Sequence[int | None]]], most: int
) -> Iterator[tuple[str, Mapping[str, Sequence[int | None]]]]:
    for name, lines in panels.items():
        if len(lines) <= most:
            yield name, lines
            continue
        for begin in range(0, len(lines), most):
            some = list(lines)[begin : begin + most]
            told = some[0] if len(some) == 1 else f"{some[0]} to {some[-1].rpartition(' = ')[2]}"
            yield ", ".join(filter(None, (name, told))), {line: lines[line] for line in some}


def _name(keys: Sequence[str], point: Sequence[str], places: Sequence[int]) -> str:
    return ", ".join(f"{keys[place]} = {point[place]}" for place in places)
