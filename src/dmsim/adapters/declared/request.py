"""Requests compiled to bytes with holes."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import msgspec

from dmsim.adapters.declared.holes import Hole, Place, parts_of, written
from dmsim.adapters.declared.memory import Known
from dmsim.adapters.declared.model import Request

#: Gives the bytes for a hole: of the row, the id of what it uses, and what its steps captured.
Fill = Callable[[Any, bytes, Known], bytes]

#: Marks the members of a JSON body that are left out where their hole is empty.
OPTIONAL = "?"

_NO_BODY = b"\r\n"
_LENGTH = b"Content-Length: %d\r\n\r\n"

#: Requests without a body that have to say so.
_WITH_BODY = ("POST", "PUT", "PATCH")


class Source(Protocol):
    """Where the values of holes come from."""

    def fill(self, hole: Hole, place: Place) -> Fill | bytes:
        """What fills a hole; bytes where it is always the same."""

    def is_empty(self, hole: Hole) -> Callable[[Any, bytes, Known], bool]:
        """Whether a hole has no value for a row."""


class Template(NamedTuple):
    """``pattern % (each of fills)``."""

    pattern: bytes
    fills: tuple[Fill, ...] = ()

    def __add__(self, other: object) -> "Template":
        assert isinstance(other, Template)
        return Template(self.pattern + other.pattern, self.fills + other.fills)

    @property
    def bytes_(self) -> bytes:
        """What a template without holes always is."""
        return self.pattern % ()

    def filled(self, row: Any, bound: bytes, known: Known) -> bytes:
        """With its holes filled."""
        return self.pattern % tuple([fill(row, bound, known) for fill in self.fills])


_EMPTY = Template(b"")


def fixed(text: bytes) -> Template:
    """A template without holes."""
    return Template(text.replace(b"%", b"%%"))


def template(text: str, place: Place, source: Source) -> Template:
    """Compile a text with holes; what is not a hole is written as it stands."""
    whole = _EMPTY
    for part in parts_of(text):
        if isinstance(part, str):
            raw = msgspec.json.encode(part)[1:-1] if place is Place.IN_JSON else part.encode()
            whole += fixed(raw)
        else:
            whole += _hole(part, place, source)
    return whole


def _hole(hole: Hole, place: Place, source: Source) -> Template:
    fill = source.fill(hole, place)
    return fixed(fill) if isinstance(fill, bytes) else Template(b"%b", (fill,))


def json_template(value: object, source: Source) -> Template:
    """Compile a JSON value in whose texts there are holes.

    A text that is one hole and nothing else becomes a value of the hole's own type.
    """
    if isinstance(value, str):
        return _json_text(value, source)
    if isinstance(value, Mapping):
        return _json_object(value, source)
    if isinstance(value, list):
        whole = fixed(b"[")
        for n, item in enumerate(value):
            whole += fixed(b"," if n else b"") + json_template(item, source)
        return whole + fixed(b"]")
    return fixed(msgspec.json.encode(value))


def query_template(query: Mapping[str, object], source: Source) -> Template:
    """Compile the query of a path, from "?" on; empty where there is none."""
    whole = _EMPTY
    for n, (name, value) in enumerate(query.items()):
        told = (
            template(value, Place.RAW, source)
            if isinstance(value, str)
            else json_template(value, source)
        )
        start = ("&" if n else "?") + quote(name, safe="") + "="
        whole += fixed(start.encode()) + _quoted(told)
    return whole


def _quoted(inner: Template) -> Template:
    if not inner.fills:
        return fixed(quote(inner.bytes_, safe="").encode())

    def fill(row: Any, bound: bytes, known: Known) -> bytes:
        return quote(inner.filled(row, bound, known), safe="").encode()

    return Template(b"%b", (fill,))


def _json_text(text: str, source: Source) -> Template:
    parts = parts_of(text)
    if len(parts) == 1 and isinstance(parts[0], Hole) and not parts[0].as_text:
        return _hole(parts[0], Place.JSON, source)
    return fixed(b'"') + template(text, Place.IN_JSON, source) + fixed(b'"')


def _json_object(members: Mapping[str, object], source: Source) -> Template:
    must = {name: value for name, value in members.items() if not name.endswith(OPTIONAL)}
    whole = fixed(b"{")
    for n, (name, value) in enumerate(must.items()):
        key = msgspec.json.encode(name) + b":"
        whole += fixed((b"," if n else b"") + key) + json_template(value, source)
    may = [
        _optional(name.removesuffix(OPTIONAL), str(value), source)
        for name, value in members.items()
        if name.endswith(OPTIONAL)
    ]
    if may and not must:
        return whole + Template(b"%b", (_first_without_comma(may),)) + fixed(b"}")
    return whole + Template(b"%b" * len(may), tuple(may)) + fixed(b"}")


def _optional(name: str, text: str, source: Source) -> Fill:
    is_empty = [source.is_empty(part) for part in parts_of(text) if isinstance(part, Hole)]
    inner = fixed(b"," + msgspec.json.encode(name) + b":") + _json_text(text, source)

    def fill(row: Any, bound: bytes, known: Known) -> bytes:
        if any(empty(row, bound, known) for empty in is_empty):
            return b""
        return inner.filled(row, bound, known)

    return fill


def _first_without_comma(fills: list[Fill]) -> Fill:
    def fill(row: Any, bound: bytes, known: Known) -> bytes:
        return b"".join(one(row, bound, known) for one in fills)[1:]

    return fill


class Body(NamedTuple):
    """A body and its type; ``content`` is None for none at all."""

    content: Template | None
    type_: str = ""


def body_of(request: Request, source: Source) -> Body:
    """Compile what a request carries."""
    if request.json_ is not None:
        return Body(
            json_template(request.json_, source), request.content_type or "application/json"
        )
    if request.form is not None:
        return Body(_form(request.form, source), "application/x-www-form-urlencoded")
    if request.multipart is not None:
        boundary = secrets.token_hex(16)  # which nobody can put into a text
        whole = _multipart(request.multipart, boundary, source)
        return Body(whole, f"multipart/form-data; boundary={boundary}")
    if request.raw is not None:
        return Body(
            template(request.raw, Place.RAW, source),
            request.content_type or "text/plain; charset=utf-8",
        )
    return Body(None)


def _form(fields: Mapping[str, str], source: Source) -> Template:
    whole = _EMPTY
    for n, (name, text) in enumerate(fields.items()):
        whole += fixed((b"&" if n else b"") + written(name, Place.FORM) + b"=")
        for part in parts_of(text):
            if isinstance(part, str):
                whole += fixed(written(part, Place.FORM))
            else:
                whole += _hole(part, Place.FORM, source)
    return whole


def _multipart(fields: Mapping[str, str], boundary: str, source: Source) -> Template:
    whole = _EMPTY
    for name, text in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        whole += fixed(head.encode()) + template(text, Place.RAW, source) + fixed(b"\r\n")
    return whole + fixed(f"--{boundary}--\r\n".encode())


def compiled(
    method: str, start: Template, headers: Template, body: Body
) -> Callable[[Any, bytes, Known], bytes]:
    """A whole request as one function of its row.

    Args:
        method: of the request.
        start: the request line.
        headers: each with its line's end.
        body: what it carries.
    """
    if body.content is None:
        rest = fixed(b"Content-Length: 0\r\n\r\n" if method in _WITH_BODY else _NO_BODY)
        return (start + headers + rest).filled
    head = start + headers + fixed(f"Content-Type: {body.type_}\r\n".encode())
    if not body.content.fills:
        content = body.content.bytes_
        return (head + fixed(_LENGTH % len(content) + content)).filled
    pattern, fills = head.pattern + _LENGTH + b"%b", head.fills
    inner, holes = body.content

    def request(row: Any, bound: bytes, known: Known) -> bytes:
        content = inner % tuple([fill(row, bound, known) for fill in holes])
        return pattern % (*[fill(row, bound, known) for fill in fills], len(content), content)

    return request
