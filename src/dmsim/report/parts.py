"""What the sections of the report are put together from."""

from collections.abc import Callable, Sequence
from html import escape

from dmsim.report import svg
from dmsim.report.bins import Bins
from dmsim.report.units import span
from dmsim.trace.summary import week_time

_SECOND_US = 1_000_000
_WIDE, _NARROW = 1038, 350
_ROUND_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600)
_DAY_SECONDS = 86_400


def section(title: str, note: str, body: str) -> str:
    """A titled part of the page; ``note`` says how to read it."""
    told = f'<p class="note">{note}</p>' if note else ""
    return f"<section><h2>{title}</h2>{told}{body}</section>"


#: Tables with more columns than that are set closer.
_MANY_COLUMNS = 11


def table(head: Sequence[str], rows: Sequence[str]) -> str:
    """A table of rows that are HTML already; it scrolls by itself where it is too wide."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    dense = ' class="dense"' if len(head) > _MANY_COLUMNS else ""
    return (
        f'<div class="scroll"><table{dense}><thead><tr>{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def tile(figure: str, name: str, kind: str = "") -> str:
    """A figure with its name below."""
    return f'<div class="tile {kind}"><b>{figure}</b><span>{name}</span></div>'


def tiles(cells: Sequence[str]) -> str:
    """Tiles side by side."""
    return f'<div class="tiles">{"".join(cells)}</div>'


def pill(text: str, *, good: bool) -> str:
    """A judgement that is told by a sign as well as by its colour."""
    return f'<span class="pill {"good" if good else "bad"}">{"✓" if good else "✗"} {text}</span>'


def legend(names: Sequence[str]) -> str:
    """The names of a chart's series in the order of their colours."""
    items = "".join(
        f'<li><i class="b{colour % svg.COLOURS}"></i>{escape(name)}</li>'
        for colour, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'


def wide_and_narrow(draw: Callable[[int, int], str]) -> str:
    """A chart twice; the page shows the one that fits.

    ``draw`` makes a chart of a width in pixels with about so many labels on its x axis.
    """
    return f'<div class="wide">{draw(_WIDE, 9)}</div><div class="narrow">{draw(_NARROW, 3)}</div>'


def bars_over_time(bins: Bins, series: dict[str, list[int]], what: str, title: str) -> str:
    """Counts over simulated time, stacked by series, with a legend where there are several.

    ``what`` says what is counted, with ``{}`` where the width of a bin goes.
    """
    width = span(bins.width_us / _SECOND_US)

    def draw(pixels: int, ticks: int) -> str:
        return svg.stacked_bars(
            width=pixels,
            starts=bins.starts_us,
            bin_width=bins.width_us,
            series=series,
            x_ticks=_time_ticks(bins, ticks),
            x_label="simulated time of the week",
            y_label=what.format(width.removeprefix("1 ")),
            title=title,
            bin_name=lambda start: f"{week_time(start)}, {width}",
        )

    names = legend(list(series)) if len(series) > 1 else ""
    return names + wide_and_narrow(draw)


def round_ticks(first: float, last: float, wanted: int) -> list[float]:
    """Round numbers of seconds from ``first`` to ``last``, at most about ``wanted``."""
    day = _DAY_SECONDS
    steps = [*_ROUND_SECONDS, day // 2, day, 2 * day, 7 * day]
    step = next((step for step in steps if (last - first) / step <= wanted), 28 * day)
    start = -(-first // step) * step
    return [start + index * step for index in range(int((last - start) // step) + 1)]


def _time_ticks(bins: Bins, wanted: int) -> list[tuple[float, str]]:
    first, last = bins.starts_us[0], bins.starts_us[-1] + bins.width_us
    ticks = round_ticks(first / _SECOND_US, last / _SECOND_US, wanted)
    return [(tick * _SECOND_US, week_time(round(tick) * _SECOND_US)) for tick in ticks]
