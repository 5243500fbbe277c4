"""``dmsim simulate``: from a scenario to a trace."""

from pathlib import Path

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import (
    ForceOption,
    JsonOption,
    OutOption,
    PolicyOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    default_folder,
)


def simulate(
    scenario: ScenarioArgument,
    seed: SeedOption = None,
    changes: SetOption = None,
    policy: PolicyOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Simulate a scenario and write its trace; tell how its care teams did.

    The same scenario and seed give the same trace, whatever the machine: compare the digests.
    Without --out the trace is written to reports/<scenario>-<seed>/trace.

    \b
    Examples:
      dmsim simulate quickstart
      dmsim simulate quickstart --seed 7 --out mytrace
      dmsim simulate my.toml --set population.persons=50k --json
    """
    from dmsim.scenario import load_scenario
    from dmsim.trace.writer import check_free

    told = load_scenario(scenario, seed, changes or (), policy)
    folder = out or default_folder(told.name, told.seed) / "trace"
    check_free(folder, force=force)
    if told.population.graph.edges is not None:
        say(_edges_line(Path(told.population.graph.edges), told.population.persons))

    from dmsim.report.care import trace_measures
    from dmsim.report.care_text import care_lines
    from dmsim.simulation import simulate as run
    from dmsim.trace.reader import Trace

    with console_progress() as progress:
        result = run(told, folder, progress, force=force)
    seconds = result.seconds["simulate"] + result.seconds["write"]
    rate = result.actions / seconds
    say(f"{result.actions:,} actions in {seconds:.1f} s ({rate:,.0f} actions/s)")
    say(f"  trace    {result.path}")
    say(f"  digest   {result.digest}")
    care = trace_measures(Trace.open(result.path))
    for line in care_lines(care):
        say(line)
    if json_output:
        print_json(
            {
                "trace": str(result.path),
                "digest": result.digest,
                "report": None,
                "actions": result.actions,
                "actions_per_second": rate,
                "seconds": result.seconds,
                "by_action": result.by_action,
                "care": care,
            }
        )


def _edges_line(path: Path, persons: int) -> str:
    """What is taken from the user's edges, and what is not; refused before work starts."""
    from dmsim.population.edge_list import read_edge_list

    found = read_edge_list(path, persons)
    dropped = f"dropped duplicates: {found.duplicates:,}, self-loops: {found.loops:,}"
    return f"{path}: {len(found.edges[0]):,} follows of {found.named:,} persons; {dropped}"
