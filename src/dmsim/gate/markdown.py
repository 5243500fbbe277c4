"""What a gate found, as Markdown for the summary of a CI step."""

import re
from collections.abc import Sequence

from dmsim.errors import ExitCode
from dmsim.gate.limits import Check, subject
from dmsim.replay.result import Mismatch, ReplaySummary
from dmsim.replay.words import mismatch_line

#: CI services cut or refuse a step's summary of 1 MiB.
MOST_BYTES = 1 << 20
_MOST_MISMATCHES = 10
_LONGEST_TEXT = 500
_HEADLINES = {
    ExitCode.PASS: "✅ passed",
    ExitCode.MISMATCH: "❌ answers differ from the rules",
    ExitCode.INVALID_RUN: "⚠️ the run is invalid",
    ExitCode.LIMIT_MISSED: "❌ a limit is missed",
}


def markdown_summary(
    name: str, result: ReplaySummary, checks: Sequence[Check], code: ExitCode
) -> str:
    """The summary of a judged replay: verdict, limits and the worst mismatches; below 1 MiB."""
    lines = [
        f"## dmsim gate {_text(name)}: {_HEADLINES.get(code, str(int(code)))}",
        "",
        f"{result.sent:,} actions sent, {result.matches:,} matches, "
        f"**{result.mismatches:,} mismatches**, {result.unordered:,} unordered, "
        f"{result.unjudged:,} unjudged, {result.errors:,} errors, {result.dropped:,} dropped.",
        "",
        *[f"- invalid: {_text(reason)}" for reason in result.invalid_because],
        *_limits(checks),
        *_mismatches("Mismatches", result.worst_mismatches, result.mismatches),
        *_leaks(result),
        *_latencies(result),
        f"Trace {_text(result.trace)}, digest {_text(result.digest)}, "
        f"speed {result.speed:g}, adapter {_text(result.adapter)}.",
    ]
    return "\n".join(lines) + "\n"


def _limits(checks: Sequence[Check]) -> list[str]:
    if not checks:
        return []
    head = ["", "| limit | bound | measured | |", "|---|--:|--:|---|"]
    return [*head, *[_limit_row(check) for check in checks], ""]


def _limit_row(check: Check) -> str:
    measured = "no samples" if check.measured_ms is None else f"{check.measured_ms:.4g} ms"
    mark = "✅" if check.passed else "❌"
    return f"| {_text(subject(check.limit))} | {check.bound_ms:g} ms | {measured} | {mark} |"


def _leaks(result: ReplaySummary) -> list[str]:
    listening = result.listening
    if listening is None:
        return []
    return _mismatches("Leaked messages", listening.worst_leaks, listening.leaked)


def _mismatches(title: str, worst: Sequence[Mismatch], count: int) -> list[str]:
    if not count:
        return []
    shown = worst[:_MOST_MISMATCHES]
    head = ["", f"### {title} ({len(shown)} of {count:,})", ""]
    return [*head, *[f"- {_text(mismatch_line(mismatch))}" for mismatch in shown], ""]


def _latencies(result: ReplaySummary) -> list[str]:
    metrics = {
        "response": result.response_ms,
        "service": result.service_ms,
        "blocked": result.blocked_ms,
        "lateness": result.lateness_ms,
    }
    keys = ("p50", "p90", "p95", "p99", "max")
    rows = [
        f"| {name} | {' | '.join(_figure(getattr(times, key)) for key in keys)} |"
        for name, times in metrics.items()
    ]
    return ["", f"| ms | {' | '.join(keys)} |", "|---|--:|--:|--:|--:|--:|", *rows, ""]


def _figure(value: float | None) -> str:
    return "\u2013" if value is None else f"{value:.4g}"


def _text(text: str) -> str:
    """A text that cannot break out of its line, its table cell or into HTML; not endless."""
    text = " ".join(text.split())[:_LONGEST_TEXT]
    return re.sub(r"([\\`*_\[\]<>|#&])", r"\\\1", text)
