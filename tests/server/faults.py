"""Deliberate faults in the backend's use of the rules, one or more for each rule family.

A fault is a function that makes a wrong :class:`Decisions`; each breaks one rule in a way that a
replayed trace reveals.
"""

from collections.abc import Callable
from dataclasses import replace

from dmsim.rules.facts import Circumstances, ContentFacts, Facts, PairFacts, Policy, Side
from dmsim.rules.sanctions import History
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.state.conversation import Conversation, Message
from dmsim.vocabulary import (
    Action,
    Kind,
    Reason,
    Region,
    Setting,
    Standing,
    Thread,
    Verdict,
    Via,
    Violation,
)

Change = Callable[[Facts], Facts]
Ruling = tuple[Verdict, Reason]

_TO_WATCH = (Action.WATCH_VIDEO,)
_BRAND_MESSAGES = (Action.FOLLOW_UP, Action.MAILING, Action.SPONSORED_MESSAGE)
_TO_WRITE = (Action.SEND_MESSAGE, Action.SHARE_CONTENT, Action.PRIVATE_REPLY, *_BRAND_MESSAGES)
_CASES = (Action.RESOLVE, Action.HAND_OFF)
_LISTS = (Action.LIST_REQUESTS, Action.LIST_FILTERED)


def _misread(change: Change, *actions: Action) -> Decisions:
    """The facts of some actions, all if none is named, are other ones than the world's."""

    def decide(action: Action, facts: Facts, policy: Policy) -> Ruling:
        wrong = change(facts) if not actions or action in actions else facts
        return RULES.decide(action, wrong, policy)

    return replace(RULES, decide=decide)


def _misjudge(change: Callable[[Verdict, Reason], Ruling], *actions: Action) -> Decisions:
    """The verdicts on some actions are other ones than the rules'."""

    def decide(action: Action, facts: Facts, policy: Policy) -> Ruling:
        ruling = RULES.decide(action, facts, policy)
        return change(*ruling) if action in actions else ruling

    return replace(RULES, decide=decide)


def _repolicy(change: Callable[[Policy], Policy]) -> Decisions:
    """Something in the policy is not heeded."""

    def decide(action: Action, facts: Facts, policy: Policy) -> Ruling:
        return RULES.decide(action, facts, change(policy))

    return replace(RULES, decide=decide)


def _sender(change: Callable[[Side], Side]) -> Change:
    return lambda facts: facts._replace(sender=change(facts.sender))


def _recipient(change: Callable[[Side], Side]) -> Change:
    return lambda facts: facts._replace(recipient=change(facts.recipient))


def _pair(change: Callable[[PairFacts], PairFacts]) -> Change:
    return lambda facts: facts._replace(pair=change(facts.pair))


def _content(change: Callable[[ContentFacts], ContentFacts]) -> Change:
    return lambda facts: facts._replace(content=change(facts.content))


def _circumstances(change: Callable[[Circumstances], Circumstances]) -> Change:
    return lambda facts: facts._replace(circumstances=change(facts.circumstances))


def _everyone(side: Side, *settings: Setting) -> Side:
    return side._replace(setting=Setting.EVERYONE) if side.setting in settings else side


def _in_good_standing(side: Side, *standings: Standing) -> Side:
    return side._replace(standing=Standing.GOOD) if side.standing in standings else side


def _instead(wrong: Verdict, right: Verdict) -> Callable[[Verdict, Reason], Ruling]:
    """One verdict is given in the place of another one."""
    return lambda verdict, reason: (wrong, Reason.NONE) if verdict == right else (verdict, reason)


# --- Who may use direct messages ---


def registration_ignored() -> Decisions:
    """Who has no account has direct messages (R11)."""
    return _repolicy(lambda policy: policy._replace(registration_required=False))


def registered_twice() -> Decisions:
    """Who is registered registers again (R11)."""
    change = _sender(lambda side: side._replace(registered=False))
    return _misread(change, Action.REGISTER)


def age_ignored() -> Decisions:
    """Children have direct messages (R12)."""
    return _repolicy(lambda policy: policy._replace(minimum_age=0))


