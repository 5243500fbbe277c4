"""The same world without SimPy and without a mailbox: one heap, one event at a time.

A readable reference for the coupling. Care teams are plain state machines; whatever reaches a page
is handed over in the same instant. Events of the staff go before persons at equal µs.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dmsim.engine.draws import HANDLING, draw, exponential_table, quantile
from dmsim.engine.engine import Engine, Mail, RowSink
from dmsim.engine.kernel import ARRIVAL_SHIFT
from dmsim.population.model import Population
from dmsim.scenario import Scenario, Team
from dmsim.vocabulary import Action

_FOREVER = 1 << 62


@dataclass
class ReferenceTeam:
    number: int
    spec: Team
    queue: deque[Mail] = field(default_factory=deque)
    idle: deque[int] = field(default_factory=deque)
    handled: dict[int, int] = field(default_factory=dict)
    answers: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.idle.extend(range(self.spec.agents))
        self.public = exponential_table(self.spec.public_reply)
        self.private = exponential_table(self.spec.private_reply)
        self.answer = exponential_table(self.spec.answer)


class SingleHeap:
    """Lives the same life as ``simulation.world.World``."""

    def __init__(self, scenario: Scenario, population: Population, sink: RowSink) -> None:
        self.engine = Engine(scenario, population, sink)
        self.now = scenario.time.start
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._teams = [
            ReferenceTeam(number, scenario.care.teams[name])
            for number, name in enumerate(population.teams)
        ]
        for team in self._teams:
            self.engine.set_idle(team.number, len(team.idle))
        self._of_page = {
            population.persons + page: self._teams[number]
            for page, number in enumerate(population.team_of_page)
            if number >= 0
        }

    def run(self, until: int) -> None:
        self.engine.advance(self.now)
        while True:
            staff = self._heap[0][0] if self._heap else _FOREVER
            person = self._next_person_event()
            if min(staff, person) >= until:
                self.now = until
                return
            if staff <= person:
                self.now, _, happen = heapq.heappop(self._heap)
                happen()
            else:
                self.now = person
                self.engine.advance(person + 1)
            self._hand_over()

    def _next_person_event(self) -> int:
        """When the population would do something next; samples the first window if needed."""
        state = self.engine.state
        control = state.control[0]
        if len(state.arrivals) == 0:
            self.engine.advance(self.now + 1)
            state = self.engine.state
        visit = step = _FOREVER
        if control["arrival"] < len(state.arrivals):
            packed = int(state.arrivals[control["arrival"]])
            visit = int(control["window"]) + (packed >> ARRIVAL_SHIFT)
        if control["heap"] > 0:
            step = int(state.heap[0]["at"])
        return min(visit, step)

    def _hand_over(self) -> None:
        for letter in self.engine.take_mail():
            team = self._of_page[letter.page]
            if team.idle:
                agent = team.idle.popleft()
                self.engine.set_idle(team.number, len(team.idle))
                self._work(team, agent, letter)
            else:
                team.queue.append(letter)

    def _later(self, delay: int, happen: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (self.now + delay, self._count, happen))

    def _work(self, team: ReferenceTeam, agent: int, letter: Mail) -> None:
        handled = team.handled[agent] = team.handled.get(agent, 0) + 2
        stream = team.number << 16 | agent
        first = draw(self.engine.key, stream, HANDLING, handled)
        second = draw(self.engine.key, stream, HANDLING, handled + 1)

        def free() -> None:
            if team.queue:
                self._work(team, agent, team.queue.popleft())
            else:
                team.idle.append(agent)
                self.engine.set_idle(team.number, len(team.idle))

        if letter.comment is not None:
            comment = letter.comment

            def reply_privately() -> None:
                self._act(letter, Action.PRIVATE_REPLY, comment)
                self._hand_over()
                free()

            def reply_publicly() -> None:
                self._act(letter, Action.PUBLIC_REPLY, comment)
                self._later(quantile(team.private, second), reply_privately)

            self._later(quantile(team.public, first), reply_publicly)
            return
        if self.engine.has_open_request(letter.page, letter.person):
            self._act(letter, Action.ACCEPT_REQUEST)
        self._act(letter, Action.READ_THREAD)
        thread = letter.page, letter.person
        turns = team.answers.get(thread, 0)
        if turns >= team.spec.turns:
            free()
            return
        team.answers[thread] = turns + 1

        def send() -> None:
            self._act(letter, Action.SEND_MESSAGE)
            self._hand_over()
            free()

        self._later(quantile(team.answer, first), send)

    def _act(self, letter: Mail, action: Action, comment: int = -1) -> None:
        self.engine.act(self.now, letter.page, action, letter.person, comment)
