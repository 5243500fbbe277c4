"""Stops the backend in the middle of a run: shared by the two that are put to the stall test."""

import os
import signal
import time
from typing import NamedTuple

import gevent

RATE = 500
SECONDS = 10
STOP_AFTER_S = 4.0
STALL_S = 1.0


class Stall(NamedTuple):
    """From when to when the backend stood still, ``time.monotonic_ns()``."""

    stopped: int
    resumed: int


def stall_backend(pid: int) -> Stall:
    """Wait, stop the backend's process, and let it go on after a while."""
    gevent.sleep(STOP_AFTER_S)
    stopped = time.monotonic_ns()
    os.kill(pid, signal.SIGSTOP)
    try:
        gevent.sleep(STALL_S)
    finally:
        resumed = time.monotonic_ns()
        os.kill(pid, signal.SIGCONT)
    return Stall(stopped, resumed)
