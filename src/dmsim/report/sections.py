"""The sections of the report, from top to bottom."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

from dmsim.gate.limits import Check, subject
from dmsim.replay.result import ActionSummary, Mismatch, Origin, ReplaySummary, VerdictSummary
from dmsim.replay.words import told_expected, told_got, told_measure
from dmsim.report import svg
from dmsim.report.parts import (
    bars_over_time,
    legend,
    pill,
    round_ticks,
    section,
    table,
    tile,
    wide_and_narrow,
)
from dmsim.report.parts import tiles as side_by_side
from dmsim.report.traffic import Traffic
from dmsim.report.units import NOTHING, count, figure, milliseconds, share, span
from dmsim.report.verdicts import Outcomes
from dmsim.trace.manifest import Manifest
from dmsim.trace.summary import week_time
from dmsim.vocabulary import Verdict, names

_DOT = " \u00b7 "


def headline(result: ReplaySummary, manifest: Manifest) -> str:
    """What was judged, how it came out, and whether that may be believed."""
    judged = result.matches + result.mismatches
    wrong = f"{count(result.mismatches)} mismatch{'' if result.mismatches == 1 else 'es'}"
    validity = pill("valid run" if result.valid else "invalid run", good=result.valid)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in result.invalid_because)
    why = f'<ul class="why">{reasons}</ul>' if reasons else ""
    made = [
        f"scenario {manifest.scenario.get('name', '')}",
        f"seed {manifest.seed}",
        f"digest {result.digest[:12]}",
        f"dmsim {manifest.dmsim_version}",
        f"adapter {result.adapter}",
        f"speed {figure(result.speed)}",
    ]
    return (
        f'<header><p class="over">dmsim replay report</p>'
        f"<h1>Judged {count(judged)} actions: {wrong}</h1><p>{validity}"
        f'<span class="over">{escape(_DOT.join(made))}</span></p>{why}</header>'
    )


def tiles(result: ReplaySummary) -> str:
    """The figures one looks for first."""
    cells = [
        tile(count(result.sent), "actions sent"),
        tile(count(result.matches), "matches", "good" if result.matches else ""),
        tile(count(result.mismatches), "mismatches", "bad" if result.mismatches else ""),
        tile(f"{milliseconds(result.response_ms.p50)} ms", "response, median"),
        tile(f"{milliseconds(result.response_ms.p99)} ms", "response, p99"),
        tile(f"{milliseconds(result.lateness_ms.p99)} ms", "own lateness, p99"),
    ]
    rest = [
        (result.unordered, "unordered"),
        (result.unjudged, "unjudged"),
        (result.unsupported, "unsupported"),
        (result.left_out, "left out"),
        (result.skipped, "skipped"),
        (result.dropped, "dropped"),
        (result.errors, "errors"),
    ]
    cells += [tile(count(number), name) for number, name in rest if number]
    return side_by_side(cells)


def limits(checks: Sequence[Check]) -> str:
    """A gate's limits: kept or missed, and what was measured."""
    if not checks:
        return ""
    missed = sum(not check.passed for check in checks)
    note = f"{count(missed)} of {count(len(checks))} missed." if missed else "All kept."
    rows = [
        f"<tr><td>{escape(subject(check.limit))}</td><td>{milliseconds(check.bound_ms)}</td>"
        f"<td>{milliseconds(check.measured_ms)}</td>"
        f"<td>{pill('kept' if check.passed else 'missed', good=check.passed)}</td></tr>"
        for check in checks
    ]
    head = ("limit", "bound, ms", "measured, ms", "")
    return section("Limits", note, table(head, rows))


def validity(result: ReplaySummary) -> str:
    """The budgets of the run's own conduct: whether its figures may be believed."""
    if not result.validity:
        return ""
    over = sum(not row.ok for row in result.validity)
    note = "What the run may do to its own figures before they must not be believed. "
    note += f"{count(over)} of {count(len(result.validity))} over." if over else "All kept."
    rows = [
        f"<tr><th>{escape(row.what)}</th><td>{told_measure(row.measured, row.unit)}</td>"
        f"<td>{told_measure(row.budget, row.unit)}</td>"
        f"<td>{pill('ok' if row.ok else 'over', good=row.ok)}</td>"
        f"<td>{escape(row.remedy)}</td></tr>"
        for row in result.validity
    ]
    head = ("budget", "measured", "at most", "", "what to change")
    return section("Validity", note, table(head, rows) + _generator(result))


def _generator(result: ReplaySummary) -> str:
    core = result.generator
    if core is None:
        return ""
    return (
        f'<p class="note">The busiest replaying process used {core.core_p50:.0%} of its core in a '
        f"median second, {core.core_p95:.0%} at p95, {core.core_max:.0%} at most and "
        f"{core.core_busiest:.0%} over its busiest five seconds.</p>"
    )


