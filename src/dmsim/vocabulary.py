"""The words of the product: actions, verdicts, reasons, settings.

One place for every enumeration that rules, engine, trace, adapters and server share. The members'
integer values are the codes that the compiled kernel writes and the physical values of the Polars
enums in a trace, so they run from 0 without gaps; :func:`names` gives the words in that order.
"""

from enum import IntEnum


class Kind(IntEnum):
    """What an account is: a person, a brand's page (R130), the platform's staff (R77, R99)."""

    PERSON = 0
    BRAND = 1
    STAFF = 2


class Setting(IntEnum):
    """Who may send the account a direct message, strictest first (R61-R68)."""

    NO_ONE = 0
    FRIENDS = 1
    SUGGESTED = 2
    EVERYONE = 3


class Standing(IntEnum):
    """The penalty an account is under, mildest first (R78-R84)."""

    GOOD = 0
    WARNED = 1
    DM_BANNED = 2
    VIEW_ONLY = 3
    BANNED = 4


class Violation(IntEnum):
    """How gravely a message breaks the guidelines, mildest first (R73, R78-R81)."""

    NONE = 0
    MINOR = 1
    SEVERE = 2
    ZERO_TOLERANCE = 3


class ContentKind(IntEnum):
    """What a message carries: written (R34, R35, R39) or shared (R22)."""

    TEXT = 0
    EMOJI = 1
    GIF = 2
    STICKER = 3
    VIDEO = 4
    EFFECT = 5
    HASHTAG = 6
    SOUND = 7


class Region(IntEnum):
    """Where an account lives, as far as a rule asks: stickers are not offered everywhere (R45)."""

    WITH_STICKERS = 0
    WITHOUT_STICKERS = 1


class Thread(IntEnum):
    """A conversation as the rules see it from the sender's side (R52, R62-R64)."""

    NONE = 0
    REQUESTED = 1
    ACCEPTED = 2
    DELETED = 3


class Verdict(IntEnum):
    """What the rules say of an action.

    The first four are deliveries; ``DONE`` is for actions that are none; ``SHOWN`` and ``HIDDEN``
    answer a look at what another account may keep to itself (a receipt, presence).
    """

    INBOX = 0
    REQUESTS = 1
    FILTERED = 2
    REMOVED = 3
    REFUSED = 4
    DONE = 5
    SHOWN = 6
    HIDDEN = 7


class Reason(IntEnum):
    """Why an action was refused, removed or shows nothing: the first rule that forbids it.

    Those up to ``REMOVED`` stand in the order in which a delivery is decided.
    """

    NONE = 0
    NOT_REGISTERED = 1
    UNDER_AGE = 2
    FAMILY_RESTRICTED = 3
    SENDER_SANCTIONED = 4
    RECIPIENT_SANCTIONED = 5
    BLOCKED = 6
    BLOCKING = 7
    CONTENT_PRIVATE = 8
    STICKERS_UNAVAILABLE = 9
    STICKER_SET_MISSING = 10
    NO_ONE = 11
    BUSINESS_LIMIT = 12
    STRANGER_LIMIT = 13
    SETTING = 14
    REQUEST_DELETED = 15
    NOT_FRIENDS = 16
    REMOVED = 17
    NO_REQUEST = 18
    NO_CONVERSATION = 19
    OPTION_UNAVAILABLE = 20
    NOT_AUTHOR = 21
    NOT_GUARDIAN = 22
    NOT_IN_FAMILY_AGE = 23
    NOT_PERMITTED = 24
    ALREADY_REGISTERED = 25
    DEVICE_BANNED = 26
    NOT_READ = 27
    RECEIPTS_OFF = 28
    NOT_ACTIVE = 29
    ALREADY_REPLIED = 30
    NOT_ANSWERED_PUBLICLY = 31
    COMMENT_TOO_OLD = 32
    NOT_A_PERSON = 33
    OUTSIDE_WINDOW = 34
    RATE_LIMITED = 35
    NEVER_TALKED = 36
    NO_PRIVATE_REPLY = 37


