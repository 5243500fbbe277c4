"""Sleeping until an absolute instant of CLOCK_MONOTONIC without holding up gevent's loop.

A ``timerfd`` watched by the loop wakes within tens of microseconds; ``gevent.sleep`` takes half a
millisecond. Nothing here ever spins: that would starve the sockets it is meant to serve.
"""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

import gevent

_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1
_TFD_NONBLOCK = os.O_NONBLOCK
_TFD_CLOEXEC = os.O_CLOEXEC
_NS_PER_S = 1_000_000_000
_READ = 1


class Timer(Protocol):
    """An alarm clock for one greenlet."""

    def wait_until(self, instant: int) -> None:
        """Sleep until ``time.monotonic_ns()`` reaches ``instant``; let others run in any case."""

    def close(self) -> None:
        """Give the clock back."""


class SleepTimer:
    """The clock for systems without ``timerfd``."""

    def wait_until(self, instant: int) -> None:
        """Sleep until the instant, as exactly as gevent's own timers can."""
        gevent.sleep(max(0, instant - time.monotonic_ns()) / _NS_PER_S)

    def close(self) -> None:
        """Nothing to give back."""


class FileTimer:
    """A Linux ``timerfd`` watched by gevent's loop."""

    def __init__(self) -> None:
        self._file, self._set = _open()
        self._hub = gevent.get_hub()
        self._watcher = self._hub.loop.io(self._file, _READ)

    def wait_until(self, instant: int) -> None:
        """Sleep until the instant; one already past only yields to the other greenlets."""
        if instant <= time.monotonic_ns():
            gevent.sleep(0)
            return
        self._set(self._file, instant)
        self._hub.wait(self._watcher)
        os.read(self._file, 8)

    def close(self) -> None:
        """Close the watcher and the file."""
        self._watcher.stop()
        self._watcher.close()
        os.close(self._file)


def new_timer() -> Timer:
    """The most exact clock this system has."""
    return FileTimer() if sys.platform == "linux" else SleepTimer()


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


def _open() -> tuple[int, Callable[[int, int], None]]:
    if sys.version_info >= (3, 13):
        file = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)

        def set_alarm(file: int, instant: int) -> None:
            os.timerfd_settime_ns(file, flags=os.TFD_TIMER_ABSTIME, initial=instant)

        return file, set_alarm
    return _open_by_ctypes()


def _open_by_ctypes() -> tuple[int, Callable[[int, int], None]]:
    library = ctypes.CDLL(None, use_errno=True)
    file = library.timerfd_create(_CLOCK_MONOTONIC, _TFD_NONBLOCK | _TFD_CLOEXEC)
    if file < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    setting = _Setting()
    reference = ctypes.byref(setting)
    settime = library.timerfd_settime

    def set_alarm(file: int, instant: int) -> None:
        setting.value.seconds, setting.value.nanoseconds = divmod(instant, _NS_PER_S)
        if settime(file, _TFD_TIMER_ABSTIME, reference, None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    return file, set_alarm