def family_ignored() -> Decisions:
    """A guardian's restriction does not hold (R13)."""
    return _repolicy(lambda policy: policy._replace(family_restrictions=False))


def guardian_not_checked() -> Decisions:
    """Anybody restricts anybody (R14)."""
    change = _pair(lambda pair: pair._replace(is_guardian=True))
    return _misread(change, Action.RESTRICT_TEEN)


# --- Penalties ---


def dm_ban_sends() -> Decisions:
    """Who is banned from messages writes on (R81)."""
    change = _sender(lambda side: _in_good_standing(side, Standing.DM_BANNED))
    return _misread(change, *_TO_WRITE)


def dm_ban_receives() -> Decisions:
    """Who is banned from messages receives them (R74, Q16)."""
    change = _recipient(lambda side: _in_good_standing(side, Standing.DM_BANNED))
    return _misread(change, *_TO_WRITE)


def view_only_acts() -> Decisions:
    """Who may only watch does everything (R82)."""
    return _misread(_sender(lambda side: _in_good_standing(side, Standing.VIEW_ONLY)))


def banned_acts() -> Decisions:
    """A permanent ban does not hold (R83)."""

    def change(facts: Facts) -> Facts:
        sender = _in_good_standing(facts.sender, Standing.BANNED)
        recipient = _in_good_standing(facts.recipient, Standing.BANNED)
        return facts._replace(sender=sender, recipient=recipient)

    return _misread(change)


def expiry_ignored() -> Decisions:
    """Temporary penalties last for ever (R81, R82)."""
    return replace(RULES, standing_now=lambda standing, until, now: int(standing))


def penalties_only_warn() -> Decisions:
    """The ladder has a single rung (R84)."""
    return replace(RULES, penalty=lambda history, violation, policy: Standing.WARNED.value)


def zero_tolerance_warns() -> Decisions:
    """What cannot be forgiven is forgiven like the rest (R79)."""

    def penalty(history: History, violation: Violation, policy: Policy) -> int:
        if violation == Violation.ZERO_TOLERANCE:
            return Standing.WARNED.value
        return RULES.penalty(history, violation, policy)

    return replace(RULES, penalty=penalty)


def device_ban_ignored() -> Decisions:
    """A banned device makes new accounts (R80)."""
    change = _circumstances(lambda found: found._replace(device_banned=False))
    return _misread(change, Action.REGISTER)


def anybody_moderates() -> Decisions:
    """Who is no moderator decides on violations (R77)."""
    change = _sender(lambda side: side._replace(kind=Kind.STAFF))
    return _misread(change, Action.MODERATE)


def staff_read_nothing() -> Decisions:
    """Reports that wait are not seen (R76, R99)."""
    change = _circumstances(lambda found: found._replace(report_open=False))
    return _misread(change, Action.STAFF_ACCESS)


def staff_read_everything() -> Decisions:
    """Staff read the messages of whom nobody reported (R99)."""
    change = _circumstances(lambda found: found._replace(report_open=True))
    return _misread(change, Action.STAFF_ACCESS)


# --- Blocks ---


def block_ignored() -> Decisions:
    """Who is blocked can still write (R91)."""
    return _misread(_pair(lambda pair: pair._replace(recipient_blocks=False)), *_TO_WRITE)


def blocking_ignored() -> Decisions:
    """Who blocks can still write (Q22)."""
    return _misread(_pair(lambda pair: pair._replace(sender_blocks=False)), *_TO_WRITE)


def block_ignored_for_videos() -> Decisions:
    """Who is blocked can still watch (R92)."""
    return _misread(_pair(lambda pair: pair._replace(recipient_blocks=False)), *_TO_WATCH)


# --- Content ---


def private_video_shared() -> Decisions:
    """Private videos are sent (R29)."""
    change = _content(lambda content: content._replace(private=False))
    return _misread(change, Action.SHARE_CONTENT)


def private_video_watched() -> Decisions:
    """What became private stays available (R30)."""
    return _misread(_content(lambda content: content._replace(private=False)), *_TO_WATCH)


def anybody_changes_privacy() -> Decisions:
    """Who did not make a video makes it private (R31)."""
    change = _content(lambda content: content._replace(own=True))
    return _misread(change, Action.CHANGE_VIDEO_PRIVACY)


