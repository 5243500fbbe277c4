"""Charts of an experiment as inline SVG: intervals over a key, cost against service, bars."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from dmsim.experiments.axis import Axis, Keys, measure_axis
from dmsim.experiments.text import interval_words
from dmsim.report.intervals import Interval
from dmsim.report.svg import COLOURS, Frame, axes, drawing

_RADIUS, _REACH, _CAP = 4, 8, 4
#: How far the marks of two series at the same place stand apart, where there is room.
_APART = 9
_ROW, _BELOW, _SIDE = 42, 44, 16
#: Where in a row its name stands, and what it names.
_NAME, _MIDDLE, _REACH_OF_ROW = 15, 29, 10
#: A letter of a name is about as wide, in pixels.
_LETTER = 6.6


class Row(NamedTuple):
    """A row of :func:`rows_chart`: a bar or whisker from ``low`` to ``high``, a mark, a tooltip."""

    name: str
    low: float
    high: float
    mark: float | None
    tip: str


def over_key(
    *,
    width: int,
    measure: str,
    axis: Axis,
    keys: Keys,
    key: str,
    series: Mapping[str, Sequence[Interval | None]],
    title: str,
) -> str:
    """Means with their intervals over the values of a key.

    Args:
        width: of the drawing in pixels.
        measure: the name of the measure.
        axis: of the measure.
        keys: where the values lie.
        key: the varied key.
        series: by name one interval for each value, None where there is no point.
        title: for readers who hear the page.
    """
    pad = ((max(keys.places) - min(keys.places)) or 1.0) / max(4, 2 * len(keys.places))
    frame = Frame(width, min(keys.places) - pad, max(keys.places) + pad)
    apart = _apart(frame, keys, len(series))
    marks = []
    for number, line in enumerate(series.values()):
        shift = (number - (len(series) - 1) / 2) * apart
        xs = [frame.x(place) + shift for place in keys.places]
        marks += _means(frame, axis, xs, line, number % COLOURS)
    half = max(_REACH, apart * len(series) / 2 + 2)
    places = range(len(keys.places))
    marks += [_tip(frame, keys, place, key, series, measure, half) for place in places]
    beside = [(axis.part(tick), label) for tick, label in axis.ticks]
    below = list(zip(keys.places, keys.labels, strict=True))
    every = -(-len(below) // (width // 70))
    return drawing(frame, title, axes(frame, beside, below[::every], key, axis.unit) + marks)


def frontier(
    *,
    width: int,
    cost: str,
    service: str,
    points: Sequence[tuple[str, Interval, Interval]],
    title: str,
) -> str:
    """Service against cost, a point for each; who has no better and cheaper one is joined.

    Args:
        width: of the drawing in pixels.
        cost: the name of the measure on the x axis.
        service: that of the y axis, of which more is better.
        points: names with cost and service; both have a mean.
        title: for readers who hear the page.
    """
    x_axis = measure_axis(cost, ends([found for _, found, _ in points]))
    y_axis = measure_axis(service, ends([found for _, _, found in points]))
    frame = Frame(width, x_axis.low, x_axis.high)
    places = [(mean_of(spent), mean_of(got)) for _, spent, got in points]
    best = efficient(places)
    line = "L".join(f"{frame.x(x):.1f} {frame.y(y_axis.part(y)):.1f}" for x, y in best)
    marks = [f'<path class="line" style="stroke:var(--s0)" d="M{line}"/>']
    for (name, spent, got), (x, y) in zip(points, places, strict=True):
        colour = 0 if (x, y) in best else 6
        left = frame.x(x)
        marks += _whisker(frame, y_axis, left, got, colour)
        marks.append(_dot(left, frame.y(y_axis.part(y)), colour))
        words = interval_words(cost, spent), interval_words(service, got)
        tip = f"{name}\n{cost}\t{words[0]}\n{service}\t{words[1]}"
        top = frame.y(y_axis.part(y)) - _REACH
        marks.append(_hit(left - _REACH, top, 2 * _REACH, 2 * _REACH, tip))
    beside = [(y_axis.part(tick), label) for tick, label in y_axis.ticks]
    return drawing(frame, title, axes(frame, beside, x_axis.ticks, cost, y_axis.unit) + marks)


def rows_chart(
    width: int, axis: Axis, rows: Sequence[Row], title: str, *, zero: float, bars: bool
) -> str:
    """Rows below each other on one axis: bars, or whiskers with a mark.

    Args:
        width: of the drawing in pixels.
        axis: of all rows.
        rows: from top to bottom.
        title: for readers who hear the page.
        zero: where a line stands, which rows are held against.
        bars: whether rows are bars.
    """
    bottom = _ROW * len(rows)

    def x(value: float) -> float:
        return _SIDE + axis.part(value) * (width - 2 * _SIDE)

    parts = []
    for tick, label in axis.ticks:
        parts.append(f'<path class="grid" d="{_beside(x(tick), len(rows))}"/>')
        parts.append(f'<text class="tick mid" x="{x(tick):.1f}" y="{bottom + 16}">{label}</text>')
    parts.append(f'<path class="axis" d="{_beside(x(zero), len(rows))}"/>')
    unit = f'<text class="unit end" x="{width - _SIDE}" y="{bottom + 34}">{axis.unit}</text>'
    parts.append(unit)
    for number, row in enumerate(rows):
        parts += _row(width, number * _ROW, x, row, bars=bars)
    height = bottom + _BELOW
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def efficient(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of which none costs as little or less and serves better, from the cheapest on."""
    found: list[tuple[float, float]] = []
    for cost, service in sorted(places, key=lambda place: (place[0], -place[1])):
        if not found or service > found[-1][1]:
            found.append((cost, service))
    return found


