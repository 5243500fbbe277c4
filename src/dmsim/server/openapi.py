"""The OpenAPI document of the backend, made of the table of routes and the types of the bodies.

The first line of a handler's text is its summary; the R-numbers in it, which name the statements of
the sources that it enforces, stand in ``x-requirements``.
"""

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

import dmsim
from dmsim.server import answers
from dmsim.server.bodies import WORD_LENGTH
from dmsim.server.clock import HEADER
from dmsim.server.events import PATH as EVENTS
from dmsim.server.graph.api import OPERATIONS
from dmsim.server.graph.ids import Node
from dmsim.server.provisioning import POLICY
from dmsim.server.routes import ADMIN_ROUTES, ROUTES, AdminRoute, Route
from dmsim.server.state.conversation import PAGE
from dmsim.server.tables import TABLES
from dmsim.vocabulary import Action, word

Json = dict[str, Any]

#: How the Graph API's ids are made.
_ID_OF = {
    Node.ACCOUNT: "<page>",
    Node.POST: "<page>_<post>",
    Node.COMMENT: "<page>_<post>_<comment>",
    Node.REPLY: "<page>_<post>_<comment>_<reply>",
}

_REF = "#/components/schemas/{name}"

_PARAMETERS: dict[str, Json] = {
    "limit": {
        "description": "how many entries at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": PAGE, "default": PAGE},
    },
    "before": {
        "description": "the `next` of the page before",
        "schema": {"type": "integer", "minimum": 0},
    },
    "q": {
        "description": "a word",
        "schema": {"type": "string", "minLength": 1, "maxLength": WORD_LENGTH},
        "required": True,
    },
}
_TIME: Json = {
    "name": HEADER.decode(),
    "in": "header",
    "description": "`<microseconds>.<clock key>`: the time of the action, where the backend runs"
    " with simulated time; others ignore it",
    "schema": {"type": "string"},
}
_ERRORS = {
    400: "the request is malformed",
    401: "the token is missing or wrong",
    404: "there is nothing of that id",
    405: "the path takes other methods",
    409: "provisioning has ended",
    413: "the body or the text is too large",
    503: "the backend is not provisioned, or its store failed",
}


@cache
def document() -> bytes:
    """The document, as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "dmsim reference backend",
                "version": dmsim.__version__,
                "description": "Direct messages under the rules of dmsim: every verdict with its"
                " reason. R-numbers name the statements of the sources.\n\n" + _graph(),
            },
            "paths": _paths(),
            "components": {
                "schemas": _components(),
                "securitySchemes": {
                    "account": _bearer("the token of the account that acts"),
                    "master": _bearer("the master token"),
                },
            },
        }
    )


def _graph() -> str:
    """What the Graph API's shape offers, as a list in Markdown."""
    lines = [
        f"- {method} `/v<major>.<minor>/{_ID_OF[node]}{edge and '/'}{edge}`: {_summary(operation)}"
        for (node, edge), methods in OPERATIONS.items()
        for method, operation in methods.items()
    ]
    return "The same backend also speaks the Graph API's shape:\n\n" + "\n".join(lines)


def _paths() -> Json:
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _action(route)
    for admin in ADMIN_ROUTES:
        paths.setdefault(admin.path, {})[admin.method.lower()] = _admin(admin)
    health = {"200": _response("how it is", _ref(answers.Health))}
    itself = {"200": _response("this document", {"type": "object"})}
    for path, summary, responses in (
        ("/health", "Whether the backend runs and is provisioned", health),
        ("/openapi.json", "This document", itself),
    ):
        operation = {"operationId": path.strip("/").partition(".")[0], "summary": summary}
        paths[path] = {"get": {**operation, "security": [], "responses": responses}}
    paths[EVENTS] = {"get": _events()}
    return paths


