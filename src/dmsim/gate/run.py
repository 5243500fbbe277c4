"""A gate: simulate (unless a trace is ready), replay, judge, hold the limits against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dmsim.errors import ExitCode
from dmsim.gate.limits import Check, check_limits, exit_code
from dmsim.progress import Progress, Silent
from dmsim.replay.result import ReplayResult
from dmsim.replay.run import check_backend, replay
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.transport import DEFAULT, Transport
from dmsim.scenario import Limit, Scenario
from dmsim.trace.origin import trace_scenario
from dmsim.trace.reader import Trace

#: The folder of the trace inside a run's folder.
TRACE = "trace"

#: A lateness, in microseconds, that no run reaches.
_WITHOUT_BUDGET = 1 << 62


@dataclass(frozen=True)
class GateResult:
    """A judged replay and its checked limits."""

    trace: Trace
    result: ReplayResult
    checks: list[Check]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.trace.manifest.scenario.get("name", self.trace.path.name))

    @property
    def exit_code(self) -> ExitCode:
        """What the process should end with."""
        return exit_code(
            mismatches=self.result.summary.mismatches + self.result.leaked,
            valid=self.result.summary.valid,
            limits_kept=all(check.passed for check in self.checks),
        )


def run_gate(
    target: Scenario | Trace,
    *,
    out: Path,
    host: str | None = None,
    adapter: str = "reference",
    allow_host: Sequence[str] = (),
    speed: float | None = None,
    workers: int = 1,
    transport: Transport = DEFAULT,
    limits: Sequence[Limit] | None = None,
    verdicts_only: bool = False,
    retry_invalid: int = 0,
    progress: Progress | None = None,
) -> GateResult:
    """Judge a backend by a scenario or by a ready trace.

    Args:
        target: a scenario, simulated into ``out/trace``, or a trace, which is replayed as it is.
        out: folder for the results; an earlier run there is overwritten.
        host: URL of the backend; by default the reference backend is started for the run.
        adapter: name of the adapter.
        allow_host: hosts that may be sent load although they are not this machine.
        speed: simulated seconds per second instead of the scenario's own.
        workers: how many processes replay the trace together.
        transport: how connections to the backend are made.
        limits: instead of the scenario's own.
        verdicts_only: correctness alone: neither limits nor lateness, drops and order count.
        retry_invalid: how many more times to replay a run that came out invalid.
        progress: who is told of the stages.

    Raises:
        UsageError: something given cannot be used.
    """
    check_backend(host, adapter, allow_host, transport)
    progress = progress or Silent()
    seconds: dict[str, float] = {}
    trace = (
        target if isinstance(target, Trace) else _simulate(target, out / TRACE, progress, seconds)
    )
    scenario = trace_scenario(trace)
    limits = scenario.gate.limits if limits is None else limits
    for _ in range(retry_invalid + 1):
        result = replay(
            trace.path,
            host=host,
            speed=speed,
            workers=workers,
            transport=transport,
            out=out,
            adapter=adapter,
            allow_host=allow_host,
            progress=progress,
            settings=_settings(scenario, verdicts_only),
        )
        if result.summary.valid or result.summary.mismatches or result.leaked:
            break
    summary = msgspec.structs.replace(result.summary, seconds=seconds | result.summary.seconds)
    result = msgspec.structs.replace(result, summary=summary)
    checks = [] if verdicts_only else check_limits(limits, lambda limit: measure(result, limit))
    return GateResult(trace, result, checks)


def measure(result: ReplayResult, limit: Limit) -> float | None:
    """What a replay measured for a limit, in ms; None without samples."""
    histogram = result.histograms.get(limit.metric, {}).get(limit.action)
    percent = 100.0 if limit.percentile == "max" else limit.percentile
    nanoseconds = histogram.percentile(percent) if histogram is not None else None
    return None if nanoseconds is None else nanoseconds / 1e6


def _settings(scenario: Scenario, verdicts_only: bool) -> ReplaySettings:
    settings = msgspec.convert(dict(scenario.replay), ReplaySettings)
    if verdicts_only:
        # Whatever comes from timing: our own lateness, a busy core, clocks that differ, no free
        # connection, an order not kept.
        settings = msgspec.structs.replace(
            settings,
            lateness_p99_budget=_WITHOUT_BUDGET,
            core_budget=1.0,
            clock_skew_budget=_WITHOUT_BUDGET,
            dropped_budget=1.0,
            unordered_budget=1.0,
        )
    return settings


def _simulate(
    scenario: Scenario, path: Path, progress: Progress, seconds: dict[str, float]
) -> Trace:
    # Here, because a job that replays a ready trace needs neither the engine nor its compiler.
    from dmsim.simulation import simulate  # noqa: PLC0415

    seconds.update(simulate(scenario, path, progress, force=True).seconds)
    return Trace.open(path)
