"""Several replays of one trace as one result: counts and histograms added, one after the other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from dmsim.replay.histogram import Histogram
from dmsim.replay.listened import merged_listening
from dmsim.replay.result import (
    DELIVERY,
    METRICS,
    WORST,
    WORST_ORIGINS,
    ActionSummary,
    DeliverySummary,
    Origin,
    Repeat,
    ReplayResult,
    ReplaySummary,
    Second,
    Tally,
    Validity,
    VerdictSummary,
    percentiles_ms,
)

Histograms = dict[str, dict[str, Histogram]]

_COUNTS = structs.fields(Tally)


def repeat_folders(out: Path, times: int) -> list[Path]:
    """Where each of several replays goes; a single one goes to ``out`` itself."""
    return [out] if times == 1 else [out / f"repeat-{n + 1}" for n in range(times)]


def merged_results(results: Sequence[ReplayResult], folders: Sequence[Path]) -> ReplayResult:
    """What several replays of one trace found together.

    It is valid only if all are. Percentiles are those of all measurements, not means of
    percentiles. Which workers replayed stands in the result of each.

    Args:
        results: one per replay, at least one.
        folders: where each was written.
    """
    summaries = [result.summary for result in results]
    histograms = _merged_histograms([result.histograms for result in results])
    first = summaries[0]
    seconds = _added(summary.seconds for summary in summaries)
    playing = sum(s.sent / s.actions_per_second for s in summaries if s.actions_per_second)
    counts = _counts(summaries)
    merged = structs.replace(
        first,
        **(counts | _percentiles(histograms, "all")),
        actions=sum(summary.actions for summary in summaries),
        actions_per_second=round(counts["sent"] / playing, 1) if playing else 0.0,
        seconds={name: round(value, 3) for name, value in seconds.items()},
        valid=all(summary.valid for summary in summaries),
        invalid_because=[
            f"{folder.name}: {reason}"
            for summary, folder in zip(summaries, folders, strict=True)
            for reason in summary.invalid_because
        ],
        by_action=_by_action(summaries, histograms),
        by_verdict=_by_verdict(summaries),
        worst_mismatches=[m for summary in summaries for m in summary.worst_mismatches][:WORST],
        worst_origins=_worst_origins(summaries),
        error_kinds=dict(_added(summary.error_kinds for summary in summaries)),
        over_time=_one_after_another(summaries),
        slot_s=max(summary.slot_s for summary in summaries),
        delivery=_delivery(summaries, histograms),
        listening=merged_listening([s.listening for s in summaries if s.listening], histograms),
        validity=_worst_validity(summaries),
        generator=max(
            (summary.generator for summary in summaries if summary.generator),
            key=lambda generator: generator.core_busiest,
            default=None,
        ),
        workers=[],
        time_promised=all(summary.time_promised for summary in summaries),
        unjudged_by_time=sum(summary.unjudged_by_time for summary in summaries),
        unjudged_by_left_out=sum(summary.unjudged_by_left_out for summary in summaries),
        unjudged_by_promise=sum(summary.unjudged_by_promise for summary in summaries),
        not_promised=dict(sum((Counter(s.not_promised) for s in summaries), Counter())),
        repeats=[_repeat(result, folder) for result, folder in zip(results, folders, strict=True)],
    )
    return ReplayResult(summary=merged, histograms=histograms)


def _worst_validity(summaries: Iterable[ReplaySummary]) -> list[Validity]:
    """Of every budget the replay that came nearest to it, or overdrew it most."""
    worst: dict[str, Validity] = {}
    for summary in summaries:
        for row in summary.validity:
            known = worst.setdefault(row.what, row)
            if (not row.ok, row.measured or 0.0) > (not known.ok, known.measured or 0.0):
                worst[row.what] = row
    return list(worst.values())


def _repeat(result: ReplayResult, folder: Path) -> Repeat:
    summary = result.summary
    return Repeat(
        folder=folder.name,
        valid=summary.valid,
        exit_code=int(result.exit_code),
        sent=summary.sent,
        mismatches=summary.mismatches,
        actions_per_second=summary.actions_per_second,
        response_ms=summary.response_ms,
    )


def _counts(tallies: Iterable[Tally]) -> dict[str, int]:
    counts = dict.fromkeys((field.name for field in _COUNTS), 0)
    for tally in tallies:
        for name in counts:
            counts[name] += getattr(tally, name)
    return counts


def _added(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def _merged_histograms(all_of_them: Iterable[Histograms]) -> Histograms:
    merged: Histograms = {metric: {} for metric in METRICS}
    for histograms in all_of_them:
        for metric, of_actions in histograms.items():
            for action, histogram in of_actions.items():
                of_metric = merged.setdefault(metric, {})
                of_metric.setdefault(action, Histogram()).merge(histogram)
    return merged


def _percentiles(histograms: Histograms, action: str) -> dict[str, Any]:
    return {
        f"{metric}_ms": percentiles_ms(histograms[metric].get(action, Histogram()))
        for metric in METRICS
    }


def _by_action(
    summaries: Sequence[ReplaySummary], histograms: Histograms
) -> dict[str, ActionSummary]:
    actions = sorted({action for summary in summaries for action in summary.by_action})
    merged = {}
    for action in actions:
        parts = [s.by_action[action] for s in summaries if action in s.by_action]
        values: dict[str, Any] = _counts(parts) | _percentiles(histograms, action)
        merged[action] = ActionSummary(**values)
    return merged


def _by_verdict(summaries: Sequence[ReplaySummary]) -> dict[str, dict[str, VerdictSummary]]:
    merged: dict[str, dict[str, VerdictSummary]] = {}
    for summary in summaries:
        for action, verdicts in summary.by_verdict.items():
            for verdict, part in verdicts.items():
                of_action = merged.setdefault(action, {})
                before = of_action.get(verdict, VerdictSummary(expected=0, matches=0, mismatches=0))
                of_action[verdict] = VerdictSummary(
                    expected=before.expected + part.expected,
                    matches=before.matches + part.matches,
                    mismatches=before.mismatches + part.mismatches,
                )
    return merged


def _delivery(summaries: Sequence[ReplaySummary], histograms: Histograms) -> DeliverySummary | None:
    parts = [summary.delivery for summary in summaries if summary.delivery is not None]
    if not parts:
        return None
    return DeliverySummary(
        probes=sum(part.probes for part in parts),
        seen=sum(part.seen for part in parts),
        never_seen=sum(part.never_seen for part in parts),
        delivery_ms=percentiles_ms(histograms[DELIVERY]["all"]),
    )


def _worst_origins(summaries: Sequence[ReplaySummary]) -> list[Origin]:
    """Of every replay its own: what begins a chain in one need not in another."""
    origins = [origin for summary in summaries for origin in summary.worst_origins]
    origins.sort(key=lambda o: -(o.unjudged + o.skipped + o.unsupported + o.left_out))
    return origins[:WORST_ORIGINS]


def _one_after_another(summaries: Iterable[ReplaySummary]) -> list[Second]:
    joined: list[Second] = []
    begin = 0
    for summary in summaries:
        slots = summary.over_time
        joined += [structs.replace(slot, second=begin + slot.second) for slot in slots]
        begin += slots[-1].second + summary.slot_s if slots else 0
    return joined
