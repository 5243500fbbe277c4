"""One entry to all rules: an action, its facts, and the verdict."""

from dmsim.rules.accounts import (
    decide_conversation,
    decide_moderation,
    decide_registration,
    decide_restriction,
    decide_setting,
    decide_staff_access,
    may_act,
)
from dmsim.rules.brands import decide_brand_message, decide_case
from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import decide_dismissal, decide_message, decide_request
from dmsim.rules.private_replies import decide_note, decide_private_reply
from dmsim.rules.receipts import decide_presence, decide_read_status
from dmsim.rules.sharing import decide_sticker_set, decide_video_privacy, decide_watching
from dmsim.vocabulary import Action, Reason, Verdict

#: Those whose own decision says everything, whoever acts.
_BY_THEMSELVES = (
    Action.REGISTER,
    Action.SEND_MESSAGE,
    Action.SHARE_CONTENT,
    Action.PRIVATE_REPLY,
    Action.MODERATE,
    Action.STAFF_ACCESS,
    Action.FOLLOW_UP,
    Action.MAILING,
    Action.SPONSORED_MESSAGE,
)

#: What brands send to many, or to remind.
_BRAND_MESSAGES = (Action.FOLLOW_UP, Action.MAILING, Action.SPONSORED_MESSAGE)

_OF_CONVERSATIONS = (
    Action.READ_THREAD,
    Action.MUTE_CONVERSATION,
    Action.UNMUTE_CONVERSATION,
    Action.DELETE_MESSAGE,
    Action.DELETE_CONVERSATION,
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
)

_OF_STICKER_SETS = (
    Action.ADD_STICKER_SET,
    Action.REORDER_STICKER_SETS,
    Action.REMOVE_STICKER_SET,
)


def decide(  # noqa: PLR0911 - one per family of rules
    action: Action | int, facts: Facts, policy: Policy
) -> tuple[Verdict, Reason]:
    """The verdict on any action, with the reason; what no rule speaks of is done.

    That is true of lists (R20, R52), notifications and further settings (R7, R53,
    R56, R70), reports of accounts and content (R8), blocks (R91), follows (R5) and comments. The
    reason says why an action is refused, removed or shows nothing.
    """
    if action in _BY_THEMSELVES:
        return _decide_by_itself(action, facts, policy)
    reason = may_act(action, facts.sender, policy)
    if reason != Reason.NONE:
        return Verdict.REFUSED, reason
    if action == Action.ACCEPT_REQUEST:
        return decide_request(facts, policy)
    if action in (Action.DELETE_REQUEST, Action.REPORT_REQUEST):
        return decide_dismissal(facts)
    if action in _OF_CONVERSATIONS:
        return decide_conversation(facts)
    if action in _OF_STICKER_SETS:
        return decide_sticker_set(action, facts, policy)
    return _decide_other(action, facts, policy)


def _decide_by_itself(action: Action | int, facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    if action in (Action.SEND_MESSAGE, Action.SHARE_CONTENT):
        return decide_message(facts, policy)
    if action == Action.PRIVATE_REPLY:
        return decide_private_reply(facts, policy)
    if action in _BRAND_MESSAGES:
        return decide_brand_message(action, facts, policy)
    if action == Action.REGISTER:
        return decide_registration(facts, policy)
    if action == Action.MODERATE:
        return decide_moderation(facts)
    return decide_staff_access(facts, policy)


def _decide_other(  # noqa: PLR0911 - one per rule
    action: Action | int, facts: Facts, policy: Policy
) -> tuple[Verdict, Reason]:
    """Actions that have a rule of their own; the rest are simply done."""
    if action == Action.WATCH_VIDEO:
        return decide_watching(facts, policy)
    if action == Action.CHANGE_VIDEO_PRIVACY:
        return decide_video_privacy(facts)
    if action == Action.CHANGE_SETTING:
        return decide_setting(facts, policy)
    if action == Action.CHECK_READ:
        return decide_read_status(facts, policy)
    if action == Action.CHECK_PRESENCE:
        return decide_presence(facts)
    if action == Action.RESTRICT_TEEN:
        return decide_restriction(facts, policy)
    if action == Action.READ_COMMENT:
        return decide_note(facts)
    if action in (Action.RESOLVE, Action.HAND_OFF):
        return decide_case(action, facts)
    return Verdict.DONE, Reason.NONE
