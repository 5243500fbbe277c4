"""``dmsim gate``: the judgement of a CI job."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import (
    AdapterOption,
    AllowHostOption,
    CaOption,
    ForceOption,
    HostOption,
    InsecureOption,
    JsonOption,
    OutOption,
    PolicyOption,
    ProxyOption,
    SeedOption,
    SetOption,
    SpeedOption,
    WorkersOption,
    default_folder,
    fresh_run_folder,
)
from dmsim.errors import UsageError

if TYPE_CHECKING:
    from dmsim.gate.run import GateResult
    from dmsim.scenario import Scenario
    from dmsim.trace.reader import Trace

#: The file in which a CI service collects a step's Markdown summary.
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"

_TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|TRACE",
        help="A scenario by name or file, or the folder of a ready trace.",
        show_default=False,
    ),
]
_LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="LIMIT",
        help='One more limit, e.g. "response send_message p99 < 250ms"; may be repeated.',
        show_default=False,
    ),
]
_VerdictsOnlyOption = Annotated[
    bool, typer.Option("--verdicts-only", help="Correctness alone: no timing can fail the gate.")
]
_RetryOption = Annotated[
    int, typer.Option("--retry-invalid", min=0, help="Replay an invalid run again, so many times.")
]


def gate(
    target: _TargetArgument,
    host: HostOption = None,
    adapter: AdapterOption = "reference",
    allow_host: AllowHostOption = None,
    limit: _LimitOption = None,
    verdicts_only: _VerdictsOnlyOption = False,
    retry_invalid: _RetryOption = 0,
    speed: SpeedOption = None,
    workers: WorkersOption = 1,
    ca: CaOption = "",
    insecure: InsecureOption = False,
    proxy: ProxyOption = "",
    seed: SeedOption = None,
    changes: SetOption = None,
    policy: PolicyOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Simulate, replay and judge; the exit code says pass or why not.

    0 pass, 1 an answer differs from the rules, 2 a limit is missed, 4 the run is invalid,
    5 something given cannot be used. Writes summary.json, junit.xml, summary.md and report.html to
    reports/<scenario>-gate-<seed>/ unless --out says otherwise.

    \b
    Examples:
      dmsim gate ci-gate
      dmsim gate ci-gate --limit "response send_message p99 < 250ms"
      DMSIM_TOKEN=secret dmsim gate mytrace --host http://127.0.0.1:8000
    """
    from dmsim.gate.files import write_files
    from dmsim.gate.limits import parse_limit
    from dmsim.gate.run import run_gate
    from dmsim.replay.transport import Transport
    from dmsim.report.html import write_report
    from dmsim.trace.origin import trace_scenario
    from dmsim.trace.reader import Trace

    subject = _subject(target, seed, changes, policy)
    scenario = trace_scenario(subject) if isinstance(subject, Trace) else subject
    limits = [*scenario.gate.limits, *(parse_limit(text) for text in limit or ())]
    folder = fresh_run_folder(_default_folder(subject), out, force)
    with console_progress() as progress:
        judged = run_gate(
            subject,
            out=folder,
            host=host,
            adapter=adapter,
            allow_host=allow_host or (),
            speed=speed,
            workers=workers,
            transport=Transport(ca=ca, insecure=insecure, proxy=proxy),
            limits=limits,
            verdicts_only=verdicts_only,
            retry_invalid=retry_invalid,
            progress=progress,
        )
    result = write_report(folder, judged.result, judged.trace, judged.checks)
    write_files(judged, folder)
    _tell_ci(folder)
    _tell(judged, folder)
    if json_output:
        print_json(_as_json(judged, result.summary))
    raise typer.Exit(int(judged.exit_code))


def _subject(
    target: str, seed: int | None, changes: list[str] | None, policy: Path | None
) -> "Scenario | Trace":
    from dmsim.scenario import load_scenario
    from dmsim.trace.reader import Trace

    if not Path(target).is_dir():
        return load_scenario(target, seed, changes or (), policy)
    if seed is not None or changes or policy:
        raise UsageError(
            f"{target}: a ready trace is replayed as it is; leave out --seed and --set and "
            "--policy, or give the scenario"
        )
    return Trace.open(target)


def _default_folder(subject: "Scenario | Trace") -> Path:
    from dmsim.trace.reader import Trace

    if isinstance(subject, Trace):
        name = str(subject.manifest.scenario.get("name", "trace"))
        return default_folder(f"{name}-gate", subject.manifest.seed)
    return default_folder(f"{subject.name}-gate", subject.seed)


def _tell_ci(folder: Path) -> None:
    from dmsim.gate.files import append_step_summary

    step_summary = os.environ.get(STEP_SUMMARY)
    if step_summary:
        try:
            append_step_summary(folder, Path(step_summary))
        except OSError as error:
            # Not an error of the run: the exit code must go on saying what the gate found.
            say(f"warning: {STEP_SUMMARY}={step_summary}: {error.strerror}; see {folder}")


def _tell(judged: "GateResult", folder: Path) -> None:
    from dmsim.replay.words import (
        headline,
        insecure_line,
        listening_lines,
        mismatch_lines,
        not_promised_line,
        time_line,
    )

    say(headline(judged.result))
    for line in (*mismatch_lines(judged.result), *listening_lines(judged.result)):
        say(line)
    for tell in (time_line, not_promised_line, insecure_line):
        if line := tell(judged.result):
            say(line)
    for reason in judged.result.summary.invalid_because:
        say(f"invalid: {reason}")
    for check in judged.checks:
        say(f"{'kept' if check.passed else 'MISSED'}: {check.told}")
    say(f"gate: {judged.exit_code.name.lower()} (exit code {int(judged.exit_code)}), see {folder}")


def _as_json(judged: "GateResult", summary: Any) -> dict[str, Any]:
    import msgspec

    limits = [
        {
            "limit": check.name,
            "bound_ms": check.bound_ms,
            "measured_ms": check.measured_ms,
            "passed": check.passed,
        }
        for check in judged.checks
    ]
    gate = {"exit_code": int(judged.exit_code), "limits": limits}
    return {**msgspec.to_builtins(summary), "gate": gate}
