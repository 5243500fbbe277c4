"""What an agent is doing at the same time, and how fast each part of it goes on."""

from dataclasses import dataclass

import simpy


@dataclass(slots=True, eq=False)
class _Part:
    """Something that is being done.

    ``left`` is what it would still take at ``since`` if nothing else were at hand (µs); ``over``
    happens when it is done.
    """

    left: float
    since: int
    over: simpy.Event


class Hands:
    """The hands of one agent, who does everything at hand at once, slower the more it is.

    Of j pieces of work each goes on at the speed 1 / (1 + slowdown (j - 1)), at every moment
    (limited processor sharing, as in :mod:`dmsim.staffing.sharing`). At first nothing is at hand.
    """

    def __init__(self, env: simpy.Environment, slowdown: float) -> None:
        self._env = env
        self._slowdown = slowdown
        self._slowness = 1.0
        self._doing: list[_Part] = []

    def hold(self, at_hand: int) -> None:
        """So many pieces of work are at hand from now on, at least one."""
        now, before = int(self._env.now), self._slowness
        self._slowness = 1 + self._slowdown * (at_hand - 1)
        for part in self._doing:
            part.left -= (now - part.since) / before
            part.since = now
            self._time_anew(part)

    def handle(self, time: int) -> simpy.Event:
        """Begin what takes so long alone (µs); the event, to be waited for at once, is its end."""
        over = self._env.timeout(round(time * self._slowness))
        part = _Part(time, int(self._env.now), over)
        over.callbacks.append(lambda _: self._doing.remove(part))
        self._doing.append(part)
        return over

    def _time_anew(self, part: _Part) -> None:
        """Whoever waits for the old end waits for the new one; the old one means nothing more."""
        # A moment is a whole µs, so at the end something of either sign may seem to be left.
        over = self._env.timeout(max(0, round(part.left * self._slowness)))
        over.callbacks.extend(part.over.callbacks)
        part.over.callbacks.clear()
        part.over = over
