"""A judged replay as one HTML file."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from dmsim.errors import UsageError
from dmsim.fidelity.measure import measure_fidelity
from dmsim.gate.limits import Check
from dmsim.paths import write_whole
from dmsim.replay.result import ReplayResult, ReplaySummary, write_result
from dmsim.report import sections
from dmsim.report.care import trace_measures
from dmsim.report.care_sections import care_sections
from dmsim.report.delivery import delivery_section
from dmsim.report.fidelity_sections import fidelity_section
from dmsim.report.listening import listening_section
from dmsim.report.moderation import moderation
from dmsim.report.moderation_sections import moderation_sections
from dmsim.report.page import page
from dmsim.report.parts import section
from dmsim.report.traffic import traffic
from dmsim.report.units import count
from dmsim.report.verdicts import outcomes
from dmsim.report.workers import workers_section
from dmsim.trace.reader import Trace

REPORT = "report.html"
#: All messages of a trace are held at once to check it: about 1 GiB for so many actions.
MOST_CHECKED = 10_000_000


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
    summary = msgspec.structs.replace(result.summary, report=str(file))
    write_whole(file, render(summary, trace, checks).encode())
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
            sections.validity(result),
            sections.mismatches(result),
            sections.origins(result),
            sections.traffic_chart(traffic(trace)),
            sections.latency_charts(result),
            sections.latency_table(result),
            delivery_section(result),
            listening_section(result),
            workers_section(result),
            sections.outcomes(outcomes(trace)),
            sections.verdict_matrix(result),
            moderation_sections(moderation(trace)),
            care_sections(trace_measures(trace)),
            _fidelity(trace),
            sections.provenance(result, trace.manifest),
        ]
    )
    name = trace.manifest.scenario.get("name", trace.path.name)
    return page(f"dmsim: {name}: {count(result.mismatches)} mismatches", body)


def _fidelity(trace: Trace) -> str:
    """How faithful the trace is, where that can be told beside everything else."""
    if trace.manifest.actions > MOST_CHECKED:
        told = f"Not checked here: more than {count(MOST_CHECKED)} actions. Check it by itself: "
        return section("Fidelity", told + "dmsim report --fidelity TRACE.", "")
    try:
        return fidelity_section(measure_fidelity(trace))
    except UsageError as error:
        return section("Fidelity", f"Not checked: {escape(str(error))}.", "")
