"""Options about rosters that several commands share, and what they say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import say
from dmsim.cli.options import check_place, option_value
from dmsim.errors import UsageError

if TYPE_CHECKING:
    from dmsim.rostering.model import ShiftsFile
    from dmsim.scenario import Scenario

DemandArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DEMAND",
        help="CSV file of required people, such as 'dmsim staff' writes with --csv: start (mon "
        "08:00), to_schedule (or scheduled, or required), and skill where one is asked for; a row "
        "for each hour, half or quarter of one of the week.",
        show_default=False,
    ),
]
RosterArgument = Annotated[
    Path,
    typer.Argument(
        metavar="ROSTER",
        help="CSV file of duties: who, day (mon or Monday), start, end; week where there are "
        "several weeks, people where there are several contracts, break for breaks of one's own.",
        show_default=False,
    ),
]
ShiftsOption = Annotated[
    Path,
    typer.Option(
        "--shifts",
        metavar="FILE",
        help="Shifts, contracts and prices (TOML); seeds/shifts-247.toml is a commented one.",
        show_default=False,
    ),
]


HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page there.", show_default=False),
]
DemandOption = Annotated[
    Path, typer.Option("--demand", metavar="FILE", help="Required people.", show_default=False)
]
TimeLimitOption = Annotated[
    str, typer.Option("--time-limit", metavar="TIME", help="Of the search for each week.")
]
ExistingOption = Annotated[
    Path | None,
    typer.Option(
        "--existing",
        metavar="ROSTER",
        help="A roster whose duties stay; its people get no others.",
        show_default=False,
    ),
]
RosterOutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the roster there (CSV).", show_default=False),
]
RosterTeamOption = Annotated[
    str | None,
    typer.Option("--team", metavar="NAME", help="Who works the roster.", show_default=False),
]


def limit_seconds(text: str) -> float:
    """What ``--time-limit`` says, in seconds."""
    from dmsim.scenario.units import SECOND_US, parse_positive_duration

    return option_value("--time-limit", text, parse_positive_duration) / SECOND_US


def check_file(option: str, file: Path | None, force: bool) -> None:
    """Before the work, what would stop the writing after it."""
    if file is None:
        return
    check_place(option, file)
    if file.exists() and not force:
        told = f"exists already; choose another {option} or overwrite with --force"
        raise UsageError(f"{file}: {told}")


def one_team(scenario: "Scenario", name: str | None) -> str:
    """The team that works the roster: the only one, if none is named."""
    from dmsim.care.alone import served_brands

    served_brands(scenario, [name] if name else ())
    teams = list(scenario.care.teams)
    if name is None and len(teams) > 1:
        told = f"has {len(teams)} care teams; name one: --team {' or '.join(teams)}"
        raise UsageError(f"scenario {scenario.name}: {told}")
    return name or teams[0]


def say_ordinary_week(told: "ShiftsFile", week: int = 0) -> None:
    """Tell that what changes the demand of a week (from 0) does not change what comes."""
    from dmsim.scenario.units import DAYS

    factors = told.horizon.factor(week), *told.day_factors(week)
    named = zip(("week", *DAYS), factors, strict=True)
    if changed := [f"{name} x {factor:g}" for name, factor in named if factor != 1]:
        what = f"holidays, factors and growth of the shifts file ({', '.join(changed)})"
        say(f"not simulated: {what}; what comes is an ordinary week of the scenario")


def say_unknown(scenario: "Scenario", team: str, told: "ShiftsFile") -> None:
    """Tell of skills that a simulation of the team does not know."""
    from dmsim.rostering.team import unknown_skills

    unknown = unknown_skills(scenario.care.teams[team], told.people)
    if unknown:
        listed = ", ".join(sorted(unknown))
        say(f"skills without meaning here, neither languages nor brands of {team}: {listed}")
