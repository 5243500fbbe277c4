"""``dmsim care``: care teams alone, without a population."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import (
    ForceOption,
    JsonOption,
    PolicyOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    output_folder,
)
from dmsim.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from dmsim.care.volumes import Volumes
    from dmsim.progress import Progress
    from dmsim.report.care import CareMeasures
    from dmsim.report.intervals import Interval
    from dmsim.scenario import Scenario

    Runs: TypeAlias = list[tuple[pl.DataFrame, pl.DataFrame]]

_HOUR_US = 3_600_000_000
_FILES = ("cases.parquet", "staff.parquet", "summary.json")
_MOST_LISTED = 5

TeamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--team", metavar="NAME", help="Only this team; may be repeated.", show_default=False
    ),
]
WeeksOption = Annotated[
    int | None,
    typer.Option(
        "--weeks",
        min=1,
        max=520,
        help="Weeks to record instead of the scenario's time.record, or of what the file of "
        "--volumes tells.",
        show_default=False,
    ),
]
VolumesOption = Annotated[
    Path | None,
    typer.Option(
        "--volumes",
        metavar="FILE",
        help="CSV file of what came in by the hour, instead of the scenario's care.volumes: "
        'columns start ("2026-03-02 08:00", or "mon 08:00" for every week), comments and messages, '
        "and brand where several are run. The file's time replaces the scenario's: all its dates "
        "without warm-up, or one week after a week of warm-up.",
        show_default=False,
    ),
]
ReplicationsOption = Annotated[
    int, typer.Option("--replications", min=1, max=10_000, help="Independent runs.")
]
CareOutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Write cases.parquet, staff.parquet and summary.json there.",
        show_default=False,
    ),
]


def care(
    scenario: ScenarioArgument,
    team: TeamOption = None,
    weeks: WeeksOption = None,
    volumes: VolumesOption = None,
    replications: ReplicationsOption = 1,
    seed: SeedOption = None,
    changes: SetOption = None,
    policy: PolicyOption = None,
    out: CareOutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Run the care teams of a scenario alone: no persons, no trace, and much faster.

    What reaches the brands comes from the scenario's care.volumes and weekly curves, or from a CSV
    file, and on top from its campaigns of kind engagement and incident; mailings, chat bots and
    sponsored messages need a population and are left out. Prints waits, shares, endings, occupancy
    and backlog. Of several replications cases are taken together, of staff figures the mean,
    followed by 95 % intervals.

    \b
    Examples:
      dmsim care private-replies --weeks 4
      dmsim care private-replies --team beauty --set care.teams.beauty.threads=1
      dmsim care mine.toml --volumes volumes.csv --replications 20 --out reports/mine
    """
    from dmsim.care.alone import served_brands
    from dmsim.scenario import load_scenario

    recorded = [f"time.record={7 * weeks}d"] if weeks else []
    told = load_scenario(scenario, seed, [*(changes or ()), *recorded], policy)
    brands = served_brands(told, team or ())
    teams = [name for name in told.care.teams if not team or name in team]
    if out is not None:
        _check_folder(out, force)
    told, came = _volumes(told, brands, volumes, weeks)
    _say_left_out(told, brands)
    began = time.perf_counter()
    with console_progress() as progress:
        runs = replicate(told, teams, came, replications, progress)
    seconds = time.perf_counter() - began
    if not sum(cases.height for cases, _ in runs):
        raise _nothing_came(told, brands, volumes, weeks)
    summary = _summary(told, teams, brands, runs, seconds)
    if out is not None:
        _write(out, runs, summary)
    if json_output:
        print_json(summary)
    else:
        _tell(summary["care"], summary["intervals"], replications)
    say(f"{summary['cases']:,} cases in {seconds:.1f} s ({summary['cases_per_second']:,.0f}/s)")


def _check_folder(folder: Path, force: bool) -> None:
    """Nothing but an earlier run of this command is ever overwritten."""
    output_folder(folder, folder, force)
    if folder.is_dir() and any(folder.iterdir()):
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            told = f"not a run of dmsim care (no {missing[0]}), so --force does not write there"
            raise UsageError(f"{folder}: {told}; choose another --out")


