"""Points on two logarithmic axes, as inline SVG: distributions with long tails."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from dmsim.report.svg import COLOURS, Frame, axes, drawing, log_ticks
from dmsim.report.units import figure

Point = tuple[float, float]

_RADIUS = 3
#: Around a point, where its tooltip shows.
_REACH = 7


def log_log_points(
    *,
    width: int,
    series: Mapping[str, Sequence[Point]],
    x_label: str,
    y_label: str,
    title: str,
    most_x_ticks: int = 9,
) -> str:
    """Points whose coordinates are all above 0, at least one of them.

    Args:
        width: of the drawing in pixels.
        series: name to its points (x, y).
        x_label: of the x axis, with unit.
        y_label: of the y axis, with unit.
        title: for readers who hear the page.
        most_x_ticks: about so many labels fit below the x axis.
    """
    points = [point for line in series.values() for point in line]
    x_ticks, y_ticks = (_ticks([point[axis] for point in points]) for axis in (0, 1))
    frame = Frame(width, math.log10(x_ticks[0]), math.log10(x_ticks[-1]))
    low, high = math.log10(y_ticks[0]), math.log10(y_ticks[-1])

    def part(value: float) -> float:
        return (math.log10(value) - low) / (high - low)

    marks = []
    for colour, (name, line) in enumerate(series.items()):
        for x, y in line:
            left, top = frame.x(math.log10(x)), frame.y(part(y))
            marks.append(
                f'<circle class="s{colour % COLOURS}" cx="{left:.1f}" cy="{top:.1f}" '
                f'r="{_RADIUS}"/>'
            )
            told = escape(f"{name}\n{x_label}\t{x:.4g}\n{y_label}\t{y:.4g}")
            marks.append(
                f'<rect class="hit" x="{left - _REACH:.1f}" y="{top - _REACH:.1f}" '
                f'width="{2 * _REACH}" height="{2 * _REACH}" data-tip="{told}"/>'
            )
    every = -(-len(x_ticks) // most_x_ticks)
    below = [(math.log10(tick), figure(tick)) for tick in x_ticks[::every]]
    beside = [(part(tick), figure(tick)) for tick in y_ticks[:: -(-len(y_ticks) // 8)]]
    return drawing(frame, title, axes(frame, beside, below, x_label, y_label) + marks)


def _ticks(values: Sequence[float]) -> list[float]:
    return log_ticks(min(values), max(values))
