"""R121 to R123: what brands send unasked, at an hour that suits those who get it."""

from dmsim.rulebook.parts import delivered, switched_on
from dmsim.rulebook.requirements.requirement import Requirement, requirement
from dmsim.vocabulary import Action

#: R121 to R123, in order.
OUTBOUND: tuple[Requirement, ...] = (
    requirement(121, "mailings go out", sent=delivered(Action.MAILING)),
    requirement(122, "a chat-bot expects an answer", asked=delivered(Action.MAILING, switched_on)),
    requirement(123, "a reminder at a convenient time", reminded=delivered(Action.FOLLOW_UP)),
)
