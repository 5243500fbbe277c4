"""Texts with holes, such as ``/messages/{target}``, and how a value is written into them."""

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import msgspec

_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_.]*)(\|text)?\}|[{}]")

#: In expressions, where braces mean other things too, whatever looks like a hole is one.
_IN_EXPRESSION = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")

#: What a header carries unquoted: printable ASCII.
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


class Place(Enum):
    """Where a value is written to."""

    PATH = "path"
    HEADER = "header"
    FORM = "form"
    RAW = "raw"
    JSON = "json"
    IN_JSON = "text in json"


class Hole(NamedTuple):
    """A hole; ``as_text`` where a JSON value is to be text whatever it is by itself."""

    name: str
    as_text: bool = False


class HoleError(ValueError):
    """A text whose braces cannot be understood."""


Part = str | Hole


def parts_of(text: str) -> list[Part]:
    """A text cut at its holes; ``{{`` and ``}}`` stand for braces.

    Raises:
        HoleError: a brace that is neither a hole nor doubled.
    """
    parts: list[Part] = []
    at = 0
    for found in _PIECE.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        piece = found[0]
        if found[1]:
            parts.append(Hole(found[1], found[2] is not None))
        elif len(piece) == 2:
            parts.append(piece[0])
        else:
            raise HoleError(f'a stray "{piece}"; write {{name}} for a hole, "{piece * 2}" for it')
    parts.append(text[at:])
    return [part for part in parts if part != ""]


def holes_in(text: str) -> list[Hole]:
    """The holes of a text."""
    return [part for part in parts_of(text) if isinstance(part, Hole)]


def holes_of_expression(text: str) -> list[str]:
    """The names of the holes in a JMESPath or a regular expression."""
    return _IN_EXPRESSION.findall(text)


def filled_expression(text: str, value: Callable[[str], str]) -> str:
    """A JMESPath or a regular expression with its holes filled.

    Args:
        text: the expression.
        value: gives what stands for a hole's name, escaped for the expression.
    """
    return _IN_EXPRESSION.sub(lambda found: value(found[1]), text)


class Json(str):
    """A value that is no text, as JSON; where JSON is expected it is written as it stands."""

    __slots__ = ()


def written(value: object, place: Place) -> bytes:
    """A value as it stands in a place, whatever it holds; ``None`` is empty (in JSON: null)."""
    if place is Place.JSON:
        if isinstance(value, Json):
            return value.encode()
        return msgspec.json.encode(value)
    text = _text(value)
    if place is Place.IN_JSON:
        return msgspec.json.encode(text)[1:-1]
    return _WRITERS[place](text)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _segment(text: str) -> str:
    """A text as a part of a path; dots alone would lead elsewhere."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


_WRITERS: dict[Place, Callable[[str], bytes]] = {
    Place.PATH: lambda text: _segment(text).encode(),
    # Whatever is no printable ASCII could end the header, or the request.
    Place.HEADER: lambda text: quote(text, safe=_PRINTABLE).encode(),
    Place.FORM: lambda text: quote_plus(text).encode(),
    Place.RAW: str.encode,
}
