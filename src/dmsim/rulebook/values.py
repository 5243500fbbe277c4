"""Facts, policy values and verdicts as people write them: ``true``, ``16``, ``view_only``."""

import types
import typing
from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from typing import Any

from dmsim.vocabulary import names, word

#: What a fact, a policy value or an answer may be.
Value = bool | int | IntEnum

#: The least and the most hours of a penalty.
Hours = tuple[int, int]

_LONGEST_LIST = 12


def hint(unknown: str, known: Iterable[str]) -> str:
    """What somebody may have meant by a word that is not known."""
    words = list(known)
    close = get_close_matches(unknown, words, 1)
    if close:
        return f'did you mean "{close[0]}"?'
    more = f" and {len(words) - _LONGEST_LIST} more" if len(words) > _LONGEST_LIST else ""
    return f"known: {', '.join(words[:_LONGEST_LIST])}{more}"


def kind_of(annotation: Any) -> Any:
    """What a field holds: ``bool``, ``int``, an enumeration (also where its codes are allowed)."""
    if isinstance(annotation, types.UnionType):
        return next(kind for kind in typing.get_args(annotation) if issubclass(kind, IntEnum))
    return annotation


def fields_of(shape: Any) -> dict[str, Any]:
    """The fields of a named tuple with what each holds."""
    return {name: kind_of(kind) for name, kind in typing.get_type_hints(shape).items()}


def parse(kind: Any, told: object) -> Any:
    """A value as a table tells it (a bool, a whole number, a word) as what a field holds.

    Raises:
        ValueError: it is none; the text says what it must be.
    """
    if kind is bool:
        if not isinstance(told, bool):
            raise ValueError("must be true or false")
        return told
    if kind is int:
        if isinstance(told, bool) or not isinstance(told, int) or not 0 <= told < 2**53:
            raise ValueError("must be a whole number, 0 or more")
        return told
    if kind == Hours:
        return _hours(told)
    known = names(kind)
    if not isinstance(told, str) or told not in known:
        raise ValueError(f"unknown word; {hint(str(told), known)}")
    return kind(known.index(told))


def parse_text(kind: Any, text: str) -> Any:
    """As :func:`parse`, from the bare text of a command line.

    Raises:
        ValueError: it is none; the text says what it must be.
    """
    if kind is bool:
        return parse(kind, {"true": True, "false": False}.get(text, text))
    if kind is int:
        return parse(kind, int(text) if text.isascii() and text.isdecimal() else text)
    return parse(kind, text)


def plain(value: Any) -> Any:
    """A value as a table and JSON tell it."""
    if isinstance(value, IntEnum):
        return word(value)
    if isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else list(value)
    return value


def _hours(told: object) -> Hours:
    spread = told if isinstance(told, list) and len(told) == 2 else (told, told)
    least, most = (parse(int, hours) for hours in spread)
    return least, most
