"""The numbers of requirements (R) and of open points (Q), and which rule function bears which."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import dmsim.rules

#: How many there are of each kind.
LAST = {"R": 187, "Q": 25}

#: Modules of ``dmsim.rules`` that hold values and tables, no rules.
_NO_RULES = frozenset({"facts", "races", "resources"})

_NUMBER = re.compile(r"\b([RQ])(\d+)(?:-\1(\d+))?\b")

Rule = Callable[..., Any]


def is_number(text: str) -> bool:
    """Whether a text is the number of a requirement or of an open point."""
    found = re.fullmatch(r"([RQ])([1-9]\d*)", text)
    return found is not None and int(found[2]) <= LAST[found[1]]


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers that a text names, in its order; a span such as R81-R83 is all in it."""
    found = [
        f"{letter}{number}"
        for letter, first, last in _NUMBER.findall(text)
        for number in range(int(first), int(last or first) + 1)
    ]
    return tuple(dict.fromkeys(found))


def numbers_of(rule: Rule) -> tuple[str, ...]:
    """The numbers that a rule bears: those of its docstring."""
    return numbers_in(inspect.getdoc(rule) or "")


def rule_modules() -> Iterator[Any]:
    """The modules that hold rules."""
    for found in pkgutil.iter_modules(dmsim.rules.__path__):
        if found.name not in _NO_RULES:
            yield importlib.import_module(f"dmsim.rules.{found.name}")


def rules_of(module: Any) -> dict[str, Rule]:
    """The functions that a module defines, also those that only it calls."""
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__
    }


def public_rules() -> dict[str, Rule]:
    """Every rule that others may ask, by name."""
    return {
        name: rule
        for module in rule_modules()
        for name, rule in rules_of(module).items()
        if not name.startswith("_")
    }
