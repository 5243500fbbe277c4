"""Whether a run's figures may be believed: what was measured against each budget, and a remedy.

A run is invalid where it was itself too late, used up its core, dropped or lost too much, did not
keep the order of too many actions, or where the clocks of its workers disagree. Whoever reads that
is told what to change.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dmsim.replay.core import BUSIEST_S, busiest
from dmsim.replay.dispatcher import Fate
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Record
from dmsim.replay.result import Validity, WorkerSummary
from dmsim.replay.schedule import Ints
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.words import TIME, TIME_REMEDY, origin_words

_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000
_SHARE = "share"

#: So much of what was late must lie together for a stretch to be named.
_MOST = 0.8


class Finding(NamedTuple):
    """A budget with what was measured, and in words why it makes the run invalid, if it does."""

    validity: Validity
    because: tuple[str, ...] = ()


def findings(
    record: Record,
    settings: ReplaySettings,
    lateness: Histogram,
    cores: Sequence[Sequence[float]] = (),
    workers: Sequence[WorkerSummary] = (),
) -> list[Finding]:
    """Hold a run against every budget of its settings.

    Args:
        record: the run.
        settings: the budgets.
        lateness: of all actions, nanoseconds.
        cores: for each replaying process its share of a core, second by second.
        workers: whose clocks were compared with the master's; empty for a run of one process.
    """
    counts = record.tally(np.ones(len(record.schedule), dtype=np.bool_))
    size = max(len(record.schedule), 1)
    found = [_lateness(record, settings, lateness, cores)]
    if cores:
        found.append(_core(settings, cores))
    if workers:
        found.append(_clock_skew(settings, workers))
    found += [
        _not_sent(record, settings, counts, size),
        _share("without an answer", counts["errors"], size, settings.errors_budget,
               _troubles(record)),
        _share("unordered", counts["unordered"], size, settings.unordered_budget, "lower --speed"),
        _unjudged(record, settings, counts),
    ]  # fmt: skip
    return found


def void_because(record: Record, found: Sequence[Finding], lost: Sequence[str] = ()) -> list[str]:
    """Why the run's figures must not be believed; empty for a valid run.

    Args:
        record: the run.
        found: what :func:`findings` found of it.
        lost: further reasons, such as workers that were lost.
    """
    reasons = [f"stopped before its end: {record.stopped}"] if record.stopped else []
    reasons += lost
    if not len(record.schedule):
        reasons.append("the trace holds no actions; simulate more persons or record longer")
    elif np.all(record.fates == Fate.LEFT_OUT):
        reasons.append("every action is left out; name other kinds by --only or --except")
    elif not np.any(record.fates == Fate.ANSWERED):
        reasons.append("no action was answered")
    return reasons + [reason for finding in found for reason in finding.because]


def late_stretch(seconds: Ints, length: int) -> tuple[int, int] | None:
    """The seconds, first and last, in which most of what was late lies.

    Args:
        seconds: of each action that was too late: the second from T0 in which it was sent.
        length: how many seconds the run took.

    Returns:
        the shortest stretch that holds four fifths of them; None where that is more than half of
        the run, or nothing was late.
    """
    if not len(seconds):
        return None
    counts = np.concatenate(([0], np.cumsum(np.bincount(seconds))))
    # From every second on: up to where enough are inside.
    ends = np.searchsorted(counts, counts[:-1] + _MOST * len(seconds))
    spans = np.where(ends < len(counts), ends - np.arange(len(ends)), np.iinfo(np.int64).max)
    first = int(np.argmin(spans))
    return (first, int(ends[first]) - 1) if 2 * spans[first] <= length else None


def _lateness(
    record: Record,
    settings: ReplaySettings,
    lateness: Histogram,
    cores: Sequence[Sequence[float]],
) -> Finding:
    late = lateness.percentile(99)
    budget_ms = settings.lateness_p99_budget / 1e3
    measured = None if late is None else late / 1e6
    stretch = _when_late(record, settings)
    told, remedy = _why_late(cores, stretch, settings.core_budget)
    if measured is None or measured <= budget_ms:
        return Finding(_validity("lateness p99", measured, budget_ms, "ms", True, remedy))
    when = f", mostly in {_told(stretch)}" if stretch else ""
    return Finding(
        _validity("lateness p99", measured, budget_ms, "ms", False, remedy),
        (
            f"lateness p99 of {measured:.3g} ms is over its budget of {budget_ms:g} ms{when}: "
            f"{told}; {remedy}",
        ),
    )


def _when_late(record: Record, settings: ReplaySettings) -> tuple[int, int] | None:
    budget = settings.lateness_p99_budget * _NS_PER_US
    late = record.sent & (record.done >= 0) & (record.start - record.ready > budget)
    length = int(record.start.max(initial=-1)) // _NS_PER_S + 1
    return late_stretch(record.start[late] // _NS_PER_S, length)


def _told(stretch: tuple[int, int]) -> str:
    first, last = stretch
    return f"second {first}" if first == last else f"seconds {first}-{last}"


def _why_late(
    cores: Sequence[Sequence[float]], stretch: tuple[int, int] | None, budget: float
) -> tuple[str, str]:
    """The probable cause of lateness, and what to do about it."""
    if not any(len(shares) for shares in cores):
        return (
            "this machine was too busy to replay at that pace",
            "lower --speed or free it",
        )
    # A sample ends a moment after the second that it is of.
    first, last = stretch or (0, max(map(len, cores)))
    if any(share > budget for shares in cores for share in shares[first : last + 2]):
        return (
            "the replaying process used up its core",
            "lower --speed or add --workers",
        )
    return (
        "another program kept this machine busy",
        "free it, or lower --speed",
    )


def _core(settings: ReplaySettings, cores: Sequence[Sequence[float]]) -> Finding:
    worst = max(map(busiest, cores))
    budget = settings.core_budget
    remedy = "lower --speed or add --workers"
    validity = _validity("generator core", worst, budget, _SHARE, worst <= budget, remedy)
    if validity.ok:
        return Finding(validity)
    return Finding(
        validity,
        (
            f"a replaying process used {worst:.0%} of its core over {BUSIEST_S} s, budget "
            f"{budget:.0%}: what it measured may be its own doing; {remedy}",
        ),
    )


def _clock_skew(settings: ReplaySettings, workers: Sequence[WorkerSummary]) -> Finding:
    """What is known of a clock's offset was allowed for; what is not known is what is left."""
    worst = max(workers, key=lambda worker: worker.clock_error_ms)
    skew, budget = worst.clock_error_ms, settings.clock_skew_budget / 1e3
    remedy = "run the workers on one machine, or on a quieter network"
    validity = _validity("clock skew", skew, budget, "ms", skew <= budget, remedy)
    if validity.ok:
        return Finding(validity)
    return Finding(
        validity,
        (
            f"the clock of worker {worst.index} is known to {skew:.3g} ms only, budget {budget:g} "
            f"ms: actions may have met out of order; {remedy}",
        ),
    )


