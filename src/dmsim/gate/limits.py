"""Limits on a replay: each is checked against what was measured and passes or fails."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from dmsim.errors import ExitCode, UsageError
from dmsim.scenario import Limit

#: What was measured for a limit's metric, action and percentile, in ms; None without samples.
Measure = Callable[[Limit], float | None]

_LIMIT = re.compile(r"(\w+)\s+(\w+)\s+(max|p[0-9.]+)\s*<=?\s*(\S+)")


@dataclass(frozen=True)
class Check:
    """A limit and what was measured for it; a limit without samples is missed."""

    limit: Limit
    measured_ms: float | None

    @property
    def bound_ms(self) -> float:
        """The highest value that still passes."""
        return self.limit.bound / 1000

    @property
    def passed(self) -> bool:
        """Whether the limit is kept."""
        return self.measured_ms is not None and self.measured_ms <= self.bound_ms

    @property
    def name(self) -> str:
        """The limit in words: ``response send_message p99 <= 250 ms``."""
        return f"{subject(self.limit)} <= {self.bound_ms:g} ms"

    @property
    def told(self) -> str:
        """What came out, in words."""
        if self.measured_ms is None:
            return f"{self.name}: no samples, so it cannot be kept"
        return f"{self.name}: measured {self.measured_ms:.4g} ms"


def subject(limit: Limit) -> str:
    """What a limit is about: ``response send_message p99``."""
    percentile = limit.percentile if limit.percentile == "max" else f"p{limit.percentile:g}"
    return f"{limit.metric} {limit.action} {percentile}"


def check_limits(limits: Sequence[Limit], measure: Measure) -> list[Check]:
    """Hold every limit against what was measured, in the order of the limits."""
    return [Check(limit, measure(limit)) for limit in limits]


def parse_limit(text: str) -> Limit:
    """A limit as people write it: ``response send_message p99 < 250ms``.

    Raises:
        UsageError: it has another form, or names an unknown metric or action.
    """
    example = 'write for example "response send_message p99 < 250ms"'
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--limit {text!r}: not a limit; {example}")
    metric, action, percentile, bound = match.groups()
    try:
        value: float | str = "max" if percentile == "max" else float(percentile[1:])
        return Limit.model_validate(
            {"metric": metric, "action": action, "percentile": value, "bound": bound}
        )
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"--limit {text!r}: {key}: {first['msg']}; {example}") from None
    except ValueError:
        raise UsageError(f"--limit {text!r}: {percentile} is no percentile; {example}") from None


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
