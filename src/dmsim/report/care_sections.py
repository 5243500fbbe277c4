"""The sections on the care teams: how fast they answered, what became of cases, who worked."""

from html import escape

from dmsim.report.care import CareMeasures, HourMeasures
from dmsim.report.care_tables import Table, care_tables
from dmsim.report.parts import section, table
from dmsim.report.units import count

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def care_sections(care: CareMeasures) -> str:
    """Everything about the care teams; nothing where there are none."""
    if not care.by_team:
        return ""
    return "\n".join([*map(_section, care_tables(care)), _week(care.by_hour)])


def _section(told: Table) -> str:
    rows = []
    for name, *cells in told.rows:
        last = ' class="all"' if name == "all" else ""
        values = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<tr{last}><th>{escape(name)}</th>{values}</tr>")
    return section(told.title, told.note, table(told.head, rows))


def _week(hours: list[HourMeasures]) -> str:
    """Day by hour: the median wait for the public reply, darker where it is longer."""
    known = {hour.hour: hour for hour in hours}
    longest = max((hour.cases.public.median_s or 0 for hour in hours), default=0)
    if not longest:
        return ""
    rows = []
    for number, day in enumerate(_DAYS):
        cells = [_hour(known.get(24 * number + hour), longest) for hour in range(24)]
        rows.append(f"<tr><th>{day}</th>{''.join(cells)}</tr>")
    note = "Median wait for the public reply, by the hour of the week in which a case was written."
    head = ("", *(f"{hour:02}" for hour in range(24)))
    return section("Care by hour of the week", note, table(head, rows))


def _hour(hour: HourMeasures | None, longest: float) -> str:
    wait = None if hour is None else hour.cases.public.median_s
    if hour is None or wait is None:
        return '<td class="none">·</td>'
    shade = round(60 * wait / longest)
    cases = count(hour.cases.cases)
    told = f"{cases} cases, {hour.present:.1f} agents, backlog {hour.backlog:.1f}"
    colour = f"background:color-mix(in srgb,var(--s1) {shade}%,transparent)"
    return f'<td style="{colour}" title="{told}">{_brief(wait)}</td>'


def _brief(seconds: float) -> str:
    """A wait so short that 24 of them fit side by side: ``40 s``, ``12 m``, ``9 h``, ``3 d``."""
    for unit, length in (("d", 48 * 3600), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / min(length, 24 * 3600):.0f} {unit}"
    return f"{seconds:.0f} s"
