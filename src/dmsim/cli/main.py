"""The entry point of the command ``dmsim``: every end of a command as one line and an exit code.

Nothing heavy is imported here, so that Ctrl-C is answered in order from the very first moment.
"""

import os
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from dmsim.errors import DmsimError, ExitCode

#: Set to show the traceback of an internal error.
TRACEBACK = "DMSIM_TRACEBACK"

#: What a shell reports for a program whose reader went away (128 + SIGPIPE).
_READER_GONE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the process's exit code (:class:`ExitCode`).

    Args:
        arguments: the words after ``dmsim``; the process's own by default.
    """
    _stop_orderly_on_sigterm()
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except DmsimError as error:
        _say(f"error: {error}")
        return int(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        return int(ExitCode.INTERRUPTED)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # so Rich ends without a reader
            return _READER_GONE
        raise
    except Exception as error:
        return _internal(error)
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
    _say(f"error: {message}")
    if context is not None:
        _say(f"Try {context.command_path} --help")


def _internal(error: Exception) -> int:
    if isinstance(error, BrokenPipeError) and _reader_is_gone():
        return _READER_GONE
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    text = " ".join(str(error).split())
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
    print(line, file=sys.stderr, flush=True)


def _stop_orderly_on_sigterm() -> None:
    owner = os.getpid()

    def stop(signum: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a forked worker has nothing to tidy up
            os._exit(128 + signum)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
