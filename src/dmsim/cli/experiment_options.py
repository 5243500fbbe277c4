"""Options that ``dmsim sweep`` and ``dmsim compare`` share, and what both tell at their end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.errors import UsageError
from dmsim.paths import check_writable

if TYPE_CHECKING:
    from dmsim.experiments.stopping import Rule
    from dmsim.experiments.store import Experiment

UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="precision=X",
        help="Add replications until the 95 % interval of each chosen measure is at most ± X of "
        "its mean at every point, or there are MAX.",
        show_default=False,
    ),
]
ReplicationsOption = Annotated[
    str | None,
    typer.Option(
        "--replications",
        metavar="N|MIN..MAX",
        help="Independent runs of each point: 10, or 10..200 with --until.",
        show_default=False,
    ),
]
MeasureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--measure",
        metavar="NAME",
        help="A measure for --until, for the table and for all pairs; may be repeated. "
        "Every measure is kept in any case.",
        show_default=False,
    ),
]
TeamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--team",
        metavar="NAME",
        help="Only this care team, where the teams run alone; may be repeated.",
        show_default=False,
    ),
]
WholeOption = Annotated[
    bool,
    typer.Option(
        "--whole",
        help="Run the whole simulation also where the care teams could run alone.",
    ),
]
SideBySideOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=1024,
        metavar="N",
        help="Processes side by side; as many as there are cores by default.",
        show_default=False,
    ),
]
ExperimentOutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Folder for runs and results, instead of one under reports/ that the same command "
        "finds again.",
        show_default=False,
    ),
]


def run_and_tell(
    experiment: "Experiment",
    rule: "Rule",
    folder: Path,
    workers: int | None,
    baseline: int,
    json_output: bool,
) -> None:
    """Run what is missing, write the results, and tell them."""
    from dmsim.experiments.execute import cores, execute
    from dmsim.experiments.files import PAGE, write_result
    from dmsim.experiments.result import Result
    from dmsim.experiments.store import check_store
    from dmsim.experiments.text import outcome_lines

    _check_folder(folder)
    if kept := check_store(folder, experiment):
        say(f"{folder}: {kept:,} runs are there already")
    try:
        with console_progress() as progress:
            outcome = execute(experiment, rule, folder, workers or cores(), progress)
    except KeyboardInterrupt:
        say(f"stopped; finished runs are kept in {folder}: the same command goes on from there")
        raise
    result = Result(outcome, baseline)
    write_result(result, folder)
    if json_output:
        print_json(result.told())
    else:
        typer.echo("\n".join(outcome_lines(result)))
    say(f"  tables   {folder}")
    say(f"  page     {folder / PAGE}")


def _check_folder(folder: Path) -> None:
    """A folder that holds anything else is left alone."""
    from dmsim.experiments.store import FILE

    check_writable(folder)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file():
        raise UsageError(f"{folder}: holds something else; choose another --out")
