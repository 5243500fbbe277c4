"""``dmsim adapter``: list the adapters; write, check and try the file of a declared one."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import print_json
from dmsim.cli.options import AllowHostOption, CaOption, InsecureOption, JsonOption
from dmsim.cli.scenarios import write_new
from dmsim.errors import ExitCode, UsageError, one_line
from dmsim.paths import data_path

if TYPE_CHECKING:
    from dmsim.replay.trial import Tried

FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="The adapter's TOML file, or one of ours: matrix.", show_default=False
    ),
]

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="URL",
        help="The backend, if not where the file's url says.",
        show_default=False,
    ),
]

_SHOWN = 300

#: As long is a line that holds a list of words, at most.
_LINE = 80

app = typer.Typer(
    help="List adapters; write, check and try one for your own backend.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List what --adapter can name: adapters that are built in, shipped as files, or installed.

    Installed ones are those of other packages, found by the entry point dmsim.adapters; listing
    them imports them.

    \b
    Examples:
      dmsim adapter list
      dmsim adapter list --json
    """
    from msgspec import to_builtins

    from dmsim.adapters.known import known_adapters

    known = known_adapters()
    if as_json:
        print_json({"adapters": to_builtins(known)})
        return
    width = max(len(each.name) for each in known)
    for each in known:
        told = f"  UNUSABLE: {each.fault}" if each.fault else ""
        typer.echo(f"{each.name:{width}}  {each.kind:9}  {one_line(each.origin)}{told}")


@app.command()
def new(
    destination: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "adapter.toml"
    ),
) -> None:
    """Write a commented adapter to begin with; an existing file is never overwritten.

    \b
    Example:
      dmsim adapter new myservice.toml
    """
    write_new(destination, (data_path("seeds") / "adapters" / "template.toml").read_bytes())
    typer.echo(f"{destination}")


@app.command()
def check(file: FileArgument) -> None:
    """Check an adapter without sending anything; tell what it supports and promises.

    \b
    Example:
      dmsim adapter check myservice.toml
    """
    from dmsim.adapters import declared_path
    from dmsim.adapters.declared import load_declaration
    from dmsim.vocabulary import Action, names

    told = load_declaration(declared_path(file))
    lacking = [word for word in names(Action) if word not in told.actions]
    typer.echo(f"{file}: {len(told.actions)} actions, {len(told.provision)} requests of filling")
    typer.echo(_wrapped("not supported", lacking))
    typer.echo(_wrapped("promises", ["all rules"] if told.promises is None else told.promises))
    if told.listen is not None:
        typer.echo(f"listens: {told.listen.kind}")


def _wrapped(name: str, words: Sequence[str]) -> str:
    told = f"{name}: {', '.join(words) or 'none'}"
    return fill(told, _LINE, subsequent_indent="  ", break_on_hyphens=False)


@app.command("try")
def try_(
    file: FileArgument,
    host: UrlOption = None,
    allow_host: AllowHostOption = None,
    ca: CaOption = "",
    insecure: InsecureOption = False,
) -> None:
    """Fill a backend with three persons and send each action once; show what came of it.

    Headers, and the credentials in them, are not shown. Exit code 1: an answer that the adapter
    does not understand.

    \b
    Example:
      dmsim adapter try myservice.toml --host http://127.0.0.1:8000
    """
    import os

    from dmsim.adapters import backend_url, declared_path
    from dmsim.adapters.declared import declared_adapter
    from dmsim.adapters.tokens import TOKEN_VARIABLE
    from dmsim.replay.target import resolve_target
    from dmsim.replay.transport import Transport
    from dmsim.replay.trial import trial
    from dmsim.scenario import default_policy

    adapter = declared_adapter(declared_path(file), os.environ.get(TOKEN_VARIABLE, ""))
    url = backend_url(file, host)
    if url is None:
        raise UsageError(f"{file}: says nothing of where the backend is; give --host, or url in it")
    target = resolve_target(url, allow_host or (), Transport(ca=ca, insecure=insecure))
    failed = False
    for tried in trial(adapter, target, default_policy()._asdict()):
        failed |= bool(tried.outcome.error)
        for line in _lines(tried):
            typer.echo(line)
    raise typer.Exit(int(ExitCode.MISMATCH if failed else ExitCode.PASS))


@app.command()
def schema() -> None:
    """Write the JSON schema of adapter files to standard output, for editors.

    \b
    Example:
      dmsim adapter schema > adapter.schema.json
    """
    from dmsim.adapters.declared.model import Declaration

    print_json(Declaration.model_json_schema())


def _lines(tried: "Tried") -> list[str]:
    lines = [tried.what]
    for request, answer in tried.exchanges:
        head, _, body = request.partition(b"\r\n\r\n")
        lines.append(f"  > {_text(head.partition(b' HTTP/1.1')[0])}")
        if body:
            lines.append(f"  > {_text(body)}")
        lines.append(f"  < {answer.status or 'no answer'} {_text(answer.body)}")
    outcome = tried.outcome
    told = [":".join(filter(None, pair)) for pair in outcome.readings]
    lines.append(f"  = {one_line(outcome.error or ' or '.join(told).replace(':none', ''))}")
    return lines


def _text(data: bytes) -> str:
    text = one_line(data[:_SHOWN].decode(errors="replace"))
    return text if len(data) <= _SHOWN else f"{text}..."
