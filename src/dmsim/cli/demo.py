"""``dmsim demo``: the whole product once, from a scenario to a judged replay."""

from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import (
    ForceOption,
    JsonOption,
    OutOption,
    PolicyOption,
    SeedOption,
    SetOption,
    default_folder,
    fresh_run_folder,
    is_run_folder,
)

if TYPE_CHECKING:
    from dmsim.replay.result import ReplayResult


def demo(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="Another scenario, by name or file.")
    ] = "quickstart",
    seed: SeedOption = None,
    changes: SetOption = None,
    policy: PolicyOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Simulate a small world, replay it against the reference backend, judge every answer.

    An earlier demo in the default folder, reports/<scenario>-<seed>/, is replaced. The exit code is
    that of the replay: 0 if every answer is what the rules demand, 1 if one is not, 4 if the run is
    invalid.

    \b
    Examples:
      dmsim demo
      dmsim demo mine.toml --seed 7 --json
    """
    from dmsim.gate.run import run_gate
    from dmsim.report.html import write_report
    from dmsim.scenario import load_scenario

    told = load_scenario(scenario, seed, changes or (), policy)
    default = default_folder(told.name, told.seed)
    again = out is None and is_run_folder(default)
    folder = fresh_run_folder(default, out, force or again)
    with console_progress() as progress:
        judged = run_gate(told, out=folder, limits=(), progress=progress)
    result = write_report(folder, judged.result, judged.trace)
    _tell(result)
    if json_output:
        print_json(result.summary)
    raise typer.Exit(int(judged.exit_code))


def _tell(result: "ReplayResult") -> None:
    from dmsim.replay.words import mismatch_lines

    summary = result.summary
    judged = summary.matches + summary.mismatches
    response = summary.response_ms
    say("")
    say(f"{summary.sent:,} of {summary.actions:,} actions sent, {judged:,} verdicts judged")
    say(f"  mismatches  {summary.mismatches:,}")
    for line in mismatch_lines(result):
        say(f"    {line}")
    if response.p50 is not None and response.p99 is not None:
        say(f"  response    p50 {response.p50:.2f} ms, p99 {response.p99:.2f} ms")
    for reason in summary.invalid_because:
        say(f"  invalid     {reason}")
    say(f"  report      {summary.report}")