def mismatches(result: ReplaySummary) -> str:
    """Every recorded mismatch with the row of the trace that reproduces it."""
    if not result.mismatches:
        return ""
    rows = [_mismatch_row(mismatch) for mismatch in result.worst_mismatches]
    note = (
        f"{count(len(rows))} of {count(result.mismatches)}, in the order of the trace. "
        "Cell and row name the line of the trace that reproduces each."
    )
    head = ("action", "expected", "got", "status", "cell", "row", "seq", "at", "actor", "target")
    return section("Mismatches", note, table(head, rows))


def origins(result: ReplaySummary) -> str:
    """The actions because of which others could not be judged or sent."""
    if not result.worst_origins:
        return ""
    note = (
        "Actions that came out otherwise, failed or could not be sent, and how many others could "
        "not be judged or sent because of them; those with most come first."
    )
    because = ("unjudged", "skipped", "unsupported", "left out")
    head = ("action", "judgement", *because, "cell", "row", "seq")
    rows = [_origin_row(origin) for origin in result.worst_origins]
    return section("Origins", note, table(head, rows))


def traffic_chart(data: Traffic) -> str:
    """Actions over simulated time, stacked by kind."""
    if not data.series:
        return section("Traffic", "The trace holds no action in its recorded window.", "")
    chart = bars_over_time(
        data.bins, data.series, "actions per {}", "Actions over simulated time, stacked by kind"
    )
    return section("Traffic", "What the trace asks of the backend, by the kind of action.", chart)


def latency_charts(result: ReplaySummary) -> str:
    """Median and 99th percentile of the four times over the time of the replay."""
    if not any(second.response_p50_ms is not None for second in result.over_time):
        return section("Times over the replay", "No answer was measured.", "")
    note = (
        "Response is counted from the moment an action was intended, so a stall of the backend "
        "shows in every action it delayed; the other three say where it came from."
    )
    charts = [
        wide_and_narrow(partial(_times_chart, result, percentile, name))
        for percentile, name in (("p50", "median"), ("p99", "99th percentile"))
    ]
    return section("Times over the replay", note, legend(_TIMES) + "".join(charts))


