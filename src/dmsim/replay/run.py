"""A replay as a library call: a backend if none is given, a fresh interpreter, a result."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from dmsim.adapters import adapter_named, backend_url, is_built_in
from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token
from dmsim.errors import DmsimError, ExitCode, InvalidRunError, UsageError
from dmsim.progress import Progress, Silent, Stage
from dmsim.replay.backend import reference_backend
from dmsim.replay.controls import Controls
from dmsim.replay.facts import forget_run, kept_rows, read_facts
from dmsim.replay.filling import Filling, about
from dmsim.replay.hdr import HDR_LOG, check_hdr
from dmsim.replay.job import Job, check_speed, check_workers
from dmsim.replay.judgements import JUDGEMENTS
from dmsim.replay.pipe import lines
from dmsim.replay.provision import check_reachable
from dmsim.replay.raw import RAW
from dmsim.replay.repeats import merged_results, repeat_folders
from dmsim.replay.result import HISTOGRAMS, SUMMARY, ReplayResult, read_result, write_result
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.target import resolve_target
from dmsim.replay.transport import DEFAULT, Transport
from dmsim.trace.reader import Trace

#: The errors that a worker reports, by their exit codes.
_ERRORS = {int(kind.exit_code): kind for kind in (DmsimError, UsageError, InvalidRunError)}

#: How long an interrupted replay may take to write what it has.
_STOP_S = 15.0

#: How long a worker may take to end when its master has.
_WORKER_STOP_S = 3.0


def replay(
    trace: Path,
    *,
    out: Path,
    host: str | None = None,
    speed: float | None = None,
    adapter: str = "reference",
    allow_host: Sequence[str] = (),
    settings: ReplaySettings | None = None,
    workers: int = 1,
    controls: Controls = Controls(),  # noqa: B008 - it is frozen
    rows: bool = False,
    transport: Transport = DEFAULT,
    hdr: bool = False,
    listen: bool = False,
    provision: bool = True,
    provisioned: Path | None = None,
    progress: Progress | None = None,
) -> ReplayResult:
    """Replay a trace against a backend and judge every answer.

    Args:
        trace: the trace's folder.
        out: the folder for ``summary.json``, ``histograms.json`` and ``judgements.parquet``; where
            the trace is replayed more than once, each replay has a folder in it, and the first two
            files are those of all together.
        host: the backend's URL; by default a reference backend is started for this replay.
        speed: simulated seconds per second instead of the settings' own. At any but 1, and against
            a backend that does not take the simulated time of requests, what depends on elapsed
            time (penalties, presence, filtered requests) is not promised: such differences are
            unjudged.
        adapter: how the backend is spoken to.
        allow_host: hosts that may be sent load although they are not this machine.
        settings: limits and budgets instead of those of the trace's scenario.
        workers: how many processes replay the trace together.
        controls: what of the trace is sent, and at which pace.
        rows: also write ``rows.parquet``, every action with its times.
        transport: how connections to the backend are made.
        hdr: also write ``histograms.hlog``, a log of HdrHistograms; needs the extra ``hdr``.
        listen: whether users who are online hold a connection, whatever the settings say.
        provision: whether to fill the backend; not where it holds the initial state already.
        provisioned: the file of a backend that :func:`fill_backend` has filled; it is not filled
            again.
        progress: told of the stages.

    Returns:
        the result, valid or not, with or without mismatches.

    Raises:
        UsageError: something given cannot be used, or the backend is down.
        InvalidRunError: the replaying process was ended from outside before the first action.
        DmsimError: something of ours failed in it (exit code 70).
        KeyboardInterrupt: after what had finished was written, marked as invalid.
    """
    Trace.open(trace)
    if speed is not None:
        check_speed(speed)
    check_workers(workers)
    if hdr:
        check_hdr()
    host = check_backend(host, adapter, allow_host, transport)
    _check_filled(host, adapter, controls, provisioned, provision=provision)
    with ExitStack() as stack:
        token = os.environ.get(TOKEN_VARIABLE, "")
        if host is None:
            token = token or secrets.token_hex(16)
            host = stack.enter_context(reference_backend(token))
        job = Job(
            trace=str(trace),
            host=host,
            out=str(out),
            adapter=adapter,
            settings=settings,
            speed=speed,
            allow_hosts=list(allow_host),
            workers=workers,
            controls=controls,
            rows=rows,
            transport=transport,
            hdr=hdr,
            listen=listen,
            provision=provision and provisioned is None,
            filling="" if provisioned is None else str(provisioned),
        )
        folders = repeat_folders(out, controls.repeat)
        for folder in (out, *out.glob("repeat-*"), *folders):
            for name in (SUMMARY, HISTOGRAMS, JUDGEMENTS, RAW, HDR_LOG):
                (folder / name).unlink(missing_ok=True)
            forget_run(str(folder), kept_rows(str(folder)))
        for folder in folders:
            with _shared_filling(msgspec.structs.replace(job, out=str(folder))) as told:
                _run(told, token, progress or Silent())
    if controls.repeat > 1:
        write_result(merged_results([read_result(folder) for folder in folders], folders), out)
    return read_result(out)


def fill_backend(
    trace: Path,
    *,
    state: Path,
    host: str | None,
    adapter: str,
    allow_host: Sequence[str] = (),
    transport: Transport = DEFAULT,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Fill a backend with a trace's initial state.

    Args:
        trace: the trace's folder.
        state: a file that tells how far it is, and what was captured; it holds credentials.
        host: the backend's URL; by default what the adapter's file says.
        adapter: how the backend is spoken to.
        allow_host: hosts that may be sent load although they are not this machine.
        transport: how connections to the backend are made.
        resume: go on with what ``state`` says; the backend must still hold what it was sent.
        force: begin anew although there is such a file.
        progress: told of the rows.

    Raises:
        UsageError: something given cannot be used, or the backend is down or refuses what it gets.
        KeyboardInterrupt: what was answered by then is in ``state``.
    """
    opened = Trace.open(trace)
    host = check_backend(host, adapter, allow_host, transport)
    if host is None:
        raise UsageError("--host is missing; name the backend that is to be filled")
    if force:
        state.unlink(missing_ok=True)
    elif state.exists() and not resume:
        raise UsageError(
            f"{state}: holds an earlier filling; go on with it by --resume if the backend still "
            "holds what it was sent, begin anew by --force, or choose another --state"
        )
    with Filling.open(state, about(opened.manifest.digest, adapter, host)) as filling:
        if filling.complete:
            raise UsageError(
                f"{state}: the backend is filled; replay with --provisioned {state}, or fill it "
                "anew by --force"
            )
    job = Job(
        trace=str(trace),
        host=host,
        out="",
        adapter=adapter,
        allow_hosts=list(allow_host),
        transport=transport,
        filling=str(state),
    )
    with _process(os.environ.get(TOKEN_VARIABLE, ""), ["provision"], job) as process:
        error = _follow(process, None, progress or Silent())
        process.process.wait()
        if error is not None:
            raise error
        if process.process.returncode != 0:
            raise process.death("the filling process")


