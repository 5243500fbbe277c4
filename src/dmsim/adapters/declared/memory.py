"""What was captured from answers and is kept beyond its action."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from dmsim.adapters.base import Answer
from dmsim.adapters.declared.answer import Values, captured, filled_query, no_values
from dmsim.adapters.declared.holes import Json, holes_of_expression
from dmsim.adapters.declared.model import Capture
from dmsim.adapters.declared.query import compiled_query

#: What the steps of one action captured, by name.
Known = Mapping[str, str]
NOTHING_KNOWN: Known = {}


class NotCaptured(LookupError):  # noqa: N818 - what is lacking, not who is at fault
    """A hole is to be filled with what no answer has given yet."""


class Memory:
    """Ids and credentials that the backend gave to accounts and to pairs of them.

    A pair's actions never leave a process, so what its answers gave need not either.
    """

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, int], str] = {}
        self._pairs: dict[tuple[str, int, int], str] = {}
        self._learnt: list[object] | None = None

    def of_account(self, name: str, account: int) -> str | None:
        """What was captured under that name for an account."""
        return self._accounts.get((name, account))

    def of_pair(self, name: str, one: int, other: int) -> str | None:
        """What was captured under that name for two accounts."""
        return self._pairs.get((name, min(one, other), max(one, other)))

    def keep(self, capture: Capture, name: str, value: str, actor: int, target: int) -> None:
        """Keep a value for as long as its capture says."""
        if capture.keep == "account":
            self._keep([name, value, isinstance(value, Json), actor])
        elif capture.keep == "pair":
            self._keep([name, value, isinstance(value, Json), *sorted((actor, target))])

    def learnt(self) -> list[object]:
        """What was kept since the last time of asking; nothing the first time."""
        learnt, self._learnt = self._learnt, []
        return learnt or []

    def recall(self, learnt: Iterable[Any]) -> None:
        """Keep what another memory has learnt."""
        for one in learnt:
            self._keep(one)

    def _keep(self, one: list[Any]) -> None:
        name, value, is_json, *whose = one
        kept: dict[Any, str] = self._accounts if len(whose) == 1 else self._pairs
        if value is None:
            kept.pop((name, *whose), None)
        else:
            kept[name, *whose] = Json(value) if is_json else value
        if self._learnt is not None:
            self._learnt.append(one)

    def forget(self, name: str, actor: int, target: int) -> None:
        """Keep a value no longer, neither for the account that acts nor for the two."""
        if (name, actor) in self._accounts:
            self._keep([name, None, False, actor])
        if self.of_pair(name, actor, target) is not None:
            self._keep([name, None, False, *sorted((actor, target))])


class Captures:
    """Takes everything that one request's answers are to give."""

    def __init__(self, captures: Mapping[str, Capture], memory: Memory) -> None:
        self._memory = memory
        self._captures = [
            (name, capture, None if capture.json_ is None else _finder(capture.json_))
            for name, capture in captures.items()
        ]
        self._with_json = any(find for _, _, find in self._captures)

    def take(
        self, answer: Answer, actor: int, target: int, values: Values = no_values
    ) -> dict[str, str]:
        """Capture from an answer, keep what is to be kept, and return all of it by name."""
        document = _decoded(answer.body) if self._with_json else None
        found: dict[str, str] = {}
        for name, capture, find in self._captures:
            part = None if find is None else find(document, values)
            value = captured(capture, answer, part, values)
            if value is None:
                continue
            found[name] = value
            self._memory.keep(capture, name, value, actor, target)
        return found


def _finder(expression: str) -> Callable[[Any, Values], Any]:
    if holes_of_expression(expression):
        return lambda told, values: compiled_query(filled_query(expression, values)).find(told)
    find = compiled_query(expression).find
    return lambda told, _: find(told)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
