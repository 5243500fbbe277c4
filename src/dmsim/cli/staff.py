"""``dmsim staff``: how many people it takes, and when."""

from functools import partial
from typing import Annotated

import typer

from dmsim.cli.care import TeamOption
from dmsim.cli.console import console_progress, print_json
from dmsim.cli.default_command import PlanByDefault
from dmsim.cli.options import JsonOption, SeedOption, SetOption, check_place, option_value
from dmsim.cli.staff_options import (
    CsvOption,
    HandleOption,
    HtmlOption,
    MaxOccupancyOption,
    OptimiseOption,
    PatienceOption,
    PlanScenarioArgument,
    PlanShrinkageOption,
    ShrinkageOption,
    SilentOption,
    SimulateOption,
    SlowdownOption,
    TargetOption,
    ThreadsOption,
    VolumesOption,
    check_no_volumes,
    checked,
    desk_of,
    goal_of,
    patience_of,
    refuse,
    shrinkage_of,
    silent_of,
)
from dmsim.paths import write_whole

app = typer.Typer(
    cls=PlanByDefault,
    help="How many people it takes, and when: for a week or one desk; and the cheapest roster.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


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
    silent: SilentOption = None,
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
      dmsim staff erlang --arrivals 200/h --handle 3min --patience 2min --silent 50%
    """
    from dmsim.staffing.desk import describe_desk
    from dmsim.staffing.quantities import parse_handle, parse_rate
    from dmsim.staffing.text import desk_lines

    goal = goal_of(target, max_occupancy)
    figures = checked(
        partial(
            describe_desk,
            option_value("--arrivals", arrivals, parse_rate),
            option_value("--handle", handle, parse_handle),
            goal,
            agents=agents,
            patience_s=patience_of(patience),
            silent=silent_of(silent, patience),
            shrinkage=shrinkage_of(shrinkage) or 0.0,
        )
    )
    if json_output:
        print_json(figures)
    else:
        typer.echo("\n".join(desk_lines(figures)))


@app.command()
def plan(
    scenario: PlanScenarioArgument = None,
    volumes: VolumesOption = None,
    handle: HandleOption = None,
    target: TargetOption = "80%/20s",
    patience: PatienceOption = None,
    silent: SilentOption = None,
    threads: ThreadsOption = None,
    slowdown: SlowdownOption = None,
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
    Erlang C, with --patience by Erlang A; with --simulate also by the modified offered load (MOL,
    by the square-root rule and exactly) and by a simulation that keeps the target in every
    interval, which then counts. 'required' are people on duty, 'to schedule' these over 1 -
    shrinkage, 'at work' the scheduled less shrinkage, 'net' those at work less the required:
    negative where people are lacking.

    Of a scenario, each care team is staffed: live threads first, for the target and by all four
    methods; then replies to comments within care.answered_within, in the time that threads leave,
    and with people added where that does not do. 'scheduled' is the team's roster.

    \b
    Examples:
      dmsim staff --volumes week.csv --handle 6min --target 80%/20s --max-occupancy 85%
      dmsim staff --volumes week.csv --handle 1h --simulate --csv demand.csv --json
      dmsim staff --volumes week.csv --handle 8min --threads 3 --patience 5min --silent 50%
      dmsim staff private-replies --team beauty --target 80%/2min --max-occupancy 85%
      dmsim staff staffing-247 --optimise --shifts shifts.toml --out roster.csv
    """
    from dmsim.scenario import load_scenario
    from dmsim.staffing.planned import plan_file, plan_teams

    goal, shrunk = goal_of(target, max_occupancy), shrinkage_of(shrinkage)
    for option, place in (("--csv", csv), ("--html", html)):
        if place is not None:
            check_place(option, place)
    if scenario is None:
        for_scenarios = {"--team": team, "--seed": seed, "--set": changes}
        refuse(for_scenarios, "needs a scenario; name one, or leave it out")
        file, desk = desk_of(
            volumes, handle, patience=patience, silent=silent,
            threads=threads, slowdown=slowdown, shrinkage=shrunk,
        )  # fmt: skip
        planned = partial(plan_file, file, desk, goal, simulate=simulate)
    else:
        check_no_volumes(scenario)
        of_files = {
            "--handle": handle, "--patience": patience, "--silent": silent,
            "--threads": threads, "--slowdown": slowdown,
        }  # fmt: skip
        refuse(of_files, "is told by the scenario; change that with --set")
        refuse(
            {"--simulate": simulate or None},
            "of a scenario all methods are told anyway; leave it out",
        )
        told = load_scenario(scenario, seed, changes or (), None)
        planned = partial(plan_teams, told, team or (), goal, volumes=volumes, shrinkage=shrunk)
    with console_progress() as progress:
        found = checked(partial(planned, progress=progress))
    if csv is not None:
        write_whole(csv, found.table.write_csv().encode())
    if html is not None:
        write_whole(html, found.page().encode())
    if json_output:
        print_json(found.told)
    else:
        typer.echo("\n".join(found.lines))
