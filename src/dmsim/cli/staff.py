"""``dmsim staff``: how many people it takes, and when."""

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from dmsim import __version__
from dmsim.cli.care import TeamOption
from dmsim.cli.console import console_progress, print_json
from dmsim.cli.default_command import PlanByDefault
from dmsim.cli.options import JsonOption, SeedOption, SetOption
from dmsim.errors import UsageError
from dmsim.paths import check_writable, write_whole

if TYPE_CHECKING:
    import polars as pl

    from dmsim.staffing.goal import Goal
    from dmsim.staffing.plan import Desk

T = TypeVar("T")

app = typer.Typer(
    cls=PlanByDefault,
    help="How many people it takes, and when: for a week or one desk; and the cheapest roster.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

ShrinkageOption = Annotated[
    str,
    typer.Option(
        "--shrinkage",
        metavar="SHARE",
        help="Share of paid time without work (illness, holidays, training, breaks).",
    ),
]
MaxOccupancyOption = Annotated[
    str,
    typer.Option(
        "--max-occupancy",
        metavar="SHARE",
        help="Highest share of time on duty in which agents may be busy, such as 85%.",
    ),
]
PatienceOption = Annotated[
    str | None,
    typer.Option(
        "--patience",
        metavar="TIME",
        help="Mean time after which somebody who waits leaves; without it nobody does (Erlang C).",
        show_default=False,
    ),
]
PlanShrinkageOption = Annotated[
    str | None,
    typer.Option(
        "--shrinkage",
        metavar="SHARE",
        help="As for one desk; of a scenario instead of the team's own.",
        show_default=False,
    ),
]
ScenarioOption = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENARIO",
        help="Name of a packaged scenario or path of a TOML file, whose care teams are staffed.",
        show_default=False,
    ),
]
SimulateOption = Annotated[
    bool,
    typer.Option("--simulate", help="Of a file: all methods side by side, in seconds."),
]
#: The group takes it for the name of that command, so it never reaches the plan.
OptimiseOption = Annotated[
    bool,
    typer.Option(
        "--optimise",
        help="Of a scenario: search for the cheapest roster instead, with the options of "
        "'dmsim staff optimise'.",
    ),
]
TargetOption = Annotated[
    str,
    typer.Option(
        "--target",
        metavar="[SHARE/]TIME",
        help="Share of all contacts to be answered within a time, such as 80%/20s; of a time alone "
        "(20s) the share is 80%.",
    ),
]
HandleOption = Annotated[
    str | None,
    typer.Option(
        "--handle",
        metavar="TIME",
        help="Mean handling time of one contact, such as 180s or 6min.",
        show_default=False,
    ),
]
VolumesOption = Annotated[
    Path | None,
    typer.Option(
        "--volumes",
        metavar="FILE",
        help='CSV file of what comes: columns start ("mon 08:00" of every week, or '
        '"2026-03-02 08:00"), contacts (in the interval; decimals are fine) and, if wanted, '
        "scheduled (people scheduled already). Intervals of 15, 30 or 60 minutes. With a scenario "
        "the file of 'dmsim care --volumes', instead of care.volumes.",
        show_default=False,
    ),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write the plan there as a page.", show_default=False
    ),
]
CsvOption = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Write the plan there, a row each interval.",
        show_default=False,
    ),
]


@app.command()
def erlang(
    arrivals: Annotated[
        str, typer.Option("--arrivals", metavar="RATE", help="Contacts that come, such as 200/h.")
    ],
    handle: Annotated[
        str,
        typer.Option(
            "--handle", metavar="TIME", help="Mean handling time of one, such as 180s or 3min."
        ),
    ],
    target: TargetOption = "80%/20s",
    agents: Annotated[
        int | None,
        typer.Option(
            "--agents",
            min=0,
            max=10_000_000,
            help="Agents on duty; without it, as many as are needed.",
            show_default=False,
        ),
    ] = None,
    patience: PatienceOption = None,
    max_occupancy: MaxOccupancyOption = "100%",
    shrinkage: ShrinkageOption = "0%",
    json_output: JsonOption = False,
) -> None:
    """Say what waiting is like at one desk, and how many agents keep a promise.

    Contacts come at random at a constant rate, are handled for exponential times, and leave when
    their patience is over: Erlang C without --patience, Erlang A with it. The service level is the
    share of all contacts that are answered in time.

    \b
    Examples:
      dmsim staff erlang --arrivals 200/h --handle 180s --agents 14 --target 20s
      dmsim staff erlang --arrivals 200/h --handle 3min --target 80%/20s --shrinkage 30%
      dmsim staff erlang --arrivals 200/h --handle 3min --patience 5min --max-occupancy 85%
    """
    from dmsim.staffing.desk import describe_desk
    from dmsim.staffing.quantities import parse_handle, parse_rate, parse_seconds
    from dmsim.staffing.text import desk_lines

    goal = goal_of(target, max_occupancy)
    figures = checked(
        partial(
            describe_desk,
            _option("--arrivals", arrivals, parse_rate),
            _option("--handle", handle, parse_handle),
            goal,
            agents=agents,
            patience_s=inf if patience is None else _option("--patience", patience, parse_seconds),
            shrinkage=_option("--shrinkage", shrinkage, _share),
        )
    )
    if json_output:
        print_json(figures)
    else:
        typer.echo("\n".join(desk_lines(figures)))


