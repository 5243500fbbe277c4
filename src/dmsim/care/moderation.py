"""Moderation in SimPy: automatic removals are punished by themselves, reports by people."""

from collections import deque
from collections.abc import Generator, Iterator
from itertools import count

import simpy

from dmsim.draws import (
    JUDGEMENT,
    PENALTY,
    REVIEW,
    SCALE,
    below,
    draw,
    exponential_table,
    quantile,
)
from dmsim.engine.engine import Engine, Mail
from dmsim.engine.state import MailKind
from dmsim.rules.sanctions import penalty, penalty_hours
from dmsim.scenario import Moderation as Settings
from dmsim.scenario.units import DAY_US, SECOND_US
from dmsim.vocabulary import Action, Via, Violation

Process = Generator[simpy.Event, None, None]

_HOUR_SECONDS = 3600


class Moderation:
    """The automatic process, and moderators who share one first-come-first-served queue (R75-R77).

    ``number`` names their random stream, ``staff_account`` is who acts.
    """

    def __init__(
        self,
        env: simpy.Environment,
        engine: Engine,
        number: int,
        settings: Settings,
        staff_account: int,
    ) -> None:
        self._env = env
        self._engine = engine
        self._number = number
        self._staff = staff_account
        self._automatic_delay = settings.automatic_delay
        self._accuracy = round(settings.accuracy * SCALE)
        self._review_times = exponential_table(settings.review)
        self._queue: deque[Mail] = deque()
        self._idle: deque[simpy.Event] = deque()
        self._reviews = count()
        for start, length, moderators in _daily_hours(settings):
            for _ in range(moderators):
                env.process(self._moderator(start, length))

    def receive(self, letter: Mail) -> None:
        """A removal is punished by itself; a report goes to whoever has been idle longest."""
        if letter.kind == MailKind.REMOVAL:
            self._env.process(self._punish_removal(letter))
        elif self._idle:
            self._idle.popleft().succeed(letter)
        else:
            self._queue.append(letter)

    def _punish_removal(self, letter: Mail) -> Process:
        """What was detected is believed: a false alarm passes for a minor violation."""
        yield self._env.timeout(self._automatic_delay)
        found = max(letter.violation, Violation.MINOR)
        self._decide(letter.person, found, Via.AUTOMATIC, closes_report=False)

    def _moderator(self, start: int, length: int) -> Process:
        """A moderator's days: case after case while on duty; the one at hand is finished."""
        for begin, end in _duties(start, length, int(self._env.now)):
            if begin > self._env.now:
                yield self._env.timeout(begin - int(self._env.now))
            if end > self._env.now:
                yield from self._work(end)

    def _work(self, end: int) -> Process:
        leaving = self._env.timeout(end - int(self._env.now))
        while letter := (yield from self._next_letter(leaving, end)):
            yield from self._review(letter.person, letter.violation)

    def _next_letter(
        self, leaving: simpy.Event, end: int
    ) -> Generator[simpy.Event, None, Mail | None]:
        """The report that has waited longest, or the next to come in; none once the shift ends."""
        if self._env.now >= end:
            return None
        if self._queue:
            return self._queue.popleft()
        waiting = self._env.event()
        self._idle.append(waiting)
        yield waiting | leaving
        if waiting.triggered:
            letter: Mail | None = waiting.value
            return letter
        self._idle.remove(waiting)
        return None

    def _review(self, accused: int, truth: Violation) -> Process:
        """Read what was reported (R99), think it over, judge it, rightly or wrongly."""
        now = int(self._env.now)
        self._engine.act(now, self._staff, Action.STAFF_ACCESS, accused, via=Via.MODERATION)
        number = next(self._reviews)
        thought = draw(self._engine.key, self._number, REVIEW, number)
        yield self._env.timeout(quantile(self._review_times, thought))
        right = draw(self._engine.key, self._number, JUDGEMENT, number) < self._accuracy
        found = truth if right else _opposite(truth)
        self._decide(accused, found, Via.MODERATION, closes_report=True)

    def _decide(self, accused: int, found: Violation, via: Via, *, closes_report: bool) -> None:
        now = int(self._env.now)
        self._engine.act(
            now,
            self._staff,
            Action.MODERATE,
            accused,
            via=via,
            violation=found,
            until=self._end_of_penalty(now, accused, found),
            switch=int(closes_report),
        )

    def _end_of_penalty(self, now: int, accused: int, found: Violation) -> int:
        """When the penalty for a violation ends (R81, R82); -1 where none is temporary."""
        if found == Violation.NONE:
            return -1
        history, policy = self._engine.record_of(accused), self._engine.policy
        standing = penalty(history, found, policy)
        least, most = penalty_hours(standing, history, found, policy)
        if most == 0:
            return -1
        drawn = draw(self._engine.key, accused, PENALTY, history.violations)
        seconds = least * _HOUR_SECONDS + below(drawn, (most - least) * _HOUR_SECONDS + 1)
        return now + seconds * SECOND_US


def _daily_hours(settings: Settings) -> list[tuple[int, int, int]]:
    """Of each shift: when it begins after midnight, how long it is, how many moderators work."""
    if not settings.shifts:
        return [(0, DAY_US, settings.moderators)]
    return [
        (shift.start, (shift.until - shift.start) % DAY_US or DAY_US, shift.moderators)
        for shift in settings.shifts.values()
    ]


def _duties(start: int, length: int, now: int) -> Iterator[tuple[int, int]]:
    """When a daily shift begins and ends, from the first that is not yet over."""
    days = (now - start - length) // DAY_US + 1
    for begin in count(start + days * DAY_US, DAY_US):
        yield begin, begin + length


def _opposite(truth: Violation) -> Violation:
    return Violation.MINOR if truth == Violation.NONE else Violation.NONE
