"""The same world without the kernel in steps: one event at a time, of the persons or of SimPy.

A readable reference for the coupling: whatever comes first happens, alone, and what it leaves in
the mail is handed over in the same instant. Events of the staff go before persons at equal µs.
"""

from collections.abc import Generator

import simpy

from dmsim.engine.kernel import ARRIVAL_SHIFT
from dmsim.simulation.world import World

_FOREVER = 1 << 62


class SingleHeap(World):
    """Lives the same life as :class:`dmsim.simulation.world.World`, with the same staff."""

    def run(self, until: int) -> None:
        while True:
            staff, person = min(self.env.peek(), _FOREVER), self._next_person_event()
            if min(staff, person) >= until:
                self.env.run(until=until)
                return
            if staff <= person:
                self.env.step()
            else:
                self._let_pass(person)
                self.engine.advance(person + 1)
            self._mailroom.distribute()

    def _let_pass(self, until: int) -> None:
        """Nothing happens up to now in SimPy."""
        if until > self.env.now:
            self.env.run(until=until)

    def _next_person_event(self) -> int:
        """When the population would do something next; samples windows that are still empty."""
        state = self.engine.state
        control = state.control[0]
        if len(state.arrivals) == 0:
            self.engine.advance(int(self.env.now) + 1)
            state = self.engine.state
        visit = step = _FOREVER
        if control["arrival"] < len(state.arrivals):
            packed = int(state.arrivals[control["arrival"]])
            visit = int(control["window"]) + (packed >> ARRIVAL_SHIFT)
        if control["heap"] > 0:
            step = int(state.heap[0]["at"])
        return min(visit, step)

    def _move_population(self) -> Generator[simpy.Event, None, None]:
        """The persons are moved by :meth:`run`, not by a process."""
        return
        yield
