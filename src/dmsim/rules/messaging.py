"""Who may send a direct message to whom, and where it lands.

Pure functions over :class:`Facts`: no state, no clock, no randomness. They are called as they stand
by the reference backend and compiled into the kernel by ``engine/compiled.py``, so they keep to
what both understand: named tuples, comparisons and plain control flow.

The first rule that forbids a delivery decides, in the order of :class:`dmsim.vocabulary.Reason`.
"""

from dmsim.rules.facts import ContentFacts, Facts, PairFacts, Policy, Side
from dmsim.rules.sanctions import stops_receiving, stops_sending
from dmsim.vocabulary import ContentKind, Kind, Reason, Region, Setting, Thread, Verdict, Via


def is_registered(side: Side, policy: Policy) -> bool:
    """Direct messages are for owners of registered accounts (R11)."""
    return side.registered or not policy.registration_required


def is_old_enough(side: Side, policy: Policy) -> bool:
    """Persons under 16 have no direct messages, neither to send nor to receive (R12, Q1)."""
    return side.kind != Kind.PERSON or side.age >= policy.minimum_age


def is_in_family_age(side: Side, policy: Policy) -> bool:
    """Guardians may restrict persons of 16 and 17 (R13, Q1)."""
    is_person = side.kind == Kind.PERSON
    return is_person and policy.family_age_from <= side.age < policy.family_age_until


def is_family_restricted(side: Side, policy: Policy) -> bool:
    """A restriction by the guardian stops sending and receiving (R13)."""
    restricted = policy.family_restrictions and side.family_restricted
    return restricted and is_in_family_age(side, policy)


def is_friend(pair: PairFacts) -> bool:
    """A friend is a follower whom one follows back (R5)."""
    return pair.sender_follows and pair.recipient_follows


def is_business(facts: Facts) -> bool:
    """Whether a brand of the marketplace writes to a person (R57)."""
    return facts.sender.kind == Kind.BRAND and facts.recipient.kind == Kind.PERSON


def friends_admit(pair: PairFacts, policy: Policy) -> bool:
    """The setting "Friends": followers whom one follows back (R67).

    Its label in the source reads "those whom your friends follow"; with ``friends_are_mutual`` off,
    these are let in as well (Q2).
    """
    return is_friend(pair) or (pair.known_through_friends and not policy.friends_are_mutual)


def suggested_admit(pair: PairFacts, policy: Policy) -> bool:
    """The setting "Suggested friends": friends and synced contacts (R65, R66).

    People one may know get no permission by that, unless the policy gives it (R4, Q21).
    """
    if pair.contact_synced and policy.contacts_are_suggested:
        return True
    if pair.known_through_friends and policy.acquaintances_may_write:
        return True
    return friends_admit(pair, policy)


def business_admitted(facts: Facts, policy: Policy) -> bool:
    """Whoever allows any business messages lets brands of the marketplace ask (R56, Q18)."""
    allowed = facts.recipient.allow_business and policy.allow_business_opens_requests
    return is_business(facts) and allowed


def is_let_in(facts: Facts, policy: Policy) -> bool:
    """Whether the sender is in, where a setting decides on the first message alone (R19, R67)."""
    is_open = facts.pair.thread in (Thread.REQUESTED, Thread.ACCEPTED)
    return is_open and not policy.settings_hold_in_conversations


def setting_admits(facts: Facts, policy: Policy) -> bool:
    """Whether the recipient's setting lets this sender in (R15, R16, R61, R65, R67, R68)."""
    setting = facts.recipient.setting
    if setting == Setting.EVERYONE or not policy.settings_hold:
        return True
    if setting != Setting.NO_ONE and business_admitted(facts, policy):
        return True
    if setting == Setting.SUGGESTED:
        return suggested_admit(facts.pair, policy)
    if setting == Setting.FRIENDS:
        return friends_admit(facts.pair, policy)
    return business_admitted(facts, policy) and policy.allow_business_overrides_no_one


