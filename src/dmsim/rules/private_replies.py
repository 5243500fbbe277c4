"""A brand's answers to a comment: publicly first, then privately."""

from dmsim.rules.facts import CommentFacts, DeliveryFacts, Policy
from dmsim.rules.messaging import barrier, place
from dmsim.vocabulary import Reason, Verdict


def decide_private_reply(
    facts: DeliveryFacts, comment: CommentFacts, policy: Policy
) -> tuple[Verdict, Reason]:
    """The verdict on a private reply to a comment (R129-R131, R147, R149).

    The commenter turned to the page, so the settings "Friends" and "Suggested friends" do not hold
    the answer back; blocks, ages and "No one" do. One private reply per comment, and only
    after the public one.
    """
    if comment.privately_replied and policy.one_private_reply_per_comment:
        return Verdict.REFUSED, Reason.ALREADY_REPLIED
    if policy.public_reply_first and not comment.publicly_replied:
        return Verdict.REFUSED, Reason.NOT_ANSWERED_PUBLICLY
    reason = barrier(facts, policy)
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    return place(facts), Reason.NONE
