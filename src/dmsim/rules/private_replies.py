"""A brand's answers to a comment: publicly first, then privately."""

from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import is_removed, may_deliver, no_one_stops, place
from dmsim.vocabulary import Reason, Verdict


def decide_private_reply(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """The verdict on a private reply to a comment (R129-R131, R147, R149).

    The commenter turned to the page, so the settings "Friends" and "Suggested friends" do not hold
    the answer back; penalties, blocks, ages and "No one" do, and automatic moderation (R75). One
    private reply per comment, and only after the public one.
    """
    comment = facts.circumstances
    if comment.privately_replied and policy.one_private_reply_per_comment:
        return Verdict.REFUSED, Reason.ALREADY_REPLIED
    if policy.public_reply_first and not comment.publicly_replied:
        return Verdict.REFUSED, Reason.NOT_ANSWERED_PUBLICLY
    reason = may_deliver(facts, policy)
    if reason == Reason.NONE and no_one_stops(facts, policy):
        reason = Reason.NO_ONE
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    if is_removed(facts.content, policy):
        return Verdict.REMOVED, Reason.REMOVED
    return place(facts, policy), Reason.NONE
