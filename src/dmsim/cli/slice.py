"""``dmsim slice``: from a trace to a part of it that can be replayed alone."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.control_options import ForOption, FromOption
from dmsim.cli.options import ForceOption, JsonOption


def slice_(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="The trace's folder.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="The slice's folder.", show_default=False),
    ],
    from_: FromOption = None,
    for_: ForOption = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Write a part of a trace as a trace of its own, with the state at its begin.

    The earlier actions are played against the rules, without a backend; what they leave behind is
    the slice's initial state. 'dmsim replay --from' does the same on the way.

    \b
    Examples:
      dmsim slice mytrace --from 2d3h --for 30m --out friday
      dmsim slice mytrace --from 'fri 14:00' --out friday --json
    """
    from msgspec.structs import replace

    from dmsim.replay.controls import end_of, instant_of, read_controls
    from dmsim.slicing.write import slice_trace
    from dmsim.trace.reader import Trace
    from dmsim.trace.summary import week_time
    from dmsim.trace.writer import check_free

    whole = Trace.open(trace)
    from_us = instant_of(from_ or "0s", whole.manifest)
    until_us = end_of(replace(read_controls(for_=for_), from_us=from_us), whole.manifest)
    check_free(out, force=force)
    with console_progress() as progress:
        manifest = slice_trace(
            whole, out, from_us=from_us, until_us=until_us, progress=progress, force=force
        )
    say(f"{manifest.actions:,} actions, {week_time(from_us)} to {week_time(until_us)}")
    say(f"  trace    {out}")
    say(f"  digest   {manifest.digest}")
    if json_output:
        print_json(
            {
                "trace": str(out),
                "digest": manifest.digest,
                "slice_of": manifest.slice_of,
                "from_us": from_us,
                "until_us": until_us,
                "actions": manifest.actions,
                "by_action": manifest.by_action,
            }
        )
