"""What an action may come to while others change what it rests on.

Where two actions overlap, a backend may take either first. The demanded verdict then is one legal
outcome among several: the others are those that the racing changes can bring, or uncover by taking
away what stopped the action. Anything else is as wrong in a race as outside of one.

Three tables, written from the requirements: which facts an action changes, what a fact brings, and
in which order an action is decided (the first that applies). Facts are named by the fields of
:mod:`dmsim.rules.facts`, of whichever of the two sides.
"""

from collections.abc import Iterable

from dmsim.rules.facts import Policy
from dmsim.vocabulary import Action, Reason, Verdict

Outcome = tuple[Verdict, Reason]

_DONE = (Verdict.DONE, Reason.NONE)
_SHOWN = (Verdict.SHOWN, Reason.NONE)
_INBOX = (Verdict.INBOX, Reason.NONE)
_FILTERED = (Verdict.FILTERED, Reason.NONE)
_REQUESTS = (Verdict.REQUESTS, Reason.NONE)


def _refused(*reasons: Reason) -> tuple[Outcome, ...]:
    return tuple((Verdict.REFUSED, reason) for reason in reasons)


def _hidden(reason: Reason) -> Outcome:
    return Verdict.HIDDEN, reason


_CONVERSATION = {"thread", "requested_count", "asked", "filtered", "visible", "read"}
#: Only what a person does counts as an answer to a brand (R131, R156).
_ANSWER = {"answered_minutes"}
_FOLLOWS = {"sender_follows", "recipient_follows", "unsafe"}
_BLOCKS = {"sender_blocks", "recipient_blocks"}
_REPORTED = {"unsafe", "report_open"}

#: What an action may change of the facts that others rest on; those that are missing change none.
CHANGES: dict[Action, frozenset[str]] = {
    action: frozenset(facts)
    for action, facts in {
        # Settings: R6, R61-R68; R70, R72; R53, R54; R56.
        Action.CHANGE_SETTING: {"setting"},
        Action.CHANGE_READ_STATUS: {"read_status"},
        Action.CHANGE_REQUEST_FILTER: {"filter_requests"},
        Action.CHANGE_BUSINESS_MESSAGES: {"allow_business"},
        # Relations: R5, R91. Who follows stands in a relation, and so is safe (R54, Q17).
        Action.BLOCK_USER: _BLOCKS,
        Action.UNBLOCK_USER: _BLOCKS,
        Action.FOLLOW: _FOLLOWS,
        Action.UNFOLLOW: _FOLLOWS,
        # Requests: R55, R58, R64; accepting may follow back (Q6).
        Action.ACCEPT_REQUEST: _CONVERSATION - {"visible", "read"} | _ANSWER | _FOLLOWS,
        Action.DELETE_REQUEST: _CONVERSATION,
        # Messages open a conversation or wait as requests (R32, R52, R58, R62, R63, R131).
        Action.SEND_MESSAGE: _CONVERSATION | _ANSWER,
        Action.SHARE_CONTENT: _CONVERSATION | _ANSWER,
        Action.FOLLOW_UP: _CONVERSATION,
        Action.MAILING: _CONVERSATION | {"mailed_this_second"},
        Action.SPONSORED_MESSAGE: _CONVERSATION | {"mailed_this_second"},
        Action.PRIVATE_REPLY: _CONVERSATION
        | {"by_private_reply", "privately_replied", "private_replies_this_hour"},
        # Reading (R21, R69), and deleting in one's own view (R46-R48).
        Action.READ_THREAD: {"read"},
        Action.DELETE_MESSAGE: {"visible", "read"},
        Action.DELETE_CONVERSATION: {"visible", "read"},
        # Comments: R133, R147, R149.
        Action.PUBLIC_REPLY: {"publicly_replied"},
        # Content: R30, R31; R40, R44.
        Action.CHANGE_VIDEO_PRIVACY: {"private"},
        Action.ADD_STICKER_SET: {"set_added"},
        Action.REMOVE_STICKER_SET: {"set_added"},
        # Accounts: R10; R11; R13; R8, R54, R85, R99; R78-R84, R80.
        Action.OPEN_INBOX: {"recently_active"},
        Action.REGISTER: {"registered"},
        Action.RESTRICT_TEEN: {"family_restricted"},
        Action.REPORT_MESSAGE: _REPORTED,
        Action.REPORT_CONVERSATION: _REPORTED,
        Action.REPORT_REQUEST: _REPORTED,
        Action.REPORT_ACCOUNT: _REPORTED,
        Action.REPORT_CONTENT: _REPORTED,
        Action.MODERATE: {"standing", "unsafe", "report_open", "device_banned"},
    }.items()
}

#: What adds up to the same whoever comes first: counts, and what once happened stays.
_ADDING = frozenset(
    {
        "unsafe", "report_open", "recently_active", "registered", "publicly_replied",
        "privately_replied", "private_replies_this_hour", "mailed_this_second", "by_private_reply",
    }
)  # fmt: skip

