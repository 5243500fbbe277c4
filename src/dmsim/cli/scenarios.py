"""``dmsim scenarios``: what comes with dmsim, and a copy of one's own."""

import os
import re
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from dmsim.cli.console import print_json
from dmsim.cli.options import JsonOption
from dmsim.errors import UsageError
from dmsim.scenario import find_scenario, load_scenario, scenario_names

_LIST_EXAMPLES = """\b
Examples:
  dmsim scenarios
  dmsim scenarios --json
  dmsim scenarios copy quickstart mine.toml
"""
_COPY_EXAMPLES = """\b
Examples:
  dmsim scenarios copy quickstart
  dmsim scenarios copy ci-gate gates/messaging.toml
"""

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True, epilog=_LIST_EXAMPLES)
def scenarios(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the scenarios that come with dmsim, or copy one to change it."""
    if context.invoked_subcommand is not None:
        return
    known = [load_scenario(name) for name in scenario_names()]
    known.sort(key=lambda scenario: (scenario.population.persons, scenario.name))
    if as_json:
        rows = [
            {"name": each.name, "persons": each.population.persons, "description": each.description}
            for each in known
        ]
        print_json({"scenarios": rows})
        return
    width = max((len(each.name) for each in known), default=0)
    for each in known:
        typer.echo(
            f"{each.name:{width}}  {each.population.persons:>9,} persons  {each.description}"
        )


@app.command(epilog=_COPY_EXAMPLES)
def copy(
    name: Annotated[str, typer.Argument(help="A scenario that 'dmsim scenarios' lists.")],
    destination: Annotated[
        Path | None,
        typer.Argument(metavar="DEST", help="A new file, or a folder; NAME.toml here by default."),
    ] = None,
) -> None:
    """Copy a scenario that comes with dmsim; an existing file is never overwritten.

    The copy is named after its file, so that its runs have folders of their own.
    """
    source = find_scenario(name)
    target = Path(source.name) if destination is None else destination
    if target.is_dir():
        target /= source.name
    text = source.read_text(encoding="utf-8")
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", target.stem):
        text = re.sub(r'^name = ".*"$', f'name = "{target.stem}"', text, count=1, flags=re.M)
    write_new(target, text.encode())
    typer.echo(f"{target}")


def write_new(path: Path, content: bytes) -> None:
    """Write a whole file that was not there before, or nothing."""
    partial = ""
    try:
        descriptor, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(partial).chmod(0o644)
        path.hardlink_to(partial)
    except FileExistsError as error:
        raise UsageError(f"{path}: exists already; name another file or remove it") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: cannot be written ({reason}); name another place") from error
    finally:
        if partial:
            Path(partial).unlink(missing_ok=True)
