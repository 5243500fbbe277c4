"""From an answer to its outcome: the rules of a file, compiled once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from dmsim.adapters.base import Answer, Headers, Outcome
from dmsim.adapters.declared.holes import Json, filled_expression, holes_of_expression
from dmsim.adapters.declared.model import Capture, Rule
from dmsim.adapters.declared.query import Query, compiled_query
from dmsim.vocabulary import Reason, word

#: Statuses that speak of the backend's health or of our credentials, not of the rules.
_SAYS_NOTHING = frozenset({401, 408, 429})

#: Gives the value of a hole by its name.
Values = Callable[[str], str]


def no_values(name: str) -> str:
    """Where expressions have no holes."""
    raise NotImplementedError(name)


def filled_query(expression: str, values: Values) -> str:
    """A JMESPath with its holes filled.

    Raises:
        ValueError: a hole that stands outside of quotes, where a value could be anything.
    """

    def quoted(name: str) -> str:
        return msgspec.json.encode(values(name)).decode()[1:-1].replace("`", "\\u0060")

    return filled_expression(_with_quotable_holes(expression), quoted)


@lru_cache(maxsize=4096)
def _with_quotable_holes(expression: str) -> str:
    """The same query with each of its holes inside of a JSON string, which can hold any text."""
    outside = _QUOTED.sub("", expression)
    if holes_of_expression(outside):
        raise ValueError("a hole stands in quotes, as in name == '{text}'")
    return _QUOTED.sub(lambda found: _as_literal(found[0]), expression)


def _as_literal(quoted: str) -> str:
    if quoted[0] != "'" or not holes_of_expression(quoted):
        return quoted
    text = quoted[1:-1].replace("\\'", "'")
    return "`" + msgspec.json.encode(text).decode().replace("`", "\\u0060") + "`"


def filled_regex(pattern: str, values: Values) -> str:
    """A regular expression with its holes filled, each with a text that matches itself alone.

    Raises:
        ValueError: a hole that stands in a class of characters, where its text would fall apart.
    """
    if holes_of_expression("".join(_CLASS.findall(pattern))):
        raise ValueError("a hole stands in a class of characters; write it outside of [ ]")
    return filled_expression(pattern, lambda name: f"(?:{re.escape(values(name))})")


#: The texts, names and literals of a JMESPath.
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`""", re.DOTALL)

#: The classes of characters of a regular expression.
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)

_FAMILY = re.compile(r"([1-5])xx")


def statuses_of(rule: Rule) -> frozenset[int] | None:
    """The statuses that a rule is for, None for every one.

    Raises:
        ValueError: one that is no status.
    """
    if rule.status is None:
        return None
    told = rule.status if isinstance(rule.status, list) else [rule.status]
    found: set[int] = set()
    for one in told:
        family = _FAMILY.fullmatch(one) if isinstance(one, str) else None
        if family:
            found |= set(range(100 * int(family[1]), 100 * int(family[1]) + 100))
        elif isinstance(one, int) and 100 <= one <= 599:
            found.add(one)
        else:
            raise ValueError('must be a status such as 403, or "4xx", or a list of them')
    return frozenset(found)


def outcome_of(told: str | list[str]) -> Outcome:
    """An outcome as a rule writes it: ``"refused:blocked"``, a list for a choice."""
    pairs = pairs_of(told)
    if len(pairs) == 1:
        return Outcome(*pairs[0])
    verdicts, reasons = zip(*pairs, strict=True)
    # Among several the judge looks for the pair as the rules demand it.
    among = tuple((verdict, reason or word(Reason.NONE)) for verdict, reason in pairs)
    return Outcome(_either(verdicts), _either(reasons), among=among)


def _either(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(filter(None, words)))


def pairs_of(told: str | list[str]) -> list[tuple[str, str]]:
    """The verdicts and reasons of an outcome as a rule writes it; without a reason, it is empty."""
    parts = [one.partition(":") for one in ([told] if isinstance(told, str) else told)]
    return [(verdict, reason) for verdict, _, reason in parts]