def _not_sent(
    record: Record, settings: ReplaySettings, counts: dict[str, int], size: int
) -> Finding:
    measured, budget = (counts["dropped"] + counts["skipped"]) / size, settings.dropped_budget
    remedies = {
        "dropped": "lower --speed, or simulate with a larger replay.connections",
        "skipped": _most_because_of(record, "skipped"),
    }
    because = tuple(
        f"{counts[what]} actions {what} ({counts[what] / size:.2%}, budget of dropped "
        f"and skipped {budget:.2%}); {remedy}"
        for what, remedy in remedies.items()
        if counts[what] and measured > budget
    )
    remedy = "; ".join(remedies[what] for what in remedies if counts[what])
    return Finding(
        _validity("dropped and skipped", measured, budget, _SHARE, not because, remedy), because
    )


def _unjudged(record: Record, settings: ReplaySettings, counts: dict[str, int]) -> Finding:
    """As a part of what could be judged, so that a backend of which little is known shows it."""
    answered = sum(counts[name] for name in ("matches", "mismatches", "unordered", "unjudged"))
    # What rests on that which was left out, or is not promised, was asked for.
    asked = record.unjudged_by_left_out + record.unjudged_by_promise
    could_be, remedy = max(answered - asked, 1), _most_unjudged(record)
    return _share("unjudged", counts["unjudged"] - asked, could_be,
                  settings.unjudged_budget, remedy)  # fmt: skip


def _share(what: str, count: int, size: int, budget: float, remedy: str) -> Finding:
    ok = count / size <= budget
    told = f"{count} actions {what} ({count / size:.2%}, budget {budget:.2%}); {remedy}"
    return Finding(_validity(what, count / size, budget, _SHARE, ok, remedy), () if ok else (told,))


def _validity(
    what: str, measured: float | None, budget: float, unit: str, ok: bool, remedy: str
) -> Validity:
    return Validity(
        what=what,
        measured=None if measured is None else round(measured, 6),
        budget=budget,
        unit=unit,
        ok=ok,
        remedy="" if ok else remedy,
    )


def _most_because_of(record: Record, what: str) -> str:
    origins = record.worst_origins()
    worst = max(origins, key=lambda origin: getattr(origin, what), default=None)
    return f"most because of {origin_words(worst)}" if worst else ""


def _most_unjudged(record: Record) -> str:
    by_time = record.unjudged_by_time
    if 2 * by_time > np.count_nonzero(record.judgements == Judgement.UNJUDGED):
        return f"{by_time} because of {TIME}; {TIME_REMEDY}"
    return _most_because_of(record, "unjudged")


def _troubles(record: Record) -> str:
    kinds = sorted(record.error_kinds.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} times {kind}" for kind, count in kinds[:3])
