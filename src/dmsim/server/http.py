"""Requests and answers: bodies, bearer tokens, sizes, JSON; nothing about messaging."""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from dmsim.adapters.tokens import account_code

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

#: The largest body of an action, and of provisioning, in bytes.
ACTION_BODY = 1 << 20
ADMIN_BODY = 64 << 20

#: Ids are 63-bit at most (SQLite's integers), so longer runs of digits name nothing.
ID_DIGITS = 18


class HttpError(Exception):
    """A request that gets no verdict: a status and one line of explanation."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Answer:
    """A finished answer as the two events that ASGI sends; it may be sent any number of times."""

    __slots__ = ("body", "start")

    def __init__(self, status: int, content: bytes, *headers: tuple[bytes, bytes]) -> None:
        self.start: Event = {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(content)),
                *headers,
            ],
        }
        self.body: Event = {"type": "http.response.body", "body": content}


def answer(status: int, value: object) -> Answer:
    """An answer whose body is ``value`` as JSON."""
    return Answer(status, msgspec.json.encode(value))


def error(status: int, message: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer that tells in one line what is wrong."""
    return Answer(status, msgspec.json.encode({"error": message}), *headers)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body of a request.

    Raises:
        HttpError: 413 for more than ``limit`` bytes, 400 if the client went away.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > limit:
            raise HttpError(413, f"the body is larger than {limit} bytes")
    event = await receive()
    body: bytes = event.get("body", b"")
    if event.get("more_body"):
        parts, size = [body], len(body)
        while event.get("more_body"):
            event = await receive()
            parts.append(event.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise HttpError(413, f"the body is larger than {limit} bytes")
        body = b"".join(parts)
    if event["type"] == "http.disconnect":
        raise HttpError(400, "the request ended before its body")
    if len(body) > limit:
        raise HttpError(413, f"the body is larger than {limit} bytes")
    return body


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """A body as its type.

    Raises:
        HttpError: 400 with what is wrong and where.
    """
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as problem:
        raise HttpError(400, str(problem)) from None
    except (UnicodeDecodeError, RecursionError):
        raise HttpError(400, "the body is no JSON text in UTF-8") from None


def header(scope: Scope, wanted: bytes) -> bytes:
    """The value of a header, empty if the request has none; ``wanted`` is in lower case."""
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return b""


def query(scope: Scope) -> dict[str, str]:
    """The parameters behind the path's question mark; the last counts of several of one name.

    Raises:
        HttpError: 400 when they are no text.
    """
    written: bytes = scope["query_string"]
    if not written:
        return {}
    try:
        pairs = parse_qsl(written.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise HttpError(400, "the query is no text in UTF-8") from None
    return dict(pairs)


def parse_id(segment: str) -> int:
    """An id as it stands in a path.

    Raises:
        HttpError: 400 when it is no non-negative decimal integer.
    """
    if not (segment.isdigit() and segment.isascii()):
        raise HttpError(400, "an id in the path is no non-negative integer")
    return int(segment) if len(segment) <= ID_DIGITS else -1


class Keys:
    """The master token, and the check of whatever claims to rest on it.

    Args:
        master: the master token.
    """

    def __init__(self, master: str) -> None:
        self._master = master.encode()
        self._admin = b"Bearer " + self._master

    def check_admin(self, scope: Scope) -> None:
        """Let only the master token in.

        Raises:
            HttpError: 401.
        """
        if not hmac.compare_digest(header(scope, b"authorization"), self._admin):
            raise HttpError(401, "the master token is missing or wrong")

    def account(self, scope: Scope) -> int:
        """The account whose token the request carries.

        Raises:
            HttpError: 401.
        """
        scheme, _, token = header(scope, b"authorization").partition(b" ")
        return self.bearer(token if scheme == b"Bearer" else b"")

    def bearer(self, token: bytes) -> int:
        """The account whose token this is.

        Raises:
            HttpError: 401.
        """
        digits, _, code = token.partition(b".")
        if digits.isdigit() and len(digits) <= ID_DIGITS:
            account = int(digits)
            if hmac.compare_digest(account_code(self._master, account).encode(), code):
                return account
        raise HttpError(401, "the account's token is missing or wrong")
