"""``dmsim compare``: two scenarios under the same random numbers."""

from typing import Annotated

import typer

from dmsim.cli.experiment_options import (
    ExperimentOutOption,
    MeasureOption,
    ReplicationsOption,
    SideBySideOption,
    TeamOption,
    UntilOption,
    WholeOption,
    run_and_tell,
)
from dmsim.cli.options import JsonOption, SeedOption

_HELP = "Name of a packaged scenario or path of a TOML file."
FirstArgument = Annotated[str, typer.Argument(metavar="A", help=_HELP, show_default=False)]
SecondArgument = Annotated[
    str, typer.Argument(metavar="B", help=_HELP + " Its seed is that of A.", show_default=False)
]


def compare(
    first: FirstArgument,
    second: SecondArgument,
    until: UntilOption = None,
    replications: ReplicationsOption = None,
    measure: MeasureOption = None,
    team: TeamOption = None,
    whole: WholeOption = False,
    workers: SideBySideOption = None,
    seed: SeedOption = None,
    out: ExperimentOutOption = None,
    json_output: JsonOption = False,
) -> None:
    """Run two scenarios under the same random numbers and tell how B differs from A.

    Every measure has its difference with a 95 % interval, paired by replication. Scenarios of which
    one is a copy of the other with few changes share most of their chance, so that small
    differences show early. The care teams run alone where both scenarios allow it, as with 'dmsim
    sweep'. Finished runs are kept: what was stopped goes on with the same command.

    \b
    Examples:
      dmsim compare private-replies mine.toml
      dmsim compare before.toml after.toml --until precision=0.02 --out reports/change
    """
    from dmsim.experiments.prepare import default_folder, make_rule, prepare_comparison
    from dmsim.experiments.vary import parse_replications, parse_until
    from dmsim.scenario import load_scenario

    precision = None if until is None else parse_until(until)
    counts = parse_replications(replications, precision)
    told = load_scenario(first, seed)
    other = load_scenario(second, told.seed)
    experiment = prepare_comparison({first: told, second: other}, team or (), whole=whole)
    rule = make_rule(experiment, counts, precision, measure or ())
    folder = out or default_folder(experiment, "compare")
    run_and_tell(experiment, rule, folder, workers, 0, json_output)
