"""A customer's case: what is asked, what it takes to settle it, and how far it has come."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import simpy
from numpy.typing import NDArray

from dmsim.draws import (
    ANNOUNCED,
    COMPLEX,
    HANDS_OFF,
    IN_PRIVATE,
    PERSONAL,
    SCALE,
    SLIP,
    TURNS,
    draw,
    geometric_table,
    quantile,
)
from dmsim.scenario.care import Cases, Team
from dmsim.vocabulary import Ending, Topic

#: Topics that are settled in private, if the team does so; the others need no second word.
REQUESTS = (Topic.QUESTION, Topic.COMPLAINT, Topic.MESSAGE)
#: Numbers of cases that begin with a message have this bit, those of comments are the comments'.
MESSAGE_CASE = 1 << 39


class Slip(IntEnum):
    """What somebody does wrong with a private reply; the platform refuses it."""

    NONE = 0
    ONCE_MORE = 1
    BEFORE_PUBLIC = 2
    TOO_LATE = 3


@dataclass(slots=True, eq=False)
class Case:
    """One customer's request as it moves: comment, public reply, private reply, thread, ending.

    ``comment`` is -1 where the customer wrote a message instead. Moments are µs of the clock, -1 as
    long as they have not come; what the trace's table of cases says of them holds here too.

    Attributes:
        number: Names the case; the same in all runs that give the customers the same comments.
        stream: The actor of the case's draws, whoever handles it and whenever.
        in_private: It is answered privately too.
        needed: Answers in the thread that settle it.
        hands_off: It goes on in another channel.
        announced: The public reply tells of the private one.
        slip: What goes wrong with its private reply.
        templated: A template fits its replies.
        wrote: When the customer wrote last.
        said: The brand's last word in private.
        waiting: Since when the customer has been waiting for an answer, -1 if he is not.
        unread: The customer has written what nobody read yet.
        reminded: The customer was reminded since he wrote last.
        left: The customer has left the thread without a word, and nobody knows.
        news: What the case waits for while the customer is to speak.
    """

    number: int
    stream: int
    page: int
    person: int
    comment: int
    topic: Topic
    locale: str
    written: int
    complex: bool = False
    personal: bool = False
    in_private: bool = False
    needed: int = 1
    hands_off: bool = False
    announced: bool = False
    slip: Slip = Slip.NONE
    templated: bool = False
    public: int = -1
    private: int = -1
    returned: int = -1
    answered: int = -1
    ended: int = -1
    ending: Ending = Ending.OPEN
    escalated: bool = False
    turns: int = 0
    wrote: int = -1
    said: int = -1
    waiting: int = -1
    unread: bool = False
    reminded: bool = False
    left: bool = False
    news: simpy.Event | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ending == Ending.OPEN


class Nature:
    """Draws what cases are like, each trait for itself, keyed by the case alone.

    So a case is the same whatever the staff, and changing one share leaves all other draws alone.
    """

    def __init__(self, key: int, cases: Cases, team: Team) -> None:
        self._key = key
        questions = cases.complex_questions, cases.personal_questions
        complaints = cases.complex_complaints, cases.personal_complaints
        self._complex = {Topic.COMPLAINT: _threshold(complaints[0])}
        self._personal = {Topic.COMPLAINT: _threshold(complaints[1])}
        for topic in (Topic.QUESTION, Topic.MESSAGE):
            self._complex[topic] = _threshold(questions[0])
            self._personal[topic] = _threshold(questions[1])
        self._turns = geometric_table(team.turns), geometric_table(team.complex_turns)
        self._hand_off = _threshold(team.hand_off)
        self._announces = _threshold(team.announces)
        self._private_share = _threshold(team.private_share)
        self._slips = _threshold(team.slips)

    def give(self, case: Case) -> None:
        """Draw all that is not known from outside."""
        if case.comment >= 0:
            case.slip = self._slip(case)
        if case.topic not in REQUESTS:
            return
        case.complex = self._holds(case, COMPLEX, self._complex[case.topic])
        case.personal = self._holds(case, PERSONAL, self._personal[case.topic])
        # Personal data are asked for in private alone (R153).
        case.in_private = case.personal or self._holds(case, IN_PRIVATE, self._private_share)
        case.announced = case.in_private and self._holds(case, ANNOUNCED, self._announces)
        case.hands_off = self._holds(case, HANDS_OFF, self._hand_off)
        turns: NDArray[np.int64] = self._turns[case.complex]
        # The way to another channel is told in one answer (R187).
        drawn = quantile(turns, draw(self._key, case.stream, TURNS, 0))
        case.needed = 1 if case.hands_off else drawn

    def _holds(self, case: Case, purpose: int, threshold: int) -> bool:
        return draw(self._key, case.stream, purpose, 0) < threshold

    def _slip(self, case: Case) -> Slip:
        """One slip is as likely as another."""
        drawn = draw(self._key, case.stream, SLIP, 0)
        return Slip(1 + drawn * 3 // self._slips) if drawn < self._slips else Slip.NONE


def _threshold(share: float) -> int:
    return round(share * SCALE)
