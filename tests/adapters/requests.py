"""Requests as a server would see them, and what the tests of adapters make them of."""

import io
import json
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from dmsim.adapters.base import ActionRow, LabelledText
from dmsim.vocabulary import Action, Via

TOKEN = "secret"
HOST = "127.0.0.1:8000"
TEXTS = {
    0: LabelledText("hello"),
    1: LabelledText('Grüß "dich" \n \\ 👋'),
    2: LabelledText("[minor violation] fish", "minor", detected=False),
    3: LabelledText("[severe violation] soup", "severe", detected=True),
    4: LabelledText("harmless after all", "none", detected=True),
}


class Request(NamedTuple):
    """What a server would see of a request."""

    method: str
    path: str
    headers: Message
    body: Any


class _Parser(BaseHTTPRequestHandler):
    """The standard library's parser over bytes instead of a socket."""

    def __init__(self, request: bytes) -> None:
        self.rfile = io.BytesIO(request)
        self.raw_requestline = self.rfile.readline()
        assert self.parse_request()

    def send_error(self, code: int, *_: Any, **__: Any) -> None:
        raise AssertionError(code)


def parsed(request: bytes) -> Request:
    """Read a request as a server would; it must be one request and nothing more.

    Its body is JSON, or a form whose members are all given once.
    """
    parser = _Parser(request)
    assert parser.request_version == "HTTP/1.1"
    length = int(parser.headers.get("Content-Length", 0))
    body = parser.rfile.read(length)
    assert len(body) == length
    assert parser.rfile.read() == b""
    return Request(parser.command, parser.path, parser.headers, _content(parser.headers, body))


def _content(headers: Message, body: bytes) -> Any:
    if not body:
        assert "Content-Type" not in headers
        return None
    if headers["Content-Type"] == "application/json":
        return json.loads(body)
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    members = parse_qs(body.decode("ascii"), strict_parsing=True, keep_blank_values=True)
    return {name: value for name, (value,) in members.items()}


def row(action: Action, **columns: int) -> ActionRow:
    """An action of account 1 towards account 2 with object 70."""
    given = {"actor": 1, "at": 5, "via": Via.CHAT, "target": 2, "uses": 70, **columns}
    return ActionRow(action, **given)