def stickers_everywhere() -> Decisions:
    """Regions without stickers have them (R45)."""
    return _misread(_sender(lambda side: side._replace(region=Region.WITH_STICKERS)))


def sticker_set_not_needed() -> Decisions:
    """Sets are used, moved and removed that were not added (R40, R44)."""
    return _misread(_content(lambda content: content._replace(set_added=True)))


def detected_not_removed() -> Decisions:
    """Automatic moderation removes nothing (R75)."""
    return _misread(_content(lambda content: content._replace(detected=False)))


# --- Settings ---


def no_one_ignored() -> Decisions:
    """ "No one" lets everyone in (R17, R68)."""
    return _misread(_recipient(lambda side: _everyone(side, Setting.NO_ONE)))


def no_one_only_for_strangers() -> Decisions:
    """ "No one" leaves open conversations open (R19)."""

    def change(facts: Facts) -> Facts:
        is_open = facts.pair.thread == Thread.ACCEPTED
        side = _everyone(facts.recipient, Setting.NO_ONE)
        return facts._replace(recipient=side) if is_open else facts

    return _misread(change, *_TO_WRITE)


def friends_ignored() -> Decisions:
    """ "Friends" lets everyone in (R67)."""
    return _misread(_recipient(lambda side: _everyone(side, Setting.FRIENDS)))


def suggested_ignored() -> Decisions:
    """ "Suggested friends" lets everyone in (R65)."""
    return _misread(_recipient(lambda side: _everyone(side, Setting.SUGGESTED)))


def contacts_ignored() -> Decisions:
    """Synced contacts are strangers (R66)."""
    return _misread(_pair(lambda pair: pair._replace(contact_synced=False)), *_TO_WRITE)


def option_always_available() -> Decisions:
    """Every option is offered to everybody (R60)."""
    change = _circumstances(lambda found: found._replace(option_available=True))
    return _misread(change, Action.CHANGE_SETTING)


# --- Brands ---


def business_limit_ignored() -> Decisions:
    """Brands write as often as they like (R58)."""
    return _repolicy(lambda policy: policy._replace(business_message_limit=0))


def allow_business_ignored() -> Decisions:
    """Allowing business messages allows none (R56)."""
    return _misread(_recipient(lambda side: side._replace(allow_business=False)))


# --- Requests ---


def requests_to_inbox() -> Decisions:
    """Strangers land in the inbox (R63)."""
    return _misjudge(_instead(Verdict.INBOX, Verdict.REQUESTS), *_TO_WRITE)


def inbox_to_requests() -> Decisions:
    """Friends, and whom one follows, are strangers (R62)."""

    def change(facts: Facts) -> Facts:
        strangers = facts.pair._replace(recipient_follows=False)
        is_new = facts.pair.thread != Thread.ACCEPTED
        return facts._replace(pair=strangers) if is_new else facts

    return _misread(change, *_TO_WRITE)


def filter_ignored() -> Decisions:
    """Unsafe sources are as good as others (R54)."""
    return _misread(_sender(lambda side: side._replace(unsafe=False)))


def everything_filtered() -> Decisions:
    """Every request is filtered (R54)."""
    return _misjudge(_instead(Verdict.FILTERED, Verdict.REQUESTS), *_TO_WRITE)


def lists_closed() -> Decisions:
    """Requests are shown to nobody (R52)."""
    return _misjudge(lambda *_: (Verdict.REFUSED, Reason.NO_REQUEST), *_LISTS)


def accept_of_nothing() -> Decisions:
    """What nobody asked is accepted (R55)."""
    change = _pair(lambda pair: pair._replace(asked=True))
    return _misread(change, Action.ACCEPT_REQUEST, Action.DELETE_REQUEST, Action.REPORT_REQUEST)


def accept_opens_nothing() -> Decisions:
    """An accepted request stays a request (R55)."""
    return replace(RULES, accept=lambda conversation: None)


def delete_leaves_the_request() -> Decisions:
    """A deleted request can still be accepted (R64)."""
    return replace(RULES, delete_request=lambda conversation, account, policy: None)


# --- Conversations ---


