"""A weekly curve with its band over the hours, and the raw means as points, as inline SVG."""

from collections.abc import Callable, Sequence
from html import escape

from dmsim.report.svg import Frame, axes, drawing, linear_ticks
from dmsim.report.units import figure

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RADIUS = 2
Floats = Sequence[float]


def week_band(
    width: int, rate: Floats, band: tuple[Floats, Floats], raw: Floats, title: str,
    hour_name: Callable[[int], str],
) -> str:  # fmt: skip
    """Rates by the hour of the week.

    Args:
        width: of the drawing in pixels.
        rate: 168 values from Monday 00:00, events per hour.
        band: their lower and upper ends.
        raw: mean counts of the same hours.
        title: for readers who hear the page.
        hour_name: what a tooltip calls an hour.
    """
    low, high = band
    hours = range(len(rate))
    ticks = linear_ticks(max([*high, *raw]))
    frame = Frame(width, 0, len(rate))

    def place(hour: int, value: float) -> str:
        return f"{frame.x(hour + 0.5):.1f} {frame.y(value / ticks[-1]):.1f}"

    there = "L".join(place(hour, high[hour]) for hour in hours)
    back = "L".join(place(hour, low[hour]) for hour in reversed(hours))
    marks = [f'<path class="s2" fill-opacity="0.35" d="M{there}L{back}Z"/>']
    for hour in hours:
        x, y = place(hour, raw[hour]).split()
        marks.append(f'<circle class="s1" cx="{x}" cy="{y}" r="{_RADIUS}"/>')
    line = "L".join(place(hour, rate[hour]) for hour in hours)
    marks.append(f'<path class="line l0" d="M{line}"/>')
    for hour in hours:
        told = escape(
            f"{hour_name(hour)}\nfit\t{rate[hour]:.3g}\n95 %\t{low[hour]:.3g} to "
            f"{high[hour]:.3g}\nraw mean\t{raw[hour]:.3g}"
        )
        left, right = frame.x(hour), frame.x(hour + 1)
        marks.append(
            f'<rect class="hit" x="{left:.1f}" y="{frame.y(1):.1f}" width="{right - left:.1f}" '
            f'height="{frame.bottom - frame.y(1):.1f}" data-tip="{told}"/>'
        )
    labels = [(tick / ticks[-1], figure(tick)) for tick in ticks]
    days = [(24 * day, name) for day, name in enumerate(_DAYS)]
    return drawing(frame, title, axes(frame, labels, days, "", "events per hour") + marks)