def _events() -> Json:
    """Listening: the answer does not end."""
    told = "server-sent events named `message`, whose data is such an object"
    stream = {
        "description": told,
        "content": {"text/event-stream": {"schema": _ref(answers.MessageEvent)}},
    }
    return {
        "operationId": "listen",
        "summary": "Being told of messages as soon as they are durable",
        "description": "Of those in the inbox and among the requests, not of filtered ones. Whoever"
        " does not take what is told is closed.",
        "security": [{"account": []}],
        "responses": {"200": stream, **_errors(401, 404, 405, 503)},
    }


def _action(route: Route) -> Json:
    ids = re.findall(r"{(\w+)}", route.path)
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
        for name in ids
    ]
    responses = {
        "403": _response(
            "refused, with the reason", {"anyOf": [_ref(answers.Outcome), _ref(answers.Error)]}
        ),
        **_errors(400, 401, 404, 405, 503),
        **(_errors(413) if route.body is not None else {}),
    }
    if route.answer is answers.Made:
        responses["201"] = _response("done", _ref(route.answer))
    else:
        responses["200"] = _response("done", _ref(route.answer))
    if route.action in (Action.SEND_MESSAGE, Action.SHARE_CONTENT):
        responses["200"] = _response("removed by moderation", _ref(answers.Outcome))
    operation = {
        "operationId": route.handle.__name__ if route.action is None else word(route.action),
        **_told(route.handle),
        "security": [{"account": []}],
        "parameters": [*in_path, *_query(route.query), _TIME],
        "responses": responses,
    }
    if route.body is not None:
        operation["requestBody"] = _body(_ref(route.body))
    return operation


def _admin(route: AdminRoute) -> Json:
    shown = {"type": "object"} if route.answer is None else _ref(route.answer)
    name = route.path.rpartition("/")[2]
    operation = {
        "operationId": f"admin_{name}",
        **_told(route.handle),
        "security": [{"master": []}],
        "parameters": _query(route.query),
        "responses": {"200": _response("done", shown), **_errors(*_ERRORS)},
    }
    if route.body is not None:
        operation["requestBody"] = _body(_ref(route.body))
    return operation


def _summary(handle: Callable[..., Any]) -> str:
    return (inspect.getdoc(handle) or "").partition("\n\n")[0]


def _told(handle: Callable[..., Any]) -> Json:
    text = inspect.getdoc(handle) or ""
    summary, _, rest = text.partition("\n\n")
    numbers = sorted(set(_requirements(text)))
    told: Json = {"summary": summary, "description": rest or summary}
    if numbers:
        told["x-requirements"] = [f"R{number}" for number in numbers]
    return told


def _requirements(text: str) -> list[int]:
    """The R-numbers in a text, ranges such as R11-R19 written out."""
    found: list[int] = []
    for first, last in re.findall(r"\bR(\d+)(?:-R(\d+))?", text):
        found += range(int(first), int(last or first) + 1)
    return found


def _query(names: tuple[str, ...]) -> list[Json]:
    return [{"name": name, "in": "query", **_PARAMETERS[name]} for name in names]


def _errors(*statuses: int) -> Json:
    return {str(status): _response(_ERRORS[status], _ref(answers.Error)) for status in statuses}


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _bearer(description: str) -> Json:
    return {"type": "http", "scheme": "bearer", "description": description}


def _ref(kind: type[msgspec.Struct]) -> Json:
    return {"$ref": _REF.format(name=kind.__name__)}


def _components() -> Json:
    routed = [kind for route in (*ROUTES, *ADMIN_ROUTES) for kind in (route.body, route.answer)]
    kinds = {kind for kind in routed if kind is not None}
    kinds |= {
        answers.Outcome,
        answers.Error,
        answers.Health,
        answers.MessageEvent,
        POLICY,
        *TABLES.values(),
    }
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    # What is decoded in a second step is opaque to the first.
    components["Ready"]["properties"]["policy"] = _ref(POLICY)
    components["Load"] = {
        "description": components["Load"]["description"],
        "oneOf": [_load(table, columns) for table, columns in TABLES.items()],
    }
    return components


def _load(table: str, columns: type[msgspec.Struct]) -> Json:
    return {
        "type": "object",
        "properties": {"table": {"const": table}, "columns": _ref(columns)},
        "required": ["table", "columns"],
    }
