"""From the rows of a finished replay to the files that tell of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dmsim.adapters.listening import ListeningAdapter
from dmsim.errors import UsageError
from dmsim.replay.core import busiest, generator
from dmsim.replay.delivered import delivery_histograms, delivery_summary
from dmsim.replay.hdr import write_hdr
from dmsim.replay.judgements import judgements_frame, write_judgements
from dmsim.replay.listened import Listened, listened, listening_histograms, listening_summary
from dmsim.replay.listeners import first_of_texts
from dmsim.replay.plan import Plan, bank_of
from dmsim.replay.raw import write_raw
from dmsim.replay.record import Record
from dmsim.replay.result import (
    ReplayResult,
    ReplaySummary,
    WorkerSummary,
    percentiles_ms,
    write_result,
)
from dmsim.replay.slots import MOST_SLOTS, Slots, over_time
from dmsim.replay.validity import findings, void_because


def conclude(
    plan: Plan,
    record: Record,
    *,
    seconds: dict[str, float],
    time_promised: bool,
    void: Sequence[str] = (),
    workers: Sequence[WorkerSummary] = (),
    cores: Sequence[Sequence[float]] = (),
) -> ReplayResult:
    """Sum a replay up and write its files.

    Args:
        plan: the replay.
        record: its rows.
        seconds: how long its stages took.
        time_promised: whether as much time passed for the backend as in the trace.
        void: why it is invalid, beside what the rows say.
        workers: who replayed it, if several did.
        cores: for each replaying process the share of its core that it used, second by second.

    Raises:
        UsageError: the files cannot be written.
    """
    result = summed_up(plan, record, seconds, time_promised, void, workers, cores)
    out = Path(plan.job.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_judgements(judgements_frame(record), out)
        if plan.job.rows:
            write_raw(record, out)
        if plan.job.hdr:
            write_hdr(record, out)
        write_result(result, out)
    except OSError as error:
        raise UsageError(
            f"{out}: the results cannot be written ({error.strerror}); make room or choose "
            "another --out"
        ) from None
    return result


def summed_up(
    plan: Plan,
    record: Record,
    seconds: dict[str, float],
    time_promised: bool,
    void: Sequence[str],
    workers: Sequence[WorkerSummary],
    cores: Sequence[Sequence[float]],
) -> ReplayResult:
    """What a replay found."""
    histograms = record.histograms()
    found = findings(record, plan.settings, histograms["lateness"]["all"], cores, workers)
    reasons = void_because(record, found, void)
    counts = record.tally(np.ones(len(plan.schedule), dtype=np.bool_))
    whole: dict[str, Any] = {
        f"{metric}_ms": percentiles_ms(h["all"]) for metric, h in histograms.items()
    }
    last = int(record.done.max(initial=-1))
    delivered = delivery_histograms(record)
    heard = _listened(plan, record)
    listening = {} if heard is None else listening_histograms(heard)
    slots = Slots(record, MOST_SLOTS)
    summary = ReplaySummary(
        **(counts | whole),
        trace=str(plan.trace.path),
        digest=plan.trace.manifest.digest,
        actions=len(plan.schedule),
        actions_per_second=round(counts["sent"] / (last / 1e9), 1) if last > 0 else 0.0,
        seconds=seconds,
        valid=not reasons,
        invalid_because=reasons,
        validity=[finding.validity for finding in found],
        generator=generator(max(cores, key=busiest, default=()), plan.settings.core_budget),
        by_action=record.by_action(histograms),
        by_verdict=record.by_verdict(),
        worst_mismatches=record.worst_mismatches(),
        worst_origins=record.worst_origins(),
        error_kinds=record.error_kinds,
        over_time=over_time(record, slots),
        slot_s=slots.width_s,
        delivery=delivery_summary(record, delivered),
        listening=None if heard is None else listening_summary(heard, listening),
        workers=list(workers),
        insecure=plan.job.transport.insecure,
        time_promised=time_promised,
        unjudged_by_time=record.unjudged_by_time,
        unjudged_by_left_out=record.unjudged_by_left_out,
        unjudged_by_promise=record.unjudged_by_promise,
        not_promised=record.not_promised,
        speed=plan.settings.speed,
        controls=plan.job.controls,
        thinned=plan.thinned,
        host=plan.job.host,
        adapter=plan.job.adapter,
        limits=plan.settings,
    )
    return ReplayResult(summary=summary, histograms=histograms | delivered | listening)


def _listened(plan: Plan, record: Record) -> Listened | None:
    if not plan.settings.listen:
        return None
    bank = bank_of(plan.trace)
    first = first_of_texts(bank)
    texts = {id_: first[text.text] for id_, text in bank.items()}
    assert isinstance(plan.adapter, ListeningAdapter)
    return listened(record, texts, plan.adapter.tells)
