"""The population as Python sees it: it owns the arrays, grows them, and hands rows out.

Care teams act on it through :meth:`Engine.act` only, so that whatever they do reaches the kernel's
event queue as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmsim.engine import kernel
from dmsim.engine.setup import initial_state
from dmsim.engine.state import MailKind, Records, State, grown
from dmsim.population.arrivals import Arrivals
from dmsim.population.build import ARRIVALS, stream
from dmsim.population.model import Population
from dmsim.rules.facts import Policy
from dmsim.rules.sanctions import History
from dmsim.scenario import Scenario
from dmsim.vocabulary import Action, Reason, Topic, Verdict, Via, Violation

# Visits are sampled for this much simulated time at once.
_WINDOW_US = 6 * 3_600_000_000

RowSink = Callable[[Records, NDArray[np.int64], int], None]


@dataclass(frozen=True)
class Mail:
    """What reached a page (a comment, a message) or the moderators (a removal, a report).

    ``person`` is who wrote or is accused, ``comment`` the comment where there is one, ``violation``
    the true label of the message that was removed or reported, ``topic`` what the comment is about.
    """

    at: int
    page: int
    person: int
    comment: int | None
    kind: MailKind
    violation: Violation
    topic: Topic = Topic.MESSAGE


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
        self._arrivals = Arrivals(population, scenario)
        self._window = 0
        self._window_end = scenario.time.start
        self._control = self.state.control[0]
        #: Why the last :meth:`act` had the verdict that it returned.
        self.reason = Reason.NONE
        #: Called when what an outsider did has left a letter; the population's own are told of by
        #: :meth:`advance`.
        self.on_letter: Callable[[], None] = _nothing

    @property
    def now(self) -> int:
        """The time of the last event."""
        return int(self._control["now"])

    @property
    def key(self) -> int:
        """The key of this cell's random streams."""
        return int(self._control["key"])

    @property
    def policy(self) -> Policy:
        """The policy of the rules."""
        return self.state.policy

    @property
    def actions(self) -> int:
        """Actions performed so far, recorded or not."""
        return int(self._control["actions"])

    def advance(self, until: int) -> bool:
        """Run all events strictly before ``until``; false if a letter came in before that."""
        while True:
            limit = min(until, self._window_end)
            status = kernel.advance(self.state, limit, *kernel.NOBODY)
            if status == kernel.REACTING:
                return False
            if status == kernel.FULL:
                self._make_room()
            elif self._window_end >= until:
                return True
            else:
                self._next_window()

    def act(
        self,
        now: int,
        actor: int,
        action: Action,
        target: int,
        uses: int = -1,
        *,
        via: Via = Via.CARE_DESK,
        violation: Violation | int = -1,
        until: int = -1,
        switch: int = -1,
        topic: Topic | int = -1,
    ) -> Verdict:
        """Somebody acts at ``now`` who is not moved by the kernel at this moment.

        Columns without meaning for the action are -1; see ``trace.schema.ACTIONS``. ``topic`` is
        what a comment is about. :attr:`reason` tells why.
        """
        told = via.value, int(violation), until, switch, int(topic)
        what = actor, action.value, target, uses, *told
        status = kernel.advance(self.state, now, *what)
        if status == kernel.FULL:
            self._make_room()
            status = kernel.advance(self.state, now, *what)
        if self._control["reacting"]:
            self._control["reacting"] = 0
            self.on_letter()
        reason, verdict = divmod(status - kernel.VERDICTS, kernel.REASONS)
        # Those who were told of a letter may have acted in turn.
        self.reason = Reason(reason)
        return Verdict(verdict)

    def take_mail(self) -> list[Mail]:
        """Everything that reached pages since the last call, in order of time."""
        count = int(self._control["mail"])
        self._control["mail"] = 0
        return [
            Mail(
                at,
                page,
                person,
                comment if comment >= 0 else None,
                MailKind(kind),
                Violation(violation),
                Topic.MESSAGE if topic < 0 else Topic(topic),
            )
            for at, comment, page, person, kind, violation, topic in self.state.mail[
                :count
            ].tolist()
        ]

    def record_of(self, account: int) -> History:
        """What an account has on record at this moment."""
        profile = self.state.profiles[account]
        return History(int(profile["violations"]), Violation(int(profile["worst"])))

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
        self.state = replace(self.state, arrivals=arrivals)
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
                state = replace(state, **larger)
        waits = kernel.most_waits(int(control["most_readers"]), int(control["most_on_device"]))
        if waits > len(state.afters):
            size = 2 * waits
            state = replace(state, afters=np.zeros(size, dtype=np.int64))
        if 2 * (int(control["pairs"]) + kernel.ROOM) > len(state.slots):
            size = 2 * len(state.slots)
            state = replace(state, slots=np.full(size, -1, dtype=np.int32))
            kernel.rebuild_index(state)
        self.state = state


def _nothing() -> None:
    """Nobody waits for letters."""