_STARTING = _refused(Reason.SETTING, Reason.REQUEST_DELETED, Reason.NOT_FRIENDS)
_LIMITS = _refused(Reason.BUSINESS_LIMIT, Reason.STRANGER_LIMIT)
_BY_SETTING = _refused(Reason.NO_ONE, Reason.SETTING)
_BY_FRIENDSHIP = _refused(Reason.SETTING, Reason.NOT_FRIENDS)

#: The outcomes that a fact brings where it is one way, and keeps away where it is another.
BRINGS: dict[str, frozenset[Outcome]] = {
    fact: frozenset(outcomes)
    for fact, outcomes in {
        "registered": _refused(Reason.NOT_REGISTERED, Reason.ALREADY_REGISTERED),
        "family_restricted": _refused(Reason.FAMILY_RESTRICTED),
        "standing": _refused(Reason.SENDER_SANCTIONED, Reason.RECIPIENT_SANCTIONED),
        "setting": _BY_SETTING,
        "allow_business": _BY_SETTING,
        "unsafe": (_FILTERED,),
        "filter_requests": (_FILTERED,),
        "read_status": (_hidden(Reason.RECEIPTS_OFF),),
        "sender_follows": _BY_FRIENDSHIP,
        "recipient_follows": (*_BY_FRIENDSHIP, _INBOX),
        "sender_blocks": _refused(Reason.BLOCKING),
        "recipient_blocks": _refused(Reason.BLOCKED),
        "thread": (*_LIMITS, *_STARTING, _INBOX),
        "requested_count": _LIMITS,
        "asked": _refused(Reason.NO_REQUEST),
        "filtered": _refused(Reason.NO_REQUEST),
        "visible": _refused(Reason.NO_CONVERSATION),
        "read": (_hidden(Reason.NOT_READ),),
        "by_private_reply": _refused(Reason.OUTSIDE_WINDOW),
        "answered_minutes": _refused(Reason.OUTSIDE_WINDOW, Reason.NEVER_TALKED),
        "private": _refused(Reason.CONTENT_PRIVATE),
        "set_added": _refused(Reason.STICKER_SET_MISSING),
        "device_banned": _refused(Reason.DEVICE_BANNED),
        "recently_active": (_hidden(Reason.NOT_ACTIVE),),
        "report_open": _refused(Reason.NOT_PERMITTED),
        "publicly_replied": _refused(Reason.NOT_ANSWERED_PUBLICLY),
        "privately_replied": (
            *_refused(Reason.ALREADY_REPLIED),
            _hidden(Reason.NO_PRIVATE_REPLY),
        ),
        "private_replies_this_hour": _refused(Reason.RATE_LIMITED),
        "mailed_this_second": _refused(Reason.RATE_LIMITED),
    }.items()
}

_DELIVERY = _refused(
    Reason.NOT_REGISTERED,
    Reason.UNDER_AGE,
    Reason.FAMILY_RESTRICTED,
    Reason.SENDER_SANCTIONED,
    Reason.RECIPIENT_SANCTIONED,
    Reason.BLOCKED,
    Reason.BLOCKING,
)
_CARRYING = _refused(
    Reason.CONTENT_PRIVATE, Reason.STICKERS_UNAVAILABLE, Reason.STICKER_SET_MISSING
)
_NO_ONE = _refused(Reason.NO_ONE)
_PLACES = ((Verdict.REMOVED, Reason.REMOVED), _INBOX, _FILTERED)
_PAID = (*_DELIVERY, *_CARRYING, *_NO_ONE, *_LIMITS, *_STARTING)
_MESSAGE = (*_PAID, *_refused(Reason.OUTSIDE_WINDOW), *_PLACES)
_FOR_BRANDS = _refused(Reason.NOT_PERMITTED)
_LIMITED = _refused(Reason.RATE_LIMITED)
_OWN = _refused(Reason.NOT_REGISTERED, Reason.UNDER_AGE, Reason.SENDER_SANCTIONED)
_STORED = (*_OWN, *_refused(Reason.NO_CONVERSATION), _DONE)
_ASKED = (*_OWN, *_refused(Reason.NO_REQUEST), _DONE)
_STICKERS = (
    *_OWN,
    *_refused(Reason.STICKERS_UNAVAILABLE, Reason.STICKER_SET_MISSING),
    _DONE,
)
_OF_A_CASE = (*_OWN, *_FOR_BRANDS, *_refused(Reason.NO_CONVERSATION), _DONE)

