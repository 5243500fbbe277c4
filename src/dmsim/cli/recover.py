"""``dmsim recover``: the results of a replay whose processes died."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import print_json, say
from dmsim.cli.options import JsonOption
from dmsim.cli.replay import result_lines


def recover(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The folder the replay was to write to.", show_default=False
        ),
    ],
    json_output: JsonOption = False,
) -> None:
    """Sum up a replay whose processes were killed, from what they had finished.

    dmsim replay does so by itself if it outlives them; after a Locust master has died, or the whole
    machine's processes, this does. The run is invalid, so the exit code is 4, or 1 if an answer was
    not what the rules demand.

    \b
    Examples:
      dmsim recover reports/mytrace/replay
    """
    from dmsim.replay.run import recover as recover_run

    result = recover_run(folder)
    for line in result_lines(result, folder):
        say(line)
    if json_output:
        print_json(result.summary)
    raise typer.Exit(result.exit_code)
