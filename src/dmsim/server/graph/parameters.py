"""The parameters of a request, wherever they stand: in its address or in one of three bodies."""

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from dmsim.server.graph.failures import INVALID, GraphError

Params = dict[str, Any]

_BOUNDARY = re.compile(rb'boundary="?([^";,\s]{1,70})')
_NAME = re.compile(
    rb'^content-disposition:[ \t]*form-data;(?:[^\r\n]*;)?[ \t]*name="([^"\r\n]*)"',
    re.IGNORECASE | re.MULTILINE,
)

#: The longest head of a part, in bytes, and how many parameters a request may have.
_HEAD = 1000
_MANY = 100

_JSON = msgspec.json.Decoder()
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def parse(content_type: bytes, body: bytes) -> Params:
    """The parameters in a body: JSON, a form, or a form in parts.

    Args:
        content_type: the header; a body without one is a form.
        body: the whole.

    Raises:
        GraphError: the body is none of these.
    """
    if not body:
        return {}
    kind, _, attributes = content_type.partition(b";")
    name = kind.strip().lower()
    if name == b"application/json":
        return _object(body, "the body")
    if name == b"multipart/form-data":
        return _multipart(attributes, body)
    if name in {b"", b"application/x-www-form-urlencoded"}:
        return form(body)
    raise GraphError(INVALID, "the body must be JSON or a form")


def form(written: bytes) -> Params:
    """The parameters of a form, or behind an address's question mark.

    Raises:
        GraphError: they are no text, or too many.
    """
    try:
        text = written.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MANY))
    except ValueError:
        raise GraphError(INVALID, "the parameters are no form in UTF-8") from None


def text(params: Params, name: str) -> str:
    """A parameter that must be there, as a text that is not empty.

    Raises:
        GraphError: it is not.
    """
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise GraphError(INVALID, f"param {name} must be non-empty")
    return value


def record(params: Params, name: str) -> Params:
    """A parameter that must be an object; a form carries it as JSON.

    Raises:
        GraphError: it is none.
    """
    value = params.get(name)
    if isinstance(value, str):
        value = _object(value.encode(), f"param {name}")
    if not isinstance(value, dict):
        raise GraphError(INVALID, f"param {name} must be an object")
    return value


def words(params: Params, name: str) -> list[str]:
    """A parameter that is a list of words: in JSON, or separated by commas.

    Raises:
        GraphError: it is none.
    """
    value = params.get(name)
    if isinstance(value, str):
        value = _json(value.encode(), name) if value.startswith("[") else value.split(",")
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise GraphError(INVALID, f"param {name} must be a list of words")
    return value


def _object(written: bytes, what: str) -> Params:
    try:
        return _OBJECT.decode(written)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise GraphError(INVALID, f"{what} is no JSON object") from None


def _json(written: bytes, name: str) -> object:
    try:
        return _JSON.decode(written)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise GraphError(INVALID, f"param {name} is no JSON") from None


def _multipart(attributes: bytes, body: bytes) -> Params:
    """The parts between the boundaries: a head with a name, an empty line, a value (RFC 7578)."""
    boundary = _BOUNDARY.search(attributes)
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1]) if boundary else []
    if not 2 <= len(parts) <= _MANY + 2 or not parts[-1].startswith(b"--"):
        raise GraphError(INVALID, "the body's parts are not between boundaries")
    params: Params = {}
    for part in parts[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head) if len(head) <= _HEAD else None
        if name is None:
            raise GraphError(INVALID, "a part of the body has no name")
        try:
            params[name[1].decode()] = value.decode()
        except UnicodeDecodeError:
            raise GraphError(INVALID, "a part of the body is no text in UTF-8") from None
    return params