def no_one_stops(facts: Facts, policy: Policy) -> bool:
    """Whoever chose "No one" receives nothing, not even in open conversations (R17, R19, R38, R68).

    Whether he may still send is the policy's choice (Q4), whether "No one" also holds against
    brands he allowed (Q18), and whether it holds in conversations that there are.
    """
    if not policy.settings_hold:
        return False
    if facts.recipient.setting == Setting.NO_ONE and not setting_admits(facts, policy):
        return not is_let_in(facts, policy)
    return facts.sender.setting == Setting.NO_ONE and not policy.no_one_may_send


def blocks_stop(facts: Facts, policy: Policy) -> Reason:
    """Who is blocked cannot write (R91), nor can the blocker until he unblocks (Q22)."""
    if facts.pair.recipient_blocks and policy.blocks_stop_messages:
        return Reason.BLOCKED
    if facts.pair.sender_blocks and policy.blocks_stop_messages and not policy.blocker_may_send:
        return Reason.BLOCKING
    return Reason.NONE


def may_deliver(facts: Facts, policy: Policy) -> Reason:
    """What forbids any delivery between the two, whatever it carries.

    Registration (R11), age (R12), guardians (R13), penalties (R74, R81-R83, Q16) of both sides,
    then blocks.
    """
    sender, recipient = facts.sender, facts.recipient
    if not (is_registered(sender, policy) and is_registered(recipient, policy)):
        return Reason.NOT_REGISTERED
    if not (is_old_enough(sender, policy) and is_old_enough(recipient, policy)):
        return Reason.UNDER_AGE
    if is_family_restricted(sender, policy) or is_family_restricted(recipient, policy):
        return Reason.FAMILY_RESTRICTED
    if stops_sending(sender.standing, policy):
        return Reason.SENDER_SANCTIONED
    if stops_receiving(recipient.standing, policy):
        return Reason.RECIPIENT_SANCTIONED
    return blocks_stop(facts, policy)


def may_carry(content: ContentFacts, sender: Side, policy: Policy) -> Reason:
    """What cannot be sent: private videos (R29), stickers where there are none (R40, R45)."""
    if content.kind == ContentKind.VIDEO and content.private and policy.private_videos_stay:
        return Reason.CONTENT_PRIVATE
    if content.kind == ContentKind.STICKER:
        return may_use_stickers(content, sender, policy)
    return Reason.NONE


def may_use_stickers(content: ContentFacts, sender: Side, policy: Policy) -> Reason:
    """Stickers are not offered in every region (R45); a set is added before it is used (R40)."""
    if policy.stickers_by_region and sender.region == Region.WITHOUT_STICKERS:
        return Reason.STICKERS_UNAVAILABLE
    if policy.sticker_sets_must_be_added and not content.set_added:
        return Reason.STICKER_SET_MISSING
    return Reason.NONE


def limit_reached(facts: Facts, policy: Policy) -> Reason:
    """Before the request is accepted a brand may send three messages (R58, Q19).

    The source knows no such limit for persons; the policy may set one (Q5).
    """
    sent = facts.pair.requested_count
    if facts.pair.thread == Thread.ACCEPTED:
        return Reason.NONE
    if is_business(facts):
        if 0 < policy.business_message_limit <= sent:
            return Reason.BUSINESS_LIMIT
    elif 0 < policy.stranger_message_limit <= sent:
        return Reason.STRANGER_LIMIT
    return Reason.NONE


def may_start(facts: Facts, policy: Policy) -> Reason:
    """What forbids a first message, or one more request.

    The recipient's setting (R15, R16), a deleted request where the policy closes the door (Q7), and
    the paths by icon and profile where the policy keeps them for friends (R33, R37, Q15).
    """
    thread = facts.pair.thread
    if thread == Thread.ACCEPTED:
        return Reason.NONE
    if not (is_let_in(facts, policy) or setting_admits(facts, policy)):
        return Reason.SETTING
    if thread == Thread.DELETED and not policy.deleted_request_may_be_repeated:
        return Reason.REQUEST_DELETED
    by_friends_path = facts.via in (Via.NEW_CHAT, Via.PROFILE)
    if policy.start_needs_friendship and by_friends_path and not is_friend(facts.pair):
        return Reason.NOT_FRIENDS
    return Reason.NONE


