"""``dmsim replay``: send a trace to a backend at its times and judge every answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmsim.cli.console import console_progress, print_json, say
from dmsim.cli.control_options import (
    DryRunOption,
    ExceptOption,
    ForOption,
    FromOption,
    ListenOption,
    MaxRpsOption,
    OnlyOption,
    RampOption,
    RepeatOption,
    UsersOption,
)
from dmsim.cli.options import (
    AdapterOption,
    AllowHostOption,
    CaOption,
    ForceOption,
    HostOption,
    InsecureOption,
    JsonOption,
    NoProvisionOption,
    ProvisionedOption,
    ProxyOption,
    SpeedOption,
    WorkersOption,
    output_folder,
)
from dmsim.cli.output_options import HdrOption, OpenMetricsOption, OtlpOption, RowsOption

if TYPE_CHECKING:
    from dmsim.progress import Progress
    from dmsim.replay.controls import Controls
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
    from_: FromOption = None,
    for_: ForOption = None,
    users: UsersOption = None,
    only: OnlyOption = None,
    except_: ExceptOption = None,
    ramp: RampOption = None,
    max_rps: MaxRpsOption = None,
    repeat: RepeatOption = 1,
    listen: ListenOption = False,
    dry_run: DryRunOption = False,
    no_provision: NoProvisionOption = False,
    provisioned: ProvisionedOption = None,
    ca: CaOption = "",
    insecure: InsecureOption = False,
    proxy: ProxyOption = "",
    rows: RowsOption = False,
    hdr: HdrOption = False,
    openmetrics: OpenMetricsOption = None,
    otlp: OtlpOption = None,
    json_output: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Replay a trace against a backend and judge every answer by the rules.

    The results go to TRACE/replay unless --out says otherwise. Exit code 0: valid and no mismatch;
    1: a mismatch, or with --listen a message that arrived although it is refused; 4: an invalid
    run; 5: something given cannot be used.

    --from, --for, --users, --only, --except, --speed, --ramp and --max-rps act in this order. They
    change neither the order of the actions nor the simulated time that requests carry.

    \b
    Examples:
      dmsim replay reports/quickstart-1/trace
      dmsim replay reports/quickstart-1/trace --speed 60 --json
      dmsim replay reports/friday-peak-1/trace --workers 2
      dmsim replay reports/quickstart-1/trace --listen
      dmsim replay mytrace --from 'fri 14:00' --for 30m
      dmsim replay mytrace --for 30m --ramp 1m --max-rps 500 --dry-run
      DMSIM_TOKEN=secret dmsim replay mytrace --host http://127.0.0.1:8000
    """
    from msgspec.structs import replace

    from dmsim.replay.controls import instant_of, read_controls
    from dmsim.replay.openmetrics import check_openmetrics, write_openmetrics
    from dmsim.replay.run import check_backend
    from dmsim.replay.run import replay as run_replay
    from dmsim.replay.telemetry import export_otlp, otlp_endpoint
    from dmsim.replay.transport import Transport
    from dmsim.trace.reader import Trace

    controls = read_controls(
        for_=for_,
        users=users,
        only=only,
        except_=except_,
        max_rps=max_rps,
        ramp=ramp,
        repeat=repeat,
    )
    if from_ is not None:
        controls = replace(controls, from_us=instant_of(from_, Trace.open(trace).manifest))
    if dry_run:
        _tell_plan(trace, speed, controls, json_output)
        return
    folder = output_folder(trace / "replay", out, force)
    transport = Transport(ca=ca, insecure=insecure, proxy=proxy)
    endpoint = otlp_endpoint(otlp, allow_host or ()) if otlp else None
    if openmetrics:
        check_openmetrics(openmetrics)
    with console_progress() as progress:
        if from_ is not None:
            check_backend(host, adapter, allow_host or (), transport)
            trace = _slice(trace, folder / "trace", controls, progress, force=force)
        result = run_replay(
            trace,
            out=folder,
            host=host,
            speed=speed,
            adapter=adapter,
            allow_host=allow_host or (),
            workers=workers,
            controls=controls,
            rows=rows,
            transport=transport,
            hdr=hdr,
            listen=listen,
            provision=not no_provision,
            provisioned=provisioned,
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


def _slice(
    trace: Path, out: Path, controls: "Controls", progress: "Progress", *, force: bool
) -> Path:
    """The part that is replayed as a trace of its own, beside the results."""
    from dmsim.replay.controls import end_of
    from dmsim.slicing.write import slice_trace
    from dmsim.trace.reader import Trace

    whole = Trace.open(trace)
    assert controls.from_us is not None
    until_us = end_of(controls, whole.manifest)
    slice_trace(
        whole, out, from_us=controls.from_us, until_us=until_us, progress=progress, force=force
    )
    return out


def _tell_plan(trace: Path, speed: float | None, controls: "Controls", json_output: bool) -> None:
    from dmsim.cli.dry_run import dry_run_lines
    from dmsim.replay.dry_run import dry_run

    plan = dry_run(trace, speed=speed, controls=controls)
    if json_output:
        print_json(plan)
    else:
        print("\n".join(dry_run_lines(plan)))


def result_lines(result: "ReplayResult", folder: Path) -> list[str]:
    """What a replay found, for people at a terminal."""
    from dmsim.replay.words import (
        delivery_line,
        headline,
        insecure_line,
        left_out_line,
        listening_lines,
        mismatch_lines,
        not_promised_line,
        origins_lines,
        thinned_line,
        time_line,
        validity_lines,
    )

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
    lines += listening_lines(result)
    lines += origins_lines(result)
    beside = (time_line, not_promised_line, left_out_line, insecure_line)
    lines += [line for line in (tell(result) for tell in beside) if line]
    if summary.thinned is not None:
        lines.append(thinned_line(summary.thinned))
    lines += validity_lines(result)
    lines += [f"invalid run: {reason}" for reason in summary.invalid_because]
    lines.append(f"results: {folder}")
    return lines
