"""``dmsim report``: the HTML report of an earlier replay, made anew."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import print_json
from dmsim.cli.options import JsonOption


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_FOLDER",
            help="Folder of a replay, a gate or a demo.",
            show_default=False,
        ),
    ],
    json_output: JsonOption = False,
) -> None:
    """Make report.html anew from a replay's folder and the trace it names."""
    from dmsim.replay.result import read_result
    from dmsim.report.html import replayed_trace, write_report

    result = read_result(folder)
    result = write_report(folder, result, replayed_trace(folder, result))
    if json_output:
        print_json(result.summary)
    else:
        typer.echo(result.summary.report)
