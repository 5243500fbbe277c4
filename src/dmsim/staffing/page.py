"""A plan as a page: heatmaps of the week, from work to people, and how far the methods differ."""

from collections.abc import Sequence
from html import escape
from math import nan

import polars as pl

from dmsim.fidelity.curves import hour_name
from dmsim.report.heatmap import heatmap
from dmsim.report.page import page
from dmsim.report.parts import legend, section, table, tile, tiles, wide_and_narrow
from dmsim.report.units import NOTHING, span
from dmsim.staffing.charts import promise_line, waterfall, week_lines
from dmsim.staffing.frontier import frontier
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import Floats
from dmsim.staffing.plan import FTE_HOURS, HOUR_S, Desk, Totals, add_up
from dmsim.staffing.sensitivity import CHANGES, Answer, sensitivities
from dmsim.staffing.team_plan import TeamPlan
from dmsim.staffing.text import METHODS, per_cent

_HOURS = 168

#: What the words of a plan mean.
DEFINITIONS = (
    ("required", "people on duty who keep the promise"),
    ("to schedule", "required over 1 - shrinkage, rounded up in each interval"),
    ("scheduled", "by the roster (breaks left out) or the file; else to schedule"),
    ("net", "scheduled less shrinkage, less required; below zero people are lacking"),
    ("service level", "answered within the target / all who came (offered)"),
    ("occupancy", "share of time on duty with anything in hand; utilisation is of paid time"),
    ("FTE", f"{FTE_HOURS} paid hours a week"),
)


def render_plan(title: str, planned: pl.DataFrame, desk: Desk, goal: Goal) -> str:
    """A plan of a file of volumes as HTML; every text from the data is escaped."""
    body = [_header(title, goal), *_sections(planned, desk)]
    if "mol" in planned.columns:
        contacts = planned["contacts"].to_numpy().reshape(_HOURS, -1).sum(axis=1)
        body += [_frontier(contacts, desk, goal), _sensitivity(contacts, desk, goal)]
    return page(f"dmsim staff: {title}", "\n".join([*body, _definitions()]))


def render_teams(title: str, plans: Sequence[TeamPlan]) -> str:
    """The plans of a scenario's care teams as HTML."""
    body = [_header(title, plans[0].goal)]
    for plan in plans:
        body += [f"<h1>{escape(plan.team)}</h1>", *_sections(plan.hours, plan.desk), _replies(plan)]
        of_threads = plan.work.turns, plan.desk, plan.goal
        body += [_frontier(*of_threads), _sensitivity(*of_threads)]
    return page(f"dmsim staff: {title}", "\n".join([*body, _definitions()]))


def _header(title: str, goal: Goal) -> str:
    promise = f"{per_cent(goal.level)} within {span(goal.within_s)}"
    busy = f", at most {per_cent(goal.most_occupancy)} busy" if goal.most_occupancy < 1 else ""
    return (
        f'<header><p class="over">dmsim staff</p><h1>{escape(title)}</h1>'
        f"<p>Promised to who waits for an answer: {promise}{busy}.</p></header>"
    )


def _sections(planned: pl.DataFrame, desk: Desk) -> list[str]:
    totals = add_up(planned)
    parts = [_tiles(totals), *_heatmaps(planned), _waterfall(planned, totals, desk)]
    return [*parts, _methods(planned)] if "mol" in planned.columns else parts


def _tiles(told: Totals) -> str:
    lacking = f"{told.lacking_hours:,.0f}"
    return tiles(
        [
            tile(f"{told.contacts:,.0f}", "contacts"),
            tile(f"{told.workload_hours:,.0f} h", "of work"),
            tile(f"{told.required_fte:.1f}", f"FTE required, at most {told.required_peak} at once"),
            tile(f"{told.to_schedule_fte:.1f}", "FTE to schedule"),
            tile(f"{told.scheduled_fte:.1f}", "FTE scheduled"),
            tile(lacking, "person-hours lacking", "bad" if told.lacking_hours >= 1 else "good"),
        ]
    )


