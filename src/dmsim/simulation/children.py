"""Child processes that end when their parent wants, and with it, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dmsim.errors import ExitCode

Handler = Callable[[int, FrameType | None], object]

_FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)


def end_with_parent() -> None:
    """Called in a child: it ends at once when its parent does, also if that was killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


@contextmanager
def withheld_from_children() -> Iterator[None]:
    """What a terminal sends to every process is for this one alone, which then ends the others.

    It does so afterwards: a child that is being started would miss what it is about to be told.
    Other threads of this process do not block the signals, so the handlers wait as well.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_TERMINAL)
    caught: list[int] = []
    handlers = _set_aside(lambda number, _: caught.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in caught[:1]:
            signal.raise_signal(number)


def _set_aside(instead: Handler) -> dict[int, Handler]:
    """Put another handler in the place of those of the terminal's signals; the former ones."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {int(number): signal.getsignal(number) for number in _FROM_TERMINAL}
    # An ignored signal stays so, in the children too.
    handlers = {number: handler for number, handler in found.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, instead)
    return handlers


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(ExitCode.INTERRUPTED)
