"""``dmsim inspect``: what is in a trace."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dmsim.cli.console import console_progress, print_json
from dmsim.cli.options import JsonOption


def inspect(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="Folder of a trace.", show_default=False)
    ],
    json_output: JsonOption = False,
) -> None:
    """Show what is in a trace: how it was made, what it holds, which verdicts it demands.

    Every row is digested anew and held against the manifest.

    \b
    Examples:
      dmsim inspect reports/quickstart-1/trace
      dmsim inspect mytrace --json
    """
    from dmsim.trace.reader import Trace
    from dmsim.trace.summary import summarise

    opened = Trace.open(trace)
    with console_progress() as progress:
        opened.verify(progress)
    found = summarise(opened)
    if json_output:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for key in ("trace", "digest", "scenario", "seed", "dmsim_version", "recorded", "cells"):
        console.print(f"{key:14} {found[key]}", highlight=False, soft_wrap=True)
    held = Table("table", "rows", title="Initial state", title_justify="left")
    for name, rows in found["counts"].items():
        held.add_row(name, f"{rows:,}")
    table = Table("action", "verdict", "reason", title="Actions", title_justify="left")
    table.add_column("count", justify="right")
    for row in found["verdicts"]:
        reason = "" if row["reason"] == "none" else row["reason"]
        table.add_row(row["action"], row["verdict"], reason, f"{row['count']:,}")
    table.add_row("all", "", "", f"{found['actions']:,}")
    console.print(held, table)