@app.command()
def plan(
    scenario: ScenarioOption = None,
    volumes: VolumesOption = None,
    handle: HandleOption = None,
    target: TargetOption = "80%/20s",
    patience: PatienceOption = None,
    max_occupancy: MaxOccupancyOption = "100%",
    shrinkage: PlanShrinkageOption = None,
    simulate: SimulateOption = False,
    optimise: OptimiseOption = False,
    team: TeamOption = None,
    seed: SeedOption = None,
    changes: SetOption = None,
    csv: CsvOption = None,
    html: HtmlOption = None,
    json_output: JsonOption = False,
) -> None:
    """Say how many people each interval of a week needs.

    Of a file of volumes alone, each interval is staffed as if its rate had always been so: by
    Erlang C, with --patience by Erlang A; with --simulate also by the modified offered load (MOL)
    and by a simulation that keeps the target in every interval, which then counts. 'required' are
    people on duty, 'to schedule' these over 1 - shrinkage, 'net' what is left of the scheduled
    after shrinkage and the required.

    Of a scenario, each care team is staffed: live threads first, for the target and by all four
    methods; then replies to comments within care.answered_within, in the time that threads leave,
    and with people added where that does not do. 'scheduled' is the team's roster.

    \b
    Examples:
      dmsim staff --volumes week.csv --handle 6min --target 80%/20s --max-occupancy 85%
      dmsim staff --volumes week.csv --handle 1h --simulate --csv demand.csv --json
      dmsim staff private-replies --team beauty --target 80%/2min --max-occupancy 85%
      dmsim staff staffing-247 --optimise --shifts shifts.toml --out roster.csv
    """
    goal = goal_of(target, max_occupancy)
    for file in filter(None, (csv, html)):
        check_writable(file.parent)
    shrunk = None if shrinkage is None else _option("--shrinkage", shrinkage, _share)
    if scenario is None:
        for_scenarios = {"--team": team, "--seed": seed, "--set": changes}
        _refuse(for_scenarios, "needs a scenario; name one, or leave it out")
        desk = _desk(volumes, handle, patience, shrunk)
        found = _of_file(volumes, desk, goal, simulate)
    else:
        of_files = {"--handle": handle, "--patience": patience}
        _refuse(of_files, "is told by the scenario; change that with --set")
        chosen = _Chosen(scenario, tuple(team or ()), seed, tuple(changes or ()), volumes)
        found = _of_scenario(chosen, goal, shrunk)
    if csv is not None:
        write_whole(csv, found.table.write_csv().encode())
    if html is not None:
        write_whole(html, found.page().encode())
    if json_output:
        print_json(found.told)
    else:
        typer.echo("\n".join(found.lines))


class _Chosen(NamedTuple):
    """A scenario as it was named, and what of it is to be staffed."""

    scenario: str
    teams: tuple[str, ...]
    seed: int | None
    changes: tuple[str, ...]
    volumes: Path | None


class _Found(NamedTuple):
    """A plan in every form in which it may be asked for."""

    table: "pl.DataFrame"
    told: dict[str, Any]
    lines: list[str]
    page: Callable[[], str]


