"""What a server would see of an HTTP request, so that nothing written in it can change it."""

import json
from typing import NamedTuple
from urllib.parse import parse_qsl

import httptools


class Shape(NamedTuple):
    """All of a request that does not depend on what is written in it.

    Attributes:
        method: of the request.
        headers: their names, in order.
        members: what its body is made of, without the values.
    """

    method: str = ""
    headers: tuple[str, ...] = ()
    members: object = None


class _Seen:
    """What the parser calls back."""

    def __init__(self) -> None:
        self.begun = self.complete = 0
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete += 1


def http_shape(request: bytes) -> Shape:
    """Read bytes as a server would.

    Raises:
        AssertionError: they are not exactly one whole request, or its body is not of its type.
    """
    seen = _Seen()
    parser = httptools.HttpRequestParser(seen)
    try:
        parser.feed_data(request)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
        raise AssertionError(f"a server would not read {request!r}: {error}") from None
    if (seen.begun, seen.complete) != (1, 1):
        raise AssertionError(
            f"a server would read {seen.complete} whole requests of {seen.begun} in {request!r}"
        )
    names = tuple(name for name, _ in seen.headers)
    try:
        members = _members(dict(seen.headers).get("content-type", ""), seen.body)
    except ValueError as error:
        raise AssertionError(f"the body of {request!r} is not of its type: {error}") from None
    return Shape(parser.get_method().decode(), names, members)


def _members(type_: str, body: bytes) -> object:
    if type_.startswith("application/json"):
        return _skeleton(json.loads(body))
    if type_.startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        return tuple(name for name, _ in pairs)
    return None


def _skeleton(value: object) -> object:
    """JSON with types in the place of values."""
    if isinstance(value, dict):
        return {name: _skeleton(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_skeleton(item) for item in value]
    return type(value).__name__
