"""``dmsim compare``: two scenarios under the same random numbers."""

from typing import Annotated

import typer

from dmsim.cli.experiment_options import (
    ExperimentOptions,
    run_and_tell,
    takes_experiment_options,
)
from dmsim.errors import UsageError

_HELP = "Name of a packaged scenario or path of a TOML file."
FirstArgument = Annotated[str, typer.Argument(metavar="A", help=_HELP, show_default=False)]
SecondArgument = Annotated[
    str, typer.Argument(metavar="B", help=_HELP + " Its seed is that of A.", show_default=False)
]


@takes_experiment_options
def compare(first: FirstArgument, second: SecondArgument, options: ExperimentOptions) -> None:
    """Run two scenarios under the same random numbers and tell how B differs from A.

    Every measure has its difference with a 95 % interval and a p-value, paired by replication; what
    surely differs stands first. Scenarios of which one is a copy of the other with few changes
    share most of their chance, so that small differences show early. The care teams run alone where
    both scenarios allow it, as with 'dmsim sweep'. Finished runs are kept: what was stopped goes on
    with the same command.

    \b
    Examples:
      dmsim compare private-replies mine.toml
      dmsim compare before.toml after.toml --until precision=0.02 --out reports/change
    """
    from dmsim.experiments.prepare import prepare_comparison
    from dmsim.scenario import load_scenario

    if first == second:
        raise UsageError(f"{first}: stands there twice; name two scenarios")
    told = load_scenario(first, options.seed)
    other = load_scenario(second, told.seed)
    scenarios = {first: told, second: other}
    experiment = prepare_comparison(scenarios, options.team or (), whole=options.whole)
    run_and_tell(experiment, options, "compare", 0)
