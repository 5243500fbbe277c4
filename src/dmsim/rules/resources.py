"""What each action reads and writes: the one table behind the order of a trace and its judgement.

Conflict order (as ROOT/ARTC define it): an action that *reads* a resource comes after the
resource's last write; one that *writes* it comes also after every read since that write. Actions
that share no resource, or only read what they share, may finish in any order. The kernel turns the
table into what a row comes ``after``; the judge of a replay turns it into what a verdict rests on
and what it throws into doubt when it comes out otherwise.

The pair is kept even more strictly: whoever touches it comes after its last action, readers too.
Lists over all conversations (``open_inbox``, ``list_requests``) are done whatever they show, so
they read nothing that anybody waits for.
"""

from enum import IntEnum
from typing import NamedTuple

from dmsim.rules.facts import Policy
from dmsim.vocabulary import Action


class Resource(IntEnum):
    """A piece of state, as one action names it."""

    PAIR = 0
    """Conversation, follows and blocks between actor and target."""
    TARGET_SETTING = 1
    ACTOR_SETTING = 2
    COMMENT = 3
    """The comment that the action creates or answers, with its replies."""


class Access(NamedTuple):
    """What an action reads, and what it may change."""

    reads: tuple[Resource, ...] = ()
    writes: tuple[Resource, ...] = ()


_PAIR, _TARGET, _ACTOR, _COMMENT = Resource

#: Every action. The actor's own setting is read only where :func:`own_setting_counts`.
ACCESS: dict[Action, Access] = {
    Action.OPEN_INBOX: Access(),
    Action.LIST_REQUESTS: Access(),
    Action.READ_THREAD: Access(reads=(_PAIR,)),
    Action.SEND_MESSAGE: Access(reads=(_PAIR, _ACTOR, _TARGET), writes=(_PAIR,)),
    Action.ACCEPT_REQUEST: Access(reads=(_PAIR,), writes=(_PAIR,)),
    Action.DELETE_REQUEST: Access(reads=(_PAIR,), writes=(_PAIR,)),
    Action.BLOCK_USER: Access(writes=(_PAIR,)),
    Action.UNBLOCK_USER: Access(writes=(_PAIR,)),
    Action.FOLLOW: Access(writes=(_PAIR,)),
    Action.UNFOLLOW: Access(writes=(_PAIR,)),
    Action.CHANGE_SETTING: Access(writes=(_ACTOR,)),
    Action.COMMENT: Access(writes=(_COMMENT,)),
    Action.PUBLIC_REPLY: Access(reads=(_COMMENT,), writes=(_COMMENT,)),
    Action.PRIVATE_REPLY: Access(
        reads=(_PAIR, _ACTOR, _TARGET, _COMMENT), writes=(_PAIR, _COMMENT)
    ),
}


def own_setting_counts(policy: Policy) -> bool:
    """Whether a verdict rests on the sender's own setting (Q4)."""
    return not policy.no_one_may_send


def read_by(action: Action, policy: Policy) -> tuple[Resource, ...]:
    """What an action reads under a policy."""
    return tuple(
        resource
        for resource in ACCESS[action].reads
        if resource != Resource.ACTOR_SETTING or own_setting_counts(policy)
    )


def reading(resource: Resource) -> tuple[bool, ...]:
    """Which actions read a resource: a flag for each action's code."""
    return tuple(resource in ACCESS[action].reads for action in Action)


def writing(resource: Resource) -> tuple[bool, ...]:
    """Which actions may change a resource: a flag for each action's code."""
    return tuple(resource in ACCESS[action].writes for action in Action)
