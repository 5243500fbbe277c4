"""``dmsim fit``: weekly curves and habits from a log of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import ForceOption, JsonOption, OutOption, output_folder
from dmsim.errors import UsageError

#: What an earlier fit left behind.
_FILES = ("scenario.toml", "summary.json", "fit.html")

if TYPE_CHECKING:
    from dmsim.fit.fitting import Fit


def fit(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="LOG",
            help="A .csv, .ndjson or .jsonl file (also .gz), a .parquet file, or a trace's folder.",
            show_default=False,
        ),
    ],
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="COLUMN", help="The column of times.", show_default=False),
    ] = None,
    sender: Annotated[
        str | None,
        typer.Option("--sender", metavar="COLUMN", help="Who wrote.", show_default=False),
    ] = None,
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", metavar="COLUMN", help="To whom.", show_default=False),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            metavar="ZONE",
            help="By whose clock the hours of the week count, such as Europe/Moscow or +03:00. "
            "Needed where the times have no zone; else those of the log, UTC for Unix time.",
            show_default=False,
        ),
    ] = None,
    gap: Annotated[
        str,
        typer.Option("--gap", metavar="TIME", help="A longer pause ends a session, or a row."),
    ] = "30m",
    reply_within: Annotated[
        str,
        typer.Option("--reply-within", metavar="TIME", help="An answer comes in this time."),
    ] = "24h",
    out: OutOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Fit weekly curves and habits to a log: when people write, how much, and who answers.

    Writes the curves (messages.csv) with their bands, a scenario that runs as it is
    (scenario.toml), all numbers (summary.json) and a page (fit.html) to reports/<log>-fit.
    Columns are found by their usual names (time or timestamp, sender or from, recipient or to …).
    Rows that cannot be read are skipped, counted and shown. A curve needs two weeks or more.

    \b
    Examples:
      dmsim fit messages.csv --time-zone Europe/Moscow
      dmsim fit events.ndjson --time sent_at --sender from --recipient to
      dmsim fit reports/panel-1/trace --json
    """
    from dmsim.fit.files import write_fit
    from dmsim.fit.fitting import Options
    from dmsim.fit.fitting import fit as run
    from dmsim.fit.zones import Zone
    from dmsim.report.fit_page import write_fit_page

    options = Options(
        columns={"time": time, "sender": sender, "recipient": recipient},
        zone=None if time_zone is None else Zone.parse(time_zone),
        gap=_duration("--gap", gap),
        within=_duration("--reply-within", reply_within),
    )
    folder = _folder(Path("reports") / f"{_stem(log)}-fit", out, force)
    with console_progress() as progress:
        found = run(log, options, progress)
    told = write_fit(found, folder)
    page = write_fit_page(folder, found)
    _tell(found)
    say(f"  scenario {folder / 'scenario.toml'}")
    say(f"  page     {page}")
    if json_output:
        print_json({**told, "folder": str(folder), "page": str(page)})


def _tell(found: "Fit") -> None:
    from dmsim.fit.habits import habits
    from dmsim.fit.log import lines_of
    from dmsim.report.fit_page import curve_words

    for line in lines_of(found.reading) if found.reading else ():
        say(line)
    for name, week in found.weeks.items():
        say(f"{name}: {' '.join(curve_words(week))}")
    for words, value in habits(found.sessions, found.turns):
        say(f"{words}: {value.value:.3g} ({value.low:.3g} to {value.high:.3g})")


def _folder(default: Path, out: Path | None, force: bool) -> Path:
    """Where results go: nothing but an earlier fit is ever overwritten."""
    folder = output_folder(default, out, force)
    if folder.is_dir() and any(folder.iterdir()):
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            told = f"not a fit of dmsim (no {missing[0]}), so --force does not write there"
            raise UsageError(f"{folder}: {told}; choose another --out")
    return folder


def _stem(log: Path) -> str:
    """A name for the results: of ``mytrace/trace`` that of the folder above."""
    name = log.resolve().parent.name if log.name == "trace" else log.name
    return name.split(".")[0] or "log"


def _duration(option: str, text: str) -> int:
    from dmsim.scenario.units import parse_positive_duration

    try:
        return parse_positive_duration(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None
