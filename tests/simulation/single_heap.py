"""The same world without SimPy and without a mailbox: one heap, one event at a time.

A readable reference for the coupling. Care teams and moderators are plain state machines; whatever
reaches a page or the moderators is handed over in the same instant. Events of the staff go before
persons at equal µs.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dmsim.engine.draws import (
    HANDLING,
    JUDGEMENT,
    PENALTY,
    REVIEW,
    SCALE,
    below,
    draw,
    exponential_table,
    quantile,
)
from dmsim.engine.engine import Engine, Mail, RowSink
from dmsim.engine.kernel import ARRIVAL_SHIFT
from dmsim.engine.state import MailKind
from dmsim.population.model import Population
from dmsim.rules.sanctions import penalty, penalty_hours
from dmsim.scenario import Moderation, Scenario, Team
from dmsim.vocabulary import Action, Via, Violation

_FOREVER = 1 << 62
_SECOND_US = 1_000_000
_HOUR_US = 3600 * _SECOND_US
_DAY_US = 24 * _HOUR_US


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


@dataclass(eq=False)
class ReferenceModerator:
    """Somebody of a shift that begins at ``start`` every day; ``until`` is the end of the next."""

    start: int
    length: int
    until: int = 0


@dataclass
class ReferenceDesk:
    """Those who decide on reports, and what waits for them."""

    number: int
    spec: Moderation
    queue: deque[Mail] = field(default_factory=deque)
    idle: deque[ReferenceModerator] = field(default_factory=deque)
    reviews: int = 0

    def __post_init__(self) -> None:
        self.review = exponential_table(self.spec.review)

    def moderators(self) -> list[ReferenceModerator]:
        if not self.spec.shifts:
            return [ReferenceModerator(0, _DAY_US) for _ in range(self.spec.moderators)]
        return [
            ReferenceModerator(shift.start, (shift.until - shift.start - 1) % _DAY_US + 1)
            for shift in self.spec.shifts.values()
            for _ in range(shift.moderators)
        ]


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
        self._staff = population.staff
        self._desk = ReferenceDesk(len(population.teams), scenario.moderation)
        self._tell_idle()
        for moderator in self._desk.moderators():
            # The end of the last shift that was over before now.
            days = (self.now - moderator.start - moderator.length) // _DAY_US
            moderator.until = moderator.start + moderator.length + days * _DAY_US
            self._next_shift(moderator)
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
            if letter.kind == MailKind.REMOVAL:
                self._punish_later(letter)
                continue
            if letter.kind == MailKind.REPORT:
                self._desk.queue.append(letter)
                if self._desk.idle:
                    self._review_or_rest(self._desk.idle.popleft())
                continue
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

    def _next_shift(self, moderator: ReferenceModerator) -> None:
        """Plan the next shift of somebody whose last one is over."""
        while moderator.until <= self.now:
            moderator.until += _DAY_US
        begin = moderator.until - moderator.length
        if begin > self.now:
            self._later(begin - self.now, lambda: self._begin_shift(moderator))
        else:
            self._begin_shift(moderator)

    def _begin_shift(self, moderator: ReferenceModerator) -> None:
        def leave() -> None:
            if moderator in self._desk.idle:
                self._desk.idle.remove(moderator)
                self._next_shift(moderator)

        self._later(moderator.until - self.now, leave)
        self._review_or_rest(moderator)

    def _review_or_rest(self, moderator: ReferenceModerator) -> None:
        """The next case of somebody on duty; after it the next shift, if this one is over."""
        desk = self._desk
        if not desk.queue:
            desk.idle.append(moderator)
        else:
            self._review(moderator, desk.queue.popleft())
        self._tell_idle()

    def _tell_idle(self) -> None:
        # A removal is always seen to at once.
        self.engine.set_idle(self._desk.number, len(self._desk.idle) + 1)

    def _review(self, moderator: ReferenceModerator, letter: Mail) -> None:
        desk, number = self._desk, self._desk.reviews
        desk.reviews += 1
        self.engine.act(
            self.now, self._staff, Action.STAFF_ACCESS, letter.person, via=Via.MODERATION
        )
        drawn = draw(self.engine.key, desk.number, JUDGEMENT, number)
        found = letter.violation
        if drawn >= round(desk.spec.accuracy * SCALE):
            found = Violation.MINOR if found == Violation.NONE else Violation.NONE

        def decide() -> None:
            self._decide(letter.person, found, Via.MODERATION, switch=1)
            self._hand_over()
            if self.now < moderator.until:
                self._review_or_rest(moderator)
            else:
                self._next_shift(moderator)

        self._later(
            quantile(desk.review, draw(self.engine.key, desk.number, REVIEW, number)), decide
        )

    def _punish_later(self, letter: Mail) -> None:
        found = max(letter.violation, Violation.MINOR)
        self._later(
            self._desk.spec.automatic_delay,
            lambda: self._decide(letter.person, found, Via.AUTOMATIC, switch=0),
        )

    def _decide(self, accused: int, found: Violation, via: Via, switch: int) -> None:
        until, record = -1, self.engine.record_of(accused)
        if found != Violation.NONE:
            standing = penalty(record, found, self.engine.policy)
            least, most = penalty_hours(standing, record, found, self.engine.policy)
            if most:
                drawn = draw(self.engine.key, accused, PENALTY, record.violations)
                seconds = below(drawn, (most - least) * 3600 + 1)
                until = self.now + least * _HOUR_US + seconds * _SECOND_US
        self.engine.act(
            self.now, self._staff, Action.MODERATE, accused,
            via=via, violation=found, until=until, switch=switch,
        )  # fmt: skip
