"""What was captured from answers and is kept beyond its action."""

from collections.abc import Mapping
from typing import Any

import msgspec

from dmsim.adapters.base import Answer
from dmsim.adapters.declared.answer import captured
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

    def of_account(self, name: str, account: int) -> str | None:
        """What was captured under that name for an account."""
        return self._accounts.get((name, account))

    def of_pair(self, name: str, one: int, other: int) -> str | None:
        """What was captured under that name for two accounts."""
        return self._pairs.get((name, min(one, other), max(one, other)))

    def keep(self, capture: Capture, name: str, value: str, actor: int, target: int) -> None:
        """Keep a value for as long as its capture says."""
        if capture.keep == "account":
            self._accounts[name, actor] = value
        elif capture.keep == "pair":
            self._pairs[name, min(actor, target), max(actor, target)] = value


class Captures:
    """Takes everything that one request's answers are to give."""

    def __init__(self, captures: Mapping[str, Capture], memory: Memory) -> None:
        self._memory = memory
        self._captures = [
            (name, capture, None if capture.json_ is None else compiled_query(capture.json_).find)
            for name, capture in captures.items()
            if capture.keep != "object"
        ]
        self._with_json = any(find for _, _, find in self._captures)

    def take(self, answer: Answer, actor: int, target: int) -> dict[str, str]:
        """Capture from an answer, keep what is to be kept, and return the rest by name."""
        document = _decoded(answer.body) if self._with_json else None
        found: dict[str, str] = {}
        for name, capture, find in self._captures:
            value = captured(capture, answer, None if find is None else find(document))
            if value is None:
                continue
            found[name] = value
            self._memory.keep(capture, name, value, actor, target)
        return found


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
