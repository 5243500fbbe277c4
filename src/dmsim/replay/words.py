"""What a replay found, in words; the same in every output."""

from dmsim.replay.result import Mismatch, Origin, ReplayResult
from dmsim.replay.thinning import Thinned

#: What an action rests on whose verdict depends on elapsed time that the backend cannot know.
TIME = "time"

#: What an action rests on whose rule the adapter does not promise.
NOT_PROMISED = "not promised"

#: How to have such verdicts judged.
TIME_REMEDY = "replay at --speed 1, or against dmsim serve --simulated-time"


def headline(result: ReplayResult) -> str:
    """A replay in one line."""
    s = result.summary
    left_out = f"{s.left_out} left out, " if s.left_out else ""
    return (
        f"{s.sent} of {s.actions} actions sent: {s.matches} matches, {s.mismatches} mismatches, "
        f"{s.unordered} unordered, {s.unjudged} unjudged, {s.unsupported} unsupported, "
        f"{left_out}{s.dropped} dropped, {s.skipped} skipped, {s.errors} errors; "
        f"{'valid' if s.valid else 'INVALID'}"
    )


def mismatch_lines(result: ReplayResult, most: int = 10) -> list[str]:
    """The first mismatches, each with the trace line that reproduces it."""
    mismatches = result.summary.worst_mismatches[:most]
    lines = [f"mismatch: {mismatch_line(mismatch)}" for mismatch in mismatches]
    if result.summary.mismatches > most:
        lines.append(f"mismatch: and {result.summary.mismatches - most} more, see the results")
    return lines


def mismatch_line(mismatch: Mismatch) -> str:
    """Which row of the trace demands what, and what came instead, in one line."""
    towards = f" to {mismatch.target}" if mismatch.target >= 0 else ""
    return (
        f"cell={mismatch.cell} row {mismatch.row} (seq {mismatch.seq}): {mismatch.action} of "
        f"{mismatch.actor}{towards}: "
        f"expected {told_expected(mismatch)}, got {told_got(mismatch)} (status {mismatch.status})"
    )


def told_expected(mismatch: Mismatch) -> str:
    """What the rules demanded, as the backend writes it too."""
    return told_outcome(mismatch.expected, mismatch.expected_reason, mismatch.expected_sign)


def told_got(mismatch: Mismatch) -> str:
    """What came instead, as the backend wrote it too."""
    return told_outcome(mismatch.got, mismatch.got_reason, mismatch.got_sign)


def delivery_line(result: ReplayResult) -> str:
    """How long messages took to their recipients; empty where none was probed."""
    delivery = result.summary.delivery
    if delivery is None:
        return ""
    told = f"delivery of {delivery.seen} of {delivery.probes} probed messages"
    if delivery.never_seen:
        told += f", {delivery.never_seen} never seen"
    ms = delivery.delivery_ms
    return (
        f"{told}, ms: p50 {ms.p50:.3g}, p99 {ms.p99:.3g}, max {ms.max:.3g}"
        if delivery.seen
        else told
    )


def listening_lines(result: ReplayResult, most: int = 10) -> list[str]:
    """What held connections heard; nothing where nobody was to listen."""
    told = result.summary.listening
    if told is None:
        return []
    why = "".join(f"; {why}: {count}" for why, count in told.troubles.items())
    lines = [
        f"listening: {told.opened} of {told.sessions} connections held, {told.most_at_once} at "
        f"once, {told.refused} refused, {told.dropped} dropped, {told.unopened} unopened, "
        f"{told.broken} broken{why}",
        f"arrival of {told.seen} of {told.expected} expected messages, {told.never_seen} never "
        f"seen, {told.unknown + told.unidentified} unknown",
    ]
    if told.seen:
        ms = told.arrival_ms
        lines[-1] += f", ms: p50 {ms.p50:.3g}, p99 {ms.p99:.3g}, max {ms.max:.3g}"
    lines += [f"leaked: {mismatch_line(leak)}" for leak in told.worst_leaks[:most]]
    if told.leaked > most:
        lines.append(f"leaked: and {told.leaked - most} more, see the results")
    return lines


