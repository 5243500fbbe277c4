"""What a trace is like against what it should be: headline, checks, pictures."""

import math
from collections.abc import Callable, Sequence
from html import escape

from dmsim.fidelity.check import SHARE, Check
from dmsim.fidelity.curves import hour_name
from dmsim.fidelity.measure import Fidelity, Times, Week
from dmsim.report.heatmap import heatmap
from dmsim.report.parts import legend, pill, section, table, wide_and_narrow
from dmsim.report.scatter import Point, log_log_points
from dmsim.report.svg import stacked_bars
from dmsim.report.units import NOTHING, count, span

#: The concerns of checks, with their titles and how to read them.
_CONCERNS = {
    "study": (
        "The study of messages to brands",
        "What orders hours is measured by the smallest difference that it demands, in standard "
        "errors (σ): above 0 it is shown.",
    ),
    "curves": (
        "The weekly curves",
        "The squared error is that of the week's shape, relative to the squares of the curve, "
        "without what chance gives.",
    ),
    "totals": ("Known totals", ""),
    "persons": (
        "Persons",
        "As they are at the first recorded instant; the tolerance allows for what they changed "
        "before it.",
    ),
    "graph": ("The follow graph", "Of persons; the brands that they follow are left out."),
    "conversations": ("Conversations", ""),
    "texts": ("Texts", ""),
}
_HEAD = ("property", "source", "target", "measured", "95 % interval", "tolerance", "")
_RULE = (
    "A check passes if the target lies within the 99.9 % interval of the measured value, widened "
    "by the tolerance; so a correct simulation fails one in a thousand by chance. What the "
    "scenario does not state, or too few events show, is unchecked."
)
_RELATIONS = {"equal": "", "at_least": "at least ", "at_most": "at most "}
_WIDE_HALF, _NARROW = 500, 350
_ROUND_SECONDS = (1, 10, 60, 600, 3600, 21_600, 86_400)


def headline(found: Fidelity) -> str:
    """What was checked, and how it came out."""
    made = f"scenario {found.scenario} · seed {found.seed} · digest {found.digest[:12]}"
    return (
        '<header><p class="over">dmsim fidelity report</p>'
        f"<h1>{totals(found)}</h1>"
        f'<p>{_verdicts(found)}<span class="over">{escape(made)}</span></p></header>'
    )


def totals(found: Fidelity) -> str:
    """The outcome in one line: ``61 passed, 0 failed, 30 unchecked``."""
    return f"{found.passed} passed, {found.failed} failed, {found.unchecked} unchecked"


def fidelity_section(found: Fidelity) -> str:
    """The outcome, the checks that failed and the weeks: what a report of a replay shows."""
    failed = [check for check in found.checks if check.verdict == "fail"]
    rows = _table(_HEAD, [_row(check) for check in failed]) if failed else ""
    title = f"Fidelity: {totals(found)}"
    return section(title, _RULE, rows + _two_weeks(found))


def checks_sections(found: Fidelity) -> str:
    """All checks, grouped by what they concern; unchecked ones are folded."""
    parts = []
    for concern, (title, note) in _CONCERNS.items():
        checks = [check for check in found.checks if check.concern == concern]
        if checks:
            parts.append(section(title, note, _decided(checks) + _undecided(checks)))
    return "\n".join(parts)


def weeks_section(found: Fidelity) -> str:
    """The simulated weeks beside the curves that the scenario intends."""
    note = (
        "Events in a mean week of the recorded window, by the hour of the audience (or of the "
        "trace, where the scenario says so); beside it the scenario's curve with the same total. "
        "Hours that the window does not cover are empty."
    )
    return section("The week", note, _two_weeks(found) + _week_pair("Sessions", found.sessions))


def rhythm_section(found: Fidelity) -> str:
    """Times between messages and to replies."""
    between = _density(found.between_messages)
    parts = []
    if between:
        parts.append(
            _figure(
                "Time between two messages of a person",
                lambda pixels, ticks: log_log_points(
                    width=pixels,
                    series={"simulated": between},
                    x_label="seconds",
                    y_label="density per second",
                    title="Density of the time between two messages of a person",
                    most_x_ticks=ticks,
                ),
            )
        )
    if sum(found.reply_delays.counts):
        parts.append(_delays(found.reply_delays))
    note = "All messages that persons wrote; replies are those between persons within a day."
    return section("Rhythm", note, "".join(parts)) if parts else ""


def degrees_section(found: Fidelity) -> str:
    """How many persons have how many follows and followers, at least."""
    series = {
        "followers": found.graph.followers.at_least,
        "follows": found.graph.follows.at_least,
    }
    if not any(series.values()):
        return ""

    def draw(pixels: int, ticks: int) -> str:
        return log_log_points(
            width=pixels,
            series=series,
            x_label="persons, at least",
            y_label="share of persons",
            title="Complementary cumulative distribution of follows and followers",
            most_x_ticks=ticks,
        )

    note = "The share of persons who follow, or are followed by, at least so many persons."
    return section("Follows and followers", note, legend(list(series)) + wide_and_narrow(draw))


