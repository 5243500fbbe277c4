"""``dmsim staff optimise``: the cheapest roster that keeps a promise."""

from functools import partial
from typing import Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.experiment_options import SideBySideOption
from dmsim.cli.options import ForceOption, JsonOption, ScenarioArgument, SeedOption, SetOption
from dmsim.cli.roster_options import (
    RosterOutOption,
    RosterTeamOption,
    ShiftsOption,
    check_file,
    limit_seconds,
    one_team,
    say_ordinary_week,
    say_unknown,
)
from dmsim.cli.staff_options import checked, goal_of
from dmsim.errors import ExitCode, UsageError

TargetOption = Annotated[
    str,
    typer.Option(
        "--target",
        metavar="[SHARE/]TIME",
        help="Share of customers to be answered: in a live thread within this time, the writing "
        "included; of all cases within care.answered_within. Of a time alone the share is 80%.",
    ),
]


def optimise(
    scenario: ScenarioArgument,
    shifts: ShiftsOption,
    target: TargetOption = "80%/5min",
    team: RosterTeamOption = None,
    replications: Annotated[
        int, typer.Option("--replications", min=5, max=1_000, help="Simulated weeks of each trial.")
    ] = 10,
    time_limit: Annotated[
        str, typer.Option("--time-limit", metavar="TIME", help="No trial begins later.")
    ] = "10m",
    workers: SideBySideOption = None,
    seed: SeedOption = None,
    changes: SetOption = None,
    out: RosterOutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Find the cheapest roster with which a care team keeps its promise, in every hour.

    The staffing plan says whom each hour needs, the cheapest roster for it is planned and simulated
    as in 'dmsim roster simulate'; hours that miss the promise are given more people, until none
    does; then people are taken out again as long as that is cheaper and enough. The result is
    simulated once more in weeks that the search has not seen.

    What comes is an ordinary week of the scenario: holidays and factors of the shifts file change
    whom the roster is planned for, not whom it is simulated with.

    Exit code 1: no roster that was tried keeps the promise; the one that comes nearest is told, and
    whom it lacks.

    \b
    Example:
      dmsim staff optimise staffing-247 --shifts shifts.toml --out roster.csv --time-limit 5m
    """
    from dmsim.experiments.execute import cores
    from dmsim.optimising.search import find_roster
    from dmsim.optimising.trials import Case, whole_week
    from dmsim.optimising.words import search_lines, search_object
    from dmsim.rostering.files import write_roster
    from dmsim.rostering.load import load_shifts
    from dmsim.scenario import load_scenario
    from dmsim.staffing.team_plan import plan_scenario

    told = load_shifts(shifts)
    if told.horizon.weeks > 1:
        raise UsageError(
            f"{shifts}: horizon.weeks = {told.horizon.weeks}: one week is searched, which repeats; "
            "set it to 1"
        )
    goal = goal_of(target, "100%")
    seconds = limit_seconds(time_limit)
    base = load_scenario(scenario, seed, changes or ())
    name = one_team(base, team)
    say_unknown(base, name, told)
    say_ordinary_week(told)
    check_file("--out", out, force)
    with console_progress() as progress:
        planned = checked(partial(plan_scenario, base, name, goal, progress=progress))
        demand = planned.hours["to_schedule"].to_numpy()
        if not demand.any():
            remedy = f"set care.volumes.{base.care.teams[name].brands[0]}.comments_per_week"
            raise UsageError(f"scenario {base.name}: nothing reaches team {name}; {remedy}")
        case = Case(whole_week(base, goal), name, told, goal, replications, workers or cores())
        found = find_roster(case, demand, seconds=seconds, progress=progress)
    if out is not None:
        write_roster(out, told, found.best.plan.duties)
        say(f"  roster   {out}")
    if json_output:
        made = {"scenario": base.name, "seed": base.seed, "team": name}
        print_json({**made, **search_object(case, found)})
    else:
        typer.echo("\n".join(search_lines(case, found)))
    raise typer.Exit(int(ExitCode.PASS if found.kept else ExitCode.MISMATCH))
