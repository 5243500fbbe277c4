"""The baseline of ``bench_kernel.py``: the same life as one SimPy process per session.

Written as one would without a kernel: dictionaries, sets and the rules as they are. It leaves out
what the kernel does besides (care teams, moderation, most actions, the order of actions, texts),
which favours it.
"""

from collections import defaultdict
from collections.abc import Generator

import numpy as np
import simpy

from dmsim.population.arrivals import Arrivals
from dmsim.population.model import Population
from dmsim.rules.facts import NOTHING_SPECIAL, PLAIN, Facts, PairFacts, Side
from dmsim.rules.messaging import decide_message, thread_for_sender
from dmsim.rules.sanctions import is_unsafe
from dmsim.scenario import Scenario
from dmsim.vocabulary import Action, Kind, Thread, Verdict, Via

_DAY_US = 86_400_000_000

_SHIFT = 24


class PlainWorld:
    """Persons as SimPy processes; ``rows`` collects (at, actor, action, target, verdict)."""

    def __init__(self, scenario: Scenario, population: Population) -> None:
        self.env = simpy.Environment(initial_time=scenario.time.start)
        self.rows: list[tuple[int, int, int, int, int]] = []
        self._scenario = scenario
        self._population = population
        self._archetypes = list(scenario.archetypes.values())
        self._rng = np.random.default_rng(scenario.seed)
        start, targets = population.follows.start.tolist(), population.follows.targets.tolist()
        self._follows = [targets[start[i] : start[i + 1]] for i in range(population.accounts)]
        self._followed = [set(ids) for ids in self._follows]
        start, targets = population.contacts.start.tolist(), population.contacts.targets.tolist()
        self._contacts = [set(targets[start[i] : start[i + 1]]) for i in range(population.accounts)]
        self._threads: dict[tuple[int, int], tuple[Thread, int, int]] = {}
        self._unread: dict[int, list[int]] = defaultdict(list)
        self._requests: dict[int, list[int]] = defaultdict(list)
        self._blocked: dict[int, set[int]] = defaultdict(set)
        self._setting = population.setting.tolist()
        self._policy = scenario.rule_policy()
        self._busy: set[int] = set()

    def run(self, until: int) -> None:
        """Sample all visits, then live until then."""
        start = int(self.env.now)
        population = self._population
        arrivals = Arrivals(population, self._scenario)
        packed = arrivals.sample(self._rng, start, until, _SHIFT).tolist()
        visits = [(p >> _SHIFT, (p & ((1 << _SHIFT) - 1)) >> 2) for p in packed if not p & 3]
        self.env.process(self._arrive(start, visits))
        self.env.run(until=until)

    def _arrive(self, start: int, visits: list[tuple[int, int]]) -> Generator[simpy.Event]:
        for offset, person in visits:
            yield self.env.timeout(start + offset - self.env.now)
            self._visit(person)

    def _visit(self, person: int) -> None:
        if person not in self._busy:
            self._busy.add(person)
            self.env.process(self._session(person))

    def _session(self, person: int) -> Generator[simpy.Event]:
        archetype = self._archetypes[self._population.archetype[person]]
        behaviour = self._scenario.behaviour
        self._record(person, Action.OPEN_INBOX, -1, Verdict.DONE)
        peer = -1
        for _ in range(self._rng.geometric(1 / archetype.actions_per_session)):
            pause = self._rng.lognormal(0, behaviour.think_time_sigma)
            yield self.env.timeout(round(behaviour.think_time_median * pause))
            chance = self._rng.random()
            if peer >= 0 and chance < archetype.reply:
                self._send(person, peer)
                peer = -1
            elif self._unread[person]:
                peer = self._unread[person].pop()
                self._record(person, Action.READ_THREAD, peer, Verdict.DONE)
            elif self._requests[person] and chance < archetype.accept_request:
                peer = self._requests[person].pop()
                self._threads[min(person, peer), max(person, peer)] = Thread.ACCEPTED, peer, 0
                self._record(person, Action.ACCEPT_REQUEST, peer, Verdict.DONE)
            elif chance < archetype.new_conversation and self._follows[person]:
                follows = self._follows[person]
                self._send(person, follows[int(self._rng.random() * len(follows))])
            elif chance < archetype.new_conversation + archetype.change_setting:
                self._setting[person] = int(self._rng.integers(4))
                self._record(person, Action.CHANGE_SETTING, -1, Verdict.DONE)
        self._busy.discard(person)

    def _side(self, account: int, unsafe: bool) -> Side:
        people = self._population
        return Side(
            registered=bool(people.registered[account]),
            age=int(people.age[account]),
            family_restricted=bool(people.family_restricted[account]),
            standing=int(people.standing[account]),
            kind=Kind.PERSON if account < people.persons else Kind.BRAND,
            setting=self._setting[account],
            unsafe=unsafe,
            filter_requests=bool(people.filter_requests[account]),
            allow_business=bool(people.allow_business[account]),
            region=int(people.region[account]),
            read_status=bool(people.read_status[account]),
        )

    def _facts(self, sender: int, recipient: int) -> Facts:
        key = min(sender, recipient), max(sender, recipient)
        thread, requester, count = self._threads.get(key, (Thread.NONE, -1, 0))
        pair = PairFacts(
            sender_follows=recipient in self._followed[sender],
            recipient_follows=sender in self._followed[recipient],
            contact_synced=recipient in self._contacts[sender],
            known_through_friends=False,
            sender_blocks=recipient in self._blocked[sender],
            recipient_blocks=sender in self._blocked[recipient],
            thread=thread_for_sender(thread, requester == sender),
            requested_count=count if requester == sender else 0,
            asked=False,
            filtered=False,
            visible=True,
            read=True,
            is_guardian=False,
            by_private_reply=False,
            answered_minutes=-1,
        )
        days = (int(self.env.now) - int(self._population.joined[sender])) // _DAY_US
        related = pair.sender_follows or pair.recipient_follows or pair.contact_synced
        standing = int(self._population.standing[sender])
        unsafe = is_unsafe(standing, 0, days, related, self._policy)
        return Facts(
            self._side(sender, unsafe), self._side(recipient, False), pair, PLAIN,
            NOTHING_SPECIAL, Via.PROFILE,
        )  # fmt: skip

    def _send(self, sender: int, recipient: int) -> None:
        facts = self._facts(sender, recipient)
        verdict, _ = decide_message(facts, self._policy)
        self._record(sender, Action.SEND_MESSAGE, recipient, verdict)
        if verdict == Verdict.REFUSED:
            return
        accepted = verdict == Verdict.INBOX
        thread = Thread.ACCEPTED if accepted else Thread.REQUESTED
        count = 0 if accepted else facts.pair.requested_count + 1
        self._threads[min(sender, recipient), max(sender, recipient)] = thread, sender, count
        if recipient >= self._population.persons:
            return
        (self._unread if accepted else self._requests)[recipient].append(sender)
        behaviour = self._scenario.behaviour
        if self._rng.random() < behaviour.notified_visit:
            delay = behaviour.visit_delay_median * self._rng.lognormal(
                0, behaviour.visit_delay_sigma
            )
            self.env.process(self._come(recipient, round(delay)))

    def _come(self, person: int, delay: int) -> Generator[simpy.Event]:
        yield self.env.timeout(delay)
        self._visit(person)

    def _record(self, actor: int, action: Action, target: int, verdict: Verdict) -> None:
        self.rows.append((int(self.env.now), actor, action, target, verdict))
