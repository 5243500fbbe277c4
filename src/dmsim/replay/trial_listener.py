"""Listening to a backend while a declared adapter is tried."""

import time

import gevent
import gevent.event

from dmsim.adapters.base import Outcome
from dmsim.adapters.listening import ListeningAdapter
from dmsim.replay.holding import LONGEST_POLL_S, Broken, hold
from dmsim.replay.target import Target
from dmsim.replay.wire import Wire

#: How long the connection may take to open, and a message to arrive.
_OPENING_S, _ARRIVING_S = 10.0, 2.0
_LOOK_S = 0.01


class TrialListener:
    """Holds the connection of one account.

    Attributes:
        request: what opens the connection.
        first: what arrived first; empty for nothing.
    """

    def __init__(self, adapter: ListeningAdapter, target: Target, account: int) -> None:
        self._listening = adapter.listening(target.authority, [account])
        self.request = next(self._listening.requests(account), b"")
        self.first = b""
        self._tells = adapter.tells
        self._wire = Wire(target, LONGEST_POLL_S)
        self._opened = gevent.event.Event()
        self._ids: set[bytes] = set()
        self._wanted: set[bytes] = set()
        self._problem = ""
        self._greenlet = gevent.spawn(self._hold, account)
        gevent.wait([self._opened, self._greenlet], timeout=_OPENING_S, count=1)

    def sent(self, outcome: Outcome) -> None:
        """A message to the account was answered; one that is delivered must arrive."""
        if outcome.bound and outcome.verdict in self._tells:
            self._wanted.add(outcome.bound)

    def outcome(self) -> Outcome:
        """What came of it."""
        limit = time.monotonic() + _ARRIVING_S
        while not self._problem and not self._wanted <= self._ids and time.monotonic() < limit:
            gevent.sleep(_LOOK_S)
        if self._problem:
            return Outcome("", error=self._problem)
        if not self._opened.is_set():
            return Outcome("", error=f"not open within {_OPENING_S:g} s")
        lacking = b", ".join(sorted(self._wanted - self._ids)).decode(errors="replace")
        if lacking:
            return Outcome("", error=f"not told of {lacking} within {_ARRIVING_S:g} s")
        return Outcome("done")

    def close(self) -> None:
        """Hold it no longer."""
        self._greenlet.kill()
        self._wire.close()

    def _hold(self, account: int) -> None:
        try:
            hold(self._wire, self._listening, account, self._opened.set, self._took)
        except Broken as broken:
            self._problem = str(broken)

    def _took(self, data: bytes) -> int:
        self.first = self.first or data
        arrivals = self._listening.heard(data)
        if arrivals is None:
            self._problem = "what arrived is not JSON"
            return 0
        self._ids |= {arrival.id for arrival in arrivals}
        return len(arrivals)
