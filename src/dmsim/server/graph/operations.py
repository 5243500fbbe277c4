"""What the Graph API offers: reading nodes and lists, answering comments, sending, subscribing."""

from collections.abc import Callable
from typing import Any

from dmsim.server.graph import nodes, paging, parameters
from dmsim.server.graph.failures import INVALID, INVALID_COMMENT, UNKNOWN, GraphError
from dmsim.server.graph.fields import Fields, parse
from dmsim.server.graph.ids import Node
from dmsim.server.graph.ids import parse as parse_id
from dmsim.server.graph.request import Request, find_comment
from dmsim.server.webhooks.events import FIELDS
from dmsim.vocabulary import Action, Via, word

Json = dict[str, Any]

Operation = Callable[[Request], Json]

#: By how a message is meant: the action, and the path by which the reference interface takes it.
_SENDING: dict[tuple[object, object], tuple[Action, Json]] = {
    ("RESPONSE", None): (Action.SEND_MESSAGE, {"via": word(Via.CHAT)}),
    ("UPDATE", None): (Action.MAILING, {}),
    ("MESSAGE_TAG", "HUMAN_AGENT"): (Action.SEND_MESSAGE, {"via": word(Via.CARE_DESK)}),
}


def read_page(request: Request) -> Json:
    """A page."""
    return nodes.account(request, request.page(), _fields(request))


def read_feed(request: Request) -> Json:
    """The posts of a page, newest first."""
    page = request.page()
    posts = sorted((id_ for id_, of in request.world.pages.items() if of == page), reverse=True)
    chosen = _fields(request)
    part = paging.wanted(request.params, len(posts))
    return paging.shown(
        posts, part, lambda number: nodes.post(request, number, chosen), request.link
    )


def read_post(request: Request) -> Json:
    """A post."""
    return nodes.post(request, request.post(), _fields(request))


def read_comments(request: Request) -> Json:
    """The comments under a post, oldest first (R144)."""
    return nodes.comments(request, request.post(), _fields(request), follows=True)


def write_comment(request: Request) -> Json:
    """A comment under a post (R130)."""
    post = request.post()
    text = parameters.text(request.params, "message")
    made = request.act(Action.COMMENT, post, text=text)
    return {"id": nodes.comment_id(request, request.world.comments[made])}


def read_comment(request: Request) -> Json:
    """A comment, with the note of a private reply for the page itself (R133, R137)."""
    comment = request.comment()
    request.act(Action.READ_COMMENT, comment.id)
    return nodes.comment(request, comment, _fields(request))


def read_replies(request: Request) -> Json:
    """The page's answers under a comment, oldest first (R144)."""
    return nodes.replies(request, request.comment(), _fields(request), follows=True)


def read_reply(request: Request) -> Json:
    """One of the page's answers."""
    number = request.ids[-1]
    found = next((reply for reply in request.comment().replies if reply.id == number), None)
    if found is None:
        raise GraphError(UNKNOWN)
    return nodes.reply(request, found, _fields(request))


def reply_publicly(request: Request) -> Json:
    """The page's answer under a comment (R143)."""
    comment = request.comment()
    text = parameters.text(request.params, "message")
    made = request.act(Action.PUBLIC_REPLY, comment.id, text=text)
    return {"id": f"{nodes.comment_id(request, comment)}_{made}"}


def reply_privately(request: Request) -> Json:
    """The page's private answer to a comment, in the shape of the first versions (R129, R136)."""
    comment = request.comment()
    text = parameters.text(request.params, "message")
    return {"id": f"m_{request.act(Action.PRIVATE_REPLY, comment.id, text=text)}"}


def send(request: Request) -> Json:
    """A page's message: to the author of a comment (R129), or to somebody it talks with."""
    request.check_page()
    recipient = parameters.record(request.params, "recipient")
    text = parameters.text(parameters.record(request.params, "message"), "text")
    if "id" not in recipient:
        return _send_to_author(request, recipient, text)
    ids = parse_id(recipient["id"])
    if len(ids) != Node.ACCOUNT:
        raise GraphError(UNKNOWN)
    meant = (request.params.get("messaging_type", "RESPONSE"), request.params.get("tag"))
    # A list or an object cannot be looked up.
    if not all(isinstance(part, str | None) for part in meant) or meant not in _SENDING:
        raise GraphError(INVALID, "param messaging_type or tag is not supported")
    action, how = _SENDING[meant]
    return _sent(ids[0], request.act(action, ids[0], text=text, **how))


def subscribe(request: Request) -> Json:
    """From now on, tell the receiver of webhooks what happens to the page."""
    page = request.check_page()
    wanted = parameters.words(request.params, "subscribed_fields")
    unknown = [name for name in wanted if name not in FIELDS]
    if unknown or not wanted:
        raise GraphError(INVALID, f"param subscribed_fields: one or several of {', '.join(FIELDS)}")
    _set_subscription(request, page, tuple(name for name in FIELDS if name in wanted))
    return {"success": True}


def read_subscriptions(request: Request) -> Json:
    """To what of the page's there is a subscription."""
    told = request.world.subscriptions.get(request.check_page())
    entry = {"id": "dmsim", "name": "dmsim", "subscribed_fields": told}
    return {"data": [entry] if told else []}


def unsubscribe(request: Request) -> Json:
    """Tell nothing more of the page."""
    _set_subscription(request, request.check_page(), ())
    return {"success": True}


def _send_to_author(request: Request, recipient: Json, text: str) -> Json:
    written = recipient.get("comment_id", recipient.get("post_id"))
    comment = find_comment(request.world, parse_id(written, INVALID_COMMENT))
    if comment is None:
        raise GraphError(INVALID_COMMENT)
    return _sent(comment.author, request.act(Action.PRIVATE_REPLY, comment.id, text=text))


def _sent(recipient: int, message: int) -> Json:
    return {"recipient_id": str(recipient), "message_id": f"m_{message}"}


def _set_subscription(request: Request, page: int, fields: tuple[str, ...]) -> None:
    subscriptions = request.world.subscriptions
    if subscriptions.get(page, ()) == fields:
        return
    if fields:
        subscriptions[page] = fields
    else:
        del subscriptions[page]
    request.service.changes.subscriptions[page] = fields


def _fields(request: Request) -> Fields:
    told = request.params.get("fields", "")
    return parse(
        told if isinstance(told, str) else ",".join(parameters.words(request.params, "fields"))
    )
