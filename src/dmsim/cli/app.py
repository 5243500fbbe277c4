"""The commands of ``dmsim`` by name; each stands in a file of its own."""

from typing import Annotated

import typer

from dmsim import __version__
from dmsim.cli import adapter, roster, rules, scenarios, staff
from dmsim.cli.care import care
from dmsim.cli.compare import compare
from dmsim.cli.demo import demo
from dmsim.cli.export import export
from dmsim.cli.fit import fit
from dmsim.cli.gate import gate
from dmsim.cli.import_ import import_
from dmsim.cli.inspect import inspect
from dmsim.cli.optimise import optimise
from dmsim.cli.provision import provision
from dmsim.cli.recover import recover
from dmsim.cli.replay import replay
from dmsim.cli.report import report
from dmsim.cli.serve import serve
from dmsim.cli.simulate import simulate
from dmsim.cli.slice import slice_
from dmsim.cli.sweep import sweep

app = typer.Typer(
    name="dmsim",
    help="Simulate direct messaging, replay the traffic against a backend, judge every answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dmsim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


app.add_typer(scenarios.app, name="scenarios")
app.add_typer(adapter.app, name="adapter")
app.add_typer(rules.app, name="rules")
app.add_typer(roster.app, name="roster")
staff.app.command()(optimise)
app.add_typer(staff.app, name="staff")
app.command("slice")(slice_)
app.command("import")(import_)
for _command in (
    simulate,
    care,
    sweep,
    compare,
    fit,
    inspect,
    export,
    serve,
    provision,
    replay,
    recover,
    report,
    demo,
    gate,
):
    app.command()(_command)
