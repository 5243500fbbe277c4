"""What each action reads and writes: the one table behind the order of a trace and its judgement.

Conflict order (as ROOT/ARTC define it): an action that *reads* a resource comes after the
resource's last write; one that *writes* it comes also after every read since that write. Actions
that share no resource, or only read what they share, may finish in any order. The kernel turns the
table into what a row comes ``after``; the judge of a replay turns it into what a verdict rests on
and what it throws into doubt when it comes out otherwise.

Pairs, presence, devices, comments and pages are kept even more strictly: whoever touches one comes
after the last action that did, readers too. Lists over all conversations (``open_inbox``,
``list_requests`` …) are done whatever they show, so they read nothing but their account.
"""

from enum import IntEnum
from typing import NamedTuple

from dmsim.vocabulary import Action


class Resource(IntEnum):
    """A piece of state, as one action names it."""

    PAIR = 0
    """Conversation, follows and blocks between actor and target."""
    ACTOR = 1
    """Everything of the actor's account that decisions ask for: registration, restriction,
    standing, settings, sticker sets, the privacy of its videos, reports against it."""
    TARGET = 2
    """The same of the target's account."""
    AUTHOR = 3
    """The same of the account whose video the action shares."""
    COMMENT = 4
    """The comment that the action creates or answers, with its replies."""
    PRESENCE_OF_ACTOR = 5
    """When the actor opened the inbox last."""
    PRESENCE_OF_TARGET = 6
    DEVICE_OF_ACTOR = 7
    """Whether the device of the actor's account is banned."""
    DEVICE_OF_TARGET = 8
    PAGE = 9
    """What the actor's page has sent of what is limited by the hour or the second."""


class Access(NamedTuple):
    """What an action reads, and what it may change."""

    reads: tuple[Resource, ...] = ()
    writes: tuple[Resource, ...] = ()


_PAIR, _ACTOR, _TARGET, _AUTHOR, _COMMENT = tuple(Resource)[:5]

_OWN_READ = Access(reads=(_ACTOR,))
_OWN_CHANGE = Access(reads=(_ACTOR,), writes=(_ACTOR,))
_PAIR_READ = Access(reads=(_PAIR, _ACTOR))
_PAIR_CHANGE = Access(reads=(_PAIR, _ACTOR), writes=(_PAIR,))
_REPORT = Access(reads=(_PAIR, _ACTOR), writes=(_PAIR, _TARGET))

_MAILED = Access(reads=(_PAIR, _ACTOR, _TARGET, Resource.PAGE), writes=(_PAIR, Resource.PAGE))

#: Every action.
ACCESS: dict[Action, Access] = {
    Action.OPEN_INBOX: Access(reads=(_ACTOR,), writes=(Resource.PRESENCE_OF_ACTOR,)),
    Action.LIST_REQUESTS: _OWN_READ,
    Action.LIST_FILTERED: _OWN_READ,
    Action.READ_THREAD: _PAIR_CHANGE,
    Action.SEND_MESSAGE: Access(reads=(_PAIR, _ACTOR, _TARGET), writes=(_PAIR,)),
    Action.SHARE_CONTENT: Access(reads=(_PAIR, _ACTOR, _TARGET, _AUTHOR), writes=(_PAIR,)),
    Action.ACCEPT_REQUEST: _PAIR_CHANGE,
    Action.DELETE_REQUEST: _PAIR_CHANGE,
    Action.REPORT_REQUEST: _REPORT,
    Action.REPORT_MESSAGE: _REPORT,
    Action.REPORT_CONVERSATION: _REPORT,
    Action.REPORT_ACCOUNT: _REPORT,
    Action.REPORT_CONTENT: _REPORT,
    Action.MUTE_CONVERSATION: _PAIR_CHANGE,
    Action.UNMUTE_CONVERSATION: _PAIR_CHANGE,
    Action.DELETE_MESSAGE: _PAIR_CHANGE,
    Action.DELETE_CONVERSATION: _PAIR_CHANGE,
    Action.BLOCK_USER: _PAIR_CHANGE,
    Action.UNBLOCK_USER: _PAIR_CHANGE,
    Action.FOLLOW: _PAIR_CHANGE,
    Action.UNFOLLOW: _PAIR_CHANGE,
    Action.SEARCH_CONTENT: _OWN_READ,
    Action.WATCH_VIDEO: Access(reads=(_PAIR, _ACTOR, _TARGET)),
    Action.CHANGE_VIDEO_PRIVACY: _OWN_CHANGE,
    Action.LIST_STICKER_SETS: _OWN_READ,
    Action.ADD_STICKER_SET: _OWN_CHANGE,
    Action.REORDER_STICKER_SETS: _OWN_CHANGE,
    Action.REMOVE_STICKER_SET: _OWN_CHANGE,
    Action.CHANGE_SETTING: _OWN_CHANGE,
    Action.CHANGE_READ_STATUS: _OWN_CHANGE,
    Action.CHANGE_REQUEST_FILTER: _OWN_CHANGE,
    Action.CHANGE_BUSINESS_MESSAGES: _OWN_CHANGE,
    Action.CHANGE_NOTIFICATIONS: _OWN_CHANGE,
    Action.CHECK_READ: Access(reads=(_PAIR, _ACTOR, _TARGET)),
    Action.CHECK_PRESENCE: Access(reads=(_PAIR, _ACTOR, Resource.PRESENCE_OF_TARGET)),
    Action.REGISTER: Access(reads=(_ACTOR, Resource.DEVICE_OF_ACTOR), writes=(_ACTOR,)),
    Action.RESTRICT_TEEN: Access(reads=(_PAIR, _ACTOR, _TARGET), writes=(_TARGET,)),
    Action.MODERATE: Access(reads=(_TARGET,), writes=(_TARGET, Resource.DEVICE_OF_TARGET)),
    Action.STAFF_ACCESS: Access(reads=(_PAIR, _TARGET)),
    Action.COMMENT: Access(reads=(_PAIR, _ACTOR), writes=(_COMMENT,)),
    Action.PUBLIC_REPLY: Access(reads=(_PAIR, _ACTOR, _COMMENT), writes=(_COMMENT,)),
    Action.PRIVATE_REPLY: Access(
        reads=(_PAIR, _ACTOR, _TARGET, _COMMENT, Resource.PAGE),
        writes=(_PAIR, _COMMENT, Resource.PAGE),
    ),
    Action.READ_COMMENT: Access(reads=(_ACTOR, _COMMENT)),
    Action.RESOLVE: _PAIR_READ,
    Action.HAND_OFF: _PAIR_READ,
    Action.FOLLOW_UP: Access(reads=(_PAIR, _ACTOR, _TARGET), writes=(_PAIR,)),
    Action.MAILING: _MAILED,
    Action.SPONSORED_MESSAGE: _MAILED,
}


def reading(resource: Resource) -> tuple[bool, ...]:
    """Which actions read a resource: a flag for each action's code."""
    return tuple(resource in ACCESS[action].reads for action in Action)


def writing(resource: Resource) -> tuple[bool, ...]:
    """Which actions may change a resource: a flag for each action's code."""
    return tuple(resource in ACCESS[action].writes for action in Action)


def touching(resource: Resource) -> tuple[bool, ...]:
    """Which actions read or change a resource: a flag for each action's code."""
    return tuple(map(any, zip(reading(resource), writing(resource), strict=True)))