def conversation_not_needed() -> Decisions:
    """What is not there is read, muted, deleted and reported (R21, R48)."""
    return _misread(_pair(lambda pair: pair._replace(visible=True)))


def deletion_reaches_the_other_side() -> Decisions:
    """Who deletes, deletes for both (R48)."""

    def delete(conversation: Conversation, account: int) -> None:
        for side in (conversation.low, conversation.high):
            conversation.delete_all(side)

    return replace(RULES, delete_conversation=delete)


def deleted_message_stays() -> Decisions:
    """A deleted message is still there (R47)."""
    return replace(RULES, delete_message=lambda conversation, account: None)


def mute_stops_delivery() -> Decisions:
    """A muted conversation receives nothing (R51)."""

    def deliver(conversation: Conversation, message: Message, verdict: Verdict) -> None:
        view = conversation.view(conversation.peer(message.author))
        before = view.unread, view.visible
        conversation.deliver(message, verdict)
        if view.muted:
            view.hidden |= {message.id}
            view.unread, view.visible = before

    return replace(RULES, deliver=deliver)


# --- Receipts and presence ---


def receipts_one_sided() -> Decisions:
    """Who shows nothing learns of reading all the same (R72)."""
    change = _sender(lambda side: side._replace(read_status=True))
    return _misread(change, Action.CHECK_READ)


def always_read() -> Decisions:
    """Everything counts as read (R69)."""
    change = _pair(lambda pair: pair._replace(read=True))
    return _misread(change, Action.CHECK_READ)


def always_active() -> Decisions:
    """Everybody is about (R10)."""
    change = _circumstances(lambda found: found._replace(recently_active=True))
    return _misread(change, Action.CHECK_PRESENCE)


# --- Private replies ---


def replied_twice() -> Decisions:
    """A comment is answered privately again and again."""
    change = _circumstances(lambda found: found._replace(privately_replied=False))
    return _misread(change, Action.PRIVATE_REPLY)


def private_before_public() -> Decisions:
    """A private reply comes without the public one (R149)."""
    change = _circumstances(lambda found: found._replace(publicly_replied=True))
    return _misread(change, Action.PRIVATE_REPLY)


def old_comment_answered() -> Decisions:
    """A comment is answered privately after its seven days (R129)."""
    return _repolicy(lambda policy: policy._replace(private_reply_days=0))


def page_answered_privately() -> Decisions:
    """Another page's comment is answered privately."""
    change = _recipient(lambda side: side._replace(kind=Kind.PERSON))
    return _misread(change, Action.PRIVATE_REPLY)


def private_replies_unlimited() -> Decisions:
    """A page answers privately as often in an hour as it likes."""
    return _repolicy(lambda policy: policy._replace(private_replies_per_hour=0))


def private_reply_begins_nothing() -> Decisions:
    """A conversation that a private reply opened is one like others (R131)."""
    return replace(RULES, begins_by_private_reply=lambda thread: False)


def private_reply_binds_what_was_open() -> Decisions:
    """A private reply puts an open conversation under the window (R131)."""
    return replace(RULES, begins_by_private_reply=lambda thread: True)


def note_missing() -> Decisions:
    """Nobody learns that the page answered privately (R133, R134)."""

    def change(verdict: Verdict, reason: Reason) -> Ruling:
        is_shown = verdict == Verdict.SHOWN
        return (Verdict.HIDDEN, Reason.NO_PRIVATE_REPLY) if is_shown else (verdict, reason)

    return _misjudge(change, Action.READ_COMMENT)


def note_without_reply() -> Decisions:
    """The note stands there although the page answered nothing privately (R133)."""
    return _misjudge(_instead(Verdict.SHOWN, Verdict.HIDDEN), Action.READ_COMMENT)


# --- The messaging window ---


def window_ignored() -> Decisions:
    """A brand goes on although the person has not answered (R131)."""
    return _repolicy(lambda policy: policy._replace(messaging_window_hours=0))


def human_window_ignored() -> Decisions:
    """A human agent has no longer than a machine."""
    return _repolicy(lambda policy: policy._replace(human_agent_hours=0))


