"""The pages of a roster: who works when and whom that covers, and whether it is in time then."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from dmsim.errors import UsageError
from dmsim.fidelity.curves import hour_name
from dmsim.paths import write_whole
from dmsim.report.care_hours import HourService
from dmsim.report.care_tables import per_cent
from dmsim.report.gantt import gantt
from dmsim.report.heatmap import heatmap
from dmsim.report.intervals import Interval
from dmsim.report.page import page
from dmsim.report.parts import legend, section, table, tile, tiles, wide_and_narrow
from dmsim.report.roster_days import WeekDays, horizon_dates, week_days
from dmsim.report.units import count, span
from dmsim.rostering.costs import Costs
from dmsim.rostering.lack_words import why_lines
from dmsim.rostering.model import HOUR, ShiftsFile
from dmsim.rostering.planned import Plan, WeekPlan
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Floats
from dmsim.rostering.words import RESULTS

_HOURS = 168


def write_page(file: Path, html: str) -> None:
    """Write a page, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_whole(file, html.encode())
    except OSError as error:
        told = f"cannot be written ({error.strerror}); name another --html"
        raise UsageError(f"{file}: {told}") from None


def render_plan(plan: Plan, told: ShiftsFile, demand: str) -> str:
    """A planned roster as HTML; every text from the data is escaped.

    Args:
        plan: of the weeks of the shifts file.
        told: the shifts file that it was made by.
        demand: what the demand is called.
    """
    shifts = list(told.shifts)
    parts = [_header("dmsim roster", f"Roster for {demand}", horizon_dates(told)), _tiles(plan)]
    parts.append(_costs(plan))
    for number, week in enumerate(plan.weeks):
        own = [duty for duty in plan.duties if duty.week == number]
        days = week_days(told, number)
        parts += [_coverage(week, days), _who(own, shifts, days)]
    parts.append(_search(plan))
    return page(f"dmsim roster: {demand}", "\n".join(parts))


def render_service(
    name: str,
    team: str,
    target_s: float,
    intervals: Mapping[str, Interval],
    hours: Sequence[HourService],
) -> str:
    """What a simulated roster came to as HTML; every text from the data is escaped."""
    told = (("in_time_share", f"in {span(target_s)}"), ("answered_share", "answered"))
    cells = [
        tile(f"{per_cent(found.mean)} ± {per_cent(found.half_width)}", words)
        for key, words in (*told, ("occupancy", "occupancy"))
        if (found := intervals[key])
    ]
    late = [math.nan] * _HOURS
    for hour in hours:
        late[hour.hour] = math.nan if hour.in_time.mean is None else 1 - hour.in_time.mean
    by_hour = {hour.hour: hour for hour in hours}

    def cell(index: int) -> str:
        return _hour_tip(index, by_hour.get(index))

    def draw(pixels: int, _ticks: int) -> str:
        title = "share of late cases by day and hour"
        return heatmap(pixels, late, title, cell, lambda share: f"{share:.0%}")

    runs = intervals["in_time_share"].count
    note = (
        "By the hour of the week in which a case was written; darker where more were late, at most "
        f"{per_cent(_most(late))}. Means of {runs} runs with 95 % intervals."
    )
    body = [
        _header("dmsim roster simulate", f"{name}: {team}"),
        tiles(cells),
        section(f"Cases not answered in {span(target_s)}", note, wide_and_narrow(draw)),
    ]
    return page(f"dmsim roster: {name}", "\n".join(body))


def _header(over: str, name: str, below: str = "") -> str:
    told = f"<p>{below}</p>" if below else ""
    return f'<header><p class="over">{over}</p><h1>{escape(name)}</h1>{told}</header>'


def _tiles(plan: Plan) -> str:
    people = len({(duty.people, duty.who) for duty in plan.duties})
    work = sum(week.costs.work for week in plan.weeks)
    missing = sum(week.coverage.missing_hours for week in plan.weeks)
    required = sum(week.coverage.required_hours for week in plan.weeks)
    share = 1 - missing / required if required else None
    return tiles(
        [
            tile(count(people), "people"),
            tile(per_cent(share), "of required hours covered", "bad" if missing else "good"),
            tile(f"{missing:,.1f}", "person-hours missing", "bad" if missing else "good"),
            tile(count(work), "cost of work"),
        ]
    )


