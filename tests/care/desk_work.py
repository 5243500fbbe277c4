"""A care team with customers whom a test moves by hand, and notes of all that the team does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import simpy

from dmsim.care.case import Case
from dmsim.care.team import CareTeam
from dmsim.rules.facts import Policy
from dmsim.scenario import Scenario, load_scenario
from dmsim.vocabulary import Reason, Topic, Verdict

PAGE, OTHER_PAGE = 1000, 1001
BRANDS = {PAGE: "beauty", OTHER_PAGE: "bank"}
PERSON = 7


@dataclass(frozen=True)
class Act:
    """Something that the team, or a customer who escalates, did."""

    at: int
    what: str
    person: int
    comment: int = -1
    switch: bool = False


class NotingPlatform:
    """Lets everything through but what ``refuses``; keeps what was done, in order.

    ``reason`` is that of all refusals, ``window_is_open`` what it says of the messaging window.
    """

    def __init__(self, env: simpy.Environment, policy: Policy, key: int) -> None:
        self.env = env
        self.policy = policy
        self.key = key
        self.acts: list[Act] = []
        self.refuses: Callable[[Act], bool] = lambda act: False
        self.reason = Reason.BLOCKED
        self.window_is_open = True
        self.russians: set[int] = set()
        self.offset = 0

    def locale(self, person: int) -> str:
        return "ru" if person in self.russians else "en"

    def utc_offset(self, person: int) -> int:
        return self.offset

    def look(self, case: Case) -> None:
        self._note("look", case, case.comment)

    def public_reply(self, case: Case, comment: int, *, announces: bool) -> Verdict:
        return self._note("public_reply", case, comment, announces)[0]

    def private_reply(self, case: Case, *, personal: bool) -> tuple[Verdict, Reason]:
        return self._note("private_reply", case, case.comment, personal)

    def read(self, case: Case) -> None:
        self._note("read", case)

    def window_open(self, case: Case) -> bool:
        return self.window_is_open

    def answer(self, case: Case) -> tuple[Verdict, Reason]:
        return self._note("answer", case)

    def follow_up(self, case: Case) -> tuple[Verdict, Reason]:
        return self._note("follow_up", case)

    def resolve(self, case: Case) -> None:
        self._note("resolve", case, case.comment)

    def hand_off(self, case: Case) -> None:
        self._note("hand_off", case, case.comment)

    def escalate(self, case: Case) -> None:
        self._note("escalate", case)

    def _note(
        self, what: str, case: Case, comment: int = -1, switch: bool = False
    ) -> tuple[Verdict, Reason]:
        act = Act(int(self.env.now), what, case.person, comment, switch)
        self.acts.append(act)
        if self.refuses(act):
            return Verdict.REFUSED, self.reason
        return Verdict.INBOX, Reason.NONE


#: One agent round the clock, fixed times without templates, one turn per case, patient customers.
PLAIN = [
    "time.start='mon 00:00'",
    "time.warm_up=0s",
    "time.record=21d",
    "care.teams.services.brands=['eyewear']",
    "care.teams.beauty.brands=['beauty', 'bank']",
    "care.teams.beauty.roster={}",
    "care.teams.beauty.agents=1",
    "care.teams.beauty.triage={mean='10s', shape='fixed'}",
    "care.teams.beauty.public_reply={mean='1m', shape='fixed'}",
    "care.teams.beauty.private_reply={mean='2m', shape='fixed'}",
    "care.teams.beauty.answer={mean='3m', shape='fixed'}",
    "care.teams.beauty.templates=false",
    "care.teams.beauty.turns=1",
    "care.teams.beauty.complex_turns=1",
    "care.teams.beauty.announces=1",
    "care.teams.beauty.private_share=1",
    "care.teams.beauty.follow_up=0s",
    "care.teams.beauty.slips=0",
    "care.teams.beauty.hand_off=0",
    "care.customers.escalates=0",
]


def told(*overrides: str) -> Scenario:
    """The plain scenario, changed; ``team.`` stands for ``care.teams.beauty.``."""
    changes = [f"care.teams.beauty.{o[5:]}" if o.startswith("team.") else o for o in overrides]
    return load_scenario("quickstart", None, [*PLAIN, *changes])


class Room:
    """A team at work on a clock of its own."""

    def __init__(self, *overrides: str, key: int = 5, **changes: Any) -> None:
        scenario = told(*overrides)
        self.env = simpy.Environment(initial_time=scenario.time.start)
        policy = scenario.rule_policy()._replace(**changes)
        self.platform = NotingPlatform(self.env, policy, key)
        self.team = CareTeam(self.env, scenario, "beauty", BRANDS, self.platform)
        self.untils = scenario.time.until_us

    def comment(
        self, at: int, person: int = PERSON, *, number: int = 0, page: int = PAGE,
        topic: Topic = Topic.QUESTION,
    ) -> None:  # fmt: skip
        """Let somebody comment at a time."""
        self._at(at, lambda: self.team.comment_came(page, person, number, topic))

    def message(self, at: int, person: int = PERSON, page: int = PAGE) -> None:
        """Let somebody write to a page at a time."""
        self._at(at, lambda: self.team.message_came(page, person))

    def run(self, until: int | None = None) -> "Room":
        self.env.run(until=self.untils if until is None else until)
        return self

    def did(self, *words: str) -> list[Act]:
        """What was done of these kinds, in order."""
        return [act for act in self.platform.acts if act.what in words]

    def told(self) -> list[tuple[int, str]]:
        """Everything that was done, as (when, what)."""
        return [(act.at, act.what) for act in self.platform.acts]

    def cases(self) -> list[dict[str, Any]]:
        return self.team.cases().to_dicts()

    def case(self) -> dict[str, Any]:
        (only,) = self.cases()
        return only

    def _at(self, at: int, happen: Callable[[], None]) -> None:
        self.env.timeout(at - int(self.env.now)).callbacks.append(lambda _: happen())
