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
from dmsim.report.units import count, span
from dmsim.rostering.lack_words import why_lines
from dmsim.rostering.model import HOUR
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


def render_plan(plan: Plan, shifts: Sequence[str], name: str) -> str:
    """A planned roster as HTML; every text from the data is escaped."""
    parts = [_header("dmsim roster", name), _tiles(plan), _weeks(plan)]
    for number, week in enumerate(plan.weeks):
        own = [duty for duty in plan.duties if duty.week == number]
        title = f"week {number + 1}" if len(plan.weeks) > 1 else "the week"
        parts += [_coverage(week, title), _who(own, shifts, title)]
    return page(f"dmsim roster: {name}", "\n".join(parts))


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


def _header(over: str, name: str) -> str:
    return f'<header><p class="over">{over}</p><h1>{escape(name)}</h1></header>'


def _tiles(plan: Plan) -> str:
    people = len({(duty.people, duty.who) for duty in plan.duties})
    cost = sum(week.costs.total for week in plan.weeks)
    bound = sum(week.bound for week in plan.weeks)
    missing = sum(week.coverage.missing_hours for week in plan.weeks)
    required = sum(week.coverage.required_hours for week in plan.weeks)
    share = 1 - missing / required if required else None
    return tiles(
        [
            tile(count(people), "people"),
            tile(per_cent(share), "of required hours covered", "bad" if missing else "good"),
            tile(f"{missing:,.1f}", "person-hours missing", "bad" if missing else "good"),
            tile(count(cost), "cost"),
            tile(f"{max(1 - bound / cost, 0.0) if cost else 0:.2%}", "could be saved at most"),
        ]
    )


def _weeks(plan: Plan) -> str:
    head = (
        "week", "work", "missing", "surplus", "cost", "bound", "if people could be split",
        "gap", "search", "result",
    )  # fmt: skip
    rows = [_week(number, week) for number, week in enumerate(plan.weeks, 1)]
    note = (
        "Costs of the shifts, of required hours that nobody covers and of worked hours that nobody "
        "requires. No roster costs less than the bound."
    )
    return section("Costs", note, table(head, rows))


def _week(number: int, week: WeekPlan) -> str:
    costs = week.costs
    figures = (costs.work, costs.missing, costs.surplus, costs.total, week.bound, week.relaxed)
    cells = [count(figure) for figure in figures]
    cells += [f"{week.gap:.2%}", span(week.seconds), RESULTS[week.status]]
    return f"<tr><th>{number}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _coverage(week: WeekPlan, title: str) -> str:
    covered = week.coverage
    required, working, missing = (
        _by_hour(people, covered.step)
        for people in (covered.required, covered.working, covered.missing)
    )

    def cell(index: int) -> str:
        rows = (("required", required), ("working", working), ("missing", missing))
        told = "".join(f"\n{name}\t{people[index]:.3g}" for name, people in rows)
        return hour_name(index) + told

    def at_work(pixels: int, _ticks: int) -> str:
        return heatmap(pixels, working, f"people at work by day and hour, {title}", cell)

    def lacking(pixels: int, _ticks: int) -> str:
        return heatmap(pixels, missing, f"missing people by day and hour, {title}", cell)

    note = "People at work by day and hour, the mean of an hour with breaks; most: "
    body = section(f"At work in {title}", f"{note}{max(working):.3g}.", wide_and_narrow(at_work))
    if not covered.missing_hours:
        return body
    note = f"Missing people by day and hour; in all {covered.missing_hours:,.1f} person-hours, "
    note += f"at most {float(covered.missing.max()):.3g} at once."
    why = "".join(f"<br>{escape(line.strip())}" for line in why_lines(week))
    return body + section(f"Missing in {title}", note + why, wide_and_narrow(lacking))


def _who(duties: Duties, shifts: Sequence[str], title: str) -> str:
    def draw(pixels: int, _ticks: int) -> str:
        return gantt(pixels, duties, shifts, f"who works when in {title}")

    note = "Gaps in a bar are breaks. What begins on Sunday and ends on Monday is pale on Monday."
    return section(f"Who works when in {title}", note, legend(shifts) + wide_and_narrow(draw))


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