#: The outcomes of an action in the order in which it is decided.
_ORDERS: dict[Action, tuple[Outcome, ...]] = {
    Action.SEND_MESSAGE: _MESSAGE,
    Action.SHARE_CONTENT: _MESSAGE,
    Action.FOLLOW_UP: (*_FOR_BRANDS, *_refused(Reason.NO_CONVERSATION), *_MESSAGE),
    Action.MAILING: (*_FOR_BRANDS, *_LIMITED, *_MESSAGE),
    Action.SPONSORED_MESSAGE: (
        *_FOR_BRANDS, *_LIMITED, *_refused(Reason.NEVER_TALKED), *_PAID, *_PLACES,
    ),
    Action.PRIVATE_REPLY: (
        *_refused(
            Reason.ALREADY_REPLIED,
            Reason.COMMENT_TOO_OLD,
            Reason.NOT_A_PERSON,
            Reason.NOT_ANSWERED_PUBLICLY,
        ),
        *_DELIVERY, *_NO_ONE, *_LIMITED, *_PLACES,
    ),
    Action.ACCEPT_REQUEST: _ASKED,
    Action.DELETE_REQUEST: _ASKED,
    Action.REPORT_REQUEST: _ASKED,
    Action.READ_THREAD: _STORED,
    Action.MUTE_CONVERSATION: _STORED,
    Action.UNMUTE_CONVERSATION: _STORED,
    Action.DELETE_MESSAGE: _STORED,
    Action.DELETE_CONVERSATION: _STORED,
    Action.REPORT_MESSAGE: _STORED,
    Action.REPORT_CONVERSATION: _STORED,
    Action.ADD_STICKER_SET: _STICKERS,
    Action.REORDER_STICKER_SETS: _STICKERS,
    Action.REMOVE_STICKER_SET: _STICKERS,
    Action.WATCH_VIDEO: (*_OWN, *_refused(Reason.BLOCKED, Reason.CONTENT_PRIVATE), _DONE),
    Action.CHANGE_VIDEO_PRIVACY: (*_OWN, *_refused(Reason.NOT_AUTHOR), _DONE),
    Action.CHANGE_SETTING: (*_OWN, *_refused(Reason.OPTION_UNAVAILABLE), _DONE),
    Action.CHECK_READ: (
        *_OWN, *_refused(Reason.NO_CONVERSATION),
        _hidden(Reason.RECEIPTS_OFF), _hidden(Reason.NOT_READ), _SHOWN,
    ),
    Action.CHECK_PRESENCE: (*_OWN, _hidden(Reason.NOT_ACTIVE), _SHOWN),
    Action.READ_COMMENT: (*_OWN, _hidden(Reason.NO_PRIVATE_REPLY), _SHOWN),
    Action.REGISTER: (*_refused(Reason.ALREADY_REGISTERED, Reason.DEVICE_BANNED), _DONE),
    Action.RESTRICT_TEEN: (
        *_OWN, *_refused(Reason.NOT_GUARDIAN, Reason.NOT_IN_FAMILY_AGE), _DONE,
    ),
    Action.MODERATE: (*_FOR_BRANDS, _DONE),
    Action.STAFF_ACCESS: (*_FOR_BRANDS, _DONE),
    Action.RESOLVE: _OF_A_CASE,
    Action.HAND_OFF: _OF_A_CASE,
}  # fmt: skip

_SIMPLE = (*_OWN, _DONE)
_NONE: frozenset[str] = frozenset()


def order(action: Action, policy: Policy) -> tuple[Outcome, ...]:
    """The outcomes of an action, the first that applies deciding; the last one if no other does."""
    outcomes = _ORDERS.get(action, _SIMPLE)
    if outcomes[-1] != _FILTERED:
        return outcomes
    return (*outcomes, _REQUESTS if policy.strangers_to_requests else _INBOX)


def legal(
    action: Action, verdict: Verdict, reason: Reason, racing: Iterable[Action], policy: Policy
) -> frozenset[Outcome]:
    """The outcomes that some order of racing actions can give.

    Args:
        action: what is judged.
        verdict: what is demanded of it.
        reason: why.
        racing: the actions that it overlapped and that may change what it rests on.
        policy: the rules' policy.

    Returns:
        the demanded outcome; what the racing actions may bring before that is reached; and, where
        they may take away what the demanded outcome rests on, all that comes after it.
    """
    demanded = (verdict, reason)
    possible = order(action, policy)
    changed = {fact for other in racing for fact in CHANGES.get(other, _NONE)}
    if action != Action.STAFF_ACCESS:
        changed -= {"report_open"}  # Nobody else is permitted anything by a report.
    brought = frozenset().union(*(BRINGS[fact] for fact in changed))
    # Where a request is not filtered it may land where known senders' messages do.
    first = possible.index(demanded)
    last = len(possible) - 1 - possible[::-1].index(demanded)
    outcomes = {demanded, *(outcome for outcome in possible[:last] if outcome in brought)}
    if demanded in brought:
        outcomes.update(possible[first:])
    return frozenset(outcomes)


def order_matters(one: Action, other: Action) -> bool:
    """Whether two racing actions leave another state behind by who comes first, both being done."""
    return bool((CHANGES.get(one, _NONE) & CHANGES.get(other, _NONE)) - _ADDING)