def _costs(plan: Plan) -> str:
    rows = [_cost_row(number, week.costs) for number, week in enumerate(plan.weeks, 1)]
    note = (
        "Work is what the shifts cost. Nobody is paid for missing hours: their price, and that of "
        "hours that nobody requires, say what is worth covering. The plan has the lowest sum found."
    )
    return section("Costs", note, table(("week", "work", "missing", "surplus", "sum"), rows))


def _cost_row(number: int, costs: Costs) -> str:
    of_all = (costs.work, costs.missing, costs.surplus, costs.total)
    return f"<tr><th>{number}</th>{''.join(f'<td>{count(cost)}</td>' for cost in of_all)}</tr>"


def _search(plan: Plan) -> str:
    rows = [
        f"<tr><th>{number}</th><td>{count(week.bound)}</td><td>{week.gap:.2%}</td>"
        f'<td>{span(week.seconds)}</td><td class="wrap">{RESULTS[week.status]}</td></tr>'
        for number, week in enumerate(plan.weeks, 1)
    ]
    note = (
        "How good the plan is: with these people, shifts and prices no sum of costs is below the "
        "bound. The gap is what another might save at most; it does not say what more people would."
    )
    return section("Search", note, table(("week", "bound", "gap", "time", "result"), rows))


def _coverage(week: WeekPlan, days: WeekDays) -> str:
    covered = week.coverage
    required, working, missing = (
        _by_hour(people, covered.step)
        for people in (covered.required, covered.working, covered.missing)
    )

    def cell(index: int) -> str:
        rows = (("required", required), ("working", working), ("missing", missing))
        told = "".join(f"\n{name}\t{people[index]:.3g}" for name, people in rows)
        return days.hour(index) + told

    def picture(people: list[float], what: str) -> str:
        title = f"{what} by day and hour, {days.title}"
        return wide_and_narrow(
            lambda pixels, _ticks: heatmap(pixels, people, title, cell, days=days.names)
        )

    note = "People at work by day and hour, the mean of an hour with breaks; most: "
    note += f"{max(working):.3g}.{_line(days.holidays)}"
    body = section(f"At work in {days.title}", note, picture(working, "people at work"))
    if not covered.missing_hours:
        return body
    note = f"Missing people by day and hour; in all {covered.missing_hours:,.1f} person-hours, "
    note += f"at most {float(covered.missing.max()):.3g} at once."
    why = "".join(_line(line.strip()) for line in why_lines(week))
    return body + section(
        f"Missing in {days.title}", note + why, picture(missing, "missing people")
    )


def _line(told: str) -> str:
    return f"<br>{escape(told)}" if told else ""


def _who(duties: Duties, shifts: Sequence[str], days: WeekDays) -> str:
    title = f"who works when in {days.title}"

    def draw(pixels: int, _ticks: int) -> str:
        return gantt(pixels, duties, shifts, title, days.names)

    note = "Gaps in a bar are breaks. What begins on Sunday and ends on Monday is pale on Monday."
    note += _line(days.holidays)
    return section(f"Who works when in {days.title}", note, legend(shifts) + wide_and_narrow(draw))


def _by_hour(people: Floats, step: int) -> list[float]:
    return [float(value) for value in people.reshape(_HOURS, HOUR // step).mean(axis=1)]


def _most(values: Sequence[float]) -> float:
    return max((value for value in values if not math.isnan(value)), default=0.0)


def _hour_tip(index: int, hour: HourService | None) -> str:
    if hour is None:
        return hour_name(index)
    share = f"{per_cent(hour.in_time.mean)} ± {per_cent(hour.in_time.half_width)}"
    return (
        f"{hour_name(index)}\nin time\t{share}\ncases\t{hour.cases:.1f}\nagents\t{hour.present:.1f}"
    )
