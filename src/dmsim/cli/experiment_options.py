"""Options that ``dmsim sweep`` and ``dmsim compare`` share, and what both tell at their end."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import JsonOption, SeedOption
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
        help="A measure for --until, for a sweep's table and for all pairs; may be repeated. "
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


@dataclass(frozen=True)
class ExperimentOptions:
    """What both commands can be told, beside what they run."""

    until: UntilOption = None
    replications: ReplicationsOption = None
    measure: MeasureOption = None
    team: TeamOption = None
    whole: WholeOption = False
    workers: SideBySideOption = None
    seed: SeedOption = None
    out: ExperimentOutOption = None
    json_output: JsonOption = False


def takes_experiment_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of :class:`ExperimentOptions` as options behind its own.

    It is called with all of them as its last argument, which has the name ``options``.
    """
    *own, _ = inspect.signature(command).parameters.values()
    shared = inspect.signature(ExperimentOptions).parameters

    @wraps(command)
    def told(**words: Any) -> None:
        options = ExperimentOptions(**{name: words.pop(name) for name in shared})
        command(**words, options=options)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*own, *shared.values())
    ]
    # Typer reads both.
    told.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    told.__annotations__ = {each.name: each.annotation for each in parameters}
    return told


def run_and_tell(
    experiment: "Experiment", options: ExperimentOptions, kind: str, baseline: int
) -> None:
    """Run what is missing, write the results, and tell them."""
    from dmsim.experiments.comparison_text import comparison_lines
    from dmsim.experiments.execute import cores, execute
    from dmsim.experiments.files import PAGE, write_result
    from dmsim.experiments.prepare import default_folder
    from dmsim.experiments.result import Result
    from dmsim.experiments.store import open_store
    from dmsim.experiments.text import outcome_lines

    rule = _rule(experiment, options)
    folder = options.out or default_folder(experiment, kind)
    _check_folder(folder)
    with open_store(folder, experiment) as store:
        if kept := sum(map(len, store.runs())):
            say(f"{folder}: {kept:,} runs are there already; only further ones are counted below")
        try:
            with console_progress() as progress:
                outcome = execute(store, rule, options.workers or cores(), progress)
        except KeyboardInterrupt:
            say(f"stopped; finished runs are kept in {folder}: the same command goes on from there")
            raise
        result = Result(outcome, baseline)
        write_result(result, folder)
    if options.json_output:
        print_json(result.told())
    else:
        lines = comparison_lines if experiment.compares else outcome_lines
        typer.echo("\n".join(lines(result)))
    say(f"  tables   {folder}")
    say(f"  page     {folder / PAGE}")


def _rule(experiment: "Experiment", options: ExperimentOptions) -> "Rule":
    from dmsim.experiments.prepare import make_rule
    from dmsim.experiments.vary import parse_replications, parse_until

    precision = None if options.until is None else parse_until(options.until)
    counts = parse_replications(options.replications, precision)
    return make_rule(experiment, counts, precision, options.measure or ())


def _check_folder(folder: Path) -> None:
    """A folder that holds anything else is left alone."""
    from dmsim.experiments.store import FILE

    check_writable(folder)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file():
        raise UsageError(f"{folder}: holds something else; choose another --out")