def machines_are_human() -> Decisions:
    """A machine has as long as a human agent."""
    return _misread(lambda facts: facts._replace(via=Via.CARE_DESK), *_TO_WRITE)


def message_is_no_answer() -> Decisions:
    """What the person writes does not open the window."""
    return replace(RULES, answers=(Action.SHARE_CONTENT, Action.ACCEPT_REQUEST))


def share_is_no_answer() -> Decisions:
    """What the person shares does not open the window."""
    return replace(RULES, answers=(Action.SEND_MESSAGE, Action.ACCEPT_REQUEST))


def accepting_is_no_answer() -> Decisions:
    """Accepting the request does not open the window."""
    return replace(RULES, answers=(Action.SEND_MESSAGE, Action.SHARE_CONTENT))


# --- What else brands do ---


def anybody_sends_like_a_brand() -> Decisions:
    """Persons send reminders and mailings (R121, R123)."""
    return _misread(_sender(lambda side: side._replace(kind=Kind.BRAND)), *_BRAND_MESSAGES)


def anybody_ends_cases() -> Decisions:
    """Persons resolve and hand off cases."""
    return _misread(_sender(lambda side: side._replace(kind=Kind.BRAND)), *_CASES)


def reminder_out_of_nothing() -> Decisions:
    """A brand reminds, or hands off, where there is no conversation (R123, R187)."""
    change = _pair(lambda pair: pair._replace(visible=True))
    return _misread(change, Action.FOLLOW_UP, Action.HAND_OFF)


def mailings_unlimited() -> Decisions:
    """A page sends as many mailings in a second as it likes (R121)."""
    return _repolicy(lambda policy: policy._replace(mailings_per_second=0))


def sponsored_to_strangers() -> Decisions:
    """Who never talked with the brand gets its sponsored messages (R156)."""
    return _repolicy(lambda policy: policy._replace(sponsored_need_conversation=False))


def sponsored_like_mailings() -> Decisions:
    """The window holds back what is paid for (R156)."""

    def decide(action: Action, facts: Facts, policy: Policy) -> Ruling:
        is_paid = action == Action.SPONSORED_MESSAGE
        return RULES.decide(Action.MAILING if is_paid else action, facts, policy)

    return replace(RULES, decide=decide)


_ALL: tuple[Callable[[], Decisions], ...] = (
    registration_ignored,
    registered_twice,
    age_ignored,
    family_ignored,
    guardian_not_checked,
    dm_ban_sends,
    dm_ban_receives,
    view_only_acts,
    banned_acts,
    expiry_ignored,
    penalties_only_warn,
    zero_tolerance_warns,
    device_ban_ignored,
    anybody_moderates,
    staff_read_nothing,
    staff_read_everything,
    block_ignored,
    blocking_ignored,
    block_ignored_for_videos,
    private_video_shared,
    private_video_watched,
    anybody_changes_privacy,
    stickers_everywhere,
    sticker_set_not_needed,
    detected_not_removed,
    no_one_ignored,
    no_one_only_for_strangers,
    friends_ignored,
    suggested_ignored,
    contacts_ignored,
    option_always_available,
    business_limit_ignored,
    allow_business_ignored,
    requests_to_inbox,
    inbox_to_requests,
    filter_ignored,
    everything_filtered,
    lists_closed,
    accept_of_nothing,
    accept_opens_nothing,
    delete_leaves_the_request,
    conversation_not_needed,
    deletion_reaches_the_other_side,
    deleted_message_stays,
    mute_stops_delivery,
    receipts_one_sided,
    always_read,
    always_active,
    replied_twice,
    private_before_public,
    old_comment_answered,
    page_answered_privately,
    private_replies_unlimited,
    private_reply_begins_nothing,
    private_reply_binds_what_was_open,
    note_missing,
    note_without_reply,
    window_ignored,
    human_window_ignored,
    machines_are_human,
    message_is_no_answer,
    share_is_no_answer,
    accepting_is_no_answer,
    anybody_sends_like_a_brand,
    anybody_ends_cases,
    reminder_out_of_nothing,
    mailings_unlimited,
    sponsored_to_strangers,
    sponsored_like_mailings,
)

#: By name.
FAULTS = {fault.__name__: fault for fault in _ALL}
