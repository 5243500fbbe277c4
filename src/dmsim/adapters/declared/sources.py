"""Where the values of holes come from: actions, rows of the initial state, captures."""

import os
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from dmsim.adapters.base import ActionRow, LabelledText
from dmsim.adapters.declared.answer import Values
from dmsim.adapters.declared.holes import Hole, Json, Place, written
from dmsim.adapters.declared.memory import Known, Memory, NotCaptured
from dmsim.adapters.declared.request import Fill, Source
from dmsim.adapters.tokens import TOKEN_VARIABLE, account_token, clock_key
from dmsim.errors import UsageError
from dmsim.vocabulary import ContentKind, Setting, Via, Violation, names

_COLUMN = {name: n for n, name in enumerate(ActionRow._fields)}

#: Columns that are numbers.
NUMBERS = ("actor", "target", "until", "fanout", "at")

#: Columns that are words, in the order of their codes.
WORDS = {
    "setting": names(Setting),
    "content": names(ContentKind),
    "via": names(Via),
    "violation": names(Violation),
    "text.violation": names(Violation),
}

#: What else an action can fill a hole with.
OTHERS = ("uses", "sticker_set", "text", "text.detected", "switch", "account_token")

#: What fills a hole anywhere.
CONSTANTS = ("token", "clock_key")

#: Holes for environment variables, and for what was captured for an account.
ENVIRONMENT, OF_ACCOUNT = "env.", ("actor.", "target.")

ACTION_HOLES = (*NUMBERS, *WORDS, *OTHERS, *CONSTANTS)

#: An id of 63 bits has fewer digits.
_ID_DIGITS = 20

#: No id is longer; what is longer is not kept at hand.
_ID_LENGTH = 256

_USES, _STICKER = _COLUMN["uses"], int(ContentKind.STICKER)


def is_captured(name: str) -> bool:
    """Whether a hole of an action is filled with what an answer gave."""
    if name.startswith(OF_ACCOUNT):
        return name not in ACTION_HOLES
    return name not in ACTION_HOLES and not name.startswith(ENVIRONMENT)


class ActionSource:
    """Fills holes from an action.

    Everything of which there are few is written beforehand: texts, words, credentials.

    Args:
        token: the master token, empty for none.
        actors: every account that acts.
        texts: the bank of texts by id.
        words: the backend's words for those of the trace, by hole.
        memory: what was captured.
        defaults: of captures that may be lacking.
    """

    def __init__(
        self,
        token: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        words: Mapping[str, Mapping[str, str]],
        memory: Memory,
        defaults: Mapping[str, str],
    ) -> None:
        self._token = token
        self._actors = list(actors)
        self._texts = texts
        self._words = words
        self._memory = memory
        self._defaults = defaults
        self._acts, self._other_one = "actor", "target"

    def of_target(self) -> "ActionSource":
        """The same action as its target would tell it: actor and target have changed places."""
        other = copy(self)
        other._acts, other._other_one = self._other_one, self._acts
        return other

    def values(self) -> "HoleValues":
        """What fills the holes of expressions."""
        return HoleValues(self)

    def fill(self, hole: Hole, place: Place) -> Fill | bytes:
        """What fills a hole."""
        name = hole.name
        if name in CONSTANTS or name.startswith(ENVIRONMENT):
            return written(constant(name, self._token), place)
        if name in NUMBERS:
            return _number(_COLUMN[self._column(name)], place)
        if name in WORDS:
            return self._word(name, place)
        return self._other(name, place) if name in OTHERS else self._captured(name, place)

    def _column(self, name: str) -> str:
        return {"actor": self._acts, "target": self._other_one}.get(name, name)

    def is_empty(self, hole: Hole) -> Callable[[Any, bytes, Known], bool]:
        """Whether a hole has no value for an action."""
        name = hole.name
        if name == "sticker_set":
            return lambda row, _, __: row.content != _STICKER or row.uses < 0
        if name.startswith("text."):
            name = "text"
        if name == "uses":
            return lambda row, bound, _: row.uses < 0 and not bound
        if name not in _COLUMN:
            return lambda _, __, ___: False
        column = _COLUMN[name]
        return lambda row, _, __: row[column] < 0

    def _other(self, name: str, place: Place) -> Fill:
        makers: dict[str, Callable[[Place], Fill]] = {
            "uses": _uses,
            "sticker_set": _sticker_set,
            "text": lambda place: self._by_text(place, lambda text: text.text, ""),
            "text.detected": lambda place: self._by_text(place, lambda text: text.detected, False),
            "switch": self._switch,
            "account_token": self._account_token,
        }
        return makers[name](place)

    def _word(self, name: str, place: Place) -> Fill:
        own = self._words.get(name, {})
        table = [written(own.get(word, word), place) for word in WORDS[name]]
        if name == "text.violation":
            none = WORDS[name][Violation.NONE]
            return self._by_text(
                place, lambda text: own.get(text.violation, text.violation), own.get(none, none)
            )
        # An empty column has the code -1; a moderator who found nothing has found "none".
        table.append(table[Violation.NONE] if name == "violation" else written(None, place))
        column = _COLUMN[name]
        return lambda row, _, __: table[row[column]]

    def _by_text(
        self, place: Place, value: Callable[[LabelledText], object], empty: object
    ) -> Fill:
        table = {id_: written(value(text), place) for id_, text in self._texts.items()}
        table[-1] = written(empty, place)
        column = _COLUMN["text"]
        return lambda row, _, __: table[row[column]]

    def _switch(self, place: Place) -> Fill:
        own = self._words.get("switch", {})
        off, on = (written(own.get(word, value), place) for word, value in _SWITCHES)
        return lambda row, _, __: on if row.switch == 1 else off

    def _account_token(self, place: Place) -> Fill:
        token = needed_token(self._token)
        table = {actor: written(account_token(token, actor), place) for actor in self._actors}
        acts = _COLUMN[self._acts]

        def fill(row: Any, _: bytes, __: Known) -> bytes:
            account = row[acts]
            found = table.get(account)
            if found is None:
                found = table[account] = written(account_token(token, account), place)
            return found

        return fill

    def _captured(self, name: str, place: Place) -> Fill:
        whose, _, own = name.partition(".")
        memory, default = self._memory, self._defaults.get(own or whose)
        acts, account = _COLUMN[self._acts], _COLUMN[self._column(whose)] if own else -1

        def value(row: ActionRow, known: Known) -> str | None:
            if own:
                return memory.of_account(own, row[account])
            found = known.get(name) or memory.of_pair(name, row.actor, row.target)
            return found or memory.of_account(name, row[acts])

        def fill(row: Any, _: bytes, known: Known) -> bytes:
            found = value(row, known) or default
            # An object or a list is JSON or nothing: no part of a path or a text.
            if found is None or (isinstance(found, Json) and place is not Place.JSON):
                raise NotCaptured(name)
            # Ids come again, whole values that were read do not, and are large.
            return _of_capture(found, place) if len(found) <= _ID_LENGTH else written(found, place)

        return fill


