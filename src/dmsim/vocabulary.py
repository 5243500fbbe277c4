"""The words of the product: actions, verdicts, reasons, settings.

One place for every enumeration that rules, engine, trace, adapters and server share. The members'
integer values are the codes that the compiled kernel writes and the physical values of the Polars
enums in a trace, so they run from 0 without gaps; :func:`names` gives the words in that order.
"""

from enum import IntEnum


class Kind(IntEnum):
    """What an account is (R130)."""

    PERSON = 0
    BRAND = 1


class Setting(IntEnum):
    """Who may send the account a direct message, strictest first (R61-R68)."""

    NO_ONE = 0
    FRIENDS = 1
    SUGGESTED = 2
    EVERYONE = 3


class Thread(IntEnum):
    """A conversation as the rules see it from the sender's side (R52, R62-R64)."""

    NONE = 0
    REQUESTED = 1
    ACCEPTED = 2
    DELETED = 3


class Verdict(IntEnum):
    """What the rules say of an action; ``DONE`` is for actions that are not deliveries."""

    INBOX = 0
    REQUESTS = 1
    REFUSED = 2
    DONE = 3


class Reason(IntEnum):
    """Why an action was refused: the name of the first rule that forbids it."""

    NONE = 0
    NOT_REGISTERED = 1
    UNDER_AGE = 2
    BLOCKED = 3
    BLOCKING = 4
    NO_ONE = 5
    SETTING = 6
    NO_REQUEST = 7
    ALREADY_REPLIED = 8
    NOT_ANSWERED_PUBLICLY = 9
    REQUEST_DELETED = 10


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


class Via(IntEnum):
    """The path through the interface by which an action was reached (R21, R32-R37)."""

    INBOX = 0
    REQUESTS = 1
    PROFILE = 2
    SHARE_SHEET = 3
    FEED = 4
    SETTINGS = 5
    CARE_DESK = 6


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
