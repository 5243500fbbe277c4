"""The measures of the care teams as plain text for a terminal."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from dmsim.fidelity.curves import hour_name
from dmsim.report.care import CareMeasures
from dmsim.report.care_hours import HourService
from dmsim.report.care_tables import Table, care_tables, per_cent
from dmsim.report.intervals import Interval
from dmsim.report.units import NOTHING, span

#: The longest line of words; figures stand side by side however long that gets.
_WIDTH = 100
#: As many hours of the week are told, the worst.
_WORST = 10


def care_lines(care: CareMeasures) -> list[str]:
    """The tables of the measures as aligned lines; none where there is no team."""
    if not care.by_team:
        return []
    tables = care_tables(care)
    lines = [line for table in tables for line in ("", *aligned(table))]
    notes = dict.fromkeys(table.note for table in tables)
    return [*lines, "", *(line for note in notes for line in wrap(note, _WIDTH))]


def interval_lines(intervals: Mapping[str, Interval]) -> list[str]:
    """The means over replications with half the width of their intervals, as aligned lines."""
    rows = [
        (name.removesuffix("_s").replace("_", " "), *_told(name, found))
        for name, found in intervals.items()
    ]
    return aligned(Table("", "", ("mean of replications", "", "± (95 %)"), rows))


def hour_lines(hours: Sequence[HourService], target_s: float) -> list[str]:
    """The hours of the week that are in time least, as aligned lines."""
    known = [hour for hour in hours if hour.in_time.mean is not None]
    known.sort(key=lambda hour: hour.in_time.mean or 0.0)
    rows = [
        (
            hour_name(hour.hour),
            f"{hour.cases:.1f}",
            f"{hour.present:.1f}",
            per_cent(hour.in_time.mean),
            per_cent(hour.in_time.half_width),
        )
        for hour in known[:_WORST]
    ]
    head = ("hour written", "cases", "agents", f"in {span(target_s)}", "± (95 %)")
    return aligned(Table("", "", head, rows))


def _told(name: str, found: Interval) -> tuple[str, str]:
    def figure(value: float | None) -> str:
        if value is None:
            return NOTHING
        if name.endswith("_s"):
            return span(value)
        return f"{value:.2f}" if name == "backlog_mean" else per_cent(value)

    return figure(found.mean), figure(found.half_width)


def aligned(table: Table) -> list[str]:
    """The rows of a table as lines: its first column to the left, the others to the right."""
    rows = [[cell.replace("\u202f", ",") for cell in row] for row in (table.head, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(cells)
