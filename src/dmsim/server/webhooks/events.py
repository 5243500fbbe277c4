"""What a commit group tells the receivers of pages that subscribed, in the platform's words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from dmsim.server.call import Call
from dmsim.server.changes import Changes, Read
from dmsim.server.graph.ids import written
from dmsim.server.service import Service
from dmsim.server.state.comments import Comment, Reply
from dmsim.server.state.conversation import Message
from dmsim.server.state.world import World
from dmsim.vocabulary import Action, Verdict

#: What a page may subscribe to: comments and answers under its posts, what persons write to it,
#: what it writes itself, and that persons read it.
FIELDS = ("feed", "messages", "message_echoes", "message_reads")

#: The application in whose name the backend itself tells a page's own messages.
_APP = "dmsim"

Json = dict[str, Any]


class Event(NamedTuple):
    """Something that happened at a time, as the entry that tells it, in JSON."""

    at: int
    entry: str


def events_of(changes: Changes, service: Service) -> list[Event]:
    """The events of a commit group, in the order in which they happened.

    Args:
        changes: the group. Comments without a text are from before provisioning and no events.
        service: tells who subscribed, the names, and what the rules say of receipts.
    """
    world = service.world
    if not world.subscriptions:
        return []
    found = [
        *_of_comments(world, changes.comments),
        *_of_replies(world, changes.replies),
        *_of_messages(world, changes.messages),
        *_of_reads(service, changes.reads),
    ]
    return sorted(found, key=lambda event: event.at)


def _of_comments(world: World, comments: list[Comment]) -> Iterator[Event]:
    for comment in comments:
        page = world.pages[comment.post]
        if comment.text is not None and _wants(world, page, "feed"):
            post = written(page, comment.post)
            id_ = written(page, comment.post, comment.id)
            yield _feed(world, page, comment.author, comment.at, id_, post, post, comment.text)


def _of_replies(world: World, replies: list[Reply]) -> Iterator[Event]:
    for reply in replies:
        if _wants(world, reply.page, "feed"):
            post = written(reply.page, world.comments[reply.comment].post)
            parent = f"{post}_{reply.comment}"
            id_ = f"{parent}_{reply.id}"
            yield _feed(world, reply.page, reply.page, reply.at, id_, post, parent, reply.text)


def _of_messages(world: World, messages: list[tuple[int, Message]]) -> Iterator[Event]:
    for pair, message in messages:
        author = message.author
        peer = pair >> 32 if author == pair & 0xFFFF_FFFF else pair & 0xFFFF_FFFF
        told = {"mid": f"m_{message.id}", "text": message.text}
        if _wants(world, peer, "messages"):
            yield _messaging(peer, author, peer, message.at, "message", told)
        if _wants(world, author, "message_echoes"):
            echo = {"is_echo": True, "app_id": _APP, **told}
            yield _messaging(author, author, peer, message.at, "message", echo)


def _of_reads(service: Service, reads: list[Read]) -> Iterator[Event]:
    for reader, page, at in reads:
        if not _wants(service.world, page, "message_reads"):
            continue
        # A receipt is for those alone whom the rules let see it (R9, R69, R72).
        verdict, _ = Call(service, page, reader, None, {}, at).decide(Action.CHECK_READ, reader)
        if verdict == Verdict.SHOWN:
            yield _messaging(page, reader, page, at, "read", {"watermark": at // 1000})


def _wants(world: World, account: int, field: str) -> bool:
    return field in world.subscriptions.get(account, ())


def _feed(
    world: World, page: int, author: int, at: int, id_: str, post: str, parent: str, text: str
) -> Event:
    seconds = at // 1_000_000
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": id_,
        "post_id": post,
        "parent_id": parent,
        "from": {"id": str(author), "name": world.accounts[author].name},
        "message": text,
        "created_time": seconds,
    }
    return _event(at, {"id": str(page), "time": seconds, "changes": [_change(value)]})


def _change(value: Json) -> Json:
    return {"field": "feed", "value": value}


def _messaging(page: int, sender: int, recipient: int, at: int, kind: str, told: Json) -> Event:
    messaging = {
        "sender": {"id": str(sender)},
        "recipient": {"id": str(recipient)},
        "timestamp": at // 1000,
        kind: told,
    }
    return _event(at, {"id": str(page), "time": at // 1000, "messaging": [messaging]})


def _event(at: int, entry: Json) -> Event:
    return Event(at, msgspec.json.encode(entry).decode())
