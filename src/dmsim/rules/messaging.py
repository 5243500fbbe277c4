"""Who may send a direct message to whom, and where it lands.

Pure functions over :class:`DeliveryFacts`: no state, no clock, no randomness. They are called as
they stand by the reference backend and compiled into the kernel by ``engine/compiled.py``, so they
keep to what both understand: named tuples, comparisons and plain control flow.
"""

from dmsim.rules.facts import DeliveryFacts, Policy
from dmsim.vocabulary import Kind, Reason, Setting, Thread, Verdict


def may_use_messages(registered: bool, age: int, kind: Kind | int, policy: Policy) -> Reason:
    """Direct messages are for registered accounts (R11) of persons old enough (R12, Q1)."""
    if not registered:
        return Reason.NOT_REGISTERED
    if kind == Kind.PERSON and age < policy.minimum_age:
        return Reason.UNDER_AGE
    return Reason.NONE


def is_friend(facts: DeliveryFacts) -> bool:
    """A friend is a follower whom one follows back (R5)."""
    return facts.sender_follows and facts.recipient_follows


def setting_admits(facts: DeliveryFacts) -> bool:
    """Whether the recipient's setting lets this sender in (R16, R61, R65, R67, R68)."""
    if facts.recipient_setting == Setting.EVERYONE:
        return True
    if facts.recipient_setting == Setting.SUGGESTED:
        return is_friend(facts) or facts.contact_synced
    if facts.recipient_setting == Setting.FRIENDS:
        return is_friend(facts)
    return False


def barrier(facts: DeliveryFacts, policy: Policy) -> Reason:
    """What forbids any delivery between the two, whatever it is; the first that holds.

    Membership and age of both sides (R11, R12), blocks in either direction (R91, Q22) and the
    setting "No one" (R17, R19, R38; of the sender's own only where the policy says so, Q4).
    """
    reason = may_use_messages(facts.sender_registered, facts.sender_age, facts.sender_kind, policy)
    if reason == Reason.NONE:
        reason = may_use_messages(
            facts.recipient_registered, facts.recipient_age, facts.recipient_kind, policy
        )
    if reason != Reason.NONE:
        return reason
    if facts.recipient_blocks:
        return Reason.BLOCKED
    if facts.sender_blocks and not policy.blocker_may_send:
        return Reason.BLOCKING
    if facts.recipient_setting == Setting.NO_ONE:
        return Reason.NO_ONE
    if facts.sender_setting == Setting.NO_ONE and not policy.no_one_may_send:
        return Reason.NO_ONE
    return Reason.NONE


def place(facts: DeliveryFacts) -> Verdict:
    """Where an admitted message lands (R62, R63, Q20).

    Accepted threads, friends and people one follows go to the inbox, all others to the requests.
    """
    if facts.thread == Thread.ACCEPTED or facts.recipient_follows:
        return Verdict.INBOX
    return Verdict.REQUESTS


def thread_for_sender(thread: Thread | int, sender_is_requester: bool) -> int:
    """A pair's conversation as one of the two sees it when writing: the code of a ``Thread``.

    Who holds the other's open request answers in an open thread (R32); who deleted the other's
    request starts anew.
    """
    if sender_is_requester or thread in (Thread.NONE, Thread.ACCEPTED):
        return int(thread)
    return Thread.ACCEPTED.value if thread == Thread.REQUESTED else Thread.NONE.value


def decide_message(facts: DeliveryFacts, policy: Policy) -> tuple[Verdict, Reason]:
    """The verdict on a direct message, and the reason where it is refused.

    An accepted thread stays open when the setting becomes stricter or somebody unfollows, but for
    "No one" (R15, R19).
    """
    reason = barrier(facts, policy)
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    if facts.thread != Thread.ACCEPTED and not setting_admits(facts):
        return Verdict.REFUSED, Reason.SETTING
    if facts.thread == Thread.DELETED and not policy.deleted_request_may_be_repeated:
        return Verdict.REFUSED, Reason.REQUEST_DELETED
    return place(facts), Reason.NONE


def decide_request(thread: Thread | int) -> tuple[Verdict, Reason]:
    """Accepting or deleting a request needs one that is open (R52, R64).

    ``thread`` is the conversation as its sender sees it.
    """
    if thread == Thread.REQUESTED:
        return Verdict.DONE, Reason.NONE
    return Verdict.REFUSED, Reason.NO_REQUEST
