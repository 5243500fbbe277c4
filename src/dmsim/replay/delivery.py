"""Probes: asking as the recipient whether a message that was sent has arrived.

A message that is answered as delivered may still be on its way inside the backend. So of some of
them the recipient's side is asked, by a request that changes nothing, at once and again after 1, 2,
4 … ms, on connections of their own. Probes are no actions: they are neither judged nor counted as
sent.
"""

import time

import gevent

from dmsim.adapters.base import ActionRow, Outcome, ProbingEncoder
from dmsim.replay.client import Client, ClientConnection
from dmsim.replay.rows import Rows
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.wire import WireError
from dmsim.vocabulary import Action

#: In place of a duration: asked until the limit on waiting, and never seen.
NEVER_SEEN = -1
#: In place of a duration: the backend did not tell.
NOT_TOLD = -2

#: So many messages are probed at once at most; while all are under way, no other one is.
_MOST = 4

#: How long the last ones may go on when everything else has ended.
_LAST_S = 1.0

_LONGEST_PAUSE_S = 1.024
_NS_PER_S = 1_000_000_000
_PROBED = frozenset({int(Action.SEND_MESSAGE), int(Action.SHARE_CONTENT)})


class Probes:
    """Probes a sample of the messages of one replaying process.

    Args:
        client: the way to the backend.
        encoder: makes the probes and understands their answers.
        rows: where it is written what they found.
        settings: how many messages are probed in a second at most, and how long one is waited for.
    """

    def __init__(
        self, client: Client, encoder: ProbingEncoder, rows: Rows, settings: ReplaySettings
    ) -> None:
        self._longest_ns = settings.timeout * 1000
        self._encoder = encoder
        self._rows = rows
        self._gap_ns = round(_NS_PER_S / settings.delivery_probes)
        self._next = 0
        self._idle = [client.connection() for _ in range(_MOST)]
        self._under_way: set[gevent.Greenlet] = set()

    def wants(self, done: int) -> bool:
        """Whether a message whose sending ended at ``done`` would be probed: a cheap question."""
        return done >= self._next and bool(self._idle)

    def begin(self, row: int, columns: ActionRow, sent: Outcome) -> None:
        """Probe the message of a row, if it is one, from now on."""
        if columns.action not in _PROBED:
            return
        done = self._rows.done[row]
        self._next = done + self._gap_ns
        greenlet = gevent.spawn(self._probe, row, columns, sent, done, self._idle.pop())
        self._under_way.add(greenlet)
        greenlet.rawlink(self._under_way.discard)

    def finish(self) -> None:
        """Give the probes that are under way a moment to end."""
        gevent.joinall(list(self._under_way), timeout=_LAST_S)

    def close(self) -> None:
        """End them all, and close their connections."""
        gevent.killall(list(self._under_way))
        for connection in self._idle:
            connection.close()

    def _probe(
        self, row: int, columns: ActionRow, sent: Outcome, done: int, connection: ClientConnection
    ) -> None:
        found = NOT_TOLD
        try:
            found = self._ask(columns, sent, done, connection)
        except WireError:
            pass
        finally:
            self._rows.note_delivery(row, found)
            self._idle.append(connection)

    def _ask(
        self, columns: ActionRow, sent: Outcome, done: int, connection: ClientConnection
    ) -> int:
        request, pause_s = self._encoder.probe(columns), 0.001
        limit = done + self._longest_ns
        while True:
            status, body = connection.exchange(request, columns.target)
            now = time.monotonic_ns()
            seen = self._encoder.seen(sent, status, body)
            if seen is None:
                return NOT_TOLD
            if seen:
                return now - done
            if now >= limit:
                return NEVER_SEEN
            gevent.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
