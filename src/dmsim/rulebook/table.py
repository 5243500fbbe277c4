"""Reading a table of requirements: facts in, verdict and reason out, written by people.

A table is a TOML file of rows, ``[[row]]`` and the other kinds of :mod:`dmsim.rulebook.rows`::

    [[row]]
    rules = ["R91"]
    what = "a blocked person cannot write"
    facts = { recipient_blocks = true }
    verdict = "refused"
    reason = "blocked"

``action`` is ``send_message`` unless it says otherwise. Facts that are not named are the usual ones
(:mod:`dmsim.rulebook.usual`); ``sender = {age = 15}`` is another way to write
``facts = {sender_age = 15}``, ``recipient`` and ``content`` likewise, and the facts of ``pair`` and
``circumstances``, which have no prefix. ``policy`` changes values of the default policy. What is
``removed`` has the reason ``removed`` and need not say it; what is ``refused`` or ``hidden``
without a reason may be so for any. Nothing is passed over: an unknown key, word or number is an
error.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from dmsim.errors import UsageError
from dmsim.rulebook.numbers import LAST, is_number
from dmsim.rulebook.rows import KINDS, Asked, Decided, Past, Row, Step, Story
from dmsim.rulebook.usual import BARE, PREFIXED, fact_named, facts_with
from dmsim.rulebook.values import Value, fields_of, hint, parse
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy
from dmsim.scenario.complaint import literal
from dmsim.vocabulary import Action, Reason, Verdict

_STORY = "story"
_HEAD = ("rules", "what", "policy")
_FACTS = ("action", "facts", *PREFIXED, *BARE)
_POLICY = fields_of(Policy)
_TOML_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def read_tables(paths: Iterable[Path | str]) -> list[Row]:
    """The rows of several tables, in their order.

    Raises:
        UsageError: in one line, which file, row, key and value cannot be used, and what to do.
    """
    return [row for path in paths for row in read_table(path)]


def read_table(path: Path | str) -> list[Row]:
    """The rows of one table; those of a kind together, in their order.

    Raises:
        UsageError: in one line, which file, row, key and value cannot be used, and what to do.
    """
    document = _read(Path(path))
    known = (*KINDS, _STORY)
    for name, rows in document.items():
        if name not in known:
            raise UsageError(f"{path}: [[{name}]]: no kind of row; {hint(name, known)}")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UsageError(f"{path}: {name}: must be rows; write [[{name}]] above each")
    if not any(document.values()):
        raise UsageError(f"{path}: holds no row; write [[row]] above each")
    return [
        _Told(str(path), kind, number, told).row()
        for kind, rows in document.items()
        for number, told in enumerate(rows, start=1)
    ]


class _Told:
    """One row as it was written."""

    def __init__(self, file: str, kind: str, number: int, keys: dict[str, Any]) -> None:
        self.file = file
        self.kind = kind
        self.number = number
        self.keys = keys

    def row(self) -> Row:
        what = self._what()
        rules = self._rules()
        changes = self._policy()
        given, expected = self._content()
        return Row(
            self.file,
            self.kind,
            self.number,
            rules,
            what,
            given,
            expected,
            changes,
            default_policy()._replace(**changes),
        )

    def _what(self) -> str:
        what = self.keys.get("what")
        if not isinstance(what, str) or not what.strip():
            self._complain("what", what, "must say in words what the row states")
        return what

    def _rules(self) -> tuple[str, ...]:
        rules = self.keys.get("rules")
        if not isinstance(rules, list) or not rules:
            self._complain("rules", rules, 'must be numbers of requirements, such as ["R91"]')
        for number in rules:
            if not isinstance(number, str) or not is_number(number):
                spans = f"R1 to R{LAST['R']} and Q1 to Q{LAST['Q']}"
                self._complain("rules", number, f"no number of a requirement; there are {spans}")
        return tuple(rules)

    def _policy(self) -> dict[str, Any]:
        changes = self._table("policy", self.keys.get("policy", {}))
        return self._values("policy.", changes, _POLICY)

    def _content(self) -> tuple[Any, Any]:
        keys = {key: value for key, value in self.keys.items() if key not in _HEAD}
        if self.kind == "row":
            return self._asked(), self._decided(self._without(keys, _FACTS))
        if self.kind == _STORY:
            demanded = self._without(keys, (*_FACTS, "state", "before"))
            return self._story(), self._decided(demanded)
        kind = KINDS[self.kind]
        for key in keys:
            self._check_known(key, (*_HEAD, *kind.given._fields, *kind.expected._fields))
        given = {key: value for key, value in keys.items() if key in kind.given._fields}
        return (
            self._fill(kind.given, "", given),
            self._fill(kind.expected, "", self._without(keys, kind.given._fields)),
        )

    def _decided(self, keys: Mapping[str, Any]) -> Decided:
        decided: Decided = self._fill(Decided, "", keys)
        if decided.verdict == Verdict.REMOVED and "reason" not in keys:
            return decided._replace(reason=Reason.REMOVED)
        return decided

    def _without(self, keys: Mapping[str, Any], taken: Iterable[str]) -> dict[str, Any]:
        """What else is written; it is for what is demanded, or unknown."""
        rest = {key: value for key, value in keys.items() if key not in taken}
        demanded = (KINDS["row"] if self.kind == _STORY else KINDS[self.kind]).expected._fields
        for key in rest:
            self._check_known(key, (*_HEAD, *taken, *demanded))
        return rest

    def _asked(self) -> Asked:
        action: Action = self._value("action", Action, self.keys.get("action", "send_message"))
        changes: dict[str, Value] = {}
        for prefix, written in self._written_facts():
            for field, told in written.items():
                key = f"{prefix}.{field}"
                name = f"{prefix}_{field}" if prefix in PREFIXED else field
                try:
                    fact = fact_named(name)
                except ValueError as error:
                    self._complain(key, told, str(error))
                if prefix in BARE and fact.part != prefix:
                    known = fields_of(BARE[prefix])
                    self._complain(key, told, f"unknown fact; {hint(field, known)}")
                if name in changes:
                    self._complain(key, told, "is told twice; keep one")
                changes[name] = self._value(key, fact.kind, told)
        return Asked(action, facts_with(action, changes))

    def _written_facts(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        for key in ("facts", *PREFIXED, *BARE):
            if key in self.keys:
                yield key, self._table(key, self.keys[key])

    def _story(self) -> Story:
        action, facts = self._asked()
        past = self._fill(Past, "state.", self._table("state", self.keys.get("state", {})))
        steps = self.keys.get("before", [])
        if not isinstance(steps, list):
            self._complain("before", steps, 'must be steps, such as [{by = "sender", action = …}]')
        before = tuple(
            self._fill(Step, f"before.{number}.", self._table(f"before.{number}", step))
            for number, step in enumerate(steps, start=1)
        )
        return Story(action, facts, past, before)

    def _fill(self, shape: Any, prefix: str, keys: Mapping[str, Any]) -> Any:
        values = self._values(prefix, keys, fields_of(shape))
        for field in shape._fields:
            if field not in values and field not in shape._field_defaults:
                self._complain(prefix + field, None, "is missing; add it")
        return shape(**values)

    def _values(
        self, prefix: str, keys: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        for key in keys:
            if key not in fields:
                self._complain(prefix + key, keys[key], f"unknown key; {hint(key, fields)}")
        return {key: self._value(prefix + key, fields[key], told) for key, told in keys.items()}

    def _value(self, key: str, kind: Any, told: object) -> Any:
        try:
            return parse(kind, told)
        except ValueError as error:
            self._complain(key, told, str(error))

    def _table(self, key: str, told: Any) -> dict[str, Any]:
        if not isinstance(told, dict):
            self._complain(key, told, "must be a table, { key = value, … }")
        return told

    def _check_known(self, key: str, known: Iterable[str]) -> None:
        known = tuple(known)
        if key not in known:
            self._complain(key, self.keys[key], f"unknown key; {hint(key, known)}")

    def _complain(self, key: str, told: object, text: str) -> NoReturn:
        what = self.keys.get("what")
        named = f" ({literal(what)})" if isinstance(what, str) and key != "what" else ""
        value = "" if told is None or isinstance(told, dict) else f" = {literal(told)}"
        raise UsageError(f"{self.file}: {self.kind} {self.number}{named}: {key}{value}: {text}")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: cannot be read ({reason}); check the path") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _TOML_LINE.search(str(error))
        line = f":{found[1]}" if found else ""
        reason = _TOML_LINE.sub("", str(error))
        raise UsageError(f"{path}{line}: not valid TOML: {reason}; mend that line") from None
    except ValueError:
        # Python reads no integer of thousands of digits.
        raise UsageError(f"{path}: holds a number of too many digits; shorten it") from None
