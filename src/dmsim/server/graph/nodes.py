"""Pages, posts, comments and answers as the Graph API shows them, field by field."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from dmsim.server.actions.messages import DELIVERED
from dmsim.server.graph import paging
from dmsim.server.graph.failures import INVALID, GraphError
from dmsim.server.graph.fields import Fields
from dmsim.server.graph.ids import written
from dmsim.server.graph.request import Request
from dmsim.server.state.comments import Comment, Reply
from dmsim.vocabulary import Action

T = TypeVar("T")

Json = dict[str, Any]

#: How a field of a node is made, of the request, the thing, and what is chosen of the field. A
#: field that makes None is left out.
Table = dict[str, Callable[[Request, T, Fields], object]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = (
    (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    for moment in (datetime.min, datetime.max)
)


def account(request: Request, number: int, fields: Fields) -> Json:
    """A page, or who wrote something."""
    return _node("Page", _ACCOUNT, request, number, fields, ("id", "name"))


def post(request: Request, number: int, fields: Fields) -> Json:
    """A post of a page."""
    return _node("Post", _POST, request, number, fields, ("id",))


def comment(request: Request, shown: Comment, fields: Fields) -> Json:
    """A comment."""
    return _node("Comment", _COMMENT, request, shown, fields, _SPOKEN)


def reply(request: Request, shown: Reply, fields: Fields) -> Json:
    """A page's answer under a comment."""
    return _node("Comment", _REPLY, request, shown, fields, _SPOKEN)


def comments(request: Request, number: int, fields: Fields, *, follows: bool) -> Json:
    """The comments under a post, oldest first, with a link to the next if it is to be followed."""
    ids = request.world.comments_of.get(number, [])
    params = request.params if follows else {}
    return paging.shown(
        ids,
        paging.wanted(params, len(ids)),
        lambda id_: comment(request, request.world.comments[id_], fields),
        request.link if follows else None,
    )


def replies(request: Request, shown: Comment, fields: Fields, *, follows: bool) -> Json:
    """The page's answers under a comment, oldest first."""
    params = request.params if follows else {}
    return paging.shown(
        shown.replies,
        paging.wanted(params, len(shown.replies)),
        lambda one: reply(request, one, fields),
        request.link if follows else None,
    )


def comment_id(request: Request, shown: Comment) -> str:
    """The id of a comment."""
    return written(request.world.pages[shown.post], shown.post, shown.id)


def moment(at: int) -> str:
    """A time in microseconds as the Graph API writes it, within the years that it can write."""
    time = _EPOCH + timedelta(microseconds=min(max(at, _EARLIEST), _LATEST))
    return time.isoformat(timespec="seconds").replace("+00:00", "+0000")


def _node(
    kind: str, table: Table[T], request: Request, thing: T, fields: Fields, usual: tuple[str, ...]
) -> Json:
    chosen: Fields = {"id": {}, **(fields or {name: {} for name in usual})}
    shown: Json = {}
    for name, inner in chosen.items():
        if name not in table:
            raise GraphError(
                INVALID, f"Tried accessing nonexisting field ({name}) on node type ({kind})"
            )
        value = table[name](request, thing, inner)
        if value is not None:
            shown[name] = value
    return shown


def _can_reply_privately(request: Request, shown: Comment, _: Fields) -> bool | None:
    """A hint for the page alone: what the rules would say of a private reply now."""
    if request.actor != request.world.pages[shown.post]:
        return None
    if shown.author == request.actor:
        return False
    return request.would(Action.PRIVATE_REPLY, shown.author, shown) in DELIVERED


def _private_reply_conversation(request: Request, shown: Comment, _: Fields) -> Json | None:
    is_own = request.actor == request.world.pages[shown.post]
    return {"id": f"t_{shown.author}"} if is_own and shown.privately_replied else None


_SPOKEN = ("id", "created_time", "from", "message")

_ACCOUNT: Table[int] = {
    "id": lambda _, number, __: str(number),
    "name": lambda request, number, _: request.world.accounts[number].name,
}
_POST: Table[int] = {
    "id": lambda request, number, _: written(request.world.pages[number], number),
    "from": lambda request, number, inner: account(request, request.world.pages[number], inner),
    "comments": lambda request, number, inner: comments(request, number, inner, follows=False),
}
_COMMENT: Table[Comment] = {
    "id": lambda request, shown, _: comment_id(request, shown),
    "message": lambda _, shown, __: shown.text or "",
    "from": lambda request, shown, inner: account(request, shown.author, inner),
    "created_time": lambda _, shown, __: moment(shown.at),
    "parent": lambda *_: None,
    "comment_count": lambda _, shown, __: len(shown.replies),
    "can_reply_privately": _can_reply_privately,
    "private_reply_conversation": _private_reply_conversation,
    "comments": lambda request, shown, inner: replies(request, shown, inner, follows=False),
}
_REPLY: Table[Reply] = {
    "id": lambda request, shown, _: (
        f"{comment_id(request, request.world.comments[shown.comment])}_{shown.id}"
    ),
    "message": lambda _, shown, __: shown.text,
    "from": lambda request, shown, inner: account(request, shown.page, inner),
    "created_time": lambda _, shown, __: moment(shown.at),
    "parent": lambda request, shown, _: {
        "id": comment_id(request, request.world.comments[shown.comment])
    },
}
