"""Charts as inline SVG: stacked bars over time and lines on a logarithmic scale.

A chart is drawn for a fixed width, so that its letters keep their size; the page holds a wide and
a narrow drawing and shows the one that fits.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dmsim.report.units import NOTHING, count, figure, milliseconds

#: As many colours as the page's style defines (``--s0`` …).
COLOURS = 7
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 30, 26, 44
_HEIGHT = 300


@dataclass(frozen=True)
class Frame:
    """The plotting area of a chart and how values map onto it."""

    width: int
    x_from: float
    x_until: float

    @property
    def right(self) -> int:
        """Where the plotting area ends."""
        return self.width - _RIGHT

    @property
    def bottom(self) -> int:
        """Where the plotting area ends below."""
        return _HEIGHT - _BOTTOM

    def x(self, value: float) -> float:
        """Horizontal position of a value."""
        extent = (self.x_until - self.x_from) or 1
        return _LEFT + (value - self.x_from) / extent * (self.right - _LEFT)

    def y(self, part: float) -> float:
        """Vertical position of a part of the full height, 0 at the bottom."""
        return self.bottom - part * (self.bottom - _TOP)


def stacked_bars(
    *,
    width: int,
    starts: Sequence[int],
    bin_width: int,
    series: Mapping[str, Sequence[int]],
    x_ticks: Sequence[tuple[float, str]],
    x_label: str,
    y_label: str,
    title: str,
    bin_name: Callable[[int], str],
) -> str:
    """Counts per bin, stacked in the order of ``series``.

    Args:
        width: of the drawing in pixels.
        starts: left edges of the bins, in the unit of the x axis.
        bin_width: width of each bin in the same unit.
        series: name to one count per bin.
        x_ticks: where the x axis is labelled, and how.
        x_label: of the x axis, with unit.
        y_label: of the y axis, with unit.
        title: for readers who hear the page.
        bin_name: how a bin is named in its tooltip, from its left edge.
    """
    frame = Frame(width, starts[0], starts[-1] + bin_width)
    totals = [sum(values) for values in zip(*series.values(), strict=True)] or [0]
    ticks = linear_ticks(max(totals))
    top = ticks[-1]
    marks = []
    for position, start in enumerate(starts):
        below = 0
        left, right = frame.x(start), frame.x(start + bin_width)
        for colour, values in enumerate(series.values()):
            height = values[position]
            if height:
                low, high = frame.y(below / top), frame.y((below + height) / top)
                marks.append(_bar(left, right, high, low, colour % COLOURS))
            below += height
        told = [(name, count(values[position])) for name, values in series.items()][::-1]
        if len(told) > 1:
            told.append(("all", count(below)))
        marks.append(_hit(frame, left, right, bin_name(start), told))
    labels = [(tick / top, count(tick)) for tick in ticks]
    return drawing(frame, title, axes(frame, labels, x_ticks, x_label, y_label) + marks)


def log_lines(
    *,
    width: int,
    xs: Sequence[float],
    series: Mapping[str, Sequence[float | None]],
    x_ticks: Sequence[tuple[float, str]],
    x_label: str,
    y_label: str,
    title: str,
    point_name: Callable[[float], str],
) -> str:
    """Lines over a logarithmic axis; a line has a gap wherever its value is missing.

    Arguments are those of :func:`stacked_bars`; ``point_name`` names an x value in its tooltip.
    """
    step = _step(xs)
    frame = Frame(width, xs[0], max(xs[-1], xs[0] + step))
    values = [
        value for line in series.values() for value in line if value is not None and value > 0
    ]
    ticks = log_ticks(min(values, default=1), max(values, default=1))
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])

    def part(value: float) -> float:
        return max(math.log10(max(value, ticks[0])) - low, 0) / (high - low)

    marks = []
    for colour, line in enumerate(series.values()):
        points = [
            None if value is None else (frame.x(x), frame.y(part(value)))
            for x, value in zip(xs, line, strict=True)
        ]
        marks.append(_line(points, colour % COLOURS))
    for position, x in enumerate(xs):
        told = [(name, _value(line[position])) for name, line in series.items()]
        marks.append(_hit(frame, frame.x(x - step / 2), frame.x(x + step / 2), point_name(x), told))
    labels = [(part(tick), figure(tick)) for tick in ticks]
    return drawing(frame, title, axes(frame, labels, x_ticks, x_label, y_label) + marks)


def meter(part: float) -> str:
    """A bar that is filled to a part of its length, for a row of a table that tells the figure."""
    return (
        '<svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none" '
        f'width="100%" height="10"><rect class="s0" width="{100 * part:.2f}" height="10"/></svg>'
    )


def linear_ticks(top: float, wanted: int = 5) -> list[float]:
    """Round values from 0 to at least ``top``, about ``wanted`` of them."""
    if top <= 0:
        return [0, 1]
    rough = top / wanted
    scale = 10 ** math.floor(math.log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough)
    step = max(step, 1)
    return [step * index for index in range(math.ceil(top / step) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Values 1, 2, 5 times powers of ten that enclose ``low`` … ``high``.

    Over more than two powers of ten only these themselves.
    """
    first, last = math.floor(math.log10(low * 0.9999)), math.ceil(math.log10(high * 1.0001))
    last = max(last, first + 1)
    factors = (1, 2, 5) if last - first <= 2 else (1,)
    ticks = [factor * 10.0**power for power in range(first, last) for factor in factors]
    ticks.append(10.0**last)
    start = max(index for index, tick in enumerate(ticks) if tick <= low)
    end = min(index for index, tick in enumerate(ticks) if tick >= high)
    return ticks[start : max(end, start + 1) + 1]


