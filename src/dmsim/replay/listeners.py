"""Users who listen: held connections, opened and closed at their times whatever the backend does.

They live in the same process as the dispatcher, on gevent's loop: one greenlet each, which sleeps
until something arrives. Where as many are held as allowed, the next one is dropped, and counted.
"""

import time
from collections.abc import Callable, Mapping

import gevent
import numpy as np

from dmsim.adapters.base import LabelledText
from dmsim.adapters.listening import Listening
from dmsim.descriptors import most_descriptors
from dmsim.replay.heard import Heard, Held, HeldFate
from dmsim.replay.holding import LONGEST_POLL_S, Broken, Refused, hold
from dmsim.replay.online import Online
from dmsim.replay.rows import Rows
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.target import Target
from dmsim.replay.timer import new_timer
from dmsim.replay.wire import Trouble, Wire

#: For everything in a process that is no connection to the backend.
_SPARE_DESCRIPTORS = 200


class Listeners:
    """Holds the connections of one replaying process.

    Args:
        target: the backend.
        listening: how accounts listen there.
        online: when which account does.
        texts: the bank of texts by id.
        rows: where it is written what they heard.
        settings: how many are held at most, and how long opening one may take.
        fail: told of an error of ours.
    """

    def __init__(
        self,
        target: Target,
        listening: Listening,
        online: Online,
        texts: Mapping[int, LabelledText],
        rows: Rows,
        settings: ReplaySettings,
        fail: Callable[[Exception], None],
    ) -> None:
        self._listening = listening
        self._online = online
        self._rows = rows
        # Whatever is held, the actions' own connections must find room.
        room = most_descriptors() - settings.connections - _SPARE_DESCRIPTORS
        self._cap = min(settings.listeners, room)
        self._patience_s = settings.timeout / 1e6
        self._fail = fail
        self._texts = first_of_texts(texts)
        self._wire = Wire(target, LONGEST_POLL_S)
        self._timer = new_timer()
        self._held: dict[int, tuple[gevent.Greenlet, Held]] = {}
        self._pacer: gevent.Greenlet | None = None
        self._t0 = 0

    def start(self, t0: int) -> None:
        """Open and close from the instant ``t0`` (``time.monotonic_ns()``) on."""
        self._t0 = t0
        self._pacer = gevent.spawn(self._run_pacer)

    def finish(self) -> None:
        """Wait until all of them have had their time."""
        if self._pacer is not None:
            self._pacer.join()

    def stop(self) -> None:
        """Open no more; those who wait in :meth:`finish` are released."""
        if self._pacer is not None:
            self._pacer.kill(block=False)

    def close(self) -> None:
        """Close whatever is held still."""
        if self._pacer is not None:
            self._pacer.kill()
        gevent.killall([greenlet for greenlet, _ in self._held.values()])
        # They are dead, but not all links may have been told yet.
        for row in list(self._held):
            self._ended(row)
        self._timer.close()
        self._wire.close()

    def _run_pacer(self) -> None:
        try:
            self._pace()
        except Exception as error:
            self._fail(error)

    def _pace(self) -> None:
        online = self._online
        instants = np.concatenate((online.begin, online.end))
        # At one instant those who leave make room for those who come.
        opens = np.repeat([1, 0], len(online))
        for place in np.lexsort((opens, instants)).tolist():
            row = place % max(len(online), 1)
            self._timer.wait_until(self._t0 + int(instants[place]))
            if place < len(online):
                self._open(row)
            elif row in self._held:
                self._held[row][0].kill(block=False)

    def _open(self, row: int) -> None:
        intended = int(self._online.begin[row])
        held = Held(int(self._online.account[row]), intended, fate=HeldFate.UNOPENED)
        if len(self._held) >= self._cap:
            held.fate, held.closed = HeldFate.DROPPED, self._now()
            self._rows.note_held(held)
            return
        greenlet = gevent.spawn(self._hold, held)
        self._held[row] = greenlet, held
        # Also called of one that is killed before it has begun.
        greenlet.rawlink(lambda _: self._ended(row))

    def _ended(self, row: int) -> None:
        if row not in self._held:
            return
        _, held = self._held.pop(row)
        if held.closed < 0:
            held.closed = self._now()
        self._rows.note_held(held)

    def _hold(self, held: Held) -> None:
        patience = gevent.Timeout.start_new(self._patience_s)

        def opened() -> None:
            patience.cancel()
            held.opened, held.fate = self._now(), HeldFate.HELD

        def took(data: bytes) -> int:
            return self._take(held, data)

        try:
            hold(self._wire, self._listening, held.account, opened, took)
        except gevent.GreenletExit:
            pass  # its end has come
        except gevent.Timeout:
            held.fate, held.why = HeldFate.REFUSED, str(Trouble.TIMEOUT)
        except Broken as broken:
            if isinstance(broken, Refused):
                held.opened = -1
            held.fate = HeldFate.REFUSED if held.opened < 0 else HeldFate.BROKEN
            held.why = str(broken)
        except Exception as error:
            self._fail(error)
        finally:
            patience.close()
            held.closed = self._now()

    def _take(self, held: Held, data: bytes) -> int:
        now = self._now()
        arrivals = self._listening.heard(data)
        if arrivals is None:
            held.garbled += 1
            return 0
        for arrival in arrivals:
            text = -1 if arrival.text is None else self._texts.get(arrival.text, -1)
            self._rows.note_heard(Heard(held.account, arrival.id, now, text))
        return len(arrivals)

    def _now(self) -> int:
        return time.monotonic_ns() - self._t0


def first_of_texts(texts: Mapping[int, LabelledText]) -> dict[str, int]:
    """The first text of a bank that reads so, by what it reads."""
    return {text.text: id_ for id_, text in sorted(texts.items(), reverse=True)}
