"""A care team's platform where customers are persons of a population."""

import simpy

from dmsim.care.case import Case
from dmsim.care.platform import desk_facts
from dmsim.draws import POST, below, draw
from dmsim.engine.engine import Engine
from dmsim.engine.pairs import BY_PRIVATE_REPLY, EXPECTS_ANSWER, has, pair_of, put
from dmsim.population.texts import LOCALES
from dmsim.rules.facts import UNRELATED, Policy
from dmsim.rules.messaging import window_closed
from dmsim.scenario.units import MINUTE_US
from dmsim.vocabulary import Action, Reason, Topic, Verdict, Via

_LOCALES = list(LOCALES)


class EnginePlatform:
    """Acts on persons through the engine, in the name of the page that a case belongs to."""

    def __init__(self, env: simpy.Environment, engine: Engine) -> None:
        self._env = env
        self._engine = engine
        self.key = engine.key

    @property
    def policy(self) -> Policy:
        """The policy of the rules."""
        return self._engine.policy

    def locale(self, person: int) -> str:
        """The language of a customer."""
        return _LOCALES[int(self._engine.population.locale[person])]

    def utc_offset(self, person: int) -> int:
        """The µs by which a customer's clock is ahead of the trace's."""
        return int(self._engine.population.utc_offset[person])

    def look(self, case: Case) -> None:
        """The page reads the comment, with its answers."""
        now = int(self._env.now)
        self._engine.act(now, case.page, Action.READ_COMMENT, case.page, case.comment)

    def public_reply(self, case: Case, comment: int, *, announces: bool) -> Verdict:
        """The page answers a comment in public."""
        return self._act(case, Action.PUBLIC_REPLY, comment, switch=int(announces))

    def private_reply(self, case: Case, *, personal: bool) -> tuple[Verdict, Reason]:
        """The page answers the comment in private, with a link to it (R132)."""
        verdict = self._act(case, Action.PRIVATE_REPLY, case.comment, switch=int(personal))
        return verdict, self._engine.reason

    def read(self, case: Case) -> None:
        """The page accepts what is still a request, and reads."""
        if self._engine.has_open_request(case.page, case.person):
            self._act(case, Action.ACCEPT_REQUEST)
        self._act(case, Action.READ_THREAD)

    def window_open(self, case: Case) -> bool:
        """What the rule says of an answer at this moment."""
        state = self._engine.state
        i = pair_of(state, case.page, case.person)
        answered = int(state.pairs[i]["answered"])
        pair = UNRELATED._replace(
            by_private_reply=has(state, i, BY_PRIVATE_REPLY, 0),
            answered_minutes=-1 if answered < 0 else (int(self._env.now) - answered) // MINUTE_US,
        )
        return not window_closed(desk_facts(pair), self.policy)

    def answer(self, case: Case) -> tuple[Verdict, Reason]:
        """A message in the thread."""
        return self._write(case, Action.SEND_MESSAGE, switch=1 if case.hands_off else -1)

    def follow_up(self, case: Case) -> tuple[Verdict, Reason]:
        """A reminder in the thread."""
        return self._write(case, Action.FOLLOW_UP)

    def resolve(self, case: Case) -> None:
        """Note that the case is settled."""
        self._act(case, Action.RESOLVE, case.comment)

    def hand_off(self, case: Case) -> None:
        """Note that the case goes on in another channel."""
        self._act(case, Action.HAND_OFF, case.comment)

    def escalate(self, case: Case) -> None:
        """The customer comments below the same post, or any where there was no comment before."""
        self._engine.act(
            int(self._env.now),
            case.person,
            Action.COMMENT,
            case.page,
            self._post(case),
            via=Via.FEED,
            topic=Topic.ESCALATION,
        )

    def _post(self, case: Case) -> int:
        state = self._engine.state
        if case.comment >= 0:
            return int(state.comments[case.comment]["post"])
        page = state.pages[case.page - self._engine.population.persons]
        pick = draw(self.key, case.stream, POST, 0)
        return int(page["first_post"]) + below(pick, int(page["posts"]))

    def _write(self, case: Case, action: Action, switch: int = -1) -> tuple[Verdict, Reason]:
        """Write in the thread; who has left it without a word does not mean to answer."""
        verdict = self._act(case, action, switch=switch)
        reason = self._engine.reason
        if case.left:
            state = self._engine.state
            put(state, pair_of(state, case.page, case.person), EXPECTS_ANSWER, 0, False)
        return verdict, reason

    def _act(self, case: Case, action: Action, uses: int = -1, switch: int = -1) -> Verdict:
        now = int(self._env.now)
        return self._engine.act(now, case.page, action, case.person, uses, switch=switch)
