"""The rules that the backend asks, as one value that a test may replace by wrong ones."""

from collections.abc import Callable
from dataclasses import dataclass

from dmsim.rules.facts import CommentFacts, DeliveryFacts, Policy
from dmsim.rules.messaging import decide_message, decide_request
from dmsim.rules.private_replies import decide_private_reply
from dmsim.vocabulary import Reason, Thread, Verdict

Decision = tuple[Verdict, Reason]


@dataclass(frozen=True)
class Decisions:
    """One function per kind of decision."""

    message: Callable[[DeliveryFacts, Policy], Decision]
    request: Callable[[Thread | int], Decision]
    private_reply: Callable[[DeliveryFacts, CommentFacts, Policy], Decision]


RULES = Decisions(decide_message, decide_request, decide_private_reply)
