"""What time it is for the backend: microseconds of the trace's clock."""

import hmac
import time

from dmsim.adapters.tokens import clock_key
from dmsim.server.http import ID_DIGITS, HttpError, Scope, header

#: The header with which a replay tells the time of each request.
HEADER = b"x-dmsim-time"


class Clock:
    """The wall's time, moved to where provisioning put it; or what each request says.

    Args:
        offset: microseconds between this clock and Unix time.
        master: the master token, if requests may tell the time; None if they may not.
    """

    def __init__(self, offset: int, master: str | None) -> None:
        self.offset = offset
        self._key = None if master is None else clock_key(master).encode()

    @property
    def is_simulated(self) -> bool:
        """Whether requests may tell the time."""
        return self._key is not None

    def set(self, now: int) -> None:
        """Go on from ``now``."""
        self.offset = now - _wall()

    def now(self, scope: Scope) -> int:
        """The time of a request.

        Raises:
            HttpError: 401 or 400 for a time without the right key, or that is none.
        """
        told = b"" if self._key is None else header(scope, HEADER)
        if self._key is None or not told:
            return _wall() + self.offset
        digits, _, key = told.partition(b".")
        if not hmac.compare_digest(key, self._key):
            raise HttpError(401, "the key of X-Dmsim-Time is missing or wrong")
        if not digits.isdigit() or len(digits) > ID_DIGITS:
            raise HttpError(400, "X-Dmsim-Time tells no microseconds")
        return int(digits)


def _wall() -> int:
    return time.time_ns() // 1000
