"""Who works when, as a picture: a row for each person, a bar for each shift, over the week."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from dmsim.report.heatmap import DAYS
from dmsim.report.svg import COLOURS
from dmsim.rostering.model import DAY, WEEK
from dmsim.rostering.roster import Duties, Duty
from dmsim.scenario.units import MINUTE_US, format_week_time

_TOP, _ROW, _BAR = 18, 14, 10
#: Dates stand below the names of their days, so that both fit on a narrow page.
_DATE = 13
#: A letter of a name is about so wide.
_LETTER = 7


def gantt(
    width: int, duties: Duties, shifts: Sequence[str], title: str, days: Sequence[str] = DAYS
) -> str:
    """One week of a roster as inline SVG.

    What goes on after Sunday is drawn on the Monday before, paler: the week repeats.

    Args:
        width: of the drawing in pixels.
        duties: of one week, those of a person together.
        shifts: the names of the shifts in the order of their colours.
        title: for readers who hear the page.
        days: the names of the days, Monday first; what follows a space is written below.
    """
    people = [(who, list(own)) for who, own in groupby(duties, key=lambda duty: duty.who)]
    left = 8 + _LETTER * max((len(who) for who, _ in people), default=0)
    scale = (width - left) / WEEK
    top = _TOP + (_DATE if any(" " in name for name in days) else 0)
    height = top + _ROW * len(people) + 4
    parts = [_day(left + day * DAY * scale, name, top, height) for day, name in enumerate(days)]
    for row, (who, own) in enumerate(people):
        y = top + row * _ROW
        parts.append(f'<text class="end" x="{left - 6}" y="{y + 10}">{escape(who)}</text>')
        for duty in own:
            colour = shifts.index(duty.shift) % COLOURS if duty.shift in shifts else COLOURS - 1
            parts += _bars(duty, left, scale, y, colour)
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def _day(x: float, name: str, top: int, height: int) -> str:
    line = f'<path class="grid" d="M{x:.1f} {top - 4}V{height}"/>'
    rows = enumerate(name.split(" "))
    return line + "".join(
        f'<text x="{x + 3:.1f}" y="{12 + row * _DATE}">{escape(told)}</text>' for row, told in rows
    )


def _bars(duty: Duty, left: int, scale: float, y: int, colour: int) -> list[str]:
    """The worked parts of a duty, and over all of them its tooltip."""
    parts = []
    for since, until, shift in _round_the_week(duty.spans):
        pale = ' fill-opacity="0.45"' if shift else ""
        parts.append(f'<rect class="s{colour}"{pale} {_box(since, until, left, scale, y)}/>')
    tip = escape(_told(duty))
    for since, until, _ in _round_the_week([(duty.begin, duty.end)]):
        box = _box(since, until, left, scale, y)
        parts.append(f'<rect class="hit" {box} data-tip="{tip}"/>')
    return parts


def _round_the_week(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """Spans within the week, and what lies beyond it at its begin."""
    inside = [(since, min(until, WEEK), False) for since, until in spans if since < WEEK]
    beyond = [(max(since - WEEK, 0), until - WEEK, True) for since, until in spans if until > WEEK]
    return inside + beyond


def _box(since: int, until: int, left: int, scale: float, y: int) -> str:
    x, width = left + since * scale, max((until - since) * scale, 0.5)
    return f'x="{x:.1f}" y="{y + 1}" width="{width:.1f}" height="{_BAR}"'


def _told(duty: Duty) -> str:
    rows = [duty.who, f"{duty.shift or 'no shift of the file'}\t{duty.people}"]
    rows.append(f"{_time(duty.begin)}\t{_time(duty.end)}")
    rows += [f"break\t{_time(since)} to {_time(until)[4:]}" for since, until in duty.breaks]
    return "\n".join(rows)


def _time(minute: int) -> str:
    return format_week_time(minute % WEEK * MINUTE_US)