def origin_words(origin: Origin) -> str:
    """An action on which others rest: ``cell=0 row 3 (seq 3): comment, unsupported``."""
    return (
        f"cell={origin.cell} row {origin.row} (seq {origin.seq}): {origin.action}, "
        f"{origin.judgement}"
    )


def origins_lines(result: ReplayResult, most: int = 3) -> list[str]:
    """What most rests on that was unjudged, skipped, unsupported or left out, worst first.

    An action that is itself unsupported or left out rests on no other.
    """
    origins = result.summary.worst_origins
    lines = [f"origin: {_origin_line(origin)}" for origin in origins[:most]]
    if len(origins) > most:
        lines.append(f"origin: and {len(origins) - most} more, see the results")
    return lines


def _origin_line(origin: Origin) -> str:
    counts = {
        "unjudged": origin.unjudged,
        "skipped": origin.skipped,
        "unsupported": origin.unsupported,
        "left out": origin.left_out,
    }
    dependants = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{origin_words(origin)}; because of it {dependants}"


def validity_lines(result: ReplayResult) -> list[str]:
    """Each budget of the run's own conduct, what was measured against it, and whether it held."""
    table = [
        (row.what, told_measure(row.measured, row.unit), told_measure(row.budget, row.unit), row.ok)
        for row in result.summary.validity
    ]
    names = max((len(what) for what, *_ in table), default=0)
    values = max((len(measured) for _, measured, *_ in table), default=0)
    return [
        f"validity: {what:<{names}}  {measured:>{values}} of {budget}, {'ok' if ok else 'OVER'}"
        for what, measured, budget, ok in table
    ]


def told_measure(value: float | None, unit: str) -> str:
    """A measured value or a budget in its unit: ``2.2 ms``, ``4.53%``; nothing measured: ``-``."""
    if value is None:
        return "-"
    return f"{100 * value:.3g}%" if unit == "share" else f"{value:.3g} {unit}"


def time_line(result: ReplayResult) -> str:
    """That verdicts which depend on elapsed time were not promised; empty where none came of it."""
    if result.summary.time_promised or not result.summary.unjudged_by_time:
        return ""
    return (
        f"{TIME}: at --speed {result.summary.speed:g} this backend's clock is not the trace's, so "
        f"{result.summary.unjudged_by_time} differences that may come from elapsed time are "
        f"unjudged; to judge them, {TIME_REMEDY}"
    )


def thinned_line(thinned: Thinned) -> str:
    """What is left of a trace that was thinned."""
    return (
        f"thinned to {thinned.persons} persons, {thinned.conversations} conversations, "
        f"{thinned.actions} actions"
    )


def not_promised_line(result: ReplayResult) -> str:
    """Which rules the adapter does not promise and the backend did not keep; empty for none."""
    summary = result.summary
    if not summary.not_promised:
        return ""
    told = ", ".join(f"{word} ({count})" for word, count in summary.not_promised.items())
    return (
        f"{NOT_PROMISED}: {told}; {summary.unjudged_by_promise} actions are unjudged because of it"
    )


def left_out_line(result: ReplayResult) -> str:
    """That verdicts rest on what was left out; empty where none does."""
    unjudged = result.summary.unjudged_by_left_out
    if not unjudged:
        return ""
    return f"left out: {unjudged} of the unjudged rest on actions that --only or --except left out"


def insecure_line(result: ReplayResult) -> str:
    """That nobody knows whether it was the backend that answered; empty where it was checked."""
    if not result.summary.insecure:
        return ""
    return (
        f"INSECURE: the certificate of {result.summary.host} was not checked; to have it checked "
        "give --ca FILE instead of --insecure"
    )


def told_error(error: Exception) -> str:
    """An exception that nobody meant to raise, in one line."""
    return f"internal error: {type(error).__name__}: {' '.join(str(error).split())}"


def told_outcome(outcome: str, reason: str, sign: str = "") -> str:
    """An outcome with its reason and the backend's sign for it, if it has any.

    ``inbox``, ``refused (blocked)``, ``refused (already_replied, code 10900)``.
    """
    told = ", ".join(part for part in (reason, sign) if part not in ("", "none"))
    return f"{outcome} ({told})" if told else outcome
