"""One exit code for everything a gate found."""

from dmsim.errors import ExitCode


def exit_code(*, mismatches: int, valid: bool, limits_kept: bool) -> ExitCode:
    """The exit code of a judged run.

    A mismatch is a fact whatever else happened; an invalid run says nothing about limits. So of
    several, mismatches come before an invalid run, and that before a missed limit.
    """
    if mismatches:
        return ExitCode.MISMATCH
    if not valid:
        return ExitCode.INVALID_RUN
    if not limits_kept:
        return ExitCode.LIMIT_MISSED
    return ExitCode.PASS
