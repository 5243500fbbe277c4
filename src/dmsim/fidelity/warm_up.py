"""What persons did before the first recorded instant, as far as the scenario's rates tell."""

from collections.abc import Callable
from math import fsum

from dmsim.fidelity.facts import Facts
from dmsim.fidelity.week import exposure
from dmsim.population.curves import HOURS
from dmsim.scenario import Archetype


class WarmUp:
    """Expected deeds of a person in the warm-up; an upper bound rather than an estimate."""

    def __init__(self, facts: Facts) -> None:
        self._scenario, time = facts.scenario, facts.scenario.time
        worth = exposure(facts, self._scenario.curves.persons, window=(time.start, time.from_us))
        # What others write brings about as many sessions again.
        self._weeks = 2 * float(worth.sum()) / HOURS if time.warm_up else 0.0

    def sessions(self, weight: Callable[[Archetype], float]) -> float:
        """A person's sessions, each weighed by its archetype."""
        return self._weeks * fsum(
            a.share * a.sessions_per_week * weight(a) for a in self._scenario.archetypes.values()
        )

    def steps(self, chance: Callable[[Archetype], float]) -> float:
        """How many times a person does what a step of a session brings by chance."""
        return self.sessions(lambda a: a.actions_per_session * chance(a))
