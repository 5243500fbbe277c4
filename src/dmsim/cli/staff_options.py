"""Options of ``dmsim staff``, and what they say."""

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dmsim.cli.options import option_value
from dmsim.errors import UsageError

if TYPE_CHECKING:
    from dmsim.staffing.goal import Goal
    from dmsim.staffing.plan import Desk

T = TypeVar("T")

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
SilentOption = Annotated[
    str | None,
    typer.Option(
        "--silent",
        metavar="SHARE",
        help="Share of those who leave whom nobody sees leave, such as 50%: they are handled in "
        "their turn all the same. Needs --patience.",
        show_default=False,
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        max=20,
        help="Of a file: contacts that an agent holds at once, as in a chat; 1 without it.",
        show_default=False,
    ),
]
SlowdownOption = Annotated[
    str | None,
    typer.Option(
        "--slowdown",
        metavar="SHARE",
        help="By so much each further contact at hand lengthens the handling of all; 25% without "
        "it, as a care team's.",
        show_default=False,
    ),
]
PlanShrinkageOption = Annotated[
    str | None,
    typer.Option(
        "--shrinkage",
        metavar="SHARE",
        help="Share of paid time without work (illness, holidays, training, breaks), so that more "
        "are scheduled than required; of a scenario instead of the team's own.",
        show_default=False,
    ),
]
PlanScenarioArgument = Annotated[
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


def patience_of(patience: str | None) -> float:
    """What ``--patience`` says, in seconds; nobody leaves without it."""
    from dmsim.staffing.quantities import parse_seconds

    return inf if patience is None else option_value("--patience", patience, parse_seconds)


def silent_of(silent: str | None, patience: str | None) -> float:
    """What ``--silent`` says, which means nothing where nobody leaves."""
    from dmsim.staffing.quantities import parse_share

    if silent is None:
        return 0.0
    if patience is None:
        raise UsageError(f"--silent {silent}: nobody leaves; give --patience, such as 2min")
    return option_value("--silent", silent, parse_share)


def slowdown_of(slowdown: str | None, threads: int | None) -> float:
    """What ``--slowdown`` says, which means nothing for one contact at a time."""
    from dmsim.scenario.care import Team
    from dmsim.staffing.quantities import parse_share

    if slowdown is None:
        return 0.0 if threads in (None, 1) else float(Team.model_fields["slowdown"].default)
    if threads in (None, 1):
        told = "nobody has a further contact at hand; give --threads, such as 3"
        raise UsageError(f"--slowdown {slowdown}: {told}")
    return option_value("--slowdown", slowdown, parse_share)


def shrinkage_of(shrinkage: str | None) -> float | None:
    """What ``--shrinkage`` says, if anything."""
    return None if shrinkage is None else option_value("--shrinkage", shrinkage, _share_of_paid)


def _share_of_paid(text: str) -> float:
    """A share of paid time, which cannot be all of it."""
    from dmsim.staffing.quantities import parse_share

    share = parse_share(text)
    if share == 1:
        raise ValueError("nobody would ever work; write less")
    return share


def _share_of_busy_time(text: str) -> float:
    """A share of time on duty, which cannot be nothing."""
    from dmsim.staffing.quantities import parse_share

    share = parse_share(text)
    if share == 0:
        raise ValueError("nobody could ever work; write more, such as 85%")
    return share


def goal_of(target: str, max_occupancy: str) -> "Goal":
    """What ``--target`` and ``--max-occupancy`` say."""
    from dmsim.staffing.goal import Goal
    from dmsim.staffing.quantities import parse_target

    level = option_value("--target", target, parse_target)
    busy = option_value("--max-occupancy", max_occupancy, _share_of_busy_time)
    return checked(partial(Goal, level.share, level.within_s, busy))


def desk_of(
    volumes: Path | None,
    handle: str | None,
    *,
    patience: str | None,
    silent: str | None,
    threads: int | None,
    slowdown: str | None,
    shrinkage: float | None,
) -> "tuple[Path, Desk]":
    """A file of volumes, and how its contacts are handled."""
    from dmsim.staffing.plan import Desk
    from dmsim.staffing.quantities import parse_handle

    if volumes is None:
        remedy = "name a scenario, or give a file: dmsim staff --volumes week.csv --handle 6min"
        raise UsageError(f"staff: nothing to staff; {remedy}")
    if handle is None:
        example = f"dmsim staff --volumes {volumes} --handle 6min"
        raise UsageError(f"staff: missing --handle TIME; for example: {example}")
    seconds = option_value("--handle", handle, parse_handle)
    return volumes, Desk(
        seconds,
        patience_of(patience),
        silent=silent_of(silent, patience),
        threads=threads or 1,
        slowdown=slowdown_of(slowdown, threads),
        shrinkage=shrinkage or 0.0,
    )


def check_no_volumes(scenario: str) -> None:
    """A file of volumes where a scenario belongs is a slip."""
    if scenario.endswith(".csv"):
        example = f"dmsim staff --volumes {scenario} --handle 6min"
        raise UsageError(f"{scenario}: no scenario; a file of volumes is given so: {example}")


def refuse(options: Mapping[str, object], why: str) -> None:
    """No option may have been given."""
    for name, value in options.items():
        # 0 is a seed; an option that may be repeated is an empty list where it was not given.
        if value is not None and value != []:
            raise UsageError(f"{name}: {why}")


def checked(make: Callable[[], T]) -> T:
    """What is made of figures that go together, or a line that says why they do not."""
    try:
        return make()
    except ValueError as error:
        raise UsageError(f"staff: {error}") from None
