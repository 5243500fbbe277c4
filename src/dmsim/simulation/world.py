"""One cell in motion: SimPy holds the clock, the kernel moves the persons in between.

The coupling is exact. The kernel runs strictly below the next SimPy event, so at equal µs SimPy
acts first; it returns at every letter, which is handed over at that very µs. The clock is integer
µs, which is why ``now`` and ``peek`` can be compared.
"""

from collections.abc import Generator

import polars as pl
import simpy

from dmsim.care.campaigns import Campaigns
from dmsim.care.engine_platform import EnginePlatform
from dmsim.care.mailroom import Mailroom
from dmsim.care.moderation import Moderation
from dmsim.care.team import CareTeam
from dmsim.engine.engine import Engine, RowSink
from dmsim.population.model import Population
from dmsim.scenario import Scenario
from dmsim.trace.schema import CASES, STAFF, Table


class World:
    """A population, its care teams, its moderators and the brands' campaigns on one clock."""

    def __init__(self, scenario: Scenario, population: Population, sink: RowSink) -> None:
        self.env = simpy.Environment(initial_time=scenario.time.start)
        self.engine = Engine(scenario, population, sink)
        campaigns = Campaigns(self.env, self.engine, scenario)
        platform = EnginePlatform(self.env, self.engine)
        self.teams: list[CareTeam] = []
        team_of_page: dict[int, CareTeam] = {}
        for number, name in enumerate(population.teams):
            pages = _pages(population, number)
            team = CareTeam(self.env, scenario, name, pages, platform, campaigns.templated)
            self.teams.append(team)
            team_of_page |= dict.fromkeys(pages, team)
        moderation = Moderation(
            self.env, self.engine, len(self.teams), scenario.moderation, population.staff
        )
        self._mailroom = Mailroom(self.engine, team_of_page, moderation)
        self.engine.on_letter = self._mailroom.distribute
        self.env.process(self._move_population())

    def run(self, until: int) -> None:
        """Live up to (not including) ``until`` in µs."""
        self.env.run(until=until)

    def results(self) -> dict[Table, pl.DataFrame]:
        """What became of the cases and what the staff did; for when the run is over."""
        population = self.engine.population
        cases, hours = CASES.schema.to_frame(), STAFF.schema.to_frame()
        for team in self.teams:
            cases = cases.vstack(team.cases(population.first_account, population.cell))
            hours = hours.vstack(team.staff_hours())
        return {CASES: cases, STAFF: hours}

    def _move_population(self) -> Generator[simpy.Event, None, None]:
        env, engine = self.env, self.engine
        while True:
            limit = int(env.peek())
            if engine.advance(limit):
                yield env.timeout(limit - int(env.now))
            else:
                yield env.timeout(engine.now - int(env.now))
                self._mailroom.distribute()


def _pages(population: Population, team: int) -> dict[int, str]:
    """The accounts that a team serves, with the names of their brands."""
    accounts = (
        population.persons + page for page in (population.team_of_page == team).nonzero()[0]
    )
    return {int(account): population.names[int(account)] for account in accounts}
