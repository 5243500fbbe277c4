"""How many files and sockets a process may have open."""

import resource
import sys
from contextlib import suppress


def allow_many_descriptors() -> None:
    """Have as many open as the system lets this user, instead of the usual 1 024.

    Each connection of a replay takes one, at both of its ends.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems name a limit that they refuse
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_descriptors() -> int:
    """How many this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
