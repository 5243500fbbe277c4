"""One cell in motion: SimPy holds the clock, the kernel moves the persons in between.

The coupling is exact. The kernel runs strictly below the next SimPy event, so at equal µs SimPy
acts first; it returns early only when somebody idle would react; everything else waits in the
mailbox until an agent looks. The clock is integer µs, which is why ``now`` and ``peek`` can be
compared.
"""

from collections.abc import Generator

import simpy

from dmsim.care.mailroom import Mailroom
from dmsim.care.moderation import Moderation
from dmsim.care.team import CareTeam
from dmsim.engine.engine import Engine, RowSink
from dmsim.population.model import Population
from dmsim.scenario import Scenario


class World:
    """A population, its care teams and its moderators on one clock."""

    def __init__(self, scenario: Scenario, population: Population, sink: RowSink) -> None:
        self.env = simpy.Environment(initial_time=scenario.time.start)
        self.engine = Engine(scenario, population, sink)
        self._mailroom = Mailroom(self.engine)
        for number, name in enumerate(population.teams):
            team = CareTeam(
                self.env, self.engine, number, scenario.care.teams[name], self._mailroom.distribute
            )
            pages = [
                population.persons + page
                for page, served in enumerate(population.team_of_page)
                if served == number
            ]
            self._mailroom.serve(team, pages)
        moderation = Moderation(
            self.env,
            self.engine,
            len(population.teams),
            scenario.moderation,
            population.staff,
            self._mailroom.distribute,
        )
        self._mailroom.serve(moderation, [population.staff])
        self.env.process(self._move_population())

    def run(self, until: int) -> None:
        """Live up to (not including) ``until`` in µs."""
        self.env.run(until=until)

    def _move_population(self) -> Generator[simpy.Event, None, None]:
        env, engine = self.env, self.engine
        while True:
            limit = int(env.peek())
            if engine.advance(limit):
                yield env.timeout(limit - int(env.now))
            else:
                yield env.timeout(engine.now - int(env.now))
                self._mailroom.distribute()