def ends(intervals: Sequence[Interval | None]) -> list[float]:
    """Both ends of every interval that has a mean."""
    known = [found for found in intervals if found is not None and found.mean is not None]
    return [
        mean_of(found) + side * (found.half_width or 0) for found in known for side in (-1, 1)
    ] or [0.0, 1.0]


def mean_of(found: Interval) -> float:
    """The mean of an interval that has one."""
    assert found.mean is not None
    return found.mean


def _apart(frame: Frame, keys: Keys, series: int) -> float:
    """How far marks of series may stand apart so that they stay nearest to their own value."""
    places = sorted(frame.x(place) for place in keys.places)
    room = min((after - place for place, after in pairwise(places)), default=frame.width)
    return min(_APART, 0.6 * room / series)


def _means(
    frame: Frame, axis: Axis, xs: Sequence[float], line: Sequence[Interval | None], colour: int
) -> list[str]:
    marks, steps = [], []
    pen = "M"
    for x, found in zip(xs, line, strict=True):
        if found is None or found.mean is None:
            pen = "M"
            continue
        y = frame.y(axis.part(found.mean))
        steps.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
        marks += [*_whisker(frame, axis, x, found, colour), _dot(x, y, colour)]
    path = f'<path class="line" style="stroke:var(--s{colour})" d="{"".join(steps)}"/>'
    return [path, *marks]


def _whisker(frame: Frame, axis: Axis, x: float, found: Interval, colour: int) -> list[str]:
    if not found.half_width or found.mean is None:
        return []
    high, low = (
        frame.y(min(1.0, max(0.0, axis.part(found.mean + side * found.half_width))))
        for side in (1, -1)
    )
    path = (
        f"M{x:.1f} {low:.1f}V{high:.1f}M{x - _CAP:.1f} {low:.1f}h{2 * _CAP}"
        f"M{x - _CAP:.1f} {high:.1f}h{2 * _CAP}"
    )
    return [f'<path style="stroke:var(--s{colour});fill:none" d="{path}"/>']


def _tip(
    frame: Frame, keys: Keys, place: int, key: str,
    series: Mapping[str, Sequence[Interval | None]], measure: str, half: float,
) -> str:  # fmt: skip
    lines = [f"{name}\t{interval_words(measure, line[place])}" for name, line in series.items()]
    head = f"{key} = {keys.labels[place]}"
    x = frame.x(keys.places[place])
    return _hit(
        x - half, frame.y(1), 2 * half, frame.bottom - frame.y(1), "\n".join([head, *lines])
    )


def _beside(x: float, rows: int) -> str:
    """A line through what the rows show, which leaves out their names."""
    tops = (number * _ROW + _MIDDLE - _REACH_OF_ROW for number in range(rows))
    return "".join(f"M{x:.1f} {top}v{2 * _REACH_OF_ROW}" for top in tops)


def _row(width: int, top: int, x: Callable[[float], float], row: Row, *, bars: bool) -> list[str]:
    left, right, middle = x(row.low), x(row.high), top + _MIDDLE
    told = escape(_cut(row.name, width - 2 * _SIDE))
    name = f'<text x="{_SIDE}" y="{top + _NAME}">{told}</text>'
    if bars:
        shape = (
            f'<rect class="s0" x="{left:.1f}" y="{middle - 6}" '
            f'width="{max(right - left, 1):.1f}" height="12"/>'
        )
    else:
        path = (
            f"M{left:.1f} {middle}H{right:.1f}M{left:.1f} {middle - 4}v8M{right:.1f} {middle - 4}v8"
        )
        shape = f'<path class="line l0" d="{path}"/>'
    mark = "" if row.mark is None else _dot(x(row.mark), middle, 0)
    return [name, shape, mark, _hit(0, top + 4, width, _ROW - 4, row.tip)]


def _cut(name: str, width: int) -> str:
    """The end of a name that is too long for a width: what tells it from others stands there."""
    most = int(width / _LETTER)
    return name if len(name) <= most else f"…{name[len(name) - most + 1 :]}"


def _dot(x: float, y: float, colour: int) -> str:
    return f'<circle class="s{colour}" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}"/>'


def _hit(x: float, y: float, width: float, height: float, tip: str) -> str:
    return (
        f'<rect class="hit" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'data-tip="{escape(tip)}"/>'
    )
