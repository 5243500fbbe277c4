"""A team's desk: work waits here, agents come and go, and routing brings the two together."""

from collections.abc import Iterable
from itertools import count

import simpy

from dmsim.care.case import Case
from dmsim.care.hands import Hands
from dmsim.care.log import StaffHours
from dmsim.care.routing import Routing, routing_key
from dmsim.care.work import Agent, Available, Waiting, Work
from dmsim.errors import UsageError
from dmsim.scenario.care import Team


class Desk:
    """Gives the agents of a team their work; ``name`` is the team's, for errors."""

    def __init__(
        self, env: simpy.Environment, name: str, team: Team, route: Routing, hours: StaffHours
    ) -> None:
        self.waiting = Waiting(team.priorities)
        self._env = env
        self._where = routing_key(name, team.routing)
        self._route = route
        self._hours = hours
        self._slowdown = team.slowdown
        self._available = Available(team.threads)
        self._at_work: dict[Agent, Hands] = {}
        self._numbers = count()

    def ask(self, case: Case, kind: str) -> Work:
        """Let work wait for an agent; its ``taken`` happens when one takes it."""
        env = self._env
        work = Work(next(self._numbers), case, kind, int(env.now), env.event())
        self.waiting.add(work)
        self._assign()
        return work

    def withdraw(self, work: Work) -> None:
        """Nobody needs to do any more what still waits."""
        self.waiting.remove(work)
        work.taken.succeed(None)

    def handle(self, work: Work, time: int) -> simpy.Event:
        """The agent handles it, which takes so long if nothing else is at hand meanwhile (µs)."""
        assert work.agent is not None
        return self._at_work[work.agent].handle(time)

    def done(self, work: Work) -> None:
        """The agent is through with it, and may take more."""
        agent = work.agent
        assert agent is not None
        self._available.remove(agent)
        agent.at_hand -= 1
        agent.commenting = agent.commenting and work.is_thread
        if agent.at_hand == 0:
            self._hours.busy(agent.busy_since, int(self._env.now))
            del self._at_work[agent]
            self._end_overtime(agent)
        else:
            self._at_work[agent].hold(agent.at_hand)
        self._available.add(agent)
        self._assign()

    def come(self, agents: Iterable[Agent]) -> None:
        """Agents come on duty, or back from a break."""
        for agent in agents:
            agent.present = True
            self._end_overtime(agent)
            self._available.add(agent)
        self._assign()

    def leave(self, agents: Iterable[Agent]) -> None:
        """Agents take nothing new; what they have at hand they finish."""
        for agent in agents:
            self._available.remove(agent)
            agent.present = False
            if agent.at_hand:
                agent.overtime_since = int(self._env.now)

    def note_time(self) -> None:
        """Note the time of those who have work at hand up to now."""
        now = int(self._env.now)
        for agent in self._at_work:
            self._hours.busy(agent.busy_since, now)
            agent.busy_since = now
            self._end_overtime(agent)

    def _end_overtime(self, agent: Agent) -> None:
        """What was at hand at the end of the shift is done, or the next part of it begins."""
        if agent.overtime_since >= 0:
            self._hours.present(agent.overtime_since, int(self._env.now), 1)
            agent.overtime_since = -1

    def _assign(self) -> None:
        while len(self.waiting) and len(self._available):
            found = self._routed()
            if found is None:
                return
            self._give(*found)

    def _routed(self) -> tuple[Work, Agent] | None:
        try:
            found = self._route(self.waiting, self._available)
            if found is None:
                return None
            work, agent = found
            if not work.gone and self._available.admits(agent, work):
                return work, agent
        except Exception as error:  # whatever a stranger's function does
            text = f"{type(error).__name__}: {error}"
        else:
            text = "gave work that does not wait, or to an agent who may not take it"
        raise UsageError(f"{self._where}: {text}; mend the function")

    def _give(self, work: Work, agent: Agent) -> None:
        self.waiting.remove(work)
        self._available.remove(agent)
        if agent.at_hand == 0:
            agent.busy_since = int(self._env.now)
            self._at_work[agent] = Hands(self._env, self._slowdown)
        work.agent = agent
        agent.at_hand += 1
        self._at_work[agent].hold(agent.at_hand)
        agent.commenting = agent.commenting or not work.is_thread
        self._available.add(agent)
        work.taken.succeed(agent)
