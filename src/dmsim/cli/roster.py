"""``dmsim roster``: who works when, from required people."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.default_command import PlanByDefault
from dmsim.cli.options import ForceOption, JsonOption, SeedOption, SetOption
from dmsim.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from dmsim.report.care import Reading
    from dmsim.rostering.model import ShiftsFile
    from dmsim.rostering.roster import Duties
    from dmsim.scenario import Scenario

DemandArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DEMAND",
        help="CSV file of required people: start (mon 08:00), required or scheduled, and skill "
        "where one is asked for; a row for each hour, half or quarter of one of the week.",
        show_default=False,
    ),
]
RosterArgument = Annotated[
    Path,
    typer.Argument(
        metavar="ROSTER",
        help="CSV file of duties: who, day, start, end; week, people and break where there are "
        "several weeks, contracts, or breaks of one's own.",
        show_default=False,
    ),
]
ShiftsOption = Annotated[
    Path,
    typer.Option("--shifts", metavar="FILE", help="The shifts file (TOML).", show_default=False),
]


HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page there.", show_default=False),
]


app = typer.Typer(
    cls=PlanByDefault,
    help="Plan who works when, check a roster, or simulate how well it keeps its promise.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command()
def plan(
    demand: DemandArgument,
    shifts: ShiftsOption,
    time_limit: Annotated[
        str, typer.Option("--time-limit", metavar="TIME", help="Of the search for each week.")
    ] = "30s",
    existing: Annotated[
        Path | None,
        typer.Option(
            "--existing",
            metavar="ROSTER",
            help="A roster whose duties stay; its people get no others.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the roster there (CSV).", show_default=False
        ),
    ] = None,
    html: HtmlOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Plan the cheapest roster that covers a demand; the word 'plan' may be left out.

    Rest, days off and hours always hold. Where there are too few people, the roster says when how
    many are missing. Costs are the shifts' plus the prices of what is missing and surplus; no
    roster costs less than the bound. Each week is planned as if it repeated.

    \b
    Examples:
      dmsim roster demand.csv --shifts shifts.toml --out roster.csv
      dmsim roster demand.csv --shifts shifts.toml --time-limit 2m --existing agreed.csv --json
    """
    from dmsim.report.roster_page import render_plan, write_page
    from dmsim.rostering.demand import read_demand
    from dmsim.rostering.files import read_roster, write_roster
    from dmsim.rostering.load import load_shifts
    from dmsim.rostering.plan import plan_roster
    from dmsim.rostering.words import plan_lines, plan_object

    told = load_shifts(shifts)
    required = read_demand(demand)
    fixed = read_roster(existing, told) if existing else []
    seconds = limit_seconds(time_limit)
    check_file("--out", out, force)
    check_file("--html", html, force)
    if fixed:
        _say_broken(told, fixed, existing)
    with console_progress() as progress:
        found = plan_roster(told, required, seconds=seconds, fixed=fixed, progress=progress)
    if out is not None:
        write_roster(out, told, found.duties)
        say(f"  roster   {out}")
    if html is not None:
        write_page(html, render_plan(found, list(told.shifts), demand.stem))
        say(f"  page     {html}")
    if json_output:
        print_json(plan_object(found))
    else:
        typer.echo("\n".join(plan_lines(found)))


@app.command()
def check(
    roster: RosterArgument,
    demand: Annotated[
        Path,
        typer.Option("--demand", metavar="FILE", help="Required people.", show_default=False),
    ],
    shifts: ShiftsOption,
    json_output: JsonOption = False,
) -> None:
    """Check a roster against the rules of a shifts file, and show what it covers.

    Exit code 1: it breaks a rule.

    \b
    Example:
      dmsim roster check roster.csv --demand demand.csv --shifts shifts.toml
    """
    from dmsim.rostering.check import violations
    from dmsim.rostering.demand import read_demand
    from dmsim.rostering.files import read_roster
    from dmsim.rostering.load import load_shifts
    from dmsim.rostering.plan import weigh
    from dmsim.rostering.words import check_lines, check_object

    told = load_shifts(shifts)
    required = read_demand(demand)
    duties = read_roster(roster, told)
    weeks = weigh(told, required, duties)
    broken = violations(told, duties)
    if json_output:
        print_json(check_object(weeks, broken))
    else:
        typer.echo("\n".join(check_lines(weeks, broken)))
    raise typer.Exit(int(ExitCode.MISMATCH if broken else ExitCode.PASS))


@app.command()
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
    team: Annotated[
        str | None,
        typer.Option("--team", metavar="NAME", help="Who works it.", show_default=False),
    ] = None,
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


@app.command()
def schema() -> None:
    """Write the JSON schema of shifts files to standard output, for editors.

    \b
    Example:
      dmsim roster schema > shifts.schema.json
    """
    from dmsim.rostering.model import shifts_schema

    print_json(shifts_schema())


def limit_seconds(text: str) -> float:
    """What ``--time-limit`` says, in seconds."""
    from dmsim.scenario.units import SECOND_US, parse_positive_duration

    try:
        return parse_positive_duration(text) / SECOND_US
    except ValueError as error:
        raise UsageError(f"--time-limit {text}: {error}") from None


def check_file(option: str, file: Path | None, force: bool) -> None:
    """Before the work, what would stop the writing after it."""
    if file is None:
        return
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file}: no file can be written there; choose another {option}")
    if file.exists() and not force:
        told = f"exists already; choose another {option} or overwrite with --force"
        raise UsageError(f"{file}: {told}")


def _say_broken(told: "ShiftsFile", fixed: "Duties", existing: Path | None) -> None:
    """An existing roster stays as it is, whatever rules it breaks."""
    from dmsim.rostering.check import violations
    from dmsim.rostering.words import violation_line

    for violation in violations(told, fixed):
        say(f"{existing}: {violation_line(violation)}")


def one_team(scenario: "Scenario", name: str | None) -> str:
    """The team that works the roster: the only one, if none is named."""
    from dmsim.care.alone import served_brands

    served_brands(scenario, [name] if name else ())
    teams = list(scenario.care.teams)
    if name is None and len(teams) > 1:
        told = f"has {len(teams)} care teams; name one: --team {' or '.join(teams)}"
        raise UsageError(f"scenario {scenario.name}: {told}")
    return name or teams[0]


def say_unknown(scenario: "Scenario", team: str, told: "ShiftsFile") -> None:
    """Tell of skills that a simulation of the team does not know."""
    from dmsim.rostering.team import unknown_skills

    unknown = unknown_skills(scenario.care.teams[team], told.people)
    if unknown:
        listed = ", ".join(sorted(unknown))
        say(f"skills without meaning here, neither languages nor brands of {team}: {listed}")


def _measure_arguments(
    scenario: "Scenario", team: str
) -> "tuple[dict[int, str], Reading, tuple[int, int]]":
    """The brands of a team, when a case is in time, and the recorded window."""
    from dmsim.report.care import Reading

    served = scenario.care.teams[team].brands
    brands = {number: brand for number, brand in enumerate(scenario.brands) if brand in served}
    reading = Reading(scenario.care.answered_by, scenario.care.answered_within)
    return brands, reading, (scenario.time.from_us, scenario.time.until_us)
