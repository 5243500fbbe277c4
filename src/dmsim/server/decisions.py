"""The rules that the backend asks and what it makes of them, as one value.

A test replaces parts of it by wrong ones to see whether a judge notices; nothing else does.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy
from dmsim.rules.sanctions import History, penalty, standing_now
from dmsim.server.state.conversation import Conversation, Message
from dmsim.vocabulary import Action, Reason, Standing, Thread, Verdict, Violation


def begins_by_private_reply(thread: Thread | int) -> bool:
    """Whether a conversation counts as begun by a private reply: unless it was open (R131).

    Args:
        thread: the conversation as the page saw it before.
    """
    return thread != Thread.ACCEPTED


@dataclass(frozen=True)
class Decisions:
    """Every verdict, every penalty, and what a verdict does to a conversation.

    Attributes:
        decide: the verdict on an action and its reason.
        penalty: the standing that a found violation brings.
        standing_now: the penalty in force of one given with its end, at a time.
        deliver: puts a message where the verdict says.
        accept: opens what was asked for.
        delete_request: takes a request away from an account.
        delete_message: takes the newest message out of an account's view.
        delete_conversation: empties an account's view.
        begins_by_private_reply: whether a private reply begins a conversation, from what it was.
        answers: the actions by which a person answers a brand.
    """

    decide: Callable[[Action, Facts, Policy], tuple[Verdict, Reason]] = decide
    penalty: Callable[[History, Violation, Policy], int] = penalty
    standing_now: Callable[[Standing | int, int, int], int] = standing_now
    deliver: Callable[[Conversation, Message, Verdict], None] = Conversation.deliver
    accept: Callable[[Conversation], None] = Conversation.accept
    delete_request: Callable[[Conversation, int, Policy], None] = Conversation.delete_request
    delete_message: Callable[[Conversation, int], None] = Conversation.delete_newest
    delete_conversation: Callable[[Conversation, int], None] = Conversation.delete_all
    begins_by_private_reply: Callable[[Thread | int], bool] = begins_by_private_reply
    answers: tuple[Action, ...] = (
        Action.SEND_MESSAGE,
        Action.SHARE_CONTENT,
        Action.ACCEPT_REQUEST,
    )


RULES = Decisions()
