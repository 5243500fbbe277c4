"""What ``locust -f locustfiles/replay.py`` understands, and how it becomes a job."""

import sys
from itertools import count
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from dmsim.adapters import backend_url
from dmsim.errors import DmsimError, ExitCode, UsageError
from dmsim.replay.controls import Controls, read_controls
from dmsim.replay.job import Job
from dmsim.replay.master import ReplayMaster
from dmsim.replay.result import SUMMARY
from dmsim.replay.tab import add_tab
from dmsim.replay.target import resolve_target
from dmsim.replay.transport import Transport
from dmsim.replay.user import OneReplay, ReplayUser
from dmsim.replay.words import told_error
from dmsim.replay.worker import ReplayWorker
from dmsim.trace.reader import Trace

#: Workers that are started together with their master find it in this time.
_MEET_S = 1.0


def add_arguments(parser: Any, **_: object) -> None:
    """Listener of ``init_command_line_parser``: the replay's own options."""
    for flag, metavar, text in (
        ("--trace", "FOLDER", "the trace to replay (required)"),
        (
            "--speed",
            "X",
            "simulated seconds per second instead of the scenario's own; at any but 1, what "
            "depends on elapsed time is judged only if the backend takes simulated time",
        ),
        ("--out", "FOLDER", "results go here instead of TRACE/replay"),
        ("--adapter", "NAME", "how the backend is spoken to (default: reference)"),
        ("--from", "INSTANT", "not here: make a slice of the trace by 'dmsim slice' and replay it"),
        ("--for", "DURATION", "replay only so much of the trace, in its own time (30m)"),
        ("--thin-users", "N", "keep whole conversations, until at most N persons act"),
        ("--only", "KINDS", "send only these kinds of actions (send_message,follow)"),
        ("--except", "KINDS", "send all but these kinds of actions"),
        ("--max-rps", "N", "never offer more than N actions per second"),
        ("--ramp", "DURATION", "let the load rise from nothing over so long (5m)"),
        ("--ca", "FILE", "certificates to trust for an https backend"),
        ("--provisioned", "FILE", "what dmsim provision wrote of the backend that it has filled"),
        ("--proxy", "URL", "an HTTP proxy through which the backend is reached"),
    ):
        parser.add_argument(flag, metavar=metavar, help=text, default=None, include_in_web_ui=False)
    parser.add_argument(
        "--allow-host",
        metavar="HOST",
        action="append",
        default=[],
        help="a host that may be sent load although it is not this machine",
        include_in_web_ui=False,
    )
    for flag, text in (
        ("--no-provision", "the backend already holds the trace's initial state"),
        ("--insecure", "do not check the certificate of an https backend"),
        ("--force", "overwrite the results of an earlier replay"),
    ):
        parser.add_argument(flag, action="store_true", help=text, include_in_web_ui=False)


def prepare(environment: Environment, **_: object) -> None:
    """Listener of ``init``: check the options, or end Locust with one line and an exit code."""
    try:
        _prepare(environment)
    except DmsimError as error:
        _end(environment, f"error: {error}", error.exit_code)
    except Exception as error:
        _end(environment, told_error(error), ExitCode.INTERNAL)


def _prepare(environment: Environment) -> None:
    options: Any = environment.parsed_options
    ReplayUser.shown = True
    if isinstance(environment.runner, WorkerRunner):
        ReplayUser.worker = ReplayWorker(environment.runner)  # it hears the rest from the master
        return
    if isinstance(environment.runner, MasterRunner):
        ReplayUser.master = ReplayMaster(environment.runner)
    if environment.web_ui is not None:
        add_tab(environment.web_ui)
    if not options.trace:
        raise UsageError("--trace is missing; name the folder of a trace")
    Trace.open(options.trace)
    out = Path(options.out or Path(options.trace) / "replay")
    if (out / SUMMARY).exists() and not options.force:
        raise UsageError(f"{out}: holds a replay; choose another --out or add --force")
    environment.host = backend_url(options.adapter or "reference", environment.host or None)
    if environment.host:
        resolve_target(environment.host, options.allow_host, _transport(options))
    elif options.headless:
        raise UsageError("--host is missing; give the backend as http://127.0.0.1:8000")
    if options.spawn_rate is not None:
        _warn("--spawn-rate has no meaning: one user replays the trace at its own times")
    # Locust fills in 1 later on, so what the user asked for is only known now.
    connections = options.num_users
    controls = _controls(options)

    starts = count(1)

    def on_test_start(environment: Environment, **_: object) -> None:
        # Started anew from the web interface: the earlier results stay where they are.
        start = next(starts)
        ReplayUser.job = Job(
            trace=str(options.trace),
            host=environment.host or "",
            out=str(out if start == 1 else out.with_name(f"{out.name}-{start}")),
            adapter=options.adapter or "reference",
            speed=_number(options.speed),
            connections=connections,
            allow_hosts=options.allow_host,
            provision=not (options.no_provision or options.provisioned),
            filling=options.provisioned or "",
            controls=controls,
            transport=_transport(options),
        )
        OneReplay.run_time = options.run_time
        if ReplayUser.master is not None:
            gevent.spawn(ReplayUser.lead, environment)

    _number(options.speed)
    events: Any = environment.events
    events.test_start.add_listener(on_test_start)
    events.test_stopping.add_listener(lambda **_: ReplayUser.interrupt())
    events.quitting.add_listener(lambda **_: ReplayUser.interrupt())


def _transport(options: Any) -> Transport:
    return Transport(ca=options.ca or "", insecure=options.insecure, proxy=options.proxy or "")


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise UsageError(f"--speed {text}: not a number") from None


def _controls(options: Any) -> Controls:
    if getattr(options, "from") is not None:
        raise UsageError(
            "--from: plain Locust replays a trace from its begin; make a slice by: dmsim slice "
            f"{options.trace} --from '{getattr(options, 'from')}' --out FOLDER"
        )
    return read_controls(
        for_=getattr(options, "for"),
        users=_whole("--thin-users", options.thin_users),
        only=options.only,
        except_=getattr(options, "except"),
        max_rps=_whole("--max-rps", options.max_rps),
        ramp=options.ramp,
    )


def _whole(option: str, text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        raise UsageError(f"{option} {text}: not a whole number") from None


def _end(environment: Environment, line: str, code: ExitCode) -> None:
    print(line, file=sys.stderr, flush=True)
    if isinstance(environment.runner, MasterRunner):
        # Workers that never meet their master look for it for five minutes.
        gevent.sleep(_MEET_S)
        environment.runner.quit()
    sys.exit(int(code))


def _warn(line: str) -> None:
    print(f"warning: {line}", file=sys.stderr, flush=True)