def drawing(frame: Frame, title: str, parts: Sequence[str]) -> str:
    """A chart of parts that are SVG already; ``title`` is for readers who hear the page."""
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {frame.width} {_HEIGHT}" '
        f'width="{frame.width}" height="{_HEIGHT}">{"".join(parts)}</svg>'
    )


def axes(
    frame: Frame,
    y_ticks: Sequence[tuple[float, str]],
    x_ticks: Sequence[tuple[float, str]],
    x_label: str,
    y_label: str,
) -> list[str]:
    """Both axes with grid and labels; y ticks are parts of the full height, x ticks values."""
    parts = [f'<text class="unit" x="4" y="12">{escape(y_label)}</text>']
    for part, label in y_ticks:
        y = frame.y(part)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{frame.right}"/>')
        parts.append(
            f'<text class="tick end" x="{_LEFT - 8}" y="{y + 4:.1f}">{escape(label)}</text>'
        )
    for value, label in x_ticks:
        x = frame.x(value)
        parts.append(f'<path class="axis" d="M{x:.1f} {frame.bottom}v5"/>')
        parts.append(
            f'<text class="tick mid" x="{x:.1f}" y="{frame.bottom + 18}">{escape(label)}</text>'
        )
    parts.append(f'<path class="axis" d="M{_LEFT} {frame.bottom}H{frame.right}"/>')
    parts.append(
        f'<text class="unit end" x="{frame.right}" y="{_HEIGHT - 6}">{escape(x_label)}</text>'
    )
    return parts


def _bar(left: float, right: float, top: float, bottom: float, colour: int) -> str:
    gap = 1 if right - left > 8 else 0
    return (
        f'<rect class="s{colour}" x="{left:.1f}" y="{top:.1f}" '
        f'width="{max(right - left - gap, 0.5):.1f}" height="{bottom - top:.1f}"/>'
    )


def _line(points: Sequence[tuple[float, float] | None], colour: int) -> str:
    path, pen_down = [], False
    for point in points:
        if point is not None:
            path.append(f"{'L' if pen_down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        pen_down = point is not None
    # a round cap shows a point that has no neighbours
    return f'<path class="line l{colour}" d="{"".join(_dots(path))}"/>'


def _dots(path: Sequence[str]) -> list[str]:
    return [
        step + ("h0" if step[0] == "M" and (after is None or after[0] == "M") else "")
        for step, after in zip(path, [*path[1:], None], strict=True)
    ]


def _hit(frame: Frame, left: float, right: float, head: str, rows: list[tuple[str, str]]) -> str:
    """An invisible column that carries a tooltip."""
    left, right = max(left, _LEFT), min(right, frame.right)
    told = escape("\n".join([head, *(f"{name}\t{value}" for name, value in rows)]))
    return (
        f'<rect class="hit" x="{left:.1f}" y="{_TOP}" width="{max(right - left, 1):.1f}" '
        f'height="{frame.bottom - _TOP}" data-tip="{told}"/>'
    )


def _value(value: float | None) -> str:
    return NOTHING if value is None else f"{milliseconds(value)} ms"


def _step(xs: Sequence[float]) -> float:
    return (xs[-1] - xs[0]) / (len(xs) - 1) if len(xs) > 1 else 1.0