def latency_table(result: ReplaySummary) -> str:
    """Percentiles by action: response, service, blocked, lateness."""
    note = (
        "Milliseconds. Response = done \u2212 intended; service = done \u2212 start; blocked = "
        "waiting for an earlier action that conflicts; lateness = the sender's own delay."
    )
    groups = (
        '<tr class="groups"><th></th><th></th><th class="edge" colspan="5">response</th>'
        '<th class="edge" colspan="3">service</th><th class="edge" colspan="2">blocked</th>'
        '<th class="edge" colspan="2">lateness</th></tr>'
    )
    keys = [key for _, group in _LATENCIES for key in group]
    edges = _edges()
    names = "".join(f"<th{edges[i]}>{key}</th>" for i, key in enumerate(keys))
    rows = [_latency_row("all", result, ' class="all"')]
    rows += [
        _latency_row(action, row, "")
        for action, row in sorted(result.by_action.items(), key=lambda item: -item[1].sent)
    ]
    grouped = (
        f"<table><thead>{groups}<tr><th>action</th><th>sent</th>{names}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    return section("Latency by action", note, f'<div class="scroll">{grouped}</div>')


def outcomes(found: Outcomes) -> str:
    """How the rules decide: each verdict's share, and what stands behind those that deny."""
    if not found.actions:
        return ""
    note = (
        "What the rules demand of all actions of the trace, and the reasons of those that are "
        "refused, removed or shown nothing."
    )
    verdicts = _shares("verdict", found.verdicts, found.actions)
    reasons = _shares("reason", found.reasons, sum(found.reasons.values()))
    return section("Verdicts", note, f'<div class="pair">{verdicts}{reasons}</div>')


def verdict_matrix(result: ReplaySummary) -> str:
    """Per action and expected verdict: how many came out so."""
    if not result.by_verdict:
        return ""
    demanded = {verdict for row in result.by_verdict.values() for verdict in row}
    known = [verdict for verdict in names(Verdict) if verdict in demanded]
    rows = []
    for action, verdicts in result.by_verdict.items():
        cells = [_verdict_cell(verdicts, verdict) for verdict in known]
        rows.append(f"<tr><th>{escape(action)}</th>{''.join(cells)}</tr>")
    note = "Rows are actions, columns what the rules demand: how often the backend answered so."
    return section("Answers", note, table(("action", *known), rows))


def provenance(result: ReplaySummary, manifest: Manifest) -> str:
    """How the run was made: enough to make it again."""
    scenario = manifest.scenario
    window = f"{week_time(manifest.from_us)} to {week_time(manifest.until_us)}"
    stages = ", ".join(f"{name} {span(seconds)}" for name, seconds in result.seconds.items())
    facts = [
        ("scenario", f"{scenario.get('name', '')} {_dash(scenario.get('description'))}"),
        ("seed", str(manifest.seed)),
        ("recorded window", window),
        ("trace", result.trace),
        ("digest", result.digest),
        ("actions", f"{count(manifest.actions)} in {count(manifest.cells)} cell(s)"),
        ("made by", f"dmsim {manifest.dmsim_version}, trace schema {manifest.schema_version}"),
        ("backend", f"{result.host} (adapter {result.adapter})"),
        ("speed", f"{figure(result.speed)}\u00d7 simulated time"),
        ("sent", f"{count(result.actions_per_second)} actions/s"),
        ("time taken", stages),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{escape(told)}</dd>" for name, told in facts if told)
    return section("How it was made", "", f"<dl>{terms}</dl>")


_LATENCIES = (
    ("response_ms", ("p50", "p90", "p95", "p99", "max")),
    ("service_ms", ("p50", "p99", "max")),
    ("blocked_ms", ("p99", "max")),
    ("lateness_ms", ("p99", "max")),
)


#: In the order in which they are told elsewhere on the page.
_TIMES = ("response", "service", "blocked", "lateness")


def _times_chart(result: ReplaySummary, percentile: str, name: str, width: int, ticks: int) -> str:
    seconds, slot_s = result.over_time, result.slot_s
    xs = [float(second.second) for second in seconds]

    def slot_name(first: float) -> str:
        if slot_s == 1:
            return f"second {figure(first)}"
        return f"seconds {figure(first)} to {figure(first + slot_s - 1)}"

    return svg.log_lines(
        width=width,
        xs=xs,
        series={
            metric: [getattr(second, f"{metric}_{percentile}_ms") for second in seconds]
            for metric in _TIMES
        },
        x_ticks=[(tick, figure(tick)) for tick in round_ticks(xs[0], xs[-1], ticks)],
        x_label="seconds of replay",
        y_label=f"{name}, ms (logarithmic)",
        title=f"The {name} of the four times over the seconds of the replay",
        point_name=slot_name,
    )


def _edges() -> list[str]:
    return [' class="edge"' if key == group[0] else "" for _, group in _LATENCIES for key in group]


def _latency_row(name: str, row: ActionSummary | ReplaySummary, attributes: str) -> str:
    values = [
        milliseconds(getattr(getattr(row, metric), key))
        for metric, group in _LATENCIES
        for key in group
    ]
    cells = "".join(f"<td{edge}>{value}</td>" for edge, value in zip(_edges(), values, strict=True))
    return f"<tr{attributes}><th>{escape(name)}</th><td>{count(row.sent)}</td>{cells}</tr>"


def _shares(what: str, counts: Mapping[str, int], whole: int) -> str:
    largest = max(counts.values(), default=0)
    rows = [
        f"<tr><th>{escape(name)}</th><td>{count(number)}</td><td>{share(number, whole)}</td>"
        f'<td class="meter">{svg.meter(number / (largest or 1))}</td></tr>'
        for name, number in counts.items()
    ]
    return table((what, "actions", "share", ""), rows)


def _verdict_cell(verdicts: Mapping[str, VerdictSummary], verdict: str) -> str:
    counts = verdicts.get(verdict)
    if counts is None:
        return '<td class="none">·</td>'
    wrong = f' <span class="miss">✗ {count(counts.mismatches)}</span>' if counts.mismatches else ""
    return f"<td>{count(counts.matches)}{wrong}</td>"


def _mismatch_row(mismatch: Mismatch) -> str:
    cells = [
        told_expected(mismatch),
        told_got(mismatch),
        str(mismatch.status),
        str(mismatch.cell),
        str(mismatch.row),
        str(mismatch.seq),
        week_time(mismatch.at_us),
        str(mismatch.actor),
        str(mismatch.target),
    ]
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr><th>{escape(mismatch.action)}</th>{told}</tr>"


def _origin_row(origin: Origin) -> str:
    dependants = (origin.unjudged, origin.skipped, origin.unsupported, origin.left_out)
    counts = map(count, dependants)
    line = map(str, (origin.cell, origin.row, origin.seq))
    told = "".join(f"<td>{escape(cell)}</td>" for cell in (origin.judgement, *counts, *line))
    return f"<tr><th>{escape(origin.action)}</th>{told}</tr>"


def _dash(text: object) -> str:
    return f"{NOTHING} {text}" if text else ""
