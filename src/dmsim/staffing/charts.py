"""Pictures of a plan as inline SVG: lines over the week, and how work becomes people."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import accumulate

from dmsim.fidelity.curves import hour_name
from dmsim.report.svg import Frame, axes, drawing, linear_ticks
from dmsim.report.units import figure

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: A letter is about so wide, and a line of them so high.
_LETTER, _LINE = 7, 15


def week_lines(
    width: int, series: Mapping[str, Sequence[float]], y_label: str, title: str,
    top: float | None = None, aim: float | None = None,
) -> str:  # fmt: skip
    """Lines over the intervals of a week.

    Args:
        width: of the drawing in pixels.
        series: of each line its name and values from Monday 00:00, as many of each; NaN is a gap.
        y_label: of the y axis.
        title: for readers who hear the page.
        top: where the y axis ends; by default above the largest value.
        aim: a value that the lines should keep to, which a dashed line marks.
    """
    number = len(next(iter(series.values())))
    frame = Frame(width, 0, number)
    known = (value for line in series.values() for value in line if not math.isnan(value))
    most = max(known, default=1.0)
    ticks = [top * n / 5 for n in range(6)] if top else linear_ticks(most)
    marks = [
        f'<path class="line l{colour}" d="{_path(frame, line, ticks[-1])}"/>'
        for colour, line in enumerate(series.values())
    ]
    if aim is not None:
        y = frame.y(aim / ticks[-1])
        marks.append(f'<path class="aim" d="M{frame.x(0):.1f} {y:.1f}H{frame.right}"/>')
    for place in range(number):
        told = "".join(
            f"\n{name}\t{'–' if math.isnan(line[place]) else f'{line[place]:.3g}'}"
            for name, line in series.items()
        )
        left, right = frame.x(place), frame.x(place + 1)
        marks.append(
            f'<rect class="hit" x="{left:.1f}" y="{frame.y(1):.1f}" width="{right - left:.1f}" '
            f'height="{frame.bottom - frame.y(1):.1f}" '
            f'data-tip="{escape(hour_name(place * 168 // number) + told)}"/>'
        )
    labels = [(tick / ticks[-1], figure(round(tick, 9))) for tick in ticks]
    days = [(number / 7 * day, name) for day, name in enumerate(_DAYS)]
    return drawing(frame, title, axes(frame, labels, days, "", y_label) + marks)


def waterfall(width: int, steps: Sequence[tuple[str, float]], y_label: str, title: str) -> str:
    """Bars that each begin where the one before ended; the first and the last stand on the ground.

    Args:
        width: of the drawing in pixels.
        steps: name and height of each, below zero downwards; the last is the whole that the others
            lead to.
        y_label: of the y axis.
        title: for readers who hear the page.
    """
    frame = Frame(width, 0, len(steps))
    *parts, (_, whole) = steps
    ticks = linear_ticks(max(whole, *accumulate(height for _, height in parts)))
    marks, below = [], 0.0
    for place, (name, height) in enumerate(steps):
        last = place == len(steps) - 1
        low, high = (0.0, whole) if last else sorted((below, below + height))
        below += height
        left, right = frame.x(place + 0.15), frame.x(place + 0.85)
        top, bottom = frame.y(high / ticks[-1]), frame.y(low / ticks[-1])
        marks.append(
            f'<rect class="s{0 if last or not place else 2}" x="{left:.1f}" y="{top:.1f}" '
            f'width="{right - left:.1f}" height="{max(bottom - top, 0.5):.1f}" '
            f'data-tip="{escape(name)}\n{y_label}\t{height:.1f}"/>'
        )
        marks.append(
            f'<text class="mid" x="{(left + right) / 2:.1f}" y="{top - 5:.1f}">{height:.1f}</text>'
        )
    labels = [(tick / ticks[-1], figure(tick)) for tick in ticks]
    names = _names(frame, [name for name, _ in steps])
    return drawing(frame, title, axes(frame, labels, [], "", y_label) + marks + names)


def _names(frame: Frame, names: Sequence[str]) -> list[str]:
    """The names of bars below them, every other a line deeper where they would collide."""
    crowded = _LETTER * max(map(len, names)) > frame.x(1) - frame.x(0)
    parts = []
    for place, name in enumerate(names):
        x, deeper = frame.x(place + 0.5), _LINE if crowded and place % 2 else 0
        parts.append(f'<path class="axis" d="M{x:.1f} {frame.bottom}v{5 + deeper}"/>')
        text = f'<text class="tick mid" x="{x:.1f}" y="{frame.bottom + 18 + deeper}">'
        parts.append(f"{text}{escape(name)}</text>")
    return parts


def promise_line(width: int, points: Sequence[tuple[float, float, str]], own: int) -> str:
    """Service against full-time equivalents by the promise, joined by a line.

    Args:
        width: of the drawing in pixels.
        points: for each promise, from the lowest on, its FTE, the share answered in time and a
            tooltip.
        own: the place of the promise that the plan was made for.
    """
    spent = [fte for fte, _, _ in points]
    pad = max((spent[-1] - spent[0]) * 0.04, 0.05)
    frame = Frame(width, spent[0] - pad, spent[-1] + pad)
    lowest = math.floor(min(share for _, share, _ in points) * 10 - 1e-9) / 10
    places = [(frame.x(fte), frame.y((share - lowest) / (1 - lowest))) for fte, share, _ in points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    marks = [f'<path class="line l0" d="M{path}"/>']
    for place, ((x, y), (_, _, tip)) in enumerate(zip(places, points, strict=True)):
        colour, radius = (1, 6) if place == own else (0, 4)
        dot = f'<circle class="s{colour}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
        hit = f'<circle class="hit" cx="{x:.1f}" cy="{y:.1f}" r="9" data-tip="{escape(tip)}"/>'
        marks += [dot, hit]
    beside = [(n / 10, f"{100 * (lowest + (1 - lowest) * n / 10):.3g} %") for n in range(0, 11, 2)]
    step = linear_ticks(spent[-1] - spent[0])[1] if spent[-1] - spent[0] > 1 else 1.0
    first = math.ceil(frame.x_from / step)
    below = [
        (step * n, figure(round(step * n, 9)))
        for n in range(first, math.floor(frame.x_until / step) + 1)
    ]
    title = "Share answered in time by full-time equivalents required"
    return drawing(frame, title, axes(frame, beside, below, "FTE required", "in time") + marks)


def _path(frame: Frame, line: Sequence[float], top: float) -> str:
    """A level for each interval, joined by steps."""
    path, pen_down = [], False
    for place, value in enumerate(line):
        if math.isnan(value):
            pen_down = False
            continue
        y = frame.y(min(value / top, 1.0))
        path.append(f"{'L' if pen_down else 'M'}{frame.x(place):.1f} {y:.1f}H")
        path.append(f"{frame.x(place + 1):.1f}")
        pen_down = True
    return "".join(path)
