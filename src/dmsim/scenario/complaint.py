"""What is wrong with a scenario, in one line that names place, key, value and remedy."""

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from dmsim.scenario.lines import Path
from dmsim.scenario.model import Scenario

#: As many errors as one line can tell of.
MOST_TOLD = 3

_LONGEST_VALUE = 60

_WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "model_type": "must be a table",
    "string_pattern_mismatch": "must be letters a-z, digits, - and _ (the first no sign)",
    "string_type": "must be text in quotes",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}


def one_line(
    error: ValidationError, place: Callable[[Path], str], root: type[BaseModel] = Scenario
) -> str:
    """The first few errors in one line, and how many more there are.

    Args:
        error: What pydantic found.
        place: Tells where a key stands, for example ``"my.toml:12"``.
        root: What the file as a whole is.
    """
    details = error.errors(include_url=False)
    # A mistyped key is told before the key that is missing because of it.
    details.sort(key=lambda detail: detail["type"] == "missing")
    told = "; also ".join(_complaint(detail, place, root) for detail in details[:MOST_TOLD])
    rest = len(details) - MOST_TOLD
    return f"{told}; and {rest} more" if rest > 0 else told


def _complaint(detail: ErrorDetails, place: Callable[[Path], str], root: type[BaseModel]) -> str:
    path: Path = tuple(part for part in detail["loc"] if part != "[key]")
    context: Mapping[str, Any] = detail.get("ctx", {})
    value = detail["input"]
    if detail["type"] == "across_fields":
        path += tuple(str(context["key"]).split(".")) if context["key"] else ()
        value = context["value"]
    where = f"{place(path)}: {dotted(path)}"
    if detail["type"] == "missing":
        return f"{where} is missing; add it{_example(path, root)}"
    if value is not None and not isinstance(value, Mapping):
        where += f" = {literal(value)}"
    return f"{where}: {_reason(detail, path, root)}"


def _reason(detail: ErrorDetails, path: Path, root: type[BaseModel]) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "across_fields":
        return str(context["text"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden" or detail["loc"][-1] == "[key]":
        return _unknown(path, detail, root)
    words = _WORDS.get(kind) or detail["msg"].replace("Input should be", "must be", 1)
    return words + _example(path, root)


def _unknown(path: Path, detail: ErrorDetails, root: type[BaseModel]) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return f"a name {_WORDS['string_pattern_mismatch']}; rename it"
    known = _known_keys(path[:-1], root)
    close = get_close_matches(str(path[-1]), known, 1)
    return (
        f'unknown key; did you mean "{close[0]}"?'
        if close
        else (f"unknown key; known: {', '.join(known)}")
    )


def _example(path: Path, root: type[BaseModel]) -> str:
    field = _field(path, root)
    if field is None or not field.examples:
        return ""
    return f"; for example {path[-1]} = {literal(field.examples[0])}"


def dotted(path: Sequence[str | int]) -> str:
    """The key as a user writes it after ``--set``."""
    return ".".join(str(part) for part in path) or "the file"


def literal(value: object) -> str:
    """A value about as TOML writes it, on one line and not too long."""
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key} = {literal(item)}" for key, item in value.items()) + "}"
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _field(path: Path, root: type[BaseModel]) -> FieldInfo | None:
    """The model field that a path of keys leads to, if it is one."""
    holder = _type_at(path[:-1], root)
    return _fields(holder).get(str(path[-1])) if path else None


def _known_keys(path: Path, root: type[BaseModel]) -> list[str]:
    holder = _type_at(path, root)
    if get_origin(holder) is dict:
        return [str(word) for word in get_args(get_args(holder)[0])]
    return list(_fields(holder))


def _fields(holder: Any) -> dict[str, FieldInfo]:
    if not (isinstance(holder, type) and issubclass(holder, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in holder.model_fields.items()}


def _type_at(path: Path, root: type[BaseModel]) -> Any:
    """The type of what stands under a path of keys, from the whole file downwards."""
    holder: Any = root
    for part in path:
        if get_origin(holder) in (dict, tuple, list):
            holder = get_args(holder)[-1 if get_origin(holder) is dict else 0]
        else:
            field = _fields(holder).get(str(part))
            holder = field.annotation if field else None
        if get_origin(holder) is Annotated:
            holder = get_args(holder)[0]
    return holder
