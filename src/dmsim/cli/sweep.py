"""``dmsim sweep``: a scenario with some of its keys varied."""

from typing import Annotated

import typer

from dmsim.cli.experiment_options import (
    ExperimentOptions,
    run_and_tell,
    takes_experiment_options,
)
from dmsim.cli.options import PolicyOption, ScenarioArgument, SetOption

VaryOption = Annotated[
    list[str],
    typer.Option(
        "--vary",
        metavar="KEY=VALUES",
        help="A key of the scenario and its values: a list (4h,24h), a range (4..12), a range with "
        "a step (0.1..0.3..0.05, 1h..8h..1h). May be repeated: every combination is run.",
        show_default=False,
    ),
]
BaselineOption = Annotated[
    list[str] | None,
    typer.Option(
        "--baseline",
        metavar="KEY=VALUE",
        help="The point that the others are compared with; may be repeated. Keys not given have "
        "their first value.",
        show_default=False,
    ),
]


@takes_experiment_options
def sweep(
    scenario: ScenarioArgument,
    vary: VaryOption,
    baseline: BaselineOption = None,
    changes: SetOption = None,
    policy: PolicyOption = None,
    *,
    options: ExperimentOptions,
) -> None:
    """Run a scenario at every combination of values of some keys, and compare the points.

    Replication r has the same random numbers at every point, so that differences are paired. The
    care teams run alone, as with 'dmsim care', if the scenario's care.volumes or campaigns say what
    reaches them and no varied key concerns the population; else everything does, as with 'dmsim
    simulate'. Finished runs are kept: a sweep that was stopped goes on with the same command.

    \b
    Examples:
      dmsim sweep private-replies --vary care.teams.beauty.roster.day.agents=1..4
      dmsim sweep mine.toml --vary care.teams.beauty.agents=4..12 \\
        --vary care.answered_within=4h,24h --until precision=0.02 --out reports/agents
      dmsim sweep quickstart --vary policy.stranger_message_limit=1..3 --replications 5
    """
    from functools import partial

    from dmsim.experiments.design import baseline_point, grid
    from dmsim.experiments.prepare import prepare_sweep
    from dmsim.experiments.vary import parse_vary
    from dmsim.scenario import load_scenario

    design = grid([parse_vary(text) for text in vary])
    first = baseline_point(design, dict(text.partition("=")[::2] for text in baseline or ()))
    change = partial(load_scenario, scenario, options.seed, changes or (), policy)
    experiment = prepare_sweep(change, design, options.team or (), whole=options.whole)
    run_and_tell(experiment, options, "sweep", first)
