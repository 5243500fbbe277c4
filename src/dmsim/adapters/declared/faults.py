"""What the texts of a file must fulfil, so that none of them breaks out of its place."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from dmsim.adapters.declared.answer import filled_query, filled_regex
from dmsim.adapters.declared.holes import HoleError, holes_in, holes_of_expression
from dmsim.adapters.declared.query import compiled_query
from dmsim.scenario.lines import Path

_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/[!-~]*)")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

#: Headers that frame a request are written by dmsim alone.
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "expect"}
)


class Fault(NamedTuple):
    """What is wrong: the key, why with the remedy, and the value."""

    key: Path
    text: str
    value: object = None


def path_faults(key: Path, request: str) -> Iterator[Fault]:
    """What is wrong with a method and path."""
    if not _REQUEST.fullmatch(request):
        remedy = 'must be a method and a path of printable ASCII, such as "POST /messages/{target}"'
        yield Fault(key, remedy, request)
    elif "#" in request:
        yield Fault(key, 'a path ends before "#"; write %23', request)


def header_faults(key: Path, headers: Mapping[str, str]) -> Iterator[Fault]:
    """What is wrong with headers, by name."""
    seen = set[str]()
    for name, text in headers.items():
        at = (*key, name) if key[0] != "auth" and key[0] != "time" else key
        if not _TOKEN.fullmatch(name):
            yield Fault(at, "no name of a header; take letters, digits and -", name)
        elif name.lower() in _OURS:
            yield Fault(at, f"{name} is written by dmsim; take it out", text)
        elif name.lower() in seen:
            yield Fault(at, "stands there twice; take one out", text)
        seen.add(name.lower())
        yield from header_text_faults(at, text)


def header_text_faults(key: Path, text: str) -> Iterator[Fault]:
    """What is wrong with the text of a header."""
    if not (text.isascii() and text.isprintable()):
        yield Fault(key, "a header holds printable ASCII on one line; take the rest out", text)
    yield from brace_faults(key, text)


def hole_faults(key: Path, text: str, usable: Collection[str]) -> Iterator[Fault]:
    """What is wrong with the holes of an expression."""
    for name in holes_of_expression(text):
        if name not in usable:
            known = ", ".join(sorted(usable)) or "none here"
            yield Fault(key, f"unknown hole {{{name}}}; known: {known}", text)


def query_faults(key: Path, text: str) -> Iterator[Fault]:
    """What is wrong with a JMESPath, whatever its holes are filled with."""
    try:
        compiled_query(filled_query(text, lambda _: "x"))
    except ValueError as error:
        yield Fault(key, str(error), text)


def regex_faults(key: Path, text: str) -> Iterator[Fault]:
    """What is wrong with a regular expression, whatever its holes are filled with."""
    try:
        re.compile(filled_regex(text, lambda _: "x").encode())
    except ValueError as error:
        yield Fault(key, str(error), text)
    except (re.error, RecursionError) as error:
        yield Fault(key, f"no regular expression: {error}; see docs.python.org/3/library/re", text)


def brace_faults(key: Path, text: str) -> Iterator[Fault]:
    """What is wrong with the holes of a text."""
    try:
        holes_in(text)
    except HoleError as error:
        yield Fault(key, str(error), text)
