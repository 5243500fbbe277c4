"""The entry point of the command ``dmsim``: every end of a command as one line and an exit code.

Nothing heavy is imported here, so that Ctrl-C is answered in order from the very first moment.
"""

import os
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from dmsim.cli.missing import missing_line
from dmsim.errors import DmsimError, ExitCode, one_line

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: Set to show the traceback of an internal error.
TRACEBACK = "DMSIM_TRACEBACK"

#: What a shell reports for a program whose reader went away (128 + SIGPIPE).
_READER_GONE = 141

#: Ctrl-C, a polite kill, a terminal that was closed, and one of these that had been dropped.
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)

#: How long after it was dropped an interrupt is raised again.
_RAISED_AGAIN_S = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the process's exit code (:class:`ExitCode`).

    Args:
        arguments: the words after ``dmsim``; the process's own by default.
    """
    _open_closed_streams()
    _stop_orderly_on_signals()
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except DmsimError as error:
        _say(f"error: {error}")
        return int(error.exit_code)
    except KeyboardInterrupt:
        for number in _STOPPING:  # Nothing is left to do but to end.
            signal.signal(number, signal.SIG_IGN)
        _say("interrupted")
        return int(ExitCode.INTERRUPTED)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # so Rich ends without a reader
            return _READER_GONE
        raise
    except BaseException as error:  # a panic of Polars is no Exception
        return _unforeseen(error)
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from dmsim.cli.app import app

    # Older releases of Typer bring Click's classes, newer ones their own: this finds either.
    usage_error: type[Exception] = typer.BadParameter.__mro__[1]
    command = typer.main.get_command(app)
    try:
        with command.make_context("dmsim", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return int(end.exit_code)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except usage_error as error:
        _say_usage(error)
        return int(ExitCode.USAGE)
    return int(ExitCode.PASS)


def _say_usage(error: BaseException) -> None:
    context = getattr(error, "ctx", None)
    message = error.format_message()  # type: ignore[attr-defined]
    if type(error).__name__ == "NoArgsIsHelpError":
        _say(message)
        return
    if missing := missing_line(error):
        _say(f"error: {missing}")
        return
    _say(f"error: {message}")
    if context is not None:
        _say(f"Try {context.command_path} --help")


def _unforeseen(error: BaseException) -> int:
    """What no part of dmsim expected: the machine's limits, or a fault of ours."""
    if isinstance(error, BrokenPipeError) and _reader_is_gone():
        return _READER_GONE
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        told = one_line(where + (error.strerror or str(error)))
        _say(f"error: {told}; mend that, or choose another place (such as --out)")
        return int(ExitCode.USAGE)
    text = one_line(str(error))
    if isinstance(error, MemoryError):
        _say(f"error: not enough memory ({text}); lower population.persons")
        return int(ExitCode.USAGE)
    hint = "" if os.environ.get(TRACEBACK) else f" (set {TRACEBACK}=1 to see where)"
    _say(f"internal error: {type(error).__name__}: {text}{hint}")
    return int(ExitCode.INTERNAL)


def _reader_is_gone() -> bool:
    """Whether nobody reads standard output any more; if so it is silenced for good."""
    output = sys.stdout.fileno()
    poll = select.poll()
    poll.register(output, select.POLLOUT)
    gone = any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return gone


def _say(line: str) -> None:
    with suppress(OSError):  # Where nobody can be told, the exit code still tells.
        print(line, file=sys.stderr, flush=True)


def _open_closed_streams() -> None:
    """What a caller closed is written nowhere, and no other file gets its number."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            if (null := os.open(os.devnull, os.O_WRONLY)) != number:
                os.dup2(null, number)
            setattr(sys, name, os.fdopen(number, "w"))


def _stop_orderly_on_signals() -> None:
    """All signals that ask for an end have the effect of Ctrl-C, wherever they fall."""
    owner = os.getpid()

    def stop(signum: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a forked worker has nothing to tidy up
            os._exit(128 + signum)
        raise KeyboardInterrupt

    for number in _STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup, or a job in the background
            signal.signal(number, stop)
    report = sys.unraisablehook

    def raise_again(dropped: "UnraisableHookArgs") -> None:
        # Python drops what is raised in a destructor or in a callback of C, such as the compiler's.
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, _RAISED_AGAIN_S)
        else:
            report(dropped)

    sys.unraisablehook = raise_again
