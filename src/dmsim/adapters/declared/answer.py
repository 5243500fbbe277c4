"""From an answer to its outcome: the rules of a file, compiled once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from dmsim.adapters.base import Answer, Outcome
from dmsim.adapters.declared.model import Capture, Rule
from dmsim.adapters.declared.query import Query, compiled_query
from dmsim.vocabulary import Reason, word

#: Statuses that speak of the backend's health or of our credentials, not of the rules.
_SAYS_NOTHING = frozenset({401, 408, 429})

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


class _Rule(NamedTuple):
    """A rule of one status, with its queries over what was decoded of the body."""

    when: Callable[[Any], Any] | None
    text: re.Pattern[bytes] | None
    outcome: Outcome | None
    verdict: Callable[[Any], Any] | None
    reason: Callable[[Any], Any] | None
    words: Mapping[str, str]


class _Document:
    """Decodes only what the queries look at, where that can be told."""

    def __init__(self, expressions: Iterable[str | None]) -> None:
        self._queries = {one: compiled_query(one) for one in expressions if one is not None}
        firsts = sorted({query.names[0] for query in self._queries.values() if query.names})
        self._plain = all(query.names for query in self._queries.values())
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
        self._document = _Document([*looked_at, created.json_ if created else None])
        self._rules = [(statuses_of(rule), self._compiled(rule)) for rule in rules]
        self._of_status: dict[int, list[_Rule]] = {}
        self._needs_document = any(told is not None for told in looked_at)
        self._created = created
        self._find_created = self._document.finder(created.json_) if created else None

    def read(self, answer: Answer) -> Outcome:
        """What an answer says."""
        status, body, _ = answer
        rules = self._of_status.get(status)
        if rules is None:
            rules = [rule for known, rule in self._rules if known is None or status in known]
            self._of_status[status] = rules
        told = self._decoded(body) if self._needs_document or self._find_created else None
        for rule in rules:
            if rule.when is not None and not rule.when(told):
                continue
            if rule.text is not None and not rule.text.search(body):
                continue
            outcome = rule.outcome or _told_outcome(rule, told)
            if outcome is not None:
                return self._with_created(outcome, told, answer)
        if status >= 500 or status in _SAYS_NOTHING:
            return Outcome("", error=f"status {status}")
        if status >= 300:
            return Outcome(f"status_{status}")
        return Outcome("", error=f"status {status} that no rule of the adapter understands")

    def _decoded(self, body: bytes) -> Any:
        try:
            return self._document.decode(body)
        except (ValueError, RecursionError):
            return None

    def _compiled(self, rule: Rule) -> _Rule:
        return _Rule(
            self._document.finder(rule.when),
            None if rule.text is None else re.compile(rule.text.encode()),
            None if rule.outcome is None else outcome_of(rule.outcome),
            self._document.finder(rule.outcome_from),
            self._document.finder(rule.reason_from),
            rule.words,
        )

    def _with_created(self, outcome: Outcome, told: Any, answer: Answer) -> Outcome:
        if self._created is None:
            return outcome
        if self._find_created is not None:
            value = self._find_created(told)
            found = None if value is None else scalar(value)
        else:
            found = captured(self._created, answer, None)
        return outcome._replace(bound=found.encode()) if found else outcome


def _told_outcome(rule: _Rule, told: Any) -> Outcome | None:
    assert rule.verdict is not None
    verdict = rule.verdict(told)
    if not isinstance(verdict, str | int) or verdict == "":
        return None
    word = str(verdict)
    reason = rule.reason(told) if rule.reason is not None else None
    why = "" if reason is None else str(reason)
    return Outcome(rule.words.get(word, word), rule.words.get(why, why))


def scalar(value: object) -> str | None:
    """A captured value as text; None for what is no single value."""
    if isinstance(value, bool | dict | list) or value is None:
        return None
    return str(value)


def captured(capture: Capture, answer: Answer, document: Any) -> str | None:
    """What a capture finds in an answer, by anything but a JMESPath of its own compiling.

    Args:
        capture: where to look.
        answer: the answer.
        document: what the capture's JMESPath found in it.
    """
    if capture.json_ is not None:
        return scalar(document)
    if capture.cookie is not None:
        return _cookie(answer.headers.get("set-cookie", ""), capture.cookie)
    text = answer.body.decode(errors="replace")
    if capture.header is not None:
        header = answer.headers.get(capture.header.lower())
        if header is None or capture.regex is None:
            return header
        text = header
    found = re.search(capture.regex or "", text)
    return None if found is None else found[1] if found.re.groups else found[0]


def _cookie(lines: str, name: str) -> str | None:
    for line in reversed(lines.split("\n")):
        key, _, value = line.partition(";")[0].partition("=")
        if key.strip() == name:
            return value.strip()
    return None