_SWITCHES: tuple[tuple[str, object], ...] = (("off", False), ("on", True))


def _number(column: int, place: Place) -> Fill:
    empty = written(None, place)
    return lambda row, _, __: b"%d" % row[column] if row[column] >= 0 else empty


def _uses(place: Place) -> Fill:
    empty = written(None, place)

    def fill(row: Any, bound: bytes, _: Known) -> bytes:
        if bound:
            return written(_id(bound) if place is Place.JSON else bound.decode(), place)
        return b"%d" % row[_USES] if row[_USES] >= 0 else empty

    return fill


def _id(bound: bytes) -> int | str:
    """A number where the backend's id is one and nothing is lost by it, such as leading zeros."""
    is_number = bound.isdigit() and len(bound) < _ID_DIGITS and str(int(bound)).encode() == bound
    return int(bound) if is_number else bound.decode()


def _sticker_set(place: Place) -> Fill:
    empty = written(None, place)
    return lambda row, _, __: b"%d" % row.uses if row.content == _STICKER else empty


@lru_cache(maxsize=65_536, typed=True)
def _of_capture(value: str, place: Place) -> bytes:
    return written(value, place)


class HoleValues:
    """The values of holes as text.

    Args:
        source: where they come from.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._fills: dict[str, Fill | bytes] = {}

    def of(self, row: Any, bound: bytes, known: Known) -> Values:
        """Gives the values of holes for one row, by name."""

        def value(name: str) -> str:
            fill = self._fills.get(name)
            if fill is None:
                fill = self._fills[name] = self._source.fill(Hole(name), Place.RAW)
            return (fill if isinstance(fill, bytes) else fill(row, bound, known)).decode()

        return value


class RowSource:
    """Fills holes from a row of the initial state, or from a batch of them."""

    def __init__(
        self,
        token: str,
        memory: Memory,
        words: Mapping[str, Mapping[str, str]],
        defaults: Mapping[str, str],
    ) -> None:
        self._defaults = defaults
        self._token = token
        self._memory = memory
        self._words = words

    def fill(self, hole: Hole, place: Place) -> Fill | bytes:
        """What fills a hole."""
        name = hole.name
        if name in CONSTANTS or name.startswith(ENVIRONMENT):
            return written(constant(name, self._token), place)
        return lambda row, _, known: written(self._value(name, row, known), place)

    def is_empty(self, hole: Hole) -> Callable[[Any, bytes, Known], bool]:
        """Whether a hole has no value for a row."""
        return lambda row, _, known: self._value(hole.name, row, known) is None

    def _value(self, name: str, row: Mapping[str, object], known: Known) -> object:
        if name == "account_token":
            return account_token(needed_token(self._token), int(str(row["actor"])))
        if name in row:
            return self._worded(name, row[name])
        whose, _, own = name.partition(".")
        if own:
            found = self._memory.of_account(own, int(str(row[whose])))
        else:
            actor = int(str(row.get("actor", -1)))
            target = int(str(row.get("target", -1)))
            found = self._memory.of_account(name, actor) or self._memory.of_pair(
                name, actor, target
            )
        if found is None:
            found = self._defaults.get(own or whose)
        if found is None:
            raise NotCaptured(name)
        return found

    def _worded(self, name: str, value: object) -> object:
        own = self._words.get(name)
        return own.get(value, value) if own and isinstance(value, str) else value


def constant(name: str, token: str) -> str:
    """What fills a hole everywhere alike.

    Raises:
        UsageError: the environment does not hold it.
    """
    if name.startswith(ENVIRONMENT):
        variable = name.removeprefix(ENVIRONMENT)
        value = os.environ.get(variable, "")
        if not value:
            raise UsageError(f"{variable} is not set; the adapter fills {{{name}}} with it")
        return value
    needed = needed_token(token)
    return needed if name == "token" else clock_key(needed)


def needed_token(token: str) -> str:
    """The master token where an adapter cannot do without.

    Raises:
        UsageError: there is none.
    """
    if not token:
        raise UsageError(f"{TOKEN_VARIABLE} is not set; put the backend's master token into it")
    return token
