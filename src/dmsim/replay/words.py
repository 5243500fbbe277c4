"""What a replay found, in words; the same in every output."""

from dmsim.replay.result import Mismatch, Origin, ReplayResult

#: What an action rests on whose verdict depends on elapsed time that the backend cannot know.
TIME = "time"

#: How to have such verdicts judged.
TIME_REMEDY = "replay at --speed 1, or against dmsim serve --simulated-time"


def headline(result: ReplayResult) -> str:
    """A replay in one line."""
    s = result.summary
    return (
        f"{s.sent} of {s.actions} actions sent: {s.matches} matches, {s.mismatches} mismatches, "
        f"{s.unordered} unordered, {s.unjudged} unjudged, {s.unsupported} unsupported, "
        f"{s.dropped} dropped, {s.skipped} skipped, {s.errors} errors; "
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


def origin_words(origin: Origin) -> str:
    """An action on which others rest: ``cell=0 row 3 (seq 3): comment, unsupported``."""
    return (
        f"cell={origin.cell} row {origin.row} (seq {origin.seq}): {origin.action}, "
        f"{origin.judgement}"
    )


def origins_line(result: ReplayResult) -> str:
    """What most of the unjudged, skipped and unsupported actions rest on; empty if there are none.

    An action that is itself unsupported rests on no other.
    """
    if not result.summary.worst_origins:
        return ""
    worst, *others = result.summary.worst_origins
    counts = {
        "unjudged": worst.unjudged,
        "skipped": worst.skipped,
        "unsupported": worst.unsupported,
    }
    dependants = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    more = f"; {len(others)} more in the results" if others else ""
    return f"origin: {origin_words(worst)}; because of it {dependants}{more}"


def time_line(result: ReplayResult) -> str:
    """That verdicts which depend on elapsed time were not promised; empty where they were."""
    if result.summary.time_promised:
        return ""
    return (
        f"{TIME}: at --speed {result.summary.speed:g} this backend's clock is not the trace's, so "
        f"{result.summary.unjudged_by_time} differences that may come from elapsed time are "
        f"unjudged; to judge them, {TIME_REMEDY}"
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
