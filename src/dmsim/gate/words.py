"""A mismatch in words, the same in every output."""

from dmsim.replay.result import Mismatch


def mismatch_line(mismatch: Mismatch) -> str:
    """Where the trace demands what, and what came instead, in one line."""
    expected = told_outcome(mismatch.expected, mismatch.expected_reason)
    got = told_outcome(mismatch.got, mismatch.got_reason)
    return (
        f"{trace_line(mismatch)}: {mismatch.action} of account {mismatch.actor} "
        f"towards {mismatch.target}: expected {expected}, got {got} (status {mismatch.status})"
    )


def trace_line(mismatch: Mismatch) -> str:
    """The row of the trace that reproduces a mismatch: ``cell=0 row 17 (seq 18)``."""
    return f"cell={mismatch.cell} row {mismatch.row} (seq {mismatch.seq})"


def told_outcome(outcome: str, reason: str) -> str:
    """An outcome with its reason, if it has one: ``refused (blocked)``."""
    return f"{outcome} ({reason})" if reason not in ("", "none") else outcome
