"""Following and blocking, and what they show of each other."""

from dmsim.server.answers import DONE, told
from dmsim.server.call import Call
from dmsim.server.http import Answer
from dmsim.server.state.world import directed
from dmsim.vocabulary import Action, Verdict


def follow(call: Call) -> Answer:
    """Following somebody; following twice is following (R5)."""
    return _relate(call, Action.FOLLOW, call.world.follows, call.changes.follows, holds=True)


def unfollow(call: Call) -> Answer:
    """Following somebody no more (R5)."""
    return _relate(call, Action.UNFOLLOW, call.world.follows, call.changes.follows, holds=False)


def block_user(call: Call) -> Answer:
    """Blocking somebody; blocking twice is blocking (R73, R91-R94)."""
    return _relate(call, Action.BLOCK_USER, call.world.blocks, call.changes.blocks, holds=True)


def unblock_user(call: Call) -> Answer:
    """Taking a block back, if there is one (R94)."""
    return _relate(call, Action.UNBLOCK_USER, call.world.blocks, call.changes.blocks, holds=False)


def _relate(
    call: Call, action: Action, relation: set[int], changes: dict[int, bool], *, holds: bool
) -> Answer:
    peer = call.peer()
    verdict, reason = call.decide(action, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    pair = directed(call.actor, peer)
    if (pair in relation) != holds:
        (relation.add if holds else relation.remove)(pair)
        changes[pair] = holds
    return DONE
