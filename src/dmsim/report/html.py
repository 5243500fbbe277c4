"""A judged replay as one HTML file that needs nothing else: no network, no other file."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from dmsim.errors import UsageError
from dmsim.gate.limits import Check
from dmsim.replay.result import ReplayResult, ReplaySummary, write_result
from dmsim.report import sections
from dmsim.report.care import trace_measures
from dmsim.report.care_sections import care_sections
from dmsim.report.moderation import moderation
from dmsim.report.moderation_sections import moderation_sections
from dmsim.report.traffic import traffic
from dmsim.report.units import count
from dmsim.report.verdicts import outcomes
from dmsim.trace.reader import Trace

REPORT = "report.html"

_ROOM = Path(__file__).parent
#: Forbids the page every request, whatever stands in its texts.
_NO_REQUESTS = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def write_report(
    folder: Path, result: ReplayResult, trace: Trace, checks: Sequence[Check] = ()
) -> ReplayResult:
    """Write ``report.html`` into a replay's folder and name it in ``summary.json``.

    Args:
        folder: the replay's folder.
        result: what the replay found.
        trace: what was replayed.
        checks: the limits of a gate, already checked.

    Returns:
        the result, its summary now naming the report.
    """
    file = folder / REPORT
    partial = folder / f".{REPORT}.partial-{os.getpid()}"
    summary = msgspec.structs.replace(result.summary, report=str(file))
    try:
        partial.write_text(render(summary, trace, checks), encoding="utf-8")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    result = msgspec.structs.replace(result, summary=summary)
    write_result(result, folder)
    return result


def replayed_trace(folder: Path, result: ReplayResult) -> Trace:
    """The trace of a replay: where its summary says, or in the run's own folder if that was moved.

    Raises:
        UsageError: it is in neither place, was altered, or another one lies there.
    """
    moved = folder / "trace"
    named = Path(result.summary.trace)
    trace = Trace.open(moved if moved.is_dir() and not named.is_dir() else named)
    if trace.verify() != result.summary.digest:
        raise UsageError(
            f"{trace.path}: another trace than that of {folder} (digest {result.summary.digest}); "
            "replay again"
        )
    return trace


def render(result: ReplaySummary, trace: Trace, checks: Sequence[Check] = ()) -> str:
    """The report as HTML; every text from the data is escaped."""
    body = "\n".join(
        [
            sections.headline(result, trace.manifest),
            sections.tiles(result),
            sections.limits(checks),
            sections.mismatches(result),
            sections.origins(result),
            sections.traffic_chart(traffic(trace)),
            sections.latency_chart(result),
            sections.latency_table(result),
            sections.outcomes(outcomes(trace)),
            sections.verdict_matrix(result),
            moderation_sections(moderation(trace)),
            care_sections(trace_measures(trace)),
            sections.provenance(result, trace.manifest),
        ]
    )
    title = f"dmsim: {trace.manifest.scenario.get('name', trace.path.name)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_NO_REQUESTS}">\n'
        f"<title>{escape(title)}: {count(result.mismatches)} mismatches</title>\n"
        f"<style>\n{_part('page.css')}</style>\n</head>\n"
        f'<body>\n<main>\n{body}\n</main>\n<div id="tip"></div>\n'
        f"<script>\n{_part('page.js')}</script>\n</body>\n</html>\n"
    )


def _part(name: str) -> str:
    return (_ROOM / name).read_text(encoding="utf-8")
