"""What waits for an agent, and the agents who may take it."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import chain, count
from operator import attrgetter, itemgetter

import simpy

from dmsim.care.case import Case


@dataclass(slots=True, eq=False)
class Work:
    """A piece of work of a case, from the moment it waits for an agent until it is done.

    Attributes:
        number: How many pieces of work came to the team before.
        kind: Its word in ``Team.priorities``.
        since: When it came (µs).
        taken: Happens when an agent takes it, or with the value ``None`` when it is withdrawn.
        agent: Who has taken it.
        gone: It does not wait any more.
    """

    number: int
    case: Case
    kind: str
    since: int
    taken: simpy.Event
    agent: "Agent | None" = None
    gone: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether it is a turn in a thread; all else is a comment, and done one at a time."""
        return self.kind == "thread"


@dataclass(slots=True, eq=False)
class Agent:
    """Somebody who answers customers.

    Attributes:
        number: The agent's number within the team.
        languages: What the agent speaks; empty: everything.
        pages: The brands' pages that the agent knows; empty: all.
        at_hand: How many pieces of work the agent is doing.
        commenting: One of them is a comment.
        present: On duty, and not having a break.
        busy_since: When the agent last began to have work at hand (µs).
        overtime_since: When the shift ended of an agent who still has work at hand, else -1.
    """

    number: int
    languages: frozenset[str]
    pages: frozenset[int]
    at_hand: int = 0
    commenting: bool = False
    present: bool = False
    busy_since: int = 0
    overtime_since: int = -1

    @property
    def skills(self) -> tuple[frozenset[str], frozenset[int]]:
        """All that :meth:`knows` depends on."""
        return self.languages, self.pages

    def knows(self, work: Work) -> bool:
        """Whether the agent has the skills that the work asks for: language and brand."""
        return (not self.languages or work.case.locale in self.languages) and (
            not self.pages or work.case.page in self.pages
        )


class Waiting:
    """The work that waits for an agent.

    Iterating gives all of it, what came first before what came later. It is kept by urgency and
    by the skills that it asks for, so that :meth:`heads` need not look at all of it.
    """

    def __init__(self, priorities: Sequence[str]) -> None:
        self._level = {kind: level for level, kind in enumerate(priorities)}
        self._levels: list[dict[tuple[int, str], deque[Work]]] = [{} for _ in priorities]
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Work]:
        queues = chain.from_iterable(level.values() for level in self._levels)
        return (work for work in merge(*queues, key=attrgetter("number")) if not work.gone)

    def heads(self) -> Iterator[Work]:
        """What is next of each kind, language and brand: most urgent first, then first come."""
        for level in self._levels:
            if level:
                yield from sorted((queue[0] for queue in level.values()), key=attrgetter("number"))

    def add(self, work: Work) -> None:
        """Let work wait."""
        level = self._levels[self._level[work.kind]]
        level.setdefault((work.case.page, work.case.locale), deque()).append(work)
        self._size += 1

    def remove(self, work: Work) -> None:
        """Work is taken or withdrawn. What does not stand first is only marked for the moment."""
        work.gone = True
        self._size -= 1
        level = self._levels[self._level[work.kind]]
        skill = work.case.page, work.case.locale
        queue = level[skill]
        while queue and queue[0].gone:
            queue.popleft()
        if not queue:
            del level[skill]


class _Pool:
    """Agents with as much at hand; by skills, so that those of each set are tested once."""

    def __init__(self) -> None:
        # Each with the number of the turn in which the agent came, in that order.
        self._by_skills: dict[object, OrderedDict[Agent, int]] = {}

    def __contains__(self, agent: Agent) -> bool:
        return agent in self._by_skills.get(agent.skills, ())

    def __iter__(self) -> Iterator[Agent]:
        return _in_turn(self._by_skills.values())

    def able(self, work: Work) -> Iterator[Agent]:
        """Who has the skills that some work asks for."""
        alike = self._by_skills.values()
        return _in_turn([agents for agents in alike if next(iter(agents)).knows(work)])

    def add(self, agent: Agent, turn: int) -> None:
        self._by_skills.setdefault(agent.skills, OrderedDict())[agent] = turn

    def remove(self, agent: Agent) -> None:
        alike = self._by_skills[agent.skills]
        del alike[agent]
        if not alike:
            del self._by_skills[agent.skills]


def _in_turn(parts: Iterable["OrderedDict[Agent, int]"]) -> Iterator[Agent]:
    """All agents of some parts, who came first before who came later."""
    turns = merge(*(part.items() for part in parts), key=itemgetter(1))
    return (agent for agent, _ in turns)


class Available:
    """The agents on duty who can take more work.

    Iterating gives all of them: who has least at hand first, among these who was idle longest.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        # By whether a comment is at hand, then by how much is; each in order of becoming free.
        self._pools = [_Pool() for _ in range(threads)], [_Pool() for _ in range(threads)]
        self._size = 0
        self._turns = count()

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Agent]:
        return chain.from_iterable(chain.from_iterable(zip(*self._pools, strict=True)))

    def able(self, work: Work) -> Iterator[Agent]:
        """Who may take some work, in that order: has the skills and, for a comment, no other."""
        pools = chain.from_iterable(zip(*self._pools, strict=True))
        for pool in pools if work.is_thread else self._pools[0]:
            yield from pool.able(work)

    def admits(self, agent: Agent, work: Work) -> bool:
        """Whether this agent may take this work."""
        if agent.at_hand >= self._threads or agent not in self._pool(agent):
            return False
        return work.is_thread or not agent.commenting

    def add(self, agent: Agent) -> None:
        """An agent can take more work from now on, if on duty and not busy enough already."""
        if agent.present and agent.at_hand < self._threads:
            self._pool(agent).add(agent, next(self._turns))
            self._size += 1

    def remove(self, agent: Agent) -> None:
        """An agent takes no more work, or is about to have more or less at hand."""
        if agent.present and agent.at_hand < self._threads:
            self._pool(agent).remove(agent)
            self._size -= 1

    def _pool(self, agent: Agent) -> _Pool:
        return self._pools[agent.commenting][agent.at_hand]
