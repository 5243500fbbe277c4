"""The Graph API's door: which path is which operation, whose token it carries, and the answer."""

import re

from dmsim.server import http
from dmsim.server.graph import operations, parameters
from dmsim.server.graph.failures import (
    INVALID,
    TOKEN,
    UNAVAILABLE,
    UNKNOWN_PATH,
    GraphError,
    envelope,
    of_status,
)
from dmsim.server.graph.ids import Node, parse
from dmsim.server.graph.operations import Operation
from dmsim.server.graph.parameters import Params
from dmsim.server.graph.request import Request
from dmsim.server.http import ACTION_BODY, Answer, HttpError, Keys, Receive, Scope
from dmsim.server.service import Service

#: Any version: what a version allows is a matter of the policy. Some clients end with a slash.
_PATH = re.compile(r"/v[0-9]{1,3}\.[0-9]{1,3}/([^/]+)(?:/([^/]+))?/?", re.ASCII)

#: By what the path's id names and the edge behind it, and by method.
OPERATIONS: dict[tuple[Node, str], dict[str, Operation]] = {
    (Node.ACCOUNT, ""): {"GET": operations.read_page},
    (Node.ACCOUNT, "feed"): {"GET": operations.read_feed},
    (Node.ACCOUNT, "messages"): {"POST": operations.send},
    (Node.ACCOUNT, "subscribed_apps"): {
        "GET": operations.read_subscriptions,
        "POST": operations.subscribe,
        "DELETE": operations.unsubscribe,
    },
    (Node.POST, ""): {"GET": operations.read_post},
    (Node.POST, "comments"): {"GET": operations.read_comments, "POST": operations.write_comment},
    (Node.COMMENT, ""): {"GET": operations.read_comment},
    (Node.COMMENT, "comments"): {"GET": operations.read_replies, "POST": operations.reply_publicly},
    (Node.COMMENT, "private_replies"): {"POST": operations.reply_privately},
    (Node.REPLY, ""): {"GET": operations.read_reply},
}


def speaks(path: str) -> bool:
    """Whether a path begins with a version of the Graph API."""
    return re.match(r"/v[0-9]+\.[0-9]+(?:/|$)", path, re.ASCII) is not None


class GraphApi:
    """The Graph API's shape of a backend.

    Args:
        service: the backend at work.
        keys: the check of tokens.
    """

    def __init__(self, service: Service, keys: Keys) -> None:
        self._service = service
        self._keys = keys

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer to a request, whose path begins with a version."""
        try:
            body = await http.read_body(scope, receive, ACTION_BODY)
            return self._answer(scope, body)
        except GraphError as error:
            return envelope(error)
        except HttpError as error:
            return envelope(GraphError(of_status(error.status), error.message))

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        service = self._service
        if service.store.failure is not None or not service.is_ready:
            raise GraphError(UNAVAILABLE)
        path: str = scope["path"]
        found = _PATH.fullmatch(path)
        if found is None:
            raise GraphError(UNKNOWN_PATH)
        in_address = parameters.form(scope["query_string"])
        in_body = parameters.parse(http.header(scope, b"content-type"), body)
        params = {**in_address, **in_body}
        actor = self._actor(scope, params)
        ids = parse(found[1])
        operation = _operation(Node(len(ids)), found[2] or "", scope["method"])
        now = service.clock.now(scope)
        request = Request(service, actor, ids, params, _address(scope), now)
        return http.answer(200, operation(request))

    def _actor(self, scope: Scope, params: Params) -> int:
        """The account whose token stands in the header, else among the parameters."""
        if http.header(scope, b"authorization"):
            actor = self._keys.account(scope)
        else:
            token = params.get("access_token")
            told = token.encode(errors="replace") if isinstance(token, str) else b""
            actor = self._keys.bearer(told)
        if actor >= len(self._service.world.accounts):
            raise GraphError(TOKEN)
        return actor


def _operation(node: Node, edge: str, method: str) -> Operation:
    methods = OPERATIONS.get((node, edge))
    if methods is None:
        raise GraphError(UNKNOWN_PATH, f"Unknown path components: /{edge}")
    operation = methods.get(method)
    if operation is None:
        raise GraphError(INVALID, f"Unsupported {method.lower()} request; {', '.join(methods)} is")
    return operation


def _address(scope: Scope) -> str:
    host = http.header(scope, b"host").decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{host}{scope['path']}" if host else str(scope["path"])