def is_known(pair: PairFacts, policy: Policy) -> bool:
    """Whose messages go to the inbox: open conversations, friends and people one follows (R62).

    Synced contacts only where the policy says so (Q20).
    """
    if pair.thread == Thread.ACCEPTED or (pair.recipient_follows and policy.followed_to_inbox):
        return True
    return pair.contact_synced and policy.contacts_to_inbox


def is_filtered(facts: Facts, policy: Policy) -> bool:
    """Requests from unsafe sources are filtered out where the recipient's filter is on (R54)."""
    unsafe = facts.sender.unsafe and facts.recipient.filter_requests
    return unsafe and policy.filter_unsafe_requests


def place(facts: Facts, policy: Policy) -> Verdict:
    """Where an admitted message lands: inbox (R62), filtered (R54) or requests (R52, R63)."""
    if is_known(facts.pair, policy):
        return Verdict.INBOX
    if is_filtered(facts, policy):
        return Verdict.FILTERED
    return Verdict.REQUESTS if policy.strangers_to_requests else Verdict.INBOX


def is_removed(content: ContentFacts, policy: Policy) -> bool:
    """What automatic moderation takes for a violation is removed (R73, R75, R97)."""
    return content.detected and policy.remove_detected


def thread_for_sender(thread: Thread | int, sender_is_requester: bool) -> int:
    """A pair's conversation as one of the two sees it when writing: the code of a ``Thread``.

    Who holds the other's open request answers in an open thread (R32); who deleted the other's
    request starts anew (R64).
    """
    if sender_is_requester or thread in (Thread.NONE, Thread.ACCEPTED):
        return int(thread)
    return Thread.ACCEPTED.value if thread == Thread.REQUESTED else Thread.NONE.value


def window_closed(facts: Facts, policy: Policy) -> bool:
    """Whether a brand may not go on in a conversation, because the person is silent (R129, R131).

    A private reply opens the conversation; it goes on only within a window after the person has
    answered, which is longer for a human agent than for a machine. The policy may ask the same of
    every conversation of a brand.
    """
    bound = facts.pair.by_private_reply or policy.window_everywhere
    if not (bound and is_business(facts)) or policy.messaging_window_hours == 0:
        return False
    hours = policy.messaging_window_hours
    if facts.via == Via.CARE_DESK:
        hours = max(hours, policy.human_agent_hours)
    return not 0 <= facts.pair.answered_minutes < 60 * hours


def decide_message(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """The verdict on a direct message, written or shared, and the reason where it is stopped.

    An open conversation stays open when the setting becomes stricter or somebody unfollows, but for
    "No one" (R15, R19).
    """
    verdict, reason = decide_without_window(facts, policy)
    if verdict != Verdict.REFUSED and window_closed(facts, policy):
        return Verdict.REFUSED, Reason.OUTSIDE_WINDOW
    return verdict, reason


def decide_without_window(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """The verdict on what no messaging window holds back: between persons, or paid for (R156)."""
    reason = may_deliver(facts, policy)
    if reason == Reason.NONE:
        reason = may_carry(facts.content, facts.sender, policy)
    if reason == Reason.NONE and no_one_stops(facts, policy):
        reason = Reason.NO_ONE
    if reason == Reason.NONE:
        reason = limit_reached(facts, policy)
    if reason == Reason.NONE:
        reason = may_start(facts, policy)
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    if is_removed(facts.content, policy):
        return Verdict.REMOVED, Reason.REMOVED
    return place(facts, policy), Reason.NONE


def decide_request(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Accepting a request needs one that waits (R52, R55, R64).

    A filtered request can be accepted too, a brand's where the policy says so (Q14).
    """
    from_brand = facts.recipient.kind == Kind.BRAND and facts.pair.filtered
    if from_brand and not policy.filtered_business_requests_may_be_accepted:
        return Verdict.REFUSED, Reason.NO_REQUEST
    return decide_dismissal(facts)


def decide_dismissal(facts: Facts) -> tuple[Verdict, Reason]:
    """Deleting or reporting a request needs one that waits, whoever sent it (R64)."""
    return (Verdict.DONE, Reason.NONE) if facts.pair.asked else (Verdict.REFUSED, Reason.NO_REQUEST)