_SCALARS = frozenset({int, str})


class _Rule(NamedTuple):
    """A rule of one status, with its conditions on the decoded body and on the body itself."""

    when: Callable[[Any, Values], Any] | None
    text: Callable[[bytes, Values], Any] | None
    headers: Sequence[tuple[str, re.Pattern[str]]]
    outcome: Outcome | None
    verdict: Callable[[Any], Any] | None
    reason: Callable[[Any], Any] | None
    words: Mapping[str, str]


class _Document:
    """Decodes only what the queries look at, where that can be told."""

    def __init__(self, expressions: Iterable[str | None], *, holed: bool) -> None:
        self._queries = {one: compiled_query(one) for one in expressions if one is not None}
        firsts = sorted({query.names[0] for query in self._queries.values() if query.names})
        self._plain = all(query.names for query in self._queries.values()) and not holed
        if self._plain:
            self._fields = {first: f"f{n}" for n, first in enumerate(firsts)}
            of_answer = msgspec.defstruct(
                "Answer",
                [(field, Any, None) for field in self._fields.values()],
                rename={field: first for first, field in self._fields.items()},
            )
            self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(of_answer).decode
        else:
            self.decode = msgspec.json.Decoder().decode

    def finder(self, expression: str | None) -> Callable[[Any], Any] | None:
        """What finds an expression's value in what :attr:`decode` gave."""
        if expression is None:
            return None
        query = self._queries[expression]
        return self._plain_finder(query) if self._plain else query.find

    def _plain_finder(self, query: Query) -> Callable[[Any], Any]:
        first, *rest = query.names
        field = self._fields[first]
        if not rest:
            return lambda told: getattr(told, field, None)
        below = compiled_query(".".join(rest)).find
        return lambda told: below(getattr(told, field, None))


class Reader:
    """Understands the answers to one kind of request; never raises.

    Args:
        rules: the first whose conditions hold says what came.
        created: where the id of what was created is found; None for nowhere.
    """

    def __init__(self, rules: Sequence[Rule], created: Capture | None = None) -> None:
        looked_at = [told for r in rules for told in (r.when, r.outcome_from, r.reason_from)]
        whole = [told for told in looked_at if not (told and holes_of_expression(told))]
        created_by = created.json_ if created else None
        self._document = _Document([*whole, created_by], holed=len(whole) < len(looked_at))
        self._rules = [(statuses_of(rule), self._compiled(rule)) for rule in rules]
        self._of_status: dict[int, list[_Rule]] = {}
        self._needs_document = any(told is not None for told in looked_at)
        self._created = created
        self._find_created = self._document.finder(created.json_) if created else None

    def read(self, answer: Answer, values: Values = no_values) -> Outcome:
        """What an answer says.

        Args:
            answer: what came back.
            values: of the holes in the rules.
        """
        outcome = self.find(answer, values)
        if outcome is not None:
            return outcome
        status = answer.status
        if status >= 500 or status in _SAYS_NOTHING:
            return Outcome("", error=f"status {status}")
        if status >= 300:
            return Outcome(f"status_{status}")
        return Outcome("", error=f"status {status} that no rule of the adapter understands")

    def find(self, answer: Answer, values: Values) -> Outcome | None:
        """As :meth:`read`; None where no rule fits."""
        status, body, headers = answer
        rules = self._of_status.get(status)
        if rules is None:
            rules = [rule for known, rule in self._rules if known is None or status in known]
            self._of_status[status] = rules
        told = self._decoded(body) if self._needs_document or self._find_created else None
        for rule in rules:
            if rule.when is not None and not rule.when(told, values):
                continue
            if rule.text is not None and not rule.text(body, values):
                continue
            if rule.headers and not _all_found(rule.headers, headers):
                continue
            bound = b"" if self._created is None else self._bound(self._created, told, answer)
            if rule.outcome is not None:
                return rule.outcome._replace(bound=bound) if bound else rule.outcome
            outcome = _told_outcome(rule, told, bound)
            if outcome is not None:
                return outcome
        return None

    def _decoded(self, body: bytes) -> Any:
        try:
            return self._document.decode(body)
        except (ValueError, RecursionError):
            return None

    def _compiled(self, rule: Rule) -> _Rule:
        return _Rule(
            None if rule.when is None else self._condition(rule.when),
            None if rule.text is None else _search(rule.text),
            [(name.lower(), re.compile(pattern)) for name, pattern in rule.headers.items()],
            None if rule.outcome is None else outcome_of(rule.outcome),
            self._document.finder(rule.outcome_from),
            self._document.finder(rule.reason_from),
            rule.words,
        )

    def _condition(self, expression: str) -> Callable[[Any, Values], Any]:
        if holes_of_expression(expression):
            return lambda told, values: compiled_query(filled_query(expression, values)).find(told)
        find = self._document.finder(expression)
        assert find is not None
        return lambda told, _: find(told)

    def _bound(self, created: Capture, told: Any, answer: Answer) -> bytes:
        """The id of what was created, empty where the answer has none."""
        if self._find_created is None:
            found = captured(created, answer, None)
        else:
            value = self._find_created(told)
            # Asked of every message: what is a text or a number needs no closer look.
            found = str(value) if type(value) in _SCALARS else scalar(value)
        return found.encode() if found else b""


