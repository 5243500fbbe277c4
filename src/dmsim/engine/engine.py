"""The population as Python sees it: it owns the arrays, grows them, and hands rows out.

Care teams act on it through :meth:`Engine.act` only, so that whatever they do reaches the kernel's
event queue as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmsim.engine import kernel
from dmsim.engine.setup import initial_state
from dmsim.engine.state import Records, State, grown
from dmsim.population.arrivals import Arrivals
from dmsim.population.build import ARRIVALS, stream
from dmsim.population.model import Population
from dmsim.scenario import Scenario
from dmsim.vocabulary import Action, Verdict, Via

# Visits are sampled for this much simulated time at once.
_WINDOW_US = 6 * 3_600_000_000

RowSink = Callable[[Records, NDArray[np.int64], int], None]


@dataclass(frozen=True)
class Mail:
    """What reached a page: a comment, or (``comment`` is ``None``) a message in a thread."""

    at: int
    page: int
    person: int
    comment: int | None


class Engine:
    """One cell's population in motion.

    ``sink`` is called with (rows, afters, first seq) whenever the row buffer is handed out.
    Times are integer µs since Monday 00:00 of the first week.
    """

    def __init__(
        self, scenario: Scenario, population: Population, sink: RowSink, rows: int = 1 << 18
    ) -> None:
        self.population = population
        self.state: State = initial_state(scenario, population, rows)
        self._sink = sink
        self._seed = scenario.seed
        self._arrivals = Arrivals(population.visits_per_week, population.comments_per_week)
        self._window = 0
        self._window_end = scenario.time.start
        self._control = self.state.control[0]

    @property
    def now(self) -> int:
        """The time of the last event."""
        return int(self._control["now"])

    @property
    def key(self) -> int:
        """The key of this cell's random streams."""
        return int(self._control["key"])

    @property
    def actions(self) -> int:
        """Actions performed so far, recorded or not."""
        return int(self._control["actions"])

    def advance(self, until: int) -> bool:
        """Run all events strictly before ``until``; false if somebody idle must react first."""
        while True:
            status = kernel.advance(self.state, min(until, self._window_end))
            if status == kernel.REACTING:
                return False
            if status == kernel.FULL:
                self._make_room()
            elif self._window_end >= until:
                return True
            else:
                self._next_window()

    def act(self, now: int, actor: int, action: Action, target: int, uses: int = -1) -> Verdict:
        """Somebody outside the population acts at ``now``."""
        what = now, actor, action.value, target, uses, Via.CARE_DESK.value
        verdict = kernel.act(self.state, *what)
        if verdict < 0:
            self._make_room()
            verdict = kernel.act(self.state, *what)
        return Verdict(verdict)

    def take_mail(self) -> list[Mail]:
        """Everything that reached pages since the last call, in order of time."""
        count = int(self._control["mail"])
        self._control["mail"] = 0
        return [
            Mail(at, page, person, comment if comment >= 0 else None)
            for at, comment, page, person in self.state.mail[:count].tolist()
        ]

    def set_idle(self, team: int, agents: int) -> None:
        """How many agents of a team would react at once to something new."""
        self.state.teams[team]["idle"] = agents

    def has_open_request(self, page: int, person: int) -> bool:
        """Whether a person's request to the page is still to be accepted."""
        return bool(kernel.holds_request(self.state, page, person))

    def start_recording(self) -> None:
        """From here on, actions become rows."""
        self._control["recording"] = 1

    def flush(self) -> None:
        """Hand out the rows recorded since the last time."""
        count = int(self._control["rows"])
        if count:
            first = int(self._control["next_seq"]) - count
            self._sink(
                self.state.rows[:count], self.state.afters[: int(self._control["afters"])], first
            )
        self._control["rows"] = 0
        self._control["afters"] = 0

    def _next_window(self) -> None:
        start = self._window_end
        end = start + _WINDOW_US
        rng = stream(self._seed, self.population.cell, ARRIVALS, self._window)
        arrivals = self._arrivals.sample(rng, start, end, kernel.ARRIVAL_SHIFT)
        self.state = self.state._replace(arrivals=arrivals)
        self._control["window"] = start
        self._control["arrival"] = 0
        self._window += 1
        self._window_end = end

    def _make_room(self) -> None:
        """Empty or enlarge whichever buffers stopped the kernel."""
        self.flush()
        control, state = self._control, self.state
        for name in ("pairs", "heap", "mail", "comments"):
            array = getattr(state, name)
            if int(control[name]) + kernel.ROOM > len(array):
                larger: Any = {name: grown(array, 2 * len(array))}
                state = state._replace(**larger)
        if int(control["most_readers"]) + kernel.ROOM > len(state.afters):
            size = 2 * (int(control["most_readers"]) + kernel.ROOM)
            state = state._replace(afters=np.zeros(size, dtype=np.int64))
        if 2 * (int(control["pairs"]) + kernel.ROOM) > len(state.slots):
            size = 2 * len(state.slots)
            state = state._replace(slots=np.full(size, -1, dtype=np.int32))
            kernel.rebuild_index(state)
        self.state = state