def _check_filled(
    host: str | None, adapter: str, controls: Controls, provisioned: Path | None, *, provision: bool
) -> None:
    """Refuse what contradicts a backend that is filled already.

    Raises:
        UsageError: it would have to be filled all the same.
    """
    if provision and provisioned is None:
        return
    told = "--no-provision" if provisioned is None else f"--provisioned {provisioned}"
    if host is None:
        raise UsageError(f"{told}: which backend is filled? give it as --host")
    if provisioned is None and adapter_named(adapter, "").remembers:
        raise UsageError(
            f"{told}: {adapter} needs what filling gives; fill by dmsim provision --state FILE, "
            "and give --provisioned FILE"
        )
    if controls.repeat > 1:
        raise UsageError(f"{told}: --repeat {controls.repeat} fills it anew; leave one of them out")


@contextmanager
def _shared_filling(job: Job) -> Iterator[Job]:
    """The job, with a private file by which workers learn what filling the backend gave."""
    if job.workers == 1 or not (job.provision and adapter_named(job.adapter, "").remembers):
        yield job
        return
    with tempfile.TemporaryDirectory() as folder:
        yield msgspec.structs.replace(job, filling=str(Path(folder) / "filling"))


def check_backend(
    host: str | None, adapter: str, allow_host: Sequence[str], transport: Transport = DEFAULT
) -> str | None:
    """Refuse a backend that cannot be replayed against, before any work is done.

    Returns:
        where it is: what was given, or what the adapter's file says; None for one of our own.

    Raises:
        UsageError: no such adapter, a host that cannot be used or does not answer, no token for it.
    """
    adapter_named(adapter, "")
    host = backend_url(adapter, host)
    if host is None and not is_built_in(adapter):
        raise UsageError(
            f"--adapter {adapter}: needs a backend of its own; give --host, or url in the file"
        )
    if host is None and transport != DEFAULT:
        raise UsageError(
            "--ca, --insecure and --proxy are of use with --host alone; leave them out"
        )
    if host is not None:
        target = resolve_target(host, allow_host, transport)
        if not os.environ.get(TOKEN_VARIABLE) and is_built_in(adapter):
            raise UsageError(f"{TOKEN_VARIABLE} is not set; put the master token of {host} into it")
        if os.environ.get(TOKEN_VARIABLE):
            checked_token(os.environ[TOKEN_VARIABLE], TOKEN_VARIABLE)
        check_reachable(target)
    return host