def rule_note() -> str:
    """How to read the verdicts, as a footer."""
    return f"<footer>{escape(_RULE)}</footer>"


def _verdicts(found: Fidelity) -> str:
    if found.failed:
        return pill(f"{count(found.failed)} failed", good=False)
    return pill("all that could be checked", good=True) if found.passed else ""


def _decided(checks: Sequence[Check]) -> str:
    decided = [check for check in checks if check.verdict != "unchecked"]
    ordered = sorted(decided, key=lambda check: check.verdict != "fail")
    return _table(_HEAD, [_row(check) for check in ordered]) if ordered else ""


def _undecided(checks: Sequence[Check]) -> str:
    left = [check for check in checks if check.verdict == "unchecked"]
    if not left:
        return ""
    rows = [
        f'<tr><td class="text">{escape(check.property)}</td>'
        f'<td class="text">{escape(check.source)}</td>'
        f"<td>{number(check, check.measured)}</td><td>{_interval(check)}</td>"
        f'<td class="text">{escape(check.because)}</td></tr>'
        for check in left
    ]
    shown = _table(("property", "source", "measured", "95 % interval", "because"), rows)
    return f"<details><summary>{len(left)} unchecked</summary>{shown}</details>"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    return f'<div class="checks">{table(head, rows)}</div>'


def _row(check: Check) -> str:
    told = check.verdict if check.verdict == "pass" else check.because
    return (
        f'<tr><td class="text">{escape(check.property)}</td>'
        f'<td class="text">{escape(check.source)}</td>'
        f"<td>{_RELATIONS[check.relation]}{number(check, check.target)}</td>"
        f"<td>{number(check, check.measured)}</td><td>{_interval(check)}</td>"
        f"<td>{number(check, check.tolerance or None)}</td>"
        f"<td>{pill(escape(told), good=check.verdict == 'pass')}</td></tr>"
    )


def _interval(check: Check) -> str:
    if check.low is None or check.high is None:
        return NOTHING
    return f"{number(check, check.low)} … {number(check, check.high)}"


def number(check: Check, value: float | None) -> str:
    """A number of a check in its unit, a dash for none."""
    if value is None:
        return NOTHING
    if check.unit == SHARE:
        return f"{100 * value:.2f} %"
    if check.unit == "s":
        return escape(span(value))
    whole = value == round(value) or abs(value) >= 1000
    told = count(value) if whole else f"{value:.3g}"
    return f"{told} {escape(check.unit)}" if check.unit else told


def _two_weeks(found: Fidelity) -> str:
    return _week_pair("Comments", found.comments) + _week_pair("Messages to brands", found.dm)


def _week_pair(name: str, week: Week) -> str:
    if not any(week.per_week):
        return ""
    values = [math.nan if value is None else value for value in week.per_week]
    curve = [
        math.nan if value is None else expected
        for value, expected in zip(week.per_week, week.curve, strict=True)
    ]

    def cell(index: int) -> str:
        simulated = values[index]
        told = NOTHING if math.isnan(simulated) else f"{simulated:.1f}"
        return f"{hour_name(index)}\nsimulated\t{told}\ncurve\t{week.curve[index]:.1f}"

    pictures = [
        f"<figure><figcaption>{escape(words)}</figcaption>"
        f'<div class="wide">{heatmap(_WIDE_HALF, shown, words, cell)}</div>'
        f'<div class="narrow">{heatmap(_NARROW, shown, words, cell)}</div></figure>'
        for words, shown in (
            (f"{name}, simulated: {count(sum(v or 0 for v in week.per_week))} a week", values),
            (f"{name}, the scenario's curve", curve),
        )
    ]
    return f'<div class="pair">{"".join(pictures)}</div>'


def _density(times: Times) -> list[Point]:
    """The middle of each bin with its share of all times per second of width."""
    total = sum(times.counts)
    edges = zip(times.edges_s, times.edges_s[1:], times.counts, strict=False)
    return [
        (math.sqrt(low * high), number / total / (high - low))
        for low, high, number in edges
        if number
    ]


def _delays(times: Times) -> str:
    filled = [bin_number for bin_number, number in enumerate(times.counts) if number]
    first, last = filled[0], filled[-1]
    shown = times.counts[first : last + 1]
    edges = times.edges_s[first : last + 2]

    per_bin = math.log10(edges[1] / edges[0])
    places = [(math.log10(tick / edges[0]) / per_bin, tick) for tick in _ROUND_SECONDS]

    def draw(pixels: int, ticks: int) -> str:
        inside = [(place, span(tick)) for place, tick in places if 0 <= place <= len(shown)]
        return stacked_bars(
            width=pixels,
            starts=range(len(shown)),
            bin_width=1,
            series={"replies": shown},
            x_ticks=inside[:: -(-len(inside) // ticks)],
            x_label="time to the reply, logarithmic",
            y_label="replies",
            title="Time from a message to its reply",
            bin_name=lambda place: f"{span(edges[place])} to {span(edges[place + 1])}",
        )

    return _figure("Time from a message between persons to its reply", draw)


def _figure(caption: str, draw: Callable[[int, int], str]) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{wide_and_narrow(draw)}</figure>"
