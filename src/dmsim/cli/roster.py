"""``dmsim roster``: who works when, from required people."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.default_command import PlanByDefault
from dmsim.cli.options import ForceOption, JsonOption
from dmsim.cli.roster_options import (
    DemandArgument,
    DemandOption,
    ExistingOption,
    HtmlOption,
    RosterArgument,
    RosterOutOption,
    ShiftsOption,
    TimeLimitOption,
    check_file,
    limit_seconds,
)
from dmsim.cli.roster_simulate import simulate
from dmsim.errors import ExitCode

if TYPE_CHECKING:
    from dmsim.rostering.model import ShiftsFile
    from dmsim.rostering.roster import Duties

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
    time_limit: TimeLimitOption = "30s",
    existing: ExistingOption = None,
    out: RosterOutOption = None,
    html: HtmlOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Plan the cheapest roster that covers a demand; the word 'plan' may be left out.

    Rest, days off and hours always hold. Each week is planned as if it repeated. Costs are the
    shifts' plus the prices of what is missing and surplus; no roster costs less than the bound.
    Hours are person-hours: five people for an hour are 5 h.

    What cannot be covered, or costs more than its price, is missing. The output says when how many
    are, and whether shifts, people or the price are lacking; to find that out takes as long as the
    search again at most, and never more than 10 s a week. Every missing hour has the same price, so
    those stay open that are dearest to cover, however important they are.

    Exit code 0 also where people are missing: the cheapest roster may leave hours open. A script
    that wants none reads missing_hours of --json.

    \b
    Examples:
      dmsim roster demand.csv --shifts shifts.toml --out roster.csv
      dmsim roster demand.csv --shifts shifts.toml --time-limit 2m --existing agreed.csv --json
    """
    from dmsim.report.roster_page import render_plan, write_page
    from dmsim.rostering.demand import read_demand
    from dmsim.rostering.files import read_roster, write_roster
    from dmsim.rostering.lacks import explained
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
        found = explained(told, required, found, seconds=seconds, fixed=fixed, progress=progress)
    if out is not None:
        write_roster(out, told, found.duties)
        say(f"  roster   {out}")
    if html is not None:
        write_page(html, render_plan(found, told, demand.name))
        say(f"  page     {html}")
    if json_output:
        print_json(plan_object(found))
    else:
        typer.echo("\n".join(plan_lines(found)))


@app.command()
def check(
    roster: RosterArgument,
    demand: DemandOption,
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


app.command()(simulate)


@app.command()
def schema() -> None:
    """Write the JSON schema of shifts files to standard output, for editors.

    \b
    Example:
      dmsim roster schema > shifts.schema.json
    """
    from dmsim.rostering.model import shifts_schema

    print_json(shifts_schema())


def _say_broken(told: "ShiftsFile", fixed: "Duties", existing: Path | None) -> None:
    """An existing roster stays as it is, whatever rules it breaks."""
    from dmsim.rostering.check import violations
    from dmsim.rostering.words import violation_line

    for violation in violations(told, fixed):
        say(f"{existing}: {violation_line(violation)}")
