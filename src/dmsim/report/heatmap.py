"""A week as a picture: a row for each day, a cell for each hour, darker where there is more."""

import math
from collections.abc import Callable, Sequence
from html import escape

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = 24
_LEFT, _TOP, _BELOW = 34, 4, 20
_GAP = 1
#: Cells are flatter than wide, so that a week fits beside another one.
_LEAST_HEIGHT, _MOST_HEIGHT = 16, 22
_FAINTEST = 0.05


def heatmap(
    width: int, values: Sequence[float], title: str, cell_name: Callable[[int], str]
) -> str:
    """A week of values as inline SVG.

    Args:
        width: of the drawing in pixels.
        values: 168 from Monday 00:00; NaN leaves a cell empty, negative ones have a colour of
            their own.
        title: for readers who hear the page.
        cell_name: what the tooltip of a cell says, from its index: a head, then lines of names and
            values parted by tabs.
    """
    most = max((abs(value) for value in values if not math.isnan(value)), default=0.0) or 1.0
    step = (width - _LEFT) / _HOURS
    row = min(max(step, _LEAST_HEIGHT), _MOST_HEIGHT)
    height = _TOP + 7 * row + _BELOW
    parts = [
        f'<text class="end" x="{_LEFT - 6}" y="{_TOP + (day + 0.5) * row + 4:.1f}">{name}</text>'
        for day, name in enumerate(_DAYS)
    ]
    parts += [
        f'<text x="{_LEFT + hour * step:.1f}" y="{height - 6:.1f}">{hour:02}</text>'
        for hour in range(0, _HOURS, 6)
    ]
    for index, value in enumerate(values):
        day, hour = divmod(index, _HOURS)
        empty = math.isnan(value)
        shade = _FAINTEST + (1 - _FAINTEST) * abs(value) / most
        colour = "s1" if value < 0 else "s0"
        box = (
            f'x="{_LEFT + hour * step:.1f}" y="{_TOP + day * row:.1f}" '
            f'width="{step - _GAP:.1f}" height="{row - _GAP:.1f}"'
        )
        look = 'class="grid"' if empty else f'class="{colour}" fill-opacity="{shade:.3f}"'
        parts.append(f"<rect {look} {box}/>")
        parts.append(f'<rect class="hit" {box} data-tip="{escape(cell_name(index))}"/>')
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height:.0f}" '
        f'width="{width}" height="{height:.0f}">{"".join(parts)}</svg>'
    )
