"""Orders between actions of different processes: who finished what, told to whom it concerns.

Fates are gathered for a millisecond and sent together: a message each would cost more than the
action it tells of.
"""

from collections.abc import Callable

import gevent
import gevent.event

from dmsim.replay.messages import Fated, Settled

_GATHER_S = 0.001


class Outbox:
    """Gathers fates for other workers and sends them.

    Args:
        send: passes a message on.
    """

    def __init__(self, send: Callable[[Settled], None]) -> None:
        self._send = send
        self._waiting: dict[int, list[Fated]] = {}
        self._some = gevent.event.Event()
        self._sender = gevent.spawn(self._run)

    def add(self, fated: Fated, told: int) -> None:
        """Tell every worker whose bit is set in ``told``."""
        while told:
            to = (told & -told).bit_length() - 1
            self._waiting.setdefault(to, []).append(fated)
            told &= told - 1
        self._some.set()

    def flush(self) -> None:
        """Send what has gathered."""
        self._some.clear()
        waiting, self._waiting = self._waiting, {}
        for to, fates in waiting.items():
            self._send(Settled(to=to, fates=fates))

    def close(self) -> None:
        """Send what has gathered and gather no more."""
        self._sender.kill()
        self.flush()

    def _run(self) -> None:
        while True:
            self._some.wait()
            gevent.sleep(_GATHER_S)
            self.flush()
