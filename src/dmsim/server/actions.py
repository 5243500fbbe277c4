"""What accounts do: one function per action, from facts by the rules to the effect and the answer.

Each takes the service, the acting account, the id in the path and the body, changes the world and
notes what has to become durable. It runs without interruption, so its facts are of one moment.
"""

import time
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from dmsim.rules.facts import CommentFacts, DeliveryFacts
from dmsim.rules.messaging import thread_for_sender
from dmsim.server.http import Answer, HttpError, answer
from dmsim.server.service import Service
from dmsim.server.state import Comment, Conversation, Message, directed, undirected
from dmsim.vocabulary import Reason, Setting, Thread, Verdict, names, word

#: The longest text of a message or comment, in characters.
TEXT_LENGTH = 10_000

#: How much of the newest message a list shows, in characters.
PREVIEW_LENGTH = 100


class Text(msgspec.Struct):
    """The body of everything that is written."""

    text: Annotated[str, msgspec.Meta(min_length=1)]


class NewSetting(msgspec.Struct):
    """The body of a change of setting."""

    setting: str


Handler = Callable[[Service, int, int, Any], Answer]

_DONE = answer(200, {"outcome": "done"})
_REFUSED = {
    reason: answer(403, {"outcome": "refused", "reason": word(reason)}) for reason in Reason
}
_SETTINGS = {name: Setting(code) for code, name in enumerate(names(Setting))}
_THREAD_AFTER = {Verdict.INBOX: Thread.ACCEPTED, Verdict.REQUESTS: Thread.REQUESTED}
_OUTCOME = {verdict: word(verdict) for verdict in Verdict}


def open_inbox(service: Service, actor: int, _: int, __: None) -> Answer:
    """The newest conversations with their unread messages counted."""
    entries = [_entry(actor, *item) for item in service.world.inbox(actor)]
    return answer(200, {"outcome": "done", "conversations": entries})


def list_requests(service: Service, actor: int, _: int, __: None) -> Answer:
    """The newest open requests."""
    entries = [_entry(actor, *item) for item in service.world.open_requests(actor)]
    return answer(200, {"outcome": "done", "requests": entries})


def read_thread(service: Service, actor: int, peer: int, _: None) -> Answer:
    """The newest messages with somebody, newest first, which are read from now on."""
    _check_peer(service, actor, peer)
    conversation = service.world.conversation(actor, peer)
    messages: list[dict[str, object]] = []
    if conversation is not None:
        messages = [message._asdict() for message in conversation.page()]
        if conversation.unread(actor):
            conversation.mark_read(actor)
            service.changes.conversations[conversation.pair] = conversation
    return answer(200, {"outcome": "done", "messages": messages})


def send_message(service: Service, actor: int, peer: int, body: Text) -> Answer:
    """A direct message."""
    _check_peer(service, actor, peer)
    text = _checked(body)
    verdict, reason = service.decide.message(_facts(service, actor, peer), service.policy)
    if verdict == Verdict.REFUSED:
        return _REFUSED[reason]
    return _deliver(service, actor, peer, text, verdict)


def accept_request(service: Service, actor: int, requester: int, _: None) -> Answer:
    """Opening the conversation that somebody asked for."""
    conversation, refusal = _request(service, actor, requester)
    if conversation is None:
        return refusal
    service.world.accept(conversation)
    service.changes.conversations[conversation.pair] = conversation
    return _DONE


def delete_request(service: Service, actor: int, requester: int, _: None) -> Answer:
    """Deleting what somebody asked for."""
    conversation, refusal = _request(service, actor, requester)
    if conversation is None:
        return refusal
    service.world.delete_request(conversation)
    service.changes.conversations[conversation.pair] = conversation
    return _DONE


def block_user(service: Service, actor: int, peer: int, _: None) -> Answer:
    """Blocking somebody; blocking twice is blocking."""
    return _relate(service, actor, peer, service.world.blocks, service.changes.blocks, holds=True)


def unblock_user(service: Service, actor: int, peer: int, _: None) -> Answer:
    """Taking a block back, if there is one."""
    return _relate(service, actor, peer, service.world.blocks, service.changes.blocks, holds=False)


def follow(service: Service, actor: int, peer: int, _: None) -> Answer:
    """Following somebody; following twice is following."""
    return _relate(service, actor, peer, service.world.follows, service.changes.follows, holds=True)


def unfollow(service: Service, actor: int, peer: int, _: None) -> Answer:
    """Following somebody no more."""
    return _relate(
        service, actor, peer, service.world.follows, service.changes.follows, holds=False
    )


def change_setting(service: Service, actor: int, _: int, body: NewSetting) -> Answer:
    """Choosing who may send messages."""
    setting = _SETTINGS.get(body.setting)
    if setting is None:
        raise HttpError(400, f"unknown setting; one of {', '.join(_SETTINGS)}")
    if service.world.settings[actor] != setting:
        service.world.settings[actor] = setting
        service.changes.settings[actor] = int(setting)
    return _DONE