def _heatmaps(planned: pl.DataFrame) -> list[str]:
    notes = {"required": "People on duty, by the hour of the week."}
    if (planned["scheduled"] == planned["to_schedule"]).all():
        # Nobody scheduled anybody: what is left over by rounding says nothing.
        notes["to_schedule"] = "People to schedule so that so many are there despite shrinkage."
    else:
        notes["scheduled"] = "People scheduled, shrinkage not taken off."
        notes["net"] = (
            "Scheduled less shrinkage, less required; the second colour marks what is lacking."
        )
    parts = []
    for column, note in notes.items():
        name = column.replace("_", " ")
        parts.append(section(name.capitalize(), note, _heatmap(_by_hour(planned, column), name)))
    return parts


def _heatmap(values: list[float], name: str) -> str:
    def draw(pixels: int, _ticks: int) -> str:
        return heatmap(
            pixels, values, f"{name} by day and hour",
            lambda index: f"{hour_name(index)}\n{name}\t{values[index]:.3g}",
        )  # fmt: skip

    return wide_and_narrow(draw)


def _by_hour(planned: pl.DataFrame, name: str) -> list[float]:
    """The mean of a column in each hour of the week; NaN where the plan has none."""
    hour = (pl.col("start_s") // HOUR_S % _HOURS).alias("hour")
    found = dict(planned.group_by(hour).agg(pl.col(name).mean()).iter_rows())
    return [nan if (value := found.get(place)) is None else value for place in range(_HOURS)]


def _waterfall(planned: pl.DataFrame, told: Totals, desk: Desk) -> str:
    busy = _busy_hours(planned)
    saved = "side by side" if desk.threads > 1 else "left"
    hours = [
        ("work", told.workload_hours),
        (saved, busy - told.workload_hours),
        ("idle", told.required_hours - busy),
        ("shrinkage", told.required_hours / (1 - desk.shrinkage) - told.required_hours),
        ("rounding", told.to_schedule_hours - told.required_hours / (1 - desk.shrinkage)),
    ]
    # What is less than a hundredth of the work, or shown as 0, is no bar.
    least = max(told.workload_hours / 100, 0.05 * FTE_HOURS * told.weeks)
    hours = [step for step in hours if step[0] != saved or -step[1] >= least]
    steps = [(name, spent / told.weeks / FTE_HOURS) for name, spent in hours]
    steps.append(("to schedule", told.to_schedule_fte))

    def draw(pixels: int, _ticks: int) -> str:
        return waterfall(pixels, steps, "FTE", "From work to people to schedule")

    notes = {
        "work": "Work is handling time alone, of all who come.",
        "side by side": "Several threads at once take less time than one after the other, and who "
        "leaves takes none.",
        "left": "Who is seen to leave takes no time.",
        "idle": "People are idle so that customers need not wait for them.",
        "shrinkage": "Shrinkage is paid time without work.",
        "rounding": "People are whole in every interval.",
    }
    note = " ".join(notes[name] for name, _ in hours)
    return section("From work to FTE", note, wide_and_narrow(draw))


def _busy_hours(planned: pl.DataFrame) -> float:
    """Person-hours in which somebody has anything in hand."""
    of_team = "reply_hours" in planned.columns
    waiting = pl.col("simulated" if of_team else "required") * pl.col("occupancy").fill_null(0.0)
    busy = waiting * pl.col("length_s") / HOUR_S + (pl.col("reply_hours") if of_team else 0.0)
    return float(planned.select(busy.sum()).item())


def _methods(planned: pl.DataFrame) -> str:
    told = {head: name for name, head in METHODS.items() if name in planned.columns}
    lines = {head: [float(n) for n in planned[name]] for head, name in told.items()}
    if lines["Erlang A"] == lines["Erlang C"]:
        # Nobody leaves: one line would hide the other.
        del lines["Erlang A"]

    def draw(pixels: int, _ticks: int) -> str:
        return week_lines(pixels, lines, "agents", "Agents by each method over the week")

    hours = planned["length_s"] / HOUR_S
    rows = [
        f"<tr><th>{head}</th><td>{float((planned[name] * hours).sum()):,.0f}</td>"
        f"<td>{max(planned[name].to_list()):,}</td></tr>"
        for head, name in told.items()
    ]
    note = (
        "Agents for those who wait (of a team: for live threads). Erlang's formulas take each "
        "interval by itself; the modified offered load (MOL) knows what earlier ones left behind, "
        "here by the square-root rule (√) and exactly; "
        "the simulation keeps the promise in every interval with 95 % confidence, and counts."
    )
    apart = _heatmap(_by_hour(planned, "disagreement"), "disagreement")
    shown = f"<figure><figcaption>Most less fewest</figcaption>{apart}</figure>"
    body = legend(list(lines)) + wide_and_narrow(draw) + shown
    return section("Methods", note, body + table(("", "person-hours a week", "most at once"), rows))


def _replies(plan: TeamPlan) -> str:
    hours, work = plan.hours, plan.work
    lines = {
        "live threads": [float(n) for n in hours["simulated"]],
        "added for replies": [float(n) for n in hours["reply_people"]],
    }
    waiting = {"comments": [float(n) for n in hours["backlog"]]}

    def people(pixels: int, _ticks: int) -> str:
        return week_lines(pixels, lines, "people", "People for live threads and for replies")

    def backlog(pixels: int, _ticks: int) -> str:
        return week_lines(pixels, waiting, "comments that wait", "The backlog of replies")

    oldest = max(hours["backlog_age_h"].to_list())
    note = (
        f"{work.turns.sum():,.0f} turns of threads a week of {span(work.turn_s)}; "
        f"{work.comments.sum():,.0f} comments of {span(work.comment_s)} each, to be answered "
        f"within {span(work.window_s)}. Threads go first; replies are worked off in the time they "
        f"leave and by people added for them. The backlog is at most {oldest} h old."
    )
    charts = legend(list(lines)) + wide_and_narrow(people) + wide_and_narrow(backlog)
    return section("Threads and replies", note, charts)


def _frontier(contacts: Floats, desk: Desk, goal: Goal) -> str:
    """What lower and higher promises cost."""
    if not contacts.any():
        return ""
    promises = frontier(contacts, desk, goal)
    own = next(place for place, told in enumerate(promises) if told.level == goal.level)
    points = [
        (
            told.person_hours / FTE_HOURS,
            told.service_level,
            f"{per_cent(told.level)} in every hour\nFTE required\t"
            f"{told.person_hours / FTE_HOURS:.1f}\nin time\t{per_cent(told.service_level)}",
        )
        for told in promises
    ]
    rows = [
        f"<tr><th>{per_cent(told.level)}{', as planned' if place == own else ''}</th>"
        f"<td>{told.person_hours / FTE_HOURS:.1f}</td><td>{per_cent(told.service_level)}</td></tr>"
        for place, told in enumerate(promises)
    ]
    note = (
        "People required for those who wait (of a team: for live threads) by the share promised "
        f"within {span(goal.within_s)} in every hour, and the share that the week then answers in "
        "time. By the modified offered load, without the simulation. The second colour is the "
        "promise of this plan."
    )
    drawn = wide_and_narrow(lambda pixels, _ticks: promise_line(pixels, points, own))
    heads = ("promised in every hour", "FTE required", "in time over the week")
    return section("What a promise costs", note, drawn + table(heads, rows))


def _sensitivity(contacts: Floats, desk: Desk, goal: Goal) -> str:
    """People and service when what the plan takes for granted is otherwise."""
    if not contacts.any():
        return ""
    rows = [
        f"<tr><th>{told.name}</th>{''.join(map(_answer, told.answers))}</tr>"
        for told in sensitivities(contacts, desk, goal)
    ]
    note = (
        "FTE for those who wait (of a team: for live threads) if one thing is more or less than "
        "the plan takes it to be, and the service level if the people stay as they are. By the "
        "modified offered load, without the simulation. The work of replies follows volume and "
        "handling time in proportion."
    )
    heads = [f"{100 * change:+.0f} %" if change else "as planned" for change in CHANGES]
    return section("Sensitivity", note, table(("", *heads), rows))


def _answer(told: Answer | None) -> str:
    if told is None:
        return f"<td>{NOTHING}</td>"
    fte = f"{told.person_hours / FTE_HOURS:.1f} FTE"
    return f"<td>{fte}<br>{per_cent(told.service_level)}</td>"


def _definitions() -> str:
    rows = [f'<tr><th>{word}</th><td class="text">{told}</td></tr>' for word, told in DEFINITIONS]
    return section("Words", "", table(("", ""), rows))