def _volumes(
    scenario: "Scenario", brands: Sequence[str], file: Path | None, weeks: int | None
) -> "tuple[Scenario, Volumes]":
    """What reaches the brands, and the scenario at the time that this is known for."""
    from dmsim.care.alone import served_brands
    from dmsim.care.volumes import CurveVolumes, read_volumes

    if file is None:
        return scenario, CurveVolumes(scenario)
    others = set(served_brands(scenario)) - set(brands)
    counted = read_volumes(file, brands, others)
    if counted.ignored:
        say(f"{file}: rows left out, of brands whose teams are not run: {counted.ignored:,}")
    time_told = counted.time(weeks)
    outside, total = counted.outside(time_told.until_us)
    if outside:
        say(f"{file}: --weeks {weeks} leaves out {outside:,} of {total:,} comments and messages")
    return scenario.model_copy(update={"time": time_told}), counted


def _say_left_out(scenario: "Scenario", brands: Sequence[str]) -> None:
    from dmsim.care.alone import brings_comments

    left_out = [
        f"{name} ({campaign.kind})"
        for name, campaign in scenario.campaigns.items()
        if campaign.brand in brands and not brings_comments(campaign)
    ]
    if left_out:
        say(f"campaigns left out, as they need a population (dmsim simulate): {_listed(left_out)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _nothing_came(
    scenario: "Scenario", brands: Sequence[str], file: Path | None, weeks: int | None
) -> UsageError:
    if file is not None:
        first = "week" if weeks == 1 else f"{weeks} weeks"
        where = f" in the first {first}; raise --weeks or" if weeks else ";"
        return UsageError(f"{file}: holds only zeros{where} write how many came")
    return UsageError(
        f"scenario {scenario.name}: nothing reaches its teams; set care.volumes."
        f"{brands[0]}.comments_per_week, or give --volumes FILE"
    )


def replicate(
    scenario: "Scenario",
    teams: Sequence[str],
    volumes: "Volumes",
    replications: int,
    progress: "Progress",
) -> "Runs":
    """The tables of cases and staff of so many independent runs."""
    from dmsim.care.alone import run_alone

    hours = (scenario.time.until_us - scenario.time.start) / _HOUR_US
    with progress.stage("care", hours * len(teams) * replications, "h") as stage:
        return [
            run_alone(
                scenario,
                teams=teams,
                volumes=volumes,
                replication=number,
                report=lambda passed: stage.advance(passed / _HOUR_US),
            )
            for number in range(replications)
        ]


def _summary(
    scenario: "Scenario",
    teams: Sequence[str],
    brands: Sequence[str],
    runs: "Runs",
    seconds: float,
) -> dict[str, Any]:
    """How the run was made, and what it says."""
    from dmsim import __version__
    from dmsim.report.care import Reading
    from dmsim.report.replications import together

    numbers = {n: brand for n, brand in enumerate(scenario.brands) if brand in brands}
    window = scenario.time.from_us, scenario.time.until_us
    reading = Reading(scenario.care.answered_by, scenario.care.answered_within)
    measured, intervals = together(runs, numbers, reading, window)
    cases = sum(cases.height for cases, _ in runs)
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "dmsim_version": __version__,
        "teams": list(teams),
        "replications": len(runs),
        "from_us": window[0],
        "until_us": window[1],
        "cases": cases,
        "cases_per_second": cases / seconds,
        "seconds": seconds,
        "care": measured,
        "intervals": intervals,
    }


def _write(folder: Path, runs: "Runs", summary: dict[str, Any]) -> None:
    """The tables of all replications, each row with the number of its own, and the summary."""
    import msgspec
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    for name, frames in zip(("cases", "staff"), zip(*runs, strict=True), strict=True):
        numbered = [
            frame.with_columns(replication=pl.lit(number, pl.Int32))
            for number, frame in enumerate(frames)
        ]
        pl.concat(numbered).write_parquet(folder / f"{name}.parquet", compression="zstd")
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    (folder / "summary.json").write_bytes(text + b"\n")


def _tell(measured: "CareMeasures", intervals: Mapping[str, "Interval"], replications: int) -> None:
    from dmsim.report.care_text import care_lines, interval_lines

    lines = care_lines(measured)
    if replications > 1:
        told = f"cases are sums over {replications} replications, staff figures are means of them"
        lines += ["", told, "", *interval_lines(intervals)]
    typer.echo("\n".join(lines[1:]))
