"""Options of what else a replay writes, and to whom it tells its figures."""

from pathlib import Path
from typing import Annotated

import typer

RowsOption = Annotated[
    bool, typer.Option("--rows", help="Also write rows.parquet: every action with its times.")
]
HdrOption = Annotated[
    bool,
    typer.Option("--hdr", help="Also write histograms.hlog, which HdrHistogram's tools read."),
]
OpenMetricsOption = Annotated[
    Path | None,
    typer.Option(
        "--openmetrics",
        metavar="FILE",
        help="Also write the run's metrics as OpenMetrics text, which Prometheus reads.",
        show_default=False,
    ),
]
OtlpOption = Annotated[
    str | None,
    typer.Option(
        "--otlp",
        metavar="URL",
        help="An OpenTelemetry collector that is sent the run's metrics at its end.",
        show_default=False,
    ),
]
