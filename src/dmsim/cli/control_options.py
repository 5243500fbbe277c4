"""The options that say what of a trace a replay sends, and at which pace."""

from typing import Annotated

import typer

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="INSTANT",
        help="Begin so long after the start of the trace (2d3h), or at a time of the week "
        "('fri 14:00'), with the state of that instant.",
        show_default=False,
    ),
]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="DURATION",
        help="Replay only so much of the trace, in its own time: 30m, 2d3h.",
        show_default=False,
    ),
]
UsersOption = Annotated[
    int | None,
    typer.Option(
        "--users",
        metavar="N",
        help="Thin the trace by whole conversations until at most N persons act; "
        "the verdicts on what is kept stay right.",
        show_default=False,
    ),
]
OnlyOption = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="KINDS",
        help="Send only these kinds of actions: send_message,follow. "
        "What rests on those left out is unjudged.",
        show_default=False,
    ),
]
ExceptOption = Annotated[
    str | None,
    typer.Option(
        "--except",
        metavar="KINDS",
        help="Send all but these kinds of actions.",
        show_default=False,
    ),
]
RampOption = Annotated[
    str | None,
    typer.Option(
        "--ramp",
        metavar="DURATION",
        help="Let the load rise from nothing to the trace's own over so long: 5m. "
        "Every action is sent, later ones by half of it.",
        show_default=False,
    ),
]
MaxRpsOption = Annotated[
    int | None,
    typer.Option(
        "--max-rps",
        metavar="N",
        help="Never offer more than N actions per second; what is too many comes later.",
        show_default=False,
    ),
]
RepeatOption = Annotated[
    int,
    typer.Option(
        "--repeat",
        metavar="N",
        help="Replay so often, each time with the backend filled anew; each result goes to "
        "repeat-1, repeat-2 … in the folder, and their sum into the folder itself.",
    ),
]
ListenOption = Annotated[
    bool,
    typer.Option(
        "--listen",
        help="Hold a connection for everybody who is online, and measure when messages arrive "
        "there; replay.listeners is how many at most.",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Send nothing: tell how long, how many, how fast. Needs no backend."
    ),
]
