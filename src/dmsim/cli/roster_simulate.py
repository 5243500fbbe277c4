"""``dmsim roster simulate``: whether a roster keeps its promise."""

from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import ForceOption, JsonOption, SeedOption, SetOption
from dmsim.cli.roster_options import (
    HtmlOption,
    RosterArgument,
    RosterTeamOption,
    ShiftsOption,
    check_file,
    one_team,
    say_ordinary_week,
    say_unknown,
)

if TYPE_CHECKING:
    from dmsim.report.care import Reading
    from dmsim.scenario import Scenario


def simulate(
    roster: RosterArgument,
    shifts: ShiftsOption,
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario",
            metavar="SCENARIO",
            help="Has the care team and what reaches its brands.",
            show_default=False,
        ),
    ],
    team: RosterTeamOption = None,
    week: Annotated[
        int, typer.Option("--week", min=1, help="Which week of the roster is worked every week.")
    ] = 1,
    replications: Annotated[
        int, typer.Option("--replications", min=2, max=10_000, help="Independent runs.")
    ] = 10,
    seed: SeedOption = None,
    changes: SetOption = None,
    html: HtmlOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Let a care team work a roster, alone as in 'dmsim care', and see whether it is in time.

    Covered hours are not yet a kept promise: work comes by chance and takes its time. Prints the
    share of cases that were answered in time (care.answered_within) with its 95 % interval over the
    runs, in all and for the worst hours of the week; --json has all hours.

    What comes is an ordinary week of the scenario: holidays, factors and growth of the shifts file
    change whom a roster is planned for, not whom it is simulated with.

    \b
    Example:
      dmsim roster simulate roster.csv --shifts shifts.toml --scenario staffing-247
    """
    from dmsim.care.volumes import CurveVolumes
    from dmsim.cli.care import replicate
    from dmsim.report.care_hours import hours_together
    from dmsim.report.care_text import hour_lines, interval_lines
    from dmsim.report.replications import together
    from dmsim.report.roster_page import render_service, write_page
    from dmsim.rostering.files import read_roster
    from dmsim.rostering.load import load_shifts
    from dmsim.rostering.team import with_roster
    from dmsim.scenario import load_scenario

    told = load_shifts(shifts)
    duties = [duty for duty in read_roster(roster, told) if duty.week == week - 1]
    base = load_scenario(scenario, seed, changes or ())
    name = one_team(base, team)
    say_unknown(base, name, told)
    check_file("--html", html, force)
    staffed = with_roster(base, name, told, duties)
    say_ordinary_week(told, week - 1)
    with console_progress() as progress:
        runs = replicate(staffed, [name], CurveVolumes(staffed), replications, progress)
    measured = _measure_arguments(staffed, name)
    care, intervals = together(runs, *measured)
    hours = hours_together(runs, *measured)
    if html is not None:
        write_page(html, render_service(staffed.name, name, care.target_s, intervals, hours))
        say(f"  page     {html}")
    if json_output:
        print_json(
            {
                "scenario": staffed.name,
                "seed": staffed.seed,
                "team": name,
                "replications": replications,
                "target_s": care.target_s,
                "intervals": intervals,
                "by_hour": hours,
            }
        )
    else:
        typer.echo("\n".join([*interval_lines(intervals), "", *hour_lines(hours, care.target_s)]))


def _measure_arguments(
    scenario: "Scenario", team: str
) -> "tuple[dict[int, str], Reading, tuple[int, int]]":
    """The brands of a team, when a case is in time, and the recorded window."""
    from dmsim.report.care import Reading

    served = scenario.care.teams[team].brands
    brands = {number: brand for number, brand in enumerate(scenario.brands) if brand in served}
    reading = Reading(scenario.care.answered_by, scenario.care.answered_within)
    return brands, reading, (scenario.time.from_us, scenario.time.until_us)