def _of_file(volumes: Path | None, desk: "Desk", goal: "Goal", simulate: bool) -> _Found:
    from dmsim.staffing.page import render_plan
    from dmsim.staffing.plan import add_up, plan_intervals
    from dmsim.staffing.text import plan_lines
    from dmsim.staffing.volumes import read_intervals, whole_week
    from dmsim.staffing.week_plan import plan_week

    assert volumes is not None
    given = intervals = read_intervals(volumes)
    if simulate:
        intervals = whole_week(volumes, given)
        with console_progress() as progress:
            planned = checked(partial(plan_week, intervals, desk, goal, progress=progress))
    else:
        planned = checked(partial(plan_intervals, intervals, desk, goal))
    totals = add_up(planned)
    told = {"goal": goal, "desk": desk, "totals": totals, "intervals": planned.to_dicts()}
    page = partial(render_plan, volumes.name, planned, desk, goal)
    return _Found(planned, told, plan_lines(planned, desk, given), page)


def _of_scenario(chosen: _Chosen, goal: "Goal", shrinkage: float | None) -> _Found:
    import polars as pl

    from dmsim.care.alone import served_brands
    from dmsim.care.volumes import read_volumes
    from dmsim.scenario import load_scenario
    from dmsim.staffing.page import render_teams
    from dmsim.staffing.team_plan import plan_scenario, plan_summary
    from dmsim.staffing.text import team_lines

    told = load_scenario(chosen.scenario, chosen.seed, list(chosen.changes), None)
    brands = served_brands(told, chosen.teams)
    others = set(served_brands(told)) - set(brands)
    counted = read_volumes(chosen.volumes, brands, others) if chosen.volumes else None
    teams = [name for name in told.care.teams if not chosen.teams or name in chosen.teams]
    with console_progress() as progress:
        plans = [
            checked(
                partial(
                    plan_scenario, told, name, goal,
                    volumes=counted, shrinkage=shrinkage, progress=progress,
                )
            )
            for name in teams
        ]  # fmt: skip
    if not any(plan.hours["contacts"].sum() for plan in plans):
        remedy = f"set care.volumes.{brands[0]}.comments_per_week, or give --volumes FILE"
        raise UsageError(f"scenario {told.name}: nothing reaches its teams; {remedy}")
    table = pl.concat(
        [plan.hours.select(pl.lit(plan.team).alias("team"), pl.all()) for plan in plans],
        how="diagonal",
    )
    summary = {
        "scenario": told.name,
        "seed": told.seed,
        "dmsim_version": __version__,
        "teams": {plan.team: plan_summary(plan) for plan in plans},
    }
    lines = [line for plan in plans for line in team_lines(plan)][1:]
    return _Found(table, summary, lines, partial(render_teams, told.name, plans))


def _desk(
    volumes: Path | None, handle: str | None, patience: str | None, shrinkage: float | None
) -> "Desk":
    """How the contacts of a file are handled."""
    from dmsim.staffing.plan import Desk
    from dmsim.staffing.quantities import parse_handle, parse_seconds

    if volumes is None:
        remedy = "name a scenario, or give a file: dmsim staff --volumes week.csv --handle 6min"
        raise UsageError(f"staff: nothing to staff; {remedy}")
    if handle is None:
        example = f"dmsim staff --volumes {volumes} --handle 6min"
        raise UsageError(f"staff: missing --handle TIME; for example: {example}")
    return Desk(
        _option("--handle", handle, parse_handle),
        inf if patience is None else _option("--patience", patience, parse_seconds),
        shrinkage=shrinkage or 0.0,
    )


def _refuse(options: Mapping[str, object], why: str) -> None:
    """No option may have been given."""
    for name, value in options.items():
        if value:
            raise UsageError(f"{name}: {why}")


def _share(text: str) -> float:
    """A share of paid time, which cannot be all of it."""
    from dmsim.staffing.quantities import parse_share

    share = parse_share(text)
    if share == 1:
        raise ValueError("nobody would ever work; write less")
    return share


def goal_of(target: str, max_occupancy: str) -> "Goal":
    """What ``--target`` and ``--max-occupancy`` say."""
    from dmsim.staffing.goal import Goal
    from dmsim.staffing.quantities import parse_share, parse_target

    level = _option("--target", target, parse_target)
    busy = _option("--max-occupancy", max_occupancy, parse_share)
    return checked(partial(Goal, level.share, level.within_s, busy))


def _option(name: str, text: str, parse: Callable[[str], T]) -> T:
    """What an option says; an error names the option and what was written."""
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{name} {text}: {error}") from None


def checked(make: Callable[[], T]) -> T:
    """What is made of figures that go together, or a line that says why they do not."""
    try:
        return make()
    except ValueError as error:
        raise UsageError(f"staff: {error}") from None
