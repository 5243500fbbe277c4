"""``dmsim import``: a log of what a service really carried, as a trace."""

from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import ForceOption, JsonOption


def _column(option: str, words: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        option, metavar="COLUMN", help=words, show_default=False
    )
    return found


def import_(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="LOG",
            help="A .csv, .ndjson or .jsonl file (also .gz), or a .parquet file.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="The trace's folder.", show_default=False),
    ],
    time: Annotated[str | None, _column("--time", "The column of times.")] = None,
    sender: Annotated[str | None, _column("--sender", "Who acted.")] = None,
    recipient: Annotated[str | None, _column("--recipient", "To whom.")] = None,
    text: Annotated[str | None, _column("--text", "What messages say.")] = None,
    action: Annotated[
        str | None,
        _column("--action", "What was done, such as send_message, block_user or open_inbox."),
    ] = None,
    outcome: Annotated[
        str | None,
        _column("--outcome", "What came of it, such as inbox, done or refused:blocked."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            metavar="ZONE",
            help="Whose clock it is, such as Europe/Moscow or +03:00; needed where the times have "
            "no zone.",
            show_default=False,
        ),
    ] = None,
    force: ForceOption = False,
    json_output: JsonOption = False,
) -> None:
    """Make a trace of a log: real traffic to replay.

    Columns of time, sender and recipient are found by their usual names, as by 'dmsim fit'; without
    --action every row is a message. Everybody may write to everybody. The order is kept between
    each two accounts. Recorded outcomes become verdicts; an action without one is sent and
    measured, but unjudged. Rows that cannot be used are skipped, counted and shown. Who an account
    is in the log stands in FOLDER/mapping.csv; messages without a text say "(no text)".

    \b
    Examples:
      dmsim import messages.csv --time-zone Europe/Moscow --out real && dmsim replay real
      dmsim import events.ndjson --time sent_at --text body --outcome result --out real
      dmsim import audit.parquet --sender actor --recipient peer --action verb --out real
    """
    from dmsim.fit.log import lines_of
    from dmsim.fit.zones import Zone
    from dmsim.importing.write import MAPPING, import_log
    from dmsim.trace.summary import week_time
    from dmsim.trace.writer import check_free

    zone = None if time_zone is None else Zone.parse(time_zone)
    columns = {"time": time, "sender": sender, "recipient": recipient}
    columns |= {"text": text, "action": action, "outcome": outcome}
    check_free(out, force=force)
    with console_progress() as progress:
        done = import_log(log, out, columns, zone, force=force, progress=progress)
    manifest, reading = done.manifest, done.reading
    for line in lines_of(reading):
        say(line)
    window = f"{week_time(manifest.from_us)} to {week_time(manifest.until_us)}"
    say(f"{manifest.actions:,} actions of {done.accounts:,} accounts, {window}")
    if done.judged < manifest.actions:
        say(f"  unjudged {manifest.actions - done.judged:,} actions without a recorded outcome")
    say(f"  trace    {out}")
    say(f"  mapping  {out / MAPPING}")
    say(f"  digest   {manifest.digest}")
    if json_output:
        print_json(
            {
                "trace": str(out),
                "mapping": str(out / MAPPING),
                "digest": manifest.digest,
                "actions": manifest.actions,
                "by_action": manifest.by_action,
                "accounts": done.accounts,
                "judged": done.judged,
                "columns": reading.columns,
                "rows": reading.rows,
                "used": reading.used,
                "skipped": dict(reading.skipped),
            }
        )
