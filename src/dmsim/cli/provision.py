"""``dmsim provision``: fill a backend with what it must hold before a replay."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.adapter import UrlOption
from dmsim.cli.console import console_progress, say
from dmsim.cli.options import AdapterOption, AllowHostOption, CaOption, InsecureOption, ProxyOption


def provision(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="The trace's folder.", show_default=False)
    ],
    state: Annotated[
        Path,
        typer.Option(
            "--state",
            metavar="FILE",
            help="Where it is noted what is done, and what the backend gave: ids and credentials.",
            show_default=False,
        ),
    ],
    host: UrlOption = None,
    adapter: AdapterOption = "reference",
    allow_host: AllowHostOption = None,
    ca: CaOption = "",
    insecure: InsecureOption = False,
    proxy: ProxyOption = "",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where the last one stopped; the backend must still hold what it was sent.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Begin anew although FILE is there.")
    ] = False,
) -> None:
    """Fill a backend with a trace's initial state, to replay later.

    However it was stopped, --resume goes on. What was under way then is sent once more: let the
    adapter accept the answer that it is there already. 'dmsim replay' fills the backend by itself
    unless it is told not to.

    \b
    Examples:
      dmsim provision mytrace --adapter mine.toml --host http://127.0.0.1:9000 --state filled
      dmsim provision mytrace --adapter mine.toml --host http://127.0.0.1:9000 --state filled --resume
      dmsim replay mytrace --adapter mine.toml --host http://127.0.0.1:9000 --provisioned filled
    """  # noqa: E501 - the examples are typed as they stand
    from dmsim.replay.run import fill_backend
    from dmsim.replay.transport import Transport

    with console_progress() as progress:
        fill_backend(
            trace,
            state=state,
            host=host,
            adapter=adapter,
            allow_host=allow_host or (),
            transport=Transport(ca=ca, insecure=insecure, proxy=proxy),
            resume=resume,
            force=force,
            progress=progress,
        )
    say(f"filled; replay with --provisioned {state}")
