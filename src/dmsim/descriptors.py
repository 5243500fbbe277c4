"""How many files and sockets a process may have open."""

import resource
from contextlib import suppress


def allow_many_descriptors() -> None:
    """Have as many open as the system lets this user, instead of the usual 1 024.

    Each connection of a replay takes one, at both of its ends.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems name a limit that they refuse
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
