"""What brands do beside answering comments: reminders, mailings, sponsored messages, cases."""

from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import decide_message, decide_without_window
from dmsim.vocabulary import Action, Kind, Reason, Verdict


def decide_brand_message(
    action: Action | int, facts: Facts, policy: Policy
) -> tuple[Verdict, Reason]:
    """The verdict on a reminder, a mailing or a sponsored message (R121-R123, R155, R156).

    All are for brands alone and, on top, messages like others.
    """
    if facts.sender.kind != Kind.BRAND:
        return Verdict.REFUSED, Reason.NOT_PERMITTED
    if action == Action.FOLLOW_UP:
        return decide_follow_up(facts, policy)
    if mailings_used_up(facts, policy):
        return Verdict.REFUSED, Reason.RATE_LIMITED
    if action == Action.MAILING:
        return decide_message(facts, policy)
    return decide_sponsored(facts, policy)


def decide_follow_up(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """A reminder goes on in a conversation, within the window that is open (R123)."""
    if not facts.pair.visible:
        return Verdict.REFUSED, Reason.NO_CONVERSATION
    return decide_message(facts, policy)


def decide_sponsored(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Sponsored messages go only to those who talked with the brand before (R155, R156).

    They are paid for, so no messaging window holds them back.
    """
    if policy.sponsored_need_conversation and facts.pair.answered_minutes < 0:
        return Verdict.REFUSED, Reason.NEVER_TALKED
    return decide_without_window(facts, policy)


def mailings_used_up(facts: Facts, policy: Policy) -> bool:
    """Whether the page has sent all the mailings that a second allows (R121)."""
    return 0 < policy.mailings_per_second <= facts.circumstances.mailed_this_second


def decide_case(action: Action | int, facts: Facts) -> tuple[Verdict, Reason]:
    """Settling a case, or handing it to another channel, of which its thread tells (R151, R187)."""
    if facts.sender.kind != Kind.BRAND:
        return Verdict.REFUSED, Reason.NOT_PERMITTED
    if action == Action.HAND_OFF and not facts.pair.visible:
        return Verdict.REFUSED, Reason.NO_CONVERSATION
    return Verdict.DONE, Reason.NONE