def _all_found(patterns: Iterable[tuple[str, re.Pattern[str]]], headers: Headers) -> bool:
    return all(name in headers and pattern.search(headers[name]) for name, pattern in patterns)


def _search(pattern: str) -> Callable[[bytes, Values], Any]:
    if holes_of_expression(pattern):
        return lambda body, values: re.search(filled_regex(pattern, values).encode(), body)
    search = re.compile(pattern.encode()).search
    return lambda body, _: search(body)


def _told_outcome(rule: _Rule, told: Any, bound: bytes) -> Outcome | None:
    assert rule.verdict is not None
    verdict = rule.verdict(told)
    if type(verdict) not in _SCALARS or verdict == "":
        return None
    word = str(verdict)
    reason = rule.reason(told) if rule.reason is not None else None
    why = "" if reason is None else str(reason)
    if not rule.words:
        return Outcome(word, why, bound)
    return Outcome(rule.words.get(word, word), rule.words.get(why, why), bound)


def scalar(value: object) -> str | None:
    """A captured value as text; None for what is no single value."""
    if isinstance(value, bool | dict | list) or value is None:
        return None
    return str(value)


def _value(found: object) -> str | None:
    """A captured value as text; what is more than one stays JSON."""
    if isinstance(found, dict | list):
        return Json(msgspec.json.encode(found).decode())
    return scalar(found)


def captured(
    capture: Capture, answer: Answer, document: Any, values: Values = no_values
) -> str | None:
    """What a capture finds in an answer, by anything but a JMESPath of its own compiling.

    Args:
        capture: where to look.
        answer: the answer.
        document: what the capture's JMESPath found in it.
        values: of the holes in the capture's regular expression.
    """
    if capture.json_ is not None:
        return _value(document)
    if capture.cookie is not None:
        return _cookie(answer.headers.get("set-cookie", ""), capture.cookie)
    text = answer.body.decode(errors="replace")
    if capture.header is not None:
        header = answer.headers.get(capture.header.lower())
        if header is None or capture.regex is None:
            return header
        text = header
    pattern = capture.regex or ""
    if holes_of_expression(pattern):
        pattern = filled_regex(pattern, values)
    found = re.search(pattern, text)
    return None if found is None else found[1] if found.re.groups else found[0]


def _cookie(lines: str, name: str) -> str | None:
    for line in reversed(lines.split("\n")):
        key, _, value = line.partition(";")[0].partition("=")
        if key.strip() == name:
            return value.strip()
    return None
