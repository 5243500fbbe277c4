"""A week as a picture: a row for each day, a cell for each hour, darker where there is more."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from dmsim.report.units import count

#: Monday first.
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = 24
_TOP, _BELOW = 4, 20
_GAP = 1
#: Cells are flatter than wide, so that a week fits beside another one.
_LEAST_HEIGHT, _MOST_HEIGHT = 16, 22
_FAINTEST = 0.05
#: From here on a cell is so dark that a figure on it has the colour of the paper.
_DARK = 0.75
#: Narrower cells have no room for a figure: a scale below tells what the shades mean.
_LEAST_WIDTH = 30
_SCALE_STEPS, _SCALE_HEIGHT, _LETTER = 6, 20, 8


def heatmap(
    width: int,
    values: Sequence[float],
    title: str,
    cell_name: Callable[[int], str],
    figure: Callable[[float], str] | None = None,
    days: Sequence[str] = DAYS,
) -> str:
    """A week of values as inline SVG, each written into its cell where there is room.

    Args:
        width: of the drawing in pixels.
        values: 168 from Monday 00:00; NaN leaves a cell empty, negative ones have a colour of
            their own.
        title: for readers who hear the page.
        cell_name: what the tooltip of a cell says, from its index: a head, then lines of names and
            values parted by tabs.
        figure: how a value is written; by default whole or with as few decimals as tell anything.
        days: the names of the days, Monday first.
    """
    known = [value for value in values if not math.isnan(value)]
    shades = _Shades(max(map(abs, known), default=0.0) or 1.0)
    write = figure or cell_figure(known)
    left = _LETTER * max(map(len, days)) + 10
    step = (width - left) / _HOURS
    row = min(max(step, _LEAST_HEIGHT), _MOST_HEIGHT)
    height = _TOP + 7 * row + _BELOW
    parts = [
        f'<text class="end" x="{left - 6}" y="{_TOP + (day + 0.5) * row + 4:.1f}">{name}</text>'
        for day, name in enumerate(days)
    ]
    parts += [
        f'<text x="{left + hour * step:.1f}" y="{height - 6:.1f}">{hour:02}</text>'
        for hour in range(0, _HOURS, 6)
    ]
    roomy = step >= _LEAST_WIDTH
    for index, value in enumerate(values):
        day, hour = divmod(index, _HOURS)
        x, y = left + hour * step, _TOP + day * row
        parts.append(f"<rect {shades.look(value)} {_box(x, y, step, row)}/>")
        if roomy and not math.isnan(value):
            place = f'x="{x + (step - _GAP) / 2:.1f}" y="{y + row / 2 + 3.5:.1f}"'
            parts.append(f'<text class="{shades.ink(value)}" {place}>{write(value)}</text>')
        tip = escape(cell_name(index))
        parts.append(f'<rect class="hit" {_box(x, y, step, row)} data-tip="{tip}"/>')
    if known and not roomy:
        parts += _scale(left, height, min(known), max(known), shades, write)
        height += _SCALE_HEIGHT
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height:.0f}" '
        f'width="{width}" height="{height:.0f}">{"".join(parts)}</svg>'
    )


def cell_figure(values: Sequence[float]) -> Callable[[float], str]:
    """How values are written beside one another: all with as many decimals, and nothing as 0."""
    most = max(map(abs, values), default=0.0)
    whole = most >= 100 or all(value == round(value) for value in values)
    decimals = 0 if whole else min(max(1, -math.floor(math.log10(most))), 3)

    def write(value: float) -> str:
        if most >= 100_000:
            told = f"{abs(value) / 1000:.0f}k"
        else:
            told = count(abs(value)) if whole else f"{abs(value):.{decimals}f}" if value else "0"
        return f"−{told}" if value < 0 else told

    return write


@dataclass(frozen=True)
class _Shades:
    """How a value is coloured; the one that is ``most`` from zero is the darkest."""

    most: float

    def look(self, value: float) -> str:
        if math.isnan(value):
            return 'class="grid"'
        return f'class="s{int(value < 0)}" fill-opacity="{self._shade(value):.3f}"'

    def ink(self, value: float) -> str:
        """The class of a figure that can be read on the colour of its value."""
        return f"cell on{int(value < 0)}" if self._shade(value) >= _DARK else "cell"

    def _shade(self, value: float) -> float:
        return _FAINTEST + (1 - _FAINTEST) * abs(value) / self.most


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{width - _GAP:.1f}" height="{height - _GAP:.1f}"'


def _scale(
    left: float,
    top: float,
    least: float,
    most: float,
    shades: _Shades,
    write: Callable[[float], str],
) -> list[str]:
    """The shades from the least value to the most, with both in figures."""
    steps = _SCALE_STEPS if most > least else 1
    x, base = left + _LETTER * len(write(least)) + 5, top + 12
    parts = [f'<text x="{left}" y="{base:.1f}">{write(least)}</text>']
    for number in range(steps):
        value = least + (most - least) * number / max(steps - 1, 1)
        box = _box(x + number * _SCALE_HEIGHT, top + 2, _SCALE_HEIGHT, 13)
        parts.append(f"<rect {shades.look(value)} {box}/>")
    if steps > 1:
        end = x + steps * _SCALE_HEIGHT + 5
        parts.append(f'<text x="{end:.1f}" y="{base:.1f}">{write(most)}</text>')
    return parts
