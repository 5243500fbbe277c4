"""``dmsim staff``: how many people it takes, and when."""

from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from dmsim.cli.console import print_json
from dmsim.cli.options import JsonOption
from dmsim.errors import UsageError
from dmsim.paths import check_writable, write_whole

if TYPE_CHECKING:
    from dmsim.staffing.goal import Goal

T = TypeVar("T")

_PLAN = "plan"


class _PlanByDefault(TyperGroup):
    """``dmsim staff SCENARIO`` is ``dmsim staff plan SCENARIO``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [_PLAN, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_PlanByDefault,
    help="How many people it takes, and when: for one desk (erlang), or for a week (plan, which "
    "may be left out: 'dmsim staff SCENARIO', 'dmsim staff --volumes FILE').",
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
        "scheduled (people scheduled already). Intervals of 15, 30 or 60 minutes.",
        show_default=False,
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
    from dmsim.staffing.quantities import parse_handle, parse_rate, parse_seconds, parse_share
    from dmsim.staffing.text import desk_lines

    goal = _goal(target, max_occupancy)
    figures = _checked(
        partial(
            describe_desk,
            _option("--arrivals", arrivals, parse_rate),
            _option("--handle", handle, parse_handle),
            goal,
            agents=agents,
            patience_s=inf if patience is None else _option("--patience", patience, parse_seconds),
            shrinkage=_option("--shrinkage", shrinkage, parse_share),
        )
    )
    if json_output:
        print_json(figures)
    else:
        typer.echo("\n".join(desk_lines(figures)))


@app.command(_PLAN)
def plan(
    volumes: VolumesOption = None,
    handle: HandleOption = None,
    target: TargetOption = "80%/20s",
    patience: PatienceOption = None,
    max_occupancy: MaxOccupancyOption = "100%",
    shrinkage: ShrinkageOption = "0%",
    csv: CsvOption = None,
    json_output: JsonOption = False,
) -> None:
    """Say how many people each interval of a week needs.

    Of a file of volumes, each interval is staffed as if its rate had always been so: by Erlang C,
    with --patience by Erlang A. 'required' are people on duty, 'scheduled' these over 1 -
    shrinkage, 'net' what is left of the scheduled after shrinkage and the required.

    \b
    Examples:
      dmsim staff --volumes week.csv --handle 6min --target 80%/20s --max-occupancy 85%
      dmsim staff --volumes week.csv --handle 6min --shrinkage 30% --csv demand.csv --json
    """
    from dmsim.staffing.plan import Desk, add_up, plan_intervals
    from dmsim.staffing.quantities import parse_handle, parse_seconds, parse_share
    from dmsim.staffing.text import plan_lines
    from dmsim.staffing.volumes import read_intervals

    if volumes is None or handle is None:
        raise UsageError("staff: nothing to staff; give --volumes FILE and --handle TIME")
    goal = _goal(target, max_occupancy)
    desk = Desk(
        _option("--handle", handle, parse_handle),
        inf if patience is None else _option("--patience", patience, parse_seconds),
        shrinkage=_option("--shrinkage", shrinkage, parse_share),
    )
    planned = _checked(partial(plan_intervals, read_intervals(volumes), desk, goal))
    if csv is not None:
        check_writable(csv.parent)
        write_whole(csv, planned.write_csv().encode())
    totals = add_up(planned)
    if json_output:
        print_json({"goal": goal, "desk": desk, "totals": totals, "intervals": planned.to_dicts()})
    else:
        typer.echo("\n".join(plan_lines(planned, totals)))


def _goal(target: str, max_occupancy: str) -> "Goal":
    from dmsim.staffing.goal import Goal
    from dmsim.staffing.quantities import parse_share, parse_target

    level = _option("--target", target, parse_target)
    busy = _option("--max-occupancy", max_occupancy, parse_share)
    return _checked(partial(Goal, level.share, level.within_s, busy))


def _option(name: str, text: str, parse: Callable[[str], T]) -> T:
    """What an option says; an error names the option and what was written."""
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{name} {text}: {error}") from None


def _checked(make: Callable[[], T]) -> T:
    """What is made of figures that go together, or a line that says why they do not."""
    try:
        return make()
    except ValueError as error:
        raise UsageError(f"staff: {error}") from None
