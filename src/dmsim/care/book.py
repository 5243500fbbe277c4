"""A team's cases by customer: to which of them a comment or a message belongs."""

from dataclasses import dataclass, field

from dmsim.care.case import MESSAGE_CASE, Case
from dmsim.draws import COMMENT_CASE, draw
from dmsim.draws import MESSAGE_CASE as BY_MESSAGE
from dmsim.scenario.units import DAY_US
from dmsim.vocabulary import Ending, Topic

#: A message that comes so much later than the end of a case begins another one.
_SOON_US = DAY_US
#: Endings with which the customer has had his answer: one more line soon after asks for nothing.
_SETTLED = (Ending.RESOLVED, Ending.HANDED_OFF)


@dataclass(slots=True)
class _Customer:
    """A person towards one page.

    ``talks`` are the open cases that have a thread, ``last`` is the one of them that ended last.
    """

    messages: int = 0
    talks: list[Case] = field(default_factory=list)
    last: Case | None = None
    escalating: Case | None = None


class CaseBook:
    """Knows all cases, in the order in which they began.

    A case's stream is named by the customer and the moment of his comment, or by how many messages
    to the page have brought a case before: so neither the staff nor other customers have a say.
    """

    def __init__(self, key: int) -> None:
        self.cases: list[Case] = []
        self._key = key
        self._customers: dict[tuple[int, int], _Customer] = {}
        self._message_cases: set[int] = set()

    def by_comment(
        self, page: int, person: int, comment: int, topic: Topic, locale: str, now: int
    ) -> Case:
        """Begin the case of a comment; its number is that of the comment."""
        stream = draw(self._key, person, COMMENT_CASE, now)
        case = Case(comment, stream, page, person, comment, topic, locale, now)
        self.cases.append(case)
        return case

    def by_message(self, page: int, person: int, locale: str, now: int) -> Case:
        """Begin the case of a message that belongs to no other."""
        customer = self._customer(page, person)
        # Pages lie close together, and nobody begins more than some hundred cases with one of them.
        before = customer.messages & 1023
        stream = draw(self._key, person, BY_MESSAGE, page << 10 | before)
        customer.messages += 1
        number = MESSAGE_CASE | stream
        while number in self._message_cases:
            number += 1
        self._message_cases.add(number)
        case = Case(number, stream, page, person, -1, Topic.MESSAGE, locale, now)
        self.cases.append(case)
        customer.talks.append(case)
        return case

    def opens_thread(self, case: Case) -> None:
        """From now on the customer's messages belong to this case."""
        self._customer(case.page, case.person).talks.append(case)

    def ends(self, case: Case) -> None:
        """A case has ended."""
        customer = self._customer(case.page, case.person)
        if case in customer.talks:
            customer.talks.remove(case)
            customer.last = case

    def leaves(self, case: Case) -> None:
        """The customer has left the thread without a word; nothing he writes belongs to it."""
        self._customer(case.page, case.person).talks.remove(case)

    def talk(self, page: int, person: int) -> Case | None:
        """The open case that the person's messages to a page belong to: the latest."""
        talks = self._customer(page, person).talks
        return talks[-1] if talks else None

    def ended_lately(self, page: int, person: int, now: int) -> Case | None:
        """The settled case of the person's that a message may still belong to."""
        case = self._customer(page, person).last
        if case is None or case.ending not in _SETTLED or now - case.ended > _SOON_US:
            return None
        return case

    def escalates(self, case: Case) -> None:
        """The next comment of this customer is about the case (R151)."""
        self._customer(case.page, case.person).escalating = case

    def escalated(self, page: int, person: int) -> Case | None:
        """The case that a comment of topic escalation is about."""
        customer = self._customer(page, person)
        case, customer.escalating = customer.escalating, None
        return case

    def _customer(self, page: int, person: int) -> _Customer:
        customer = self._customers.get((page, person))
        if customer is None:
            customer = self._customers[page, person] = _Customer()
        return customer
