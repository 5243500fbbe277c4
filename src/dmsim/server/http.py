"""Requests and answers: bodies, bearer tokens, sizes, JSON; nothing about messaging."""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

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
_ID_DIGITS = 18


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


def parse_id(segment: str) -> int:
    """An id as it stands in a path.

    Raises:
        HttpError: 400 when it is no non-negative decimal integer.
    """
    if not (segment.isdigit() and segment.isascii()):
        raise HttpError(400, "an id in the path is no non-negative integer")
    return int(segment) if len(segment) <= _ID_DIGITS else -1


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
        if not hmac.compare_digest(_authorization(scope), self._admin):
            raise HttpError(401, "the master token is missing or wrong")

    def account(self, scope: Scope) -> int:
        """The account whose token the request carries.

        Raises:
            HttpError: 401.
        """
        scheme, _, token = _authorization(scope).partition(b" ")
        digits, _, code = token.partition(b".")
        if scheme == b"Bearer" and digits.isdigit() and len(digits) <= _ID_DIGITS:
            account = int(digits)
            if hmac.compare_digest(account_code(self._master, account).encode(), code):
                return account
        raise HttpError(401, "the account's token is missing or wrong")


def _authorization(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return bytes(value)
    return b""
