"""A brand's care team in SimPy: agents on their shifts, and the customers' cases they settle."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl
import simpy

from dmsim.care.book import CaseBook
from dmsim.care.case import Case, Nature
from dmsim.care.desk import Desk
from dmsim.care.log import StaffHours, case_table
from dmsim.care.platform import Platform
from dmsim.care.roster import Absences, duties, shifts_of
from dmsim.care.routing import find_routing
from dmsim.care.work import Agent
from dmsim.care.workflow import Process, Workflow
from dmsim.scenario import Scenario
from dmsim.scenario.care import RosterShift
from dmsim.scenario.units import HOUR_US
from dmsim.vocabulary import Topic


class CareTeam:
    """The team ``name`` of a scenario, at work from now on.

    ``pages`` are the accounts that it serves with the names of their brands; ``templated`` tells
    whether a template fits comments on a page at a time.
    """

    def __init__(
        self, env: simpy.Environment, scenario: Scenario, name: str,
        pages: Mapping[int, str], platform: Platform,
        templated: Callable[[int, int], bool] = lambda page, at: True,
    ) -> None:  # fmt: skip
        team = scenario.care.teams[name]
        self.name = name
        self._env = env
        self._window = scenario.time.from_us, scenario.time.until_us
        self._platform = platform
        self._templated = templated if team.templates else lambda page, at: False
        self._hours = StaffHours(name, *self._window)
        self._desk = Desk(env, name, team, find_routing(name, team.routing), self._hours)
        self._book = CaseBook(platform.key)
        self._nature = Nature(platform.key, scenario.care.cases, team)
        self._workflow = Workflow(
            env, platform, self._desk, self._book, team, scenario.care.customers
        )
        first = 0
        for shift_name, shift in shifts_of(team).items():
            absences = Absences(platform.key, name, shift_name, team.shrinkage)
            env.process(self._work(shift, list(_agents(shift, first, pages)), absences))
            first += shift.agents
        env.process(self._note_backlogs())

    def comment_came(self, page: int, person: int, comment: int, topic: Topic) -> None:
        """Somebody wrote a comment on a post of a page, at this moment."""
        case = self._book.escalated(page, person) if topic == Topic.ESCALATION else None
        if case is not None:
            self._env.process(self._workflow.answer_escalation(case, comment))
            return
        locale = self._platform.locale(person)
        case = self._book.by_comment(page, person, comment, topic, locale, int(self._env.now))
        self._begin(case)

    def message_came(self, page: int, person: int) -> None:
        """Somebody wrote to a page that had read everything before, at this moment."""
        now = int(self._env.now)
        case = self._book.talk(page, person)
        if case is not None:
            self._workflow.message_came(case)
        elif (ended := self._book.ended_lately(page, person, now)) is not None:
            self._platform.read(ended)
        else:
            case = self._book.by_message(page, person, self._platform.locale(person), now)
            self._workflow.message_came(case)
            self._begin(case)

    def cases(self, first_account: int = 0, cell: int = 0) -> pl.DataFrame:
        """The cases that were open in the recorded window, as a table of the trace."""
        return case_table(self.name, self._book.cases, *self._window, first_account, cell)

    def staff_hours(self) -> pl.DataFrame:
        """The hours of the recorded window, as a table of the trace; for when the run is over."""
        self._desk.note_time()
        return self._hours.frame(int(self._env.now), self._desk.waiting)

    def _begin(self, case: Case) -> None:
        self._nature.give(case)
        case.templated = self._templated(case.page, case.written)
        self._env.process(self._workflow.live(case))

    def _work(self, shift: RosterShift, agents: list[Agent], absences: Absences) -> Process:
        """The weeks of a shift: its agents come, have their breaks, and leave."""
        for duty in duties(shift, int(self._env.now)):
            here = [agent for n, agent in enumerate(agents) if not absences.holds(n, duty)]
            self._hours.scheduled(duty.begin, duty.end, len(agents))
            for begin, end in duty.worked:
                self._hours.present(begin, end, len(here))
                if end <= self._env.now:
                    continue
                if begin > self._env.now:
                    yield self._env.timeout(begin - int(self._env.now))
                self._desk.come(here)
                yield self._env.timeout(end - int(self._env.now))
                self._desk.leave(here)

    def _note_backlogs(self) -> Process:
        from_us, until_us = self._window
        for end in range((from_us // HOUR_US + 1) * HOUR_US, until_us, HOUR_US):
            yield self._env.timeout(end - int(self._env.now))
            self._hours.backlog(end, self._desk.waiting)


def _agents(shift: RosterShift, first: int, pages: Mapping[int, str]) -> Iterator[Agent]:
    known = frozenset(page for page, brand in pages.items() if brand in shift.brands)
    languages = frozenset(shift.languages)
    for number in range(first, first + shift.agents):
        yield Agent(number, languages, known if shift.brands else frozenset())