class Action(IntEnum):
    """What an actor can do at one moment."""

    OPEN_INBOX = 0
    LIST_REQUESTS = 1
    READ_THREAD = 2
    SEND_MESSAGE = 3
    ACCEPT_REQUEST = 4
    DELETE_REQUEST = 5
    BLOCK_USER = 6
    UNBLOCK_USER = 7
    FOLLOW = 8
    UNFOLLOW = 9
    CHANGE_SETTING = 10
    COMMENT = 11
    PUBLIC_REPLY = 12
    PRIVATE_REPLY = 13
    LIST_FILTERED = 14
    SHARE_CONTENT = 15
    SEARCH_CONTENT = 16
    WATCH_VIDEO = 17
    CHANGE_VIDEO_PRIVACY = 18
    REPORT_MESSAGE = 19
    REPORT_CONVERSATION = 20
    REPORT_REQUEST = 21
    REPORT_ACCOUNT = 22
    REPORT_CONTENT = 23
    MUTE_CONVERSATION = 24
    UNMUTE_CONVERSATION = 25
    DELETE_MESSAGE = 26
    DELETE_CONVERSATION = 27
    LIST_STICKER_SETS = 28
    ADD_STICKER_SET = 29
    REORDER_STICKER_SETS = 30
    REMOVE_STICKER_SET = 31
    CHANGE_READ_STATUS = 32
    CHANGE_REQUEST_FILTER = 33
    CHANGE_BUSINESS_MESSAGES = 34
    CHANGE_NOTIFICATIONS = 35
    CHECK_READ = 36
    CHECK_PRESENCE = 37
    REGISTER = 38
    RESTRICT_TEEN = 39
    MODERATE = 40
    STAFF_ACCESS = 41
    READ_COMMENT = 42
    RESOLVE = 43
    HAND_OFF = 44
    FOLLOW_UP = 45
    MAILING = 46
    SPONSORED_MESSAGE = 47


class Via(IntEnum):
    """The path through the interface by which an action was reached (R21-R50, R86-R94)."""

    INBOX = 0
    REQUESTS = 1
    PROFILE = 2
    SHARE_SHEET = 3
    FEED = 4
    SETTINGS = 5
    CARE_DESK = 6
    NEW_CHAT = 7
    SEARCH = 8
    CHAT = 9
    STICKER_PANEL = 10
    VIDEO = 11
    SWIPE = 12
    LONG_PRESS = 13
    MORE_OPTIONS = 14
    BANNER = 15
    FAMILY_PAIRING = 16
    AUTOMATIC = 17
    MODERATION = 18
    SIGN_UP = 19
    CAMPAIGN = 20


class Topic(IntEnum):
    """What a comment is about, and so what a case begins with (R139).

    ``ESCALATION`` is the comment of somebody who turns to the public because the case before it is
    not settled (R151), ``MESSAGE`` a customer who wrote to the page without a comment.
    """

    QUESTION = 0
    COMPLAINT = 1
    PRAISE = 2
    SPAM = 3
    ESCALATION = 4
    MESSAGE = 5


class Ending(IntEnum):
    """How a case stands, or how it ended.

    ``OPEN``: it has not ended. ``RESOLVED``: the customer has what he asked for. ``HANDED_OFF``: it
    goes on in another channel (R187). ``EXPIRED``: a window of the platform closed before the brand
    had answered. ``SILENT``: the customer never came back (R163). ``ABANDONED``: the customer left
    the thread before he was answered, or can be written to no more. ``DISMISSED``: nothing to
    answer, such as spam.
    """

    OPEN = 0
    RESOLVED = 1
    HANDED_OFF = 2
    EXPIRED = 3
    SILENT = 4
    ABANDONED = 5
    DISMISSED = 6


class Platform(IntEnum):
    """The device an actor uses (R46, R49)."""

    IOS = 0
    ANDROID = 1
    WEB = 2


def word(member: IntEnum) -> str:
    """The member as it is written in scenarios, traces, requests and tables: lower snake case."""
    return member.name.lower()


def names(enumeration: type[IntEnum]) -> list[str]:
    """All words of an enumeration in the order of their codes."""
    return [word(member) for member in enumeration]