def comment(service: Service, actor: int, post: int, body: Text) -> Answer:
    """A comment under a post."""
    if post not in service.world.pages:
        raise HttpError(404, "no such post")
    text = _checked(body)
    made = service.world.new_comment(post, actor)
    service.changes.comments.append((made.id, post, actor, _now(), text, 0, 0))
    return answer(201, {"outcome": "done", "id": made.id})


def public_reply(service: Service, actor: int, comment_id: int, body: Text) -> Answer:
    """A page's answer under a comment, for everybody to see."""
    commented = _own_comment(service, actor, comment_id)
    text = _checked(body)
    reply = service.world.next_reply
    service.world.next_reply += 1
    commented.publicly_replied = True
    service.changes.answered[comment_id] = commented
    service.changes.replies.append((reply, comment_id, actor, _now(), text))
    return answer(201, {"outcome": "done", "id": reply})


def private_reply(service: Service, actor: int, comment_id: int, body: Text) -> Answer:
    """A page's answer to a comment as a direct message to its author."""
    commented = _own_comment(service, actor, comment_id)
    text = _checked(body)
    author = commented.author
    if author == actor:
        raise HttpError(400, "the comment is the page's own")
    verdict, reason = service.decide.private_reply(
        _facts(service, actor, author),
        CommentFacts(commented.publicly_replied, commented.privately_replied),
        service.policy,
    )
    if verdict == Verdict.REFUSED:
        return _REFUSED[reason]
    commented.privately_replied = True
    service.changes.answered[comment_id] = commented
    return _deliver(service, actor, author, text, verdict)


def _facts(service: Service, sender: int, recipient: int) -> DeliveryFacts:
    world = service.world
    there, back = directed(sender, recipient), directed(recipient, sender)
    conversation = world.conversations.get(undirected(sender, recipient))
    thread: Thread | int = Thread.NONE
    if conversation is not None:
        thread = thread_for_sender(conversation.thread, conversation.requester == sender)
    return DeliveryFacts(
        sender_registered=bool(world.registered[sender]),
        sender_age=world.ages[sender],
        sender_kind=world.kinds[sender],
        sender_setting=world.settings[sender],
        recipient_registered=bool(world.registered[recipient]),
        recipient_age=world.ages[recipient],
        recipient_kind=world.kinds[recipient],
        recipient_setting=world.settings[recipient],
        sender_follows=there in world.follows,
        recipient_follows=back in world.follows,
        contact_synced=undirected(sender, recipient) in world.contacts,
        sender_blocks=there in world.blocks,
        recipient_blocks=back in world.blocks,
        thread=thread,
    )


def _deliver(service: Service, author: int, peer: int, text: str, verdict: Verdict) -> Answer:
    message = service.world.deliver(author, peer, _THREAD_AFTER[verdict], _now(), text)
    pair = undirected(author, peer)
    changes = service.changes
    changes.messages.append((message.id, pair, author, message.at, text))
    changes.conversations[pair] = service.world.conversations[pair]
    return answer(201, {"outcome": _OUTCOME[verdict], "id": message.id})


def _request(service: Service, actor: int, requester: int) -> tuple[Conversation | None, Answer]:
    """The conversation if the rules see an open request of ``requester`` in it."""
    _check_peer(service, actor, requester)
    conversation = service.world.conversation(actor, requester)
    thread: Thread | int = Thread.NONE
    if conversation is not None:
        thread = thread_for_sender(conversation.thread, conversation.requester == requester)
    verdict, reason = service.decide.request(thread)
    return (None if verdict == Verdict.REFUSED else conversation), _REFUSED[reason]


def _relate(
    service: Service,
    actor: int,
    peer: int,
    relation: set[int],
    changes: dict[int, bool],
    *,
    holds: bool,
) -> Answer:
    _check_peer(service, actor, peer)
    pair = directed(actor, peer)
    if (pair in relation) != holds:
        (relation.add if holds else relation.remove)(pair)
        changes[pair] = holds
    return _DONE


def _check_peer(service: Service, actor: int, peer: int) -> None:
    if not 0 <= peer < service.world.accounts:
        raise HttpError(404, "no such account")
    if peer == actor:
        raise HttpError(400, "the other account is one's own")


def _own_comment(service: Service, actor: int, comment_id: int) -> Comment:
    commented = service.world.comments.get(comment_id)
    if commented is None:
        raise HttpError(404, "no such comment")
    if service.world.pages[commented.post] != actor:
        raise HttpError(403, "only the page that was commented on may answer")
    return commented


def _checked(body: Text) -> str:
    if len(body.text) > TEXT_LENGTH:
        raise HttpError(413, f"the text is longer than {TEXT_LENGTH} characters")
    return body.text


def _entry(account: int, peer: int, conversation: Conversation) -> dict[str, object]:
    newest = conversation.newest[-1] if conversation.newest else None
    return {
        "peer": peer,
        "unread": conversation.unread(account),
        "newest": None if newest is None else _preview(newest),
    }


def _preview(message: Message) -> dict[str, object]:
    return message._replace(text=message.text[:PREVIEW_LENGTH])._asdict()


def _now() -> int:
    return time.time_ns() // 1000
