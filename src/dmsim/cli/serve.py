"""``dmsim serve``: the reference backend."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any free one.")
    ] = 8000,
    database: Annotated[
        Path, typer.Option("--db", metavar="FILE", help="Database, made when missing.")
    ] = Path("dmsim.db"),
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="File with the master token instead of DMSIM_TOKEN.",
            show_default=False,
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="File with the key of the messages (32 bytes in base64) instead of DMSIM_KEY.",
            show_default=False,
        ),
    ] = None,
    simulated_time: Annotated[
        bool,
        typer.Option(
            "--simulated-time",
            help="Let requests tell the time, as those of a replay do.",
        ),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="ADDRESS",
            help="Address other than loopback that --host may name; may be repeated.",
            show_default=False,
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook",
            metavar="URL",
            help="Tell this receiver what happens to pages that subscribed.",
            show_default=False,
        ),
    ] = None,
    webhook_secret_file: Annotated[
        Path | None,
        typer.Option(
            "--webhook-secret-file",
            metavar="FILE",
            help="File with the secret that signs webhooks instead of DMSIM_WEBHOOK_SECRET.",
            show_default=False,
        ),
    ] = None,
    allow_webhook_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-webhook-host",
            metavar="HOST",
            help="Host other than loopback that --webhook may name; may be repeated.",
            show_default=False,
        ),
    ] = None,
    json_output: Annotated[
        bool,
        typer.Option("--json", help="Write one JSON line {url, pid} to stdout when listening."),
    ] = False,
    until_eof: Annotated[
        bool,
        typer.Option("--until-eof", help="Stop when standard input ends: for a program's child."),
    ] = False,
) -> None:
    """Run the reference backend, a messaging server that obeys the rules.

    All answered writes survive a crash: they are in the database before they are answered. The
    master token comes from --token-file, else from the environment variable DMSIM_TOKEN, else from
    FILE.token beside the database, which is made when missing. Texts are encrypted in the database;
    their key comes from --key-file, DMSIM_KEY or FILE.key in the same way. /openapi.json describes
    the interface; under /v<major>.<minor>/ the same backend speaks the Graph API's shape.

    With --webhook a receiver is told of comments and messages, as pages subscribe to them: signed,
    in order, and again until it answers 2xx.

    \b
    Examples:
      dmsim serve
      dmsim serve --port 0 --db /tmp/backend.db --json
      DMSIM_TOKEN=secret dmsim serve --port 9000
    """
    from dmsim.server.run import Options, run

    run(
        Options(
            host=host,
            port=port,
            database=database,
            token_file=token_file,
            allow_hosts=tuple(allow_host or ()),
            json=json_output,
            until_eof=until_eof,
            key_file=key_file,
            simulated_time=simulated_time,
            webhook=webhook,
            webhook_secret_file=webhook_secret_file,
            allow_webhook_hosts=tuple(allow_webhook_host or ()),
        )
    )
