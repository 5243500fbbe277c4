"""JMESPath expressions, compiled once; plain dotted names without the interpreter.

See https://jmespath.org/specification.html.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jmespath
import jmespath.exceptions
from jmespath import functions

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


#: Longer expressions hold values that hardly come again.
_KEPT_LENGTH = 1024


class _Functions(functions.Functions):
    """What the language has, and how to take a member out, for "read, change, write back"."""

    @functions.signature({"types": ["object"]}, {"types": ["string"]})
    def _func_without(self, members: dict[str, Any], name: str) -> dict[str, Any]:
        return {key: value for key, value in members.items() if key != name}


_OPTIONS = jmespath.Options(custom_functions=_Functions())


class Query(NamedTuple):
    """An expression.

    Attributes:
        find: gives what it finds in a decoded JSON document, None for nothing.
        names: of a plain expression, the names it goes along; empty for any other.
    """

    find: Callable[[Any], Any]
    names: tuple[str, ...] = ()


def compiled_query(expression: str) -> Query:
    """Compile an expression; those with ids in them come again and again.

    Raises:
        ValueError: it is no JMESPath.
    """
    short = len(expression) <= _KEPT_LENGTH
    return _compiled_before(expression) if short else _compiled(expression)


def _compiled(expression: str) -> Query:
    if _PLAIN.fullmatch(expression):
        names = tuple(expression.split("."))
        return Query(partial(_along, names), names)
    try:
        return Query(partial(_search, jmespath.compile(expression)))
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        told = str(error).split(":\n")[0].splitlines()[0]
        raise ValueError(f"no JMESPath: {told}; see https://jmespath.org") from None


_compiled_before = lru_cache(maxsize=4096)(_compiled)


def _along(names: tuple[str, ...], value: Any) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _search(expression: Any, value: Any) -> Any:
    try:
        return expression.search(value, _OPTIONS)
    except (jmespath.exceptions.JMESPathError, TypeError, ValueError, RecursionError):
        return None  # An answer of another shape than the expression is for.
