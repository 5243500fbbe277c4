"""One request in the Graph API's shape, and the action of the reference interface that it is."""

from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from dmsim.server.call import Call
from dmsim.server.graph.failures import OF_REASON, PERMISSION, UNKNOWN, GraphError
from dmsim.server.graph.ids import Ids, Node
from dmsim.server.graph.parameters import Params
from dmsim.server.routes import ROUTES
from dmsim.server.service import Service
from dmsim.server.state.comments import Comment
from dmsim.server.state.world import World
from dmsim.vocabulary import Action, Kind, Reason, Verdict, Via, names

_ROUTES = {route.action: route for route in ROUTES}
_REASONS = {name: Reason(code) for code, name in enumerate(names(Reason))}


class Told(msgspec.Struct):
    """What is read of an answer of the reference interface."""

    outcome: str = ""
    reason: str | None = None
    id: int = -1


_TOLD = msgspec.json.Decoder(Told)


class Request(NamedTuple):
    """A request as an operation sees it.

    Attributes:
        service: the backend at work.
        actor: the account whose token it carries.
        ids: the numbers of the id in the path.
        params: what it tells, wherever it told it.
        address: its own, without parameters, for links to further pages.
        now: the time of it in microseconds.
    """

    service: Service
    actor: int
    ids: Ids
    params: Params
    address: str
    now: int

    @property
    def world(self) -> World:
        """What there is."""
        return self.service.world

    def call(self, named: int = 0, body: object = None) -> Call:
        """The same request as the handlers of actions know it."""
        return Call(self.service, self.actor, named, body, {}, self.now)

    def act(self, action: Action, named: int, **body: object) -> int:
        """Let the actor do something, and return the id of what that made, -1 for nothing.

        Args:
            action: what, which the handler of the reference interface decides and does.
            named: the id that its path would name.
            body: the values that its body would have.

        Raises:
            GraphError: it was refused or removed.
            HttpError: it got no verdict.
        """
        route = _ROUTES[action]
        value = None if route.body is None else route.body(**body)
        told = _TOLD.decode(route.handle(self.call(named, value)).body["body"])
        if told.reason is not None and told.outcome != "hidden":
            raise GraphError(OF_REASON[_REASONS[told.reason]])
        return told.id

    def would(self, action: Action, target: int, comment: Comment) -> Verdict:
        """What the rules would say now of something that the actor does to a comment."""
        call = self.call()
        return call.decide(action, target, comment=comment, via=Via.CARE_DESK)[0]

    def check_page(self) -> int:
        """The page that the path names, which must be the actor.

        Raises:
            GraphError: there is no such page, or it is another one.
        """
        page = self.page()
        if page != self.actor:
            raise GraphError(PERMISSION, "the token is not the page's own")
        return page

    def page(self) -> int:
        """The page that the path names or to which what it names belongs.

        Raises:
            GraphError: there is none.
        """
        accounts = self.world.accounts
        page = self.ids[0]
        if page >= len(accounts) or accounts[page].kind != Kind.BRAND:
            raise GraphError(UNKNOWN)
        return page

    def post(self) -> int:
        """The post that the path names.

        Raises:
            GraphError: there is none.
        """
        return check_post(self.world, self.ids)

    def comment(self) -> Comment:
        """The comment that the path names.

        Raises:
            GraphError: there is none.
        """
        comment = find_comment(self.world, self.ids[: Node.COMMENT])
        if comment is None:
            raise GraphError(UNKNOWN)
        return comment

    def link(self, after: str) -> str:
        """The address of the page of a list behind a cursor.

        It tells the token if this request's parameters did, as the Graph API's own links do.
        """
        params = {name: value for name, value in self.params.items() if isinstance(value, str)}
        params.pop("before", None)
        return f"{self.address}?{urlencode({**params, 'after': after})}"


def check_post(world: World, ids: Ids) -> int:
    """The post that an id names.

    Raises:
        GraphError: there is none.
    """
    page, post = ids[: Node.POST]
    if world.pages.get(post) != page:
        raise GraphError(UNKNOWN)
    return post


def find_comment(world: World, ids: Ids) -> Comment | None:
    """The comment that an id names, if there is one."""
    if len(ids) != Node.COMMENT:
        return None
    page, post, number = ids
    comment = world.comments.get(number)
    if comment is None or comment.post != post or world.pages[post] != page:
        return None
    return comment
