"""What one account may see of another: whether it has read a message, whether it is about."""

from dmsim.rules.facts import Facts, Policy
from dmsim.vocabulary import Reason, Verdict


def receipts_are_on(facts: Facts, policy: Policy) -> bool:
    """The sender learns of reading only if both sides have the read status on (R70, R72)."""
    if not policy.receipts_need_both:
        return facts.recipient.read_status
    return facts.sender.read_status and facts.recipient.read_status


def default_read_status(age: int, policy: Policy) -> bool:
    """On by default for adults (R71); for 16 and 17 the policy's choice (Q3)."""
    return policy.read_status_of_adults if age >= 18 else policy.read_status_of_teens


def decide_read_status(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Whether the sender sees that his messages were read (R9, R69, R72)."""
    if not facts.pair.visible:
        return Verdict.REFUSED, Reason.NO_CONVERSATION
    if not receipts_are_on(facts, policy):
        return Verdict.HIDDEN, Reason.RECEIPTS_OFF
    return (Verdict.SHOWN, Reason.NONE) if facts.pair.read else (Verdict.HIDDEN, Reason.NOT_READ)


def decide_presence(facts: Facts) -> tuple[Verdict, Reason]:
    """Whether somebody is shown as active or recently online (R10)."""
    if facts.circumstances.recently_active:
        return Verdict.SHOWN, Reason.NONE
    return Verdict.HIDDEN, Reason.NOT_ACTIVE
