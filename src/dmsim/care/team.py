"""A brand's care team in SimPy: agents who answer comments publicly, then privately."""

from collections import deque
from collections.abc import Callable, Generator

import simpy

from dmsim.engine.draws import HANDLING, draw, exponential_table, quantile
from dmsim.engine.engine import Engine, Mail
from dmsim.scenario import Team
from dmsim.vocabulary import Action, Verdict

Process = Generator[simpy.Event, Mail, None]


class CareTeam:
    """Agents who share one first-come-first-served queue; who has been idle longest is next.

    ``number`` is the team's number in its cell, ``fetch_mail`` brings what came in up to now.
    """

    def __init__(
        self, env: simpy.Environment, engine: Engine, number: int, team: Team,
        fetch_mail: Callable[[], None],
    ) -> None:  # fmt: skip
        self._env = env
        self._engine = engine
        self._number = number
        self._turns = team.turns
        self._fetch_mail = fetch_mail
        self._queue: deque[Mail] = deque()
        self._idle: deque[simpy.Event] = deque()
        self._answers: dict[tuple[int, int], int] = {}
        self._public = exponential_table(team.public_reply)
        self._private = exponential_table(team.private_reply)
        self._answer = exponential_table(team.answer)
        for agent in range(team.agents):
            env.process(self._agent(agent))

    def receive(self, letter: Mail) -> None:
        """Something came in: whoever has been idle longest takes it, else it waits."""
        if self._idle:
            agent = self._idle.popleft()
            self._engine.set_idle(self._number, len(self._idle))
            agent.succeed(letter)
        else:
            self._queue.append(letter)

    def _agent(self, agent: int) -> Process:
        """An agent's shift: take the next letter, work on it, and so on."""
        stream = self._number << 16 | agent
        handled = 0
        while True:
            self._fetch_mail()
            if self._queue:
                letter = self._queue.popleft()
            else:
                waiting = self._env.event()
                self._idle.append(waiting)
                self._engine.set_idle(self._number, len(self._idle))
                letter = yield waiting
            handled += 2
            first = draw(self._engine.key, stream, HANDLING, handled)
            second = draw(self._engine.key, stream, HANDLING, handled + 1)
            if letter.comment is None:
                yield from self._answer_message(letter, first)
            else:
                yield from self._reply_to_comment(letter, first, second)

    def _reply_to_comment(self, letter: Mail, first: int, second: int) -> Process:
        """Publicly first (R149, R159), then at once privately, in addition (R147, R170, R172)."""
        assert letter.comment is not None
        yield self._env.timeout(quantile(self._public, first))
        self._act(letter, Action.PUBLIC_REPLY, letter.comment)
        yield self._env.timeout(quantile(self._private, second))
        self._act(letter, Action.PRIVATE_REPLY, letter.comment)

    def _answer_message(self, letter: Mail, first: int) -> Process:
        """Read what the person wrote and answer it, up to the agreed number of turns."""
        if self._engine.has_open_request(letter.page, letter.person):
            self._act(letter, Action.ACCEPT_REQUEST)
        self._act(letter, Action.READ_THREAD)
        thread = letter.page, letter.person
        turns = self._answers.get(thread, 0)
        if turns < self._turns:
            self._answers[thread] = turns + 1
            yield self._env.timeout(quantile(self._answer, first))
            self._act(letter, Action.SEND_MESSAGE)

    def _act(self, letter: Mail, action: Action, comment: int = -1) -> Verdict:
        return self._engine.act(int(self._env.now), letter.page, action, letter.person, comment)
