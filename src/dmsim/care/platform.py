"""What a care team asks of the platform that it works on.

The workflow knows nothing of how customers are moved: in a population they are persons of the
engine (:class:`dmsim.care.engine_platform.EnginePlatform`); a team that is run alone has customers
of its own. Either way, whatever reaches a page is told to its team at the same moment, by
:meth:`dmsim.care.team.CareTeam.comment_came` and :meth:`~dmsim.care.team.CareTeam.message_came`.
All methods act at the present moment of the SimPy clock (integer µs).
"""

from typing import Protocol

from dmsim.care.case import Case
from dmsim.rules.facts import (
    NOTHING_SPECIAL,
    PLAIN,
    Circumstances,
    Facts,
    PairFacts,
    Policy,
    Side,
)
from dmsim.vocabulary import Kind, Reason, Region, Setting, Standing, Verdict, Via


class Platform(Protocol):
    """How the staff of a page act on customers.

    A verdict ``REFUSED`` means that nothing was delivered; any other that it was sent. What is sent
    in private also has the reason of the verdict.
    """

    @property
    def key(self) -> int:
        """The key of the random streams (``dmsim.draws.draw``)."""

    @property
    def policy(self) -> Policy:
        """The policy of the rules, for what a desk knows beforehand: days and windows."""

    def locale(self, person: int) -> str:
        """The language of a customer, such as ``en``."""

    def utc_offset(self, person: int) -> int:
        """The µs by which a customer's clock is ahead of the simulation's."""

    def look(self, case: Case) -> None:
        """Read the comment that began the case."""

    def public_reply(self, case: Case, comment: int, *, announces: bool) -> Verdict:
        """Answer a comment of the case in public; ``announces``: with word of the private reply.

        ``comment`` is the case's own, or the one by which its customer turned to the public.
        """

    def private_reply(self, case: Case, *, personal: bool) -> tuple[Verdict, Reason]:
        """Answer the comment of the case in private; ``personal``: asks for personal data."""

    def read(self, case: Case) -> None:
        """Read what the customer wrote, a request of his is accepted first."""

    def window_open(self, case: Case) -> bool:
        """Whether no messaging window holds back an answer in the thread (R129, R131)."""

    def answer(self, case: Case) -> tuple[Verdict, Reason]:
        """Answer in the thread, as a human agent."""

    def follow_up(self, case: Case) -> tuple[Verdict, Reason]:
        """Remind a silent customer in the thread (R123)."""

    def resolve(self, case: Case) -> None:
        """Note that the case is settled."""

    def hand_off(self, case: Case) -> None:
        """Note that the case goes on in another channel (R187)."""

    def escalate(self, case: Case) -> None:
        """The customer turns to the public (R151): one more comment, if he may write one.

        It comes to the team like any other, with the topic ``ESCALATION``, at this moment.
        """


def _side(kind: Kind) -> Side:
    return Side(
        registered=True,
        age=30,
        family_restricted=False,
        standing=Standing.GOOD,
        kind=kind,
        setting=Setting.EVERYONE,
        unsafe=False,
        filter_requests=False,
        allow_business=True,
        region=Region.WITH_STICKERS,
        read_status=True,
    )


_BRAND = _side(Kind.BRAND)
_PERSON = _side(Kind.PERSON)


def desk_facts(pair: PairFacts, circumstances: Circumstances = NOTHING_SPECIAL) -> Facts:
    """What the rules ask for when the desk of a brand in good standing writes to an adult.

    Everyone may write to the adult; ``pair`` is what stands between the two.
    """
    return Facts(
        sender=_BRAND,
        recipient=_PERSON,
        pair=pair,
        content=PLAIN,
        circumstances=circumstances,
        via=Via.CARE_DESK,
    )
