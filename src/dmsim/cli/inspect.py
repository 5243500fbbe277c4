"""``dmsim inspect``: what is in a trace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmsim.cli.console import console_progress, print_json
from dmsim.cli.options import JsonOption

if TYPE_CHECKING:
    from dmsim.fidelity.graph import Degrees, GraphMeasures


def inspect(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="Folder of a trace.", show_default=False)
    ],
    json_output: JsonOption = False,
) -> None:
    """Show what is in a trace: how it was made, what it holds, which verdicts it demands.

    It also tells what the follows between persons are like: degrees, reciprocity, triangles.
    Every row is digested anew and held against the manifest.

    \b
    Examples:
      dmsim inspect reports/quickstart-1/trace
      dmsim inspect mytrace --json
    """
    import msgspec

    from dmsim.fidelity.graph import trace_graph
    from dmsim.trace.reader import Trace
    from dmsim.trace.summary import summarise

    opened = Trace.open(trace)
    with console_progress() as progress:
        opened.verify(progress)
    found, graph = summarise(opened), trace_graph(opened)
    if json_output:
        print_json(found | {"graph": msgspec.to_builtins(graph)})
    else:
        _show(found)
        _show_graph(graph)


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


def _show_graph(graph: "GraphMeasures") -> None:
    from rich.console import Console
    from rich.table import Table

    sides = (graph.followers, graph.follows)
    table = Table("", title="Follow graph", title_justify="left")
    for heading in ("followers", "follows"):
        table.add_column(heading, justify="right")
    for share in graph.followers.quantiles:
        name = share if share == "max" else f"quantile {share}"
        table.add_row(name, *(f"{side.quantiles[share]:,}" for side in sides))
    table.add_row("none", *(f"{side.none:.1%}" for side in sides))
    table.add_row("power-law tail", *(_tail(side) for side in sides))
    console = Console()
    console.print(table)
    mean, error = graph.clustering, graph.clustering_error
    sample = f"{graph.clustering_sample:,} persons"
    for key, value in {
        "persons": f"{graph.persons:,}",
        "follows": f"{graph.edges:,} (of pages: left out), {graph.mean_degree:.2f} a person",
        "reciprocity": f"{graph.reciprocity:.3f}",
        "clustering": f"{mean:.3f}, standard error {error:.3f} of {sample}",
        "components": f"{graph.components:,}, the largest with {graph.largest_component:.2%}",
    }.items():
        console.print(f"{key:14} {value}", highlight=False, soft_wrap=True)


def _tail(side: "Degrees") -> str:
    if side.tail is None:
        return "too few"
    return f"{side.tail.exponent:.2f} ± {side.tail.error:.2f} from {side.tail.xmin:,}"
