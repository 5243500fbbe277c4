"""The facts of an action: everything that the rules ask for, read from the world at one moment."""

from typing import Any

from dmsim.rules.facts import (
    NOTHING_SPECIAL,
    PLAIN,
    UNRELATED,
    Circumstances,
    ContentFacts,
    Facts,
    PairFacts,
    Policy,
    Side,
)
from dmsim.rules.messaging import thread_for_sender
from dmsim.rules.sanctions import is_unsafe
from dmsim.server.decisions import Decisions
from dmsim.server.state.accounts import DAY, MINUTE, Account, Video
from dmsim.server.state.comments import Comment, Sent
from dmsim.server.state.conversation import NEVER
from dmsim.server.state.world import World, directed, undirected
from dmsim.vocabulary import Action, ContentKind, Setting, Thread, Via

_NOTHING_SENT = Sent()

#: The actions that ask for more than the accounts and what stands between them.
_ASKING = frozenset(
    {
        Action.CHANGE_SETTING,
        Action.CHECK_PRESENCE,
        Action.REGISTER,
        Action.STAFF_ACCESS,
        Action.PRIVATE_REPLY,
        Action.READ_COMMENT,
        Action.MAILING,
        Action.SPONSORED_MESSAGE,
    }
)


def of_video(video: Video, actor: int) -> ContentFacts:
    """The content facts of watching, reporting or changing a video."""
    return PLAIN._replace(kind=ContentKind.VIDEO, private=video.private, own=video.author == actor)


def gather(
    world: World,
    decisions: Decisions,
    policy: Policy,
    now: int,
    action: Action,
    actor_id: int,
    target_id: int | None,
    content: ContentFacts,
    via: Via,
    setting: Setting | None,
    comment: Comment | None,
) -> Facts:
    """The facts of one action.

    Args:
        world: where they are read.
        decisions: tells which penalty is in force.
        policy: the numbers and switches of the rules.
        now: the time of the action.
        action: what is to be done.
        actor_id: who acts.
        target_id: the other account, None where the action has none.
        content: what is sent, shared, watched or used.
        via: the path through the interface.
        setting: the setting that the actor chooses.
        comment: the comment that is answered privately or read.
    """
    actor = world.accounts[actor_id]
    target = actor if target_id is None else world.accounts[target_id]
    pair = UNRELATED if target is actor else _between(world, actor_id, target.id, now)
    sender = _side(actor, decisions.standing_now(actor.standing, actor.until, now))
    recipient = sender
    if target is not actor:
        recipient = _side(target, decisions.standing_now(target.standing, target.until, now))
        if _is_unsafe(actor, sender.standing, pair, now, policy):
            sender = sender._replace(unsafe=True)
    circumstances = NOTHING_SPECIAL
    if action in _ASKING:
        circumstances = _circumstances(world, policy, now, action, actor, target, setting, comment)
    return Facts(sender, recipient, pair, content, circumstances, via)


def _circumstances(
    world: World,
    policy: Policy,
    now: int,
    action: Action,
    actor: Account,
    target: Account,
    setting: Setting | None,
    comment: Comment | None,
) -> Circumstances:
    """What only some actions ask for."""
    if comment is not None:
        return _of_comment(world, now, action, actor, comment)
    asked: dict[str, Any] = {}
    if action == Action.CHANGE_SETTING:
        asked["option_available"] = setting != Setting.EVERYONE or actor.everyone_offered
    elif action == Action.CHECK_PRESENCE:
        since, window = target.active, policy.active_minutes * MINUTE
        asked["recently_active"] = since is not None and now - since <= window
    elif action == Action.REGISTER:
        asked["device_banned"] = actor.device in world.banned_devices
    elif action == Action.STAFF_ACCESS:
        asked["report_open"] = target.open_reports > 0
    elif action in (Action.MAILING, Action.SPONSORED_MESSAGE):
        sent = world.sent.get(actor.id, _NOTHING_SENT)
        asked["mailed_this_second"] = sent.mailed_in_second_of(now)
    return NOTHING_SPECIAL._replace(**asked)


def _of_comment(
    world: World, now: int, action: Action, actor: Account, comment: Comment
) -> Circumstances:
    answered = NOTHING_SPECIAL._replace(
        publicly_replied=comment.publicly_replied, privately_replied=comment.privately_replied
    )
    if action != Action.PRIVATE_REPLY:
        return answered
    sent = world.sent.get(actor.id, _NOTHING_SENT)
    return answered._replace(
        comment_minutes=(now - comment.at) // MINUTE,
        private_replies_this_hour=sent.private_replies_in_hour_of(now),
    )


def _side(account: Account, standing: int) -> Side:
    return Side(
        account.registered,
        account.age,
        account.family_restricted,
        standing,
        account.kind,
        account.setting,
        False,  # whether it is unsafe depends on the other side
        account.filter_requests,
        account.allow_business,
        account.region,
        account.read_status,
    )


def _is_unsafe(actor: Account, standing: int, pair: PairFacts, now: int, policy: Policy) -> bool:
    related = pair.sender_follows or pair.recipient_follows or pair.contact_synced
    days = (now - actor.joined) // DAY
    return is_unsafe(standing, actor.recent_reports(now, policy), days, related, policy)


def _between(world: World, actor: int, target: int, now: int) -> PairFacts:
    there, back, both = directed(actor, target), directed(target, actor), undirected(actor, target)
    thread, count, asked, filtered, visible, read = int(Thread.NONE), 0, False, False, False, True
    by_private_reply, answered_minutes = False, -1
    conversation = world.conversations.get(both)
    if conversation is not None:
        asks = conversation.requester == actor
        thread = thread_for_sender(conversation.thread, asks)
        count = conversation.requested_count if asks else 0
        asked, filtered = conversation.asks(actor), conversation.filtered
        visible = conversation.view(actor).visible > 0
        read = conversation.view(target).unread == 0
        by_private_reply = conversation.by_private_reply
        if conversation.answered != NEVER:
            answered_minutes = (now - conversation.answered) // MINUTE
    return PairFacts(
        there in world.follows,
        back in world.follows,
        both in world.contacts,
        both in world.acquaintances,
        there in world.blocks,
        back in world.blocks,
        thread,
        count,
        asked,
        filtered,
        visible,
        read,
        there in world.guardians,
        by_private_reply,
        answered_minutes,
    )
