"""``dmsim replay``: send a trace to a backend at its times and judge every answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.options import (
    AdapterOption,
    AllowHostOption,
    ForceOption,
    HostOption,
    JsonOption,
    SpeedOption,
    WorkersOption,
    output_folder,
)

if TYPE_CHECKING:
    from dmsim.replay.result import ReplayResult


def replay(
    trace: Annotated[
        Path, typer.Argument(metavar="TRACE", help="The trace's folder.", show_default=False)
    ],
    host: HostOption = None,
    speed: SpeedOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Folder for the results instead of TRACE/replay.",
            show_default=False,
        ),
    ] = None,
    adapter: AdapterOption = "reference",
    allow_host: AllowHostOption = None,
    workers: WorkersOption = 1,
    rows: Annotated[
        bool, typer.Option("--rows", help="Also write rows.parquet: every action with its times.")
    ] = False,
    hdr: Annotated[
        bool,
        typer.Option("--hdr", help="Also write histograms.hlog, which HdrHistogram's tools read."),
    ] = False,
    otlp: Annotated[
        str | None,
        typer.Option(
            "--otlp",
            metavar="URL",
            help="An OpenTelemetry collector that is sent the run's metrics at its end.",
            show_default=False,
        ),
    ] = None,
    openmetrics: Annotated[
        Path | None,
        typer.Option(
            "--openmetrics",
            metavar="FILE",
            help="Also write the run's metrics as OpenMetrics text, which Prometheus reads.",
            show_default=False,
        ),
    ] = None,
    json_output: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Replay a trace against a backend and judge every answer by the rules.

    The results go to TRACE/replay unless --out says otherwise. Exit code 0: valid and no mismatch;
    1: a mismatch; 4: an invalid run; 5: something given cannot be used.

    \b
    Examples:
      dmsim replay reports/quickstart-1/trace
      dmsim replay reports/quickstart-1/trace --speed 60 --json
      dmsim replay reports/friday-peak-1/trace --workers 2
      DMSIM_TOKEN=secret dmsim replay mytrace --host http://127.0.0.1:8000
    """
    from dmsim.replay.openmetrics import check_openmetrics, write_openmetrics
    from dmsim.replay.run import replay as run_replay
    from dmsim.replay.telemetry import export_otlp, otlp_endpoint

    folder = output_folder(trace / "replay", out, force)
    endpoint = otlp_endpoint(otlp, allow_host or ()) if otlp else None
    if openmetrics:
        check_openmetrics(openmetrics)
    with console_progress() as progress:
        result = run_replay(
            trace,
            out=folder,
            host=host,
            speed=speed,
            adapter=adapter,
            allow_host=allow_host or (),
            workers=workers,
            rows=rows,
            hdr=hdr,
            progress=progress,
        )
    for line in result_lines(result, folder):
        say(line)
    if json_output:
        print_json(result.summary)
    if openmetrics:
        write_openmetrics(result, openmetrics)
    if endpoint:
        export_otlp(result, endpoint)
    raise typer.Exit(result.exit_code)


def result_lines(result: "ReplayResult", folder: Path) -> list[str]:
    """What a replay found, for people at a terminal."""
    from dmsim.replay.words import delivery_line, headline, mismatch_lines, origins_line, time_line

    summary = result.summary
    figures = (("response", summary.response_ms), ("service", summary.service_ms))
    own = (("lateness", summary.lateness_ms), ("blocked", summary.blocked_ms))
    lines = [headline(result), *mismatch_lines(result)]
    for name, percentiles in (*figures, *own):
        if percentiles.p50 is not None:
            lines.append(
                f"{name:>8} ms: p50 {percentiles.p50:.3g}, p95 {percentiles.p95:.3g}, "
                f"p99 {percentiles.p99:.3g}, max {percentiles.max:.3g}"
            )
    if delivery := delivery_line(result):
        lines.append(delivery)
    if origins := origins_line(result):
        lines.append(origins)
    if untimed := time_line(result):
        lines.append(untimed)
    lines += [f"invalid run: {reason}" for reason in summary.invalid_because]
    lines.append(f"results: {folder}")
    return lines
