"""``dmsim export``: a trace in the formats of other tools."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import ForceOption, JsonOption
from dmsim.errors import UsageError


def export(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="The trace's folder.", show_default=False)
    ],
    as_: Annotated[
        str,
        typer.Option("--as", metavar="FORMAT", help="csv, ndjson, sql or har.", show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where it is written.", show_default=False),
    ],
    adapter: Annotated[
        str | None,
        typer.Option(
            "--adapter",
            metavar="NAME",
            help="With --as har: how actions become requests; reference unless given.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="URL",
            help="With --as har: the backend that the requests name; nothing is sent. Its master "
            "token comes from $DMSIM_TOKEN.",
            show_default=False,
        ),
    ] = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Write a trace in the formats of other tools.

    csv, ndjson and sql hold the initial state, the texts and the actions, to fill a database of
    one's own: a file for each table, or CREATE TABLE and INSERT in one. har holds the actions as
    the requests of an adapter at their simulated times, with the credentials of their accounts.

    \b
    Examples:
      dmsim export mytrace --as csv --out tables
      dmsim export mytrace --as sql --out sql && sqlite3 backend.sqlite < sql/trace.sql
      dmsim export mytrace --as har --host http://127.0.0.1:8000 --out requests
    """
    from msgspec import to_builtins

    from dmsim.adapters import adapter_named
    from dmsim.exporting.write import FORMATS, check_export_free, export_requests, export_trace
    from dmsim.replay.plan import master_token
    from dmsim.trace.reader import Trace

    whole = Trace.open(trace)
    check_export_free(out, force=force)
    for option, given in (("--host", host), ("--adapter", adapter)):
        if as_ in FORMATS and given is not None:
            raise UsageError(f"{option} {given}: has no meaning for --as {as_}; leave it out")
    with console_progress() as progress:
        if as_ == "har":
            if host is None:
                raise UsageError("--as har: which backend? add --host http://127.0.0.1:8000")
            name = adapter or "reference"
            spoken = adapter_named(name, master_token(name))
            facts = export_requests(whole, out, spoken, host, force=force, progress=progress)
        else:
            facts = export_trace(whole, out, as_, force=force, progress=progress)
    rows = ", ".join(f"{count:,} {name}" for name, count in facts.rows.items() if count)
    say(f"{facts.exported}: {rows or 'nothing'}")
    if facts.unsupported:
        say(f"  left out {facts.unsupported:,} actions that the adapter cannot express")
    say(f"  folder   {out}")
    if json_output:
        print_json({**to_builtins(facts), "folder": str(out)})
