"""Errors that reach a user: one line that says what is wrong and what to do, and an exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command."""

    PASS = 0
    MISMATCH = 1
    LIMIT_MISSED = 2
    INVALID_RUN = 4
    USAGE = 5
    INTERNAL = 70
    INTERRUPTED = 130


class DmsimError(Exception):
    """Base of all errors that dmsim raises on purpose; its text is one printable line."""

    exit_code = ExitCode.INTERNAL

    def __str__(self) -> str:
        return one_line(super().__str__())


class UsageError(DmsimError):
    """Something the user gave cannot be used: a file, key, value, flag, port or address."""

    exit_code = ExitCode.USAGE


class InvalidRunError(DmsimError):
    """A run that had started but whose results must not be believed."""

    exit_code = ExitCode.INVALID_RUN


def one_line(text: str) -> str:
    """A text from anywhere (a path, a backend's answer) as one printable line."""
    flat = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in flat)
