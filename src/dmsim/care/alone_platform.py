"""A care team's platform where nobody but the team and its customers is there.

The rules decide as ever (:func:`dmsim.rules.decide.decide`); the facts are those of brands in good
standing and of adults whom everyone may write to, so what can stop a brand are the limits of the
interface: one private reply for a comment, days, windows, rates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import simpy

from dmsim.care.case import Case
from dmsim.care.customers import Customers
from dmsim.care.platform import desk_facts
from dmsim.rules.decide import decide
from dmsim.rules.facts import NOTHING_SPECIAL, UNRELATED, Circumstances, PairFacts, Policy
from dmsim.rules.messaging import window_closed
from dmsim.scenario import Scenario
from dmsim.scenario.units import HOUR_US, MINUTE_US
from dmsim.vocabulary import Action, Reason, Thread, Topic, Verdict

_DELIVERED = (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED)


@dataclass(slots=True)
class Customer:
    """A person who turns to one page, with one comment or with a message.

    ``publicly`` and ``privately`` say how the comment was answered, ``thread`` is the conversation
    as the page sees it, ``requested`` counts the page's messages until the person answers, and
    ``answered`` is when he did last, -1 for never (µs).
    """

    locale: str
    utc_offset: int
    publicly: bool = False
    privately: bool = False
    thread: Thread = Thread.NONE
    requested: int = 0
    by_private_reply: bool = False
    answered: int = -1


class Desk(Protocol):
    """Who is told of what reaches the pages: a care team."""

    def comment_came(self, page: int, person: int, comment: int, topic: Topic) -> None:
        """Somebody commented."""

    def message_came(self, page: int, person: int) -> None:
        """Somebody wrote."""


class AlonePlatform:
    """Keeps what the rules ask for, of ``people`` by their numbers.

    ``first_escalation`` numbers the first comment by which somebody turns to the public. Whoever
    makes the platform sets ``desk`` before anything happens.
    """

    desk: Desk

    def __init__(
        self, env: simpy.Environment, scenario: Scenario, key: int,
        people: Mapping[int, Customer], first_escalation: int,
    ) -> None:  # fmt: skip
        self.key = key
        self.policy: Policy = scenario.rule_policy()
        self._env = env
        self._people = people
        self._comments = first_escalation
        self._customers = Customers(env, key, scenario.care.customers, self._write)
        # By page: the hour of the clock, and the private replies sent in it.
        self._hours: dict[int, tuple[int, int]] = {}

    def locale(self, person: int) -> str:
        """The language of a customer."""
        return self._people[person].locale

    def utc_offset(self, person: int) -> int:
        """The µs by which a customer's clock is ahead."""
        return self._people[person].utc_offset

    def write(self, page: int, person: int) -> None:
        """A customer writes to a page, which accepts what he writes when it reads."""
        customer = self._people[person]
        customer.answered = self._now
        customer.thread = Thread.ACCEPTED
        customer.requested = 0
        self.desk.message_came(page, person)

    def look(self, case: Case) -> None:
        """Nothing to note: whoever looks is shown the comment."""

    def public_reply(self, case: Case, comment: int, *, announces: bool) -> Verdict:
        """Answer a comment in public."""
        customer = self._people[case.person]
        verdict, _ = self._decide(Action.PUBLIC_REPLY, customer)
        if verdict != Verdict.REFUSED and comment == case.comment:
            customer.publicly = True
        return verdict

    def private_reply(self, case: Case, *, personal: bool) -> tuple[Verdict, Reason]:
        """Answer the comment in private, within the limits of the interface (R129-R131)."""
        customer = self._people[case.person]
        hour, sent = self._this_hour(case.page)
        comment = NOTHING_SPECIAL._replace(
            publicly_replied=customer.publicly,
            privately_replied=customer.privately,
            comment_minutes=(self._now - case.written) // MINUTE_US,
            private_replies_this_hour=sent,
        )
        verdict, reason = self._decide(Action.PRIVATE_REPLY, customer, comment)
        if verdict in _DELIVERED:
            self._hours[case.page] = hour, sent + 1
            customer.privately = True
            customer.by_private_reply |= customer.thread != Thread.ACCEPTED
            self._deliver(customer, verdict)
            self._customers.receive_private_reply(case)
        return verdict, reason

    def read(self, case: Case) -> None:
        """Nothing to note: customers do not look at receipts."""

    def window_open(self, case: Case) -> bool:
        """What the rule says of an answer at this moment."""
        return not window_closed(desk_facts(self._pair(self._people[case.person])), self.policy)

    def answer(self, case: Case) -> tuple[Verdict, Reason]:
        """Answer in the thread."""
        return self._send(Action.SEND_MESSAGE, case, self._customers.receive_answer)

    def follow_up(self, case: Case) -> tuple[Verdict, Reason]:
        """Remind the customer in the thread."""
        return self._send(Action.FOLLOW_UP, case, self._customers.receive_reminder)

    def resolve(self, case: Case) -> None:
        """Nothing to note beside the case itself."""

    def hand_off(self, case: Case) -> None:
        """Nothing to note beside the case itself."""

    def escalate(self, case: Case) -> None:
        """The customer comments once more."""
        comment = self._comments
        self._comments += 1
        self.desk.comment_came(case.page, case.person, comment, Topic.ESCALATION)

    def _write(self, case: Case) -> None:
        self.write(case.page, case.person)

    def _send(
        self, action: Action, case: Case, received: Callable[[Case], None]
    ) -> tuple[Verdict, Reason]:
        customer = self._people[case.person]
        verdict, reason = self._decide(action, customer)
        if verdict in _DELIVERED:
            self._deliver(customer, verdict)
            received(case)
        return verdict, reason

    def _deliver(self, customer: Customer, verdict: Verdict) -> None:
        """What goes to the inbox is in an open conversation from then on."""
        if verdict == Verdict.INBOX:
            customer.thread = Thread.ACCEPTED
        else:
            customer.thread = Thread.REQUESTED
            customer.requested += 1

    def _decide(
        self, action: Action, customer: Customer, circumstances: Circumstances = NOTHING_SPECIAL
    ) -> tuple[Verdict, Reason]:
        return decide(action, desk_facts(self._pair(customer), circumstances), self.policy)

    def _pair(self, customer: Customer) -> PairFacts:
        if customer.thread == Thread.NONE:
            return UNRELATED
        answered = customer.answered
        return UNRELATED._replace(
            thread=customer.thread,
            requested_count=customer.requested,
            visible=True,
            by_private_reply=customer.by_private_reply,
            answered_minutes=-1 if answered < 0 else (self._now - answered) // MINUTE_US,
        )

    def _this_hour(self, page: int) -> tuple[int, int]:
        hour = self._now // HOUR_US
        counted, sent = self._hours.get(page, (hour, 0))
        return hour, sent if counted == hour else 0

    @property
    def _now(self) -> int:
        return int(self._env.now)
