"""``dmsim report``: the HTML report of an earlier replay made anew, or how faithful a trace is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json
from dmsim.cli.options import JsonOption
from dmsim.errors import UsageError

if TYPE_CHECKING:
    from dmsim.fidelity.measure import Fidelity


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Folder of a replay, a gate or a demo; with --fidelity that of a trace.",
            show_default=False,
        ),
    ],
    fidelity: Annotated[
        bool,
        typer.Option(
            "--fidelity",
            help="Check a trace against its scenario and the sources, property by property.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The HTML file of --fidelity, instead of fidelity.html in the trace's folder.",
            show_default=False,
        ),
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Make report.html anew from a replay's folder and the trace it names.

    With --fidelity, write a page that holds every checked property of a trace to its target, with
    its source, its interval and pass or fail. What fails does not change the exit code: it is a
    report.

    \b
    Examples:
      dmsim report reports/quickstart-1
      dmsim report --fidelity reports/panel-1/trace
      dmsim report --fidelity mytrace --out fidelity.html --json > fidelity.json
    """
    if fidelity:
        _fidelity(folder, out, json_output)
        return
    if out is not None:
        raise UsageError(f"--out {out}: only with --fidelity; the report lies in {folder}")
    from dmsim.replay.result import read_result
    from dmsim.report.html import replayed_trace, write_report

    result = read_result(folder)
    result = write_report(folder, result, replayed_trace(folder, result))
    if json_output:
        print_json(result.summary)
    else:
        typer.echo(result.summary.report)


def _fidelity(folder: Path, out: Path | None, json_output: bool) -> None:
    from msgspec.structs import asdict

    from dmsim.fidelity.measure import measure_fidelity
    from dmsim.paths import check_writable
    from dmsim.report.fidelity_page import FIDELITY, write_fidelity
    from dmsim.trace.reader import Trace

    trace = Trace.open(folder)
    file = out or folder / FIDELITY
    if file.is_dir():
        raise UsageError(f"--out {file}: is a folder; name a file in it")
    check_writable(file.parent)
    with (
        console_progress() as progress,
        progress.stage("measure", trace.manifest.actions, "actions") as stage,
    ):
        found = measure_fidelity(trace)
        stage.advance(trace.manifest.actions)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_fidelity(file, found)
    if json_output:
        print_json(asdict(found) | {"report": str(file)})
    else:
        _show(found, file)


def _show(found: "Fidelity", file: Path) -> None:
    from dmsim.report.fidelity_sections import number, totals

    for check in found.checks:
        if check.verdict == "fail":
            typer.echo(
                f"FAIL {check.concern}: {check.property}: {number(check, check.measured)} is "
                f"{check.because}, target {number(check, check.target)} ({check.source})"
            )
    typer.echo(f"{totals(found)}: {file}")
