"""A brand's answers to a comment, publicly first, then privately; and who sees that it did."""

from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import is_removed, may_deliver, no_one_stops, place
from dmsim.vocabulary import Kind, Reason, Verdict

_DAY_MINUTES = 24 * 60


def may_reply_privately(facts: Facts, policy: Policy) -> Reason:
    """What forbids a private reply to a comment, whoever wrote it (R129, R147, R149, R172).

    The interface's documented limits: one reply per comment, within seven days of it, not to
    another page; and that the public reply comes first.
    """
    comment = facts.circumstances
    if comment.privately_replied and policy.one_private_reply_per_comment:
        return Reason.ALREADY_REPLIED
    if 0 < policy.private_reply_days * _DAY_MINUTES <= comment.comment_minutes:
        return Reason.COMMENT_TOO_OLD
    if facts.recipient.kind != Kind.PERSON and not policy.private_reply_to_pages:
        return Reason.NOT_A_PERSON
    if policy.public_reply_first and not comment.publicly_replied:
        return Reason.NOT_ANSWERED_PUBLICLY
    return Reason.NONE


def private_replies_used_up(facts: Facts, policy: Policy) -> bool:
    """Whether the page has sent all private replies that an hour allows (R129)."""
    sent = facts.circumstances.private_replies_this_hour
    return 0 < policy.private_replies_per_hour <= sent


def decide_private_reply(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """The verdict on a private reply to a comment (R129-R131, R147, R149).

    The commenter turned to the page, so the settings "Friends" and "Suggested friends" do not hold
    the answer back; penalties, blocks, ages and "No one" do, and automatic moderation (R75).
    """
    reason = may_reply_privately(facts, policy)
    if reason == Reason.NONE:
        reason = may_deliver(facts, policy)
    if reason == Reason.NONE and no_one_stops(facts, policy):
        reason = Reason.NO_ONE
    if reason == Reason.NONE and private_replies_used_up(facts, policy):
        reason = Reason.RATE_LIMITED
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    if is_removed(facts.content, policy):
        return Verdict.REMOVED, Reason.REMOVED
    return place(facts, policy), Reason.NONE


def decide_note(facts: Facts) -> tuple[Verdict, Reason]:
    """Whether a comment shows any reader the note that the page answered privately (R133, R134).

    The note stands there for good; without a private reply there is none.
    """
    if facts.circumstances.privately_replied:
        return Verdict.SHOWN, Reason.NONE
    return Verdict.HIDDEN, Reason.NO_PRIVATE_REPLY
