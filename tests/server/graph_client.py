"""Requests in the Graph API's shape to a backend in this process."""

import json
from typing import Any
from urllib.parse import urlencode

from dmsim.adapters.tokens import account_token, clock_key
from tests.server.inprocess import CEM, COMMENT, FOX, MASTER, POST, InProcess, Reply

PAGE_ID = str(FOX)
POST_ID = f"{FOX}_{POST}"
COMMENT_ID = f"{POST_ID}_{COMMENT}"
VERSION = "v2.5"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def graph(
    backend: InProcess, account: int, method: str, path: str, /, **params: object
) -> tuple[int, Any]:
    """Let an account ask, at the simulated time of the backend; a body is sent as JSON."""
    token = account_token(MASTER, account)
    told = {"x-dmsim-time": f"{backend.now}.{clock_key(MASTER)}"}
    path = f"/{VERSION}/{path}"
    body = b""
    if method == "POST":
        told["content-type"] = JSON
        body = json.dumps(params).encode()
    elif params:
        path += "?" + urlencode(params)
    status, content = backend.ask(method, path, token, body, told)
    return status, json.loads(content)


def code(reply: Reply) -> tuple[int, int] | tuple[int, int, int]:
    """The status, the code and, where there is one, the subcode of a failure."""
    status, answer = reply
    error = dict(answer["error"])
    assert error.pop("type") == "OAuthException"
    assert len(error.pop("fbtrace_id")) >= 8
    number = error.pop("code")
    assert error.pop("message").startswith(f"(#{number}) ")
    subcode = error.pop("error_subcode", None)
    assert not error
    return (status, number) if subcode is None else (status, number, subcode)


def made(reply: Reply) -> str:
    """The id of what was made."""
    status, answer = reply
    assert (status, list(answer)) == (200, ["id"]), answer
    return str(answer["id"])


def comment(backend: InProcess, author: int = CEM, text: str = "Where is it?") -> str:
    """A new comment under the post of the small world."""
    return made(graph(backend, author, "POST", f"{POST_ID}/comments", message=text))


def answer_publicly(backend: InProcess, comment_id: str = COMMENT_ID) -> str:
    """The page's answer to a comment."""
    return made(graph(backend, FOX, "POST", f"{comment_id}/comments", message="On its way, @Cem!"))


def to_author(comment_id: object) -> dict[str, object]:
    """The parameters of a private reply in the shape of today."""
    return {"recipient": {"comment_id": comment_id}, "message": {"text": "Your order number?"}}


def to_person(person: int, **more: object) -> dict[str, object]:
    """The parameters of a message."""
    return {"recipient": {"id": str(person)}, "message": {"text": "Hello!"}, **more}