def _run(job: Job, token: str, progress: Progress) -> None:
    """Run the job in processes of its own; returns when its result is written."""
    try:
        with ExitStack() as stack:
            role = "alone" if job.workers == 1 else "master"
            leader = stack.enter_context(_process(token, [role], job))
            workers = _Workers(stack, token, job.workers)
            error = _follow(leader, workers, progress)
            leader.process.wait()
            if error is not None:
                raise error
            if leader.process.returncode != 0:
                raise leader.death("the replaying process")
    except InvalidRunError as error:
        if read_facts(job.out) is None:
            raise
        _recover(job.out, str(error))


def recover(out: Path) -> ReplayResult:
    """Sum up a replay whose processes died; what they had finished lies in its folder.

    Raises:
        UsageError: nothing was left there.
    """
    _recover(str(out), "its process died")
    return read_result(out)


def _recover(out: str, why: str) -> None:
    with _process("", ["recover", out, why], None) as process:
        error = _follow(process, None, Silent())
        process.process.wait()
        if error is not None:
            raise error
        if process.process.returncode != 0:
            raise process.death("the recovering process")


class _Process:
    """A process of ours that speaks JSON lines, and what it says beside."""

    def __init__(self, process: "subprocess.Popen[bytes]", stderr: IO[bytes]) -> None:
        assert process.stdout is not None
        self.process = process
        self.stdout = process.stdout
        self._stderr = stderr

    def death(self, what: str) -> DmsimError:
        """What it means that it ended without having told why."""
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace").strip().splitlines()
        code = self.process.returncode
        told = f"{what} died (exit code {code}{': ' + said[-1] if said else ''})"
        if code < 0 or code == ExitCode.INTERRUPTED:
            return InvalidRunError(f"{told}; replay again")
        return DmsimError(f"internal error: {told}")


class _Workers:
    """The workers of a replay, started when the master tells its port."""

    def __init__(self, stack: ExitStack, token: str, count: int) -> None:
        self._stack = stack
        self._token = token
        self._count = count

    def start(self, port: int) -> None:
        """Start them all; they end with the stack."""
        for _ in range(self._count):
            arguments = ["worker", str(port)]
            worker = _process(self._token, arguments, None, _WORKER_STOP_S)
            self._stack.enter_context(worker)


@contextmanager
def _process(
    token: str, arguments: Sequence[str], job: Job | None, stop_s: float = _STOP_S
) -> Iterator[_Process]:
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "dmsim.replay.process", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, TOKEN_VARIABLE: token},
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            # One that died in starting is told apart by its exit code.
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(msgspec.json.encode(job) if job else b"")
            process.stdin = None
            yield _Process(process, stderr)
        finally:
            if process.poll() is None:
                _stop(process, stop_s)
            process.stdout.close()


def _stop(process: "subprocess.Popen[bytes]", limit_s: float) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        # Reads on, so that it never waits for us while it writes its last words.
        process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _follow(process: _Process, workers: _Workers | None, progress: Progress) -> DmsimError | None:
    """Pass a process's progress on until it ends; returns the error it reported, if any."""
    with ExitStack() as stages:
        stage: Stage | None = None
        for line in lines(process.stdout):
            message = msgspec.json.decode(line)
            if "stage" in message:
                stage = stages.enter_context(
                    progress.stage(
                        message["stage"],
                        message["total"],
                        message["unit"],
                        at_most=message["at_most"],
                    )
                )
            elif "advance" in message and stage is not None:
                stage.advance(message["advance"])
            elif "end" in message:
                stages.close()
            elif "port" in message and workers is not None:
                workers.start(message["port"])
            elif "error" in message:
                return _ERRORS[message["exit_code"]](message["error"])
    return None
