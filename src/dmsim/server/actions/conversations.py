"""The inbox, and what an account does with a conversation in its own view."""

from collections.abc import Callable

from dmsim.server.actions.showing import blocks, entries, show
from dmsim.server.answers import DONE, OUTCOME, Inbox, Mention, Newest, ReadThread, done, told
from dmsim.server.call import Call
from dmsim.server.changes import Read
from dmsim.server.http import Answer
from dmsim.server.state.conversation import Conversation
from dmsim.vocabulary import Action, Verdict


def open_inbox(call: Call) -> Answer:
    """The newest conversations with their unread messages counted (R20, R95).

    Beside them stand the newest answers to one's comments, which mention one (R161, R162). Whoever
    opens the inbox is active (R10).
    """
    verdict, reason = call.decide(Action.OPEN_INBOX)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    shown, cursor = entries(call, call.world.inboxes)
    call.account.active = call.now
    call.changes.presence[call.actor] = call.now
    answers = reversed(call.world.mentions.get(call.actor, ()))
    mentions = [Mention(reply.page, reply.comment, reply.id, reply.at) for reply in answers]
    return done(Inbox(OUTCOME[verdict], shown, cursor, mentions))


def read_thread(call: Call) -> Answer:
    """The newest messages with somebody, which are read from now on (R18, R21, R30)."""
    peer = call.peer()
    verdict, reason = call.decide(Action.READ_THREAD, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, peer)
    view = conversation.view(call.actor)
    if view.unread:
        view.unread = 0
        call.changes.conversations[conversation.pair] = conversation
        call.changes.reads.append(Read(call.actor, peer, call.now))
    messages = [show(call, message) for message in conversation.page(call.actor)]
    return done(ReadThread(OUTCOME[verdict], messages, view.muted, blocks(call, peer)))


def newest_message(call: Call) -> Answer:
    """Which message with somebody is the newest that one sees.

    It is no action: no rule speaks of it, nothing is read by it and nobody is active. So whoever
    measures can see whether a message has arrived without changing what comes after.
    """
    conversation = call.world.conversation(call.actor, call.peer())
    message = conversation.newest_for(call.actor) if conversation is not None else None
    return done(Newest(OUTCOME[Verdict.DONE], None if message is None else message.id))


def mute_conversation(call: Call) -> Answer:
    """Muting a conversation, which stops notifications but no delivery (R49-R51)."""
    return _set_muted(call, Action.MUTE_CONVERSATION, muted=True)


def unmute_conversation(call: Call) -> Answer:
    """Hearing of a conversation again (R50)."""
    return _set_muted(call, Action.UNMUTE_CONVERSATION, muted=False)


def delete_message(call: Call) -> Answer:
    """Deleting the newest message that one sees, for oneself alone (R47, R48)."""
    return _delete(call, Action.DELETE_MESSAGE, call.service.decisions.delete_message)


def delete_conversation(call: Call) -> Answer:
    """Deleting a conversation for oneself alone (R46, R48)."""
    return _delete(call, Action.DELETE_CONVERSATION, call.service.decisions.delete_conversation)


def check_read(call: Call) -> Answer:
    """Whether somebody has read what one wrote, if both show it (R9, R69, R72)."""
    return told(*call.decide(Action.CHECK_READ, call.peer()))


def _set_muted(call: Call, action: Action, *, muted: bool) -> Answer:
    peer = call.peer()
    verdict, reason = call.decide(action, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, peer)
    conversation.view(call.actor).muted = muted
    call.changes.conversations[conversation.pair] = conversation
    return DONE


def _delete(call: Call, action: Action, delete: Callable[[Conversation, int], None]) -> Answer:
    peer = call.peer()
    verdict, reason = call.decide(action, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, peer)
    places = call.world.places(conversation)
    delete(conversation, call.actor)
    call.world.relist(conversation, places)
    call.changes.conversations[conversation.pair] = conversation
    return DONE
