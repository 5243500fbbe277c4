"""The requests of a declared adapter, compiled for one backend and one trace."""

import base64
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, NamedTuple

from dmsim.adapters.base import ActionRow, Answer, LabelledText, Outcome
from dmsim.adapters.declared.answer import Reader
from dmsim.adapters.declared.holes import Hole, Place, holes_of_expression, parts_of
from dmsim.adapters.declared.memory import NOTHING_KNOWN, Captures, Known, Memory, NotCaptured
from dmsim.adapters.declared.model import ActionRequest, Auth, Declaration, Request, Rule, Step
from dmsim.adapters.declared.request import (
    Fill,
    Source,
    Template,
    body_of,
    compiled,
    fixed,
    query_template,
    template,
)
from dmsim.adapters.declared.sources import ActionSource, is_captured
from dmsim.scenario.lines import Path
from dmsim.vocabulary import Action

#: What became of an action all of whose steps were left out.
NOTHING_TO_SEND = "no step was left to send"

_Make = Callable[[Any, bytes, Known], bytes]


class _Exchange(NamedTuple):
    """One of several requests of an action, and what its answer means for the next."""

    make: _Make
    captures: Captures
    step: Step
    reader: Reader


def auth_headers(auth: Auth) -> dict[str, str]:
    """The headers with which an account proves who it is, with holes."""
    if auth.kind == "bearer":
        return {"Authorization": f"Bearer {auth.token}"}
    if auth.kind == "header":
        return {str(auth.name): str(auth.value)}
    if auth.kind == "cookie":
        csrf = {auth.csrf_header: str(auth.csrf_value)} if auth.csrf_header else {}
        return {"Cookie": f"{auth.name}={auth.value}", **csrf}
    return {}


class Head:
    """What all requests of a file begin with."""

    def __init__(self, declaration: Declaration, authority: str, *, timed: bool) -> None:
        self._declaration = declaration
        self._authority = authority
        self._timed = timed

    def start(self, request: Request, source: Source) -> Template:
        """The request line."""
        method, _, path = request.request.partition(" ")
        whole = template(self._declaration.base + path, Place.PATH, source)
        whole = whole + query_template(request.query, source)
        return fixed(method.encode() + b" ") + whole + fixed(b" HTTP/1.1\r\n")

    def headers(self, request: Request, source: Source, who: Source) -> Template:
        """All headers but those of the body; the credentials are those of ``who``."""
        told = self._declaration
        whole = fixed(f"Host: {self._authority}\r\n".encode())
        auth = auth_headers(told.auth) if request.auth else {}
        texts = told.headers | auth | request.headers
        if self._timed and told.time is not None:
            texts |= {told.time.header: told.time.value}
        for name, text in texts.items():
            is_auth = name in auth and name not in request.headers
            value = template(text, Place.HEADER, who if is_auth else source)
            whole = whole + fixed(name.encode() + b": ") + value + fixed(b"\r\n")
        if request.auth and told.auth.kind == "basic":
            whole = whole + _basic(told.auth, who)
        return whole

    def compiled(self, request: Request, source: Source, who: Source) -> _Make:
        """A whole request; the credentials are those of ``who``."""
        method = request.request.partition(" ")[0]
        start, headers = self.start(request, source), self.headers(request, source, who)
        return compiled(method, start, headers, body_of(request, source))


def _basic(auth: Auth, source: Source) -> Template:
    pair = template(f"{auth.user}:{auth.password}", Place.RAW, source)

    def fill(row: Any, bound: bytes, known: Known) -> bytes:
        return base64.b64encode(pair.filled(row, bound, known))

    fills: tuple[Fill, ...] = (fill,)
    return Template(b"Authorization: Basic %b\r\n", fills)


class DeclaredEncoder:
    """See :meth:`dmsim.adapters.base.Adapter.encoder`.

    Attributes:
        stepped: the actions that take several requests, or that need what was captured.
        headed: whether the headers of answers are looked at.
    """

    def __init__(
        self,
        declaration: Declaration,
        readers: Mapping[int, Reader],
        memory: Memory,
        token: str,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        *,
        timed: bool,
    ) -> None:
        head = Head(declaration, authority, timed=timed)
        defaults = defaults_of(declaration)
        source = ActionSource(token, actors, texts, declaration.words, memory, defaults)
        self._memory = memory
        self._readers = readers
        self._values = source.values()
        self._requests: dict[int, _Make] = {}
        self._exchanges: dict[int, list[_Exchange]] = {}
        for action in Action:
            told = declaration.actions.get(action.name.lower())
            if told is None:
                continue
            requests = requests_of(told)
            if is_stepped(declaration, told):
                self._exchanges[action] = [
                    _exchange(head, request, source, memory) for request in requests
                ]
            else:
                self._requests[action] = head.compiled(requests[0], source, source)
        self._created = {
            int(action): name
            for action in Action
            if int(action) in self._exchanges
            for name in created_by(declaration.actions[action.name.lower()])
        }
        self.stepped = frozenset(self._exchanges)
        self.headed = looks_at_headers(declaration)

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The whole HTTP/1.1 request of an action."""
        return self._requests[row.action](row, bound, NOTHING_KNOWN)

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        """The requests of an action one after the other; returns what came of them.

        An answer that is neither 2xx nor accepted ends them, and one that says what came.
        """
        known: dict[str, str] = {}
        try:
            outcome = yield from self._steps(row, bound, known)
        except NotCaptured as lacking:
            return Outcome("", error=f"nothing captured for {lacking}")
        created = self._created.get(row.action)
        if created is not None and created in known:
            outcome = outcome._replace(bound=known[created].encode())
        return outcome

    def _steps(
        self, row: ActionRow, bound: bytes, known: dict[str, str]
    ) -> Generator[bytes, Answer, Outcome]:
        values = self._values.of(row, bound, known)
        answer: Answer | None = None
        for make, captures, step, reader in self._exchanges[row.action]:
            # Whoever sends it is whose captures count.
            one, other = row.actor, row.target
            if step.as_ == "target":
                one, other = other, one
            if step.unless and self._is_known(step.unless, one, other, known):
                continue
            if step.if_ and not self._is_known(step.if_, one, other, known):
                continue
            answer = yield make(row, bound, known)
            is_good = 200 <= answer.status < 300
            if is_good:
                known |= captures.take(answer, one, other, values)
            outcome = reader.find(answer, values)
            if is_good:
                for name in step.forget:
                    self._memory.forget(name, one, other)
            if outcome is not None:
                return outcome
            if not is_good and answer.status not in step.accept:
                break
        if answer is None:
            return Outcome("", error=NOTHING_TO_SEND)
        return self._readers[row.action].read(answer, values)

    def sign(self, row: ActionRow, reason: str) -> str:
        """What a refusal looks like stands in the file, not in the answer."""
        return ""

    def _is_known(self, name: str, one: int, other: int, known: Known) -> bool:
        memory = self._memory
        return bool(
            known.get(name) or memory.of_pair(name, one, other) or memory.of_account(name, one)
        )


def _exchange(head: Head, request: Request, source: ActionSource, memory: Memory) -> _Exchange:
    step = request if isinstance(request, Step) else Step(request=request.request)
    who = source.of_target() if step.as_ == "target" else source
    make = head.compiled(request, source, who)
    return _Exchange(make, Captures(request.capture, memory), step, Reader(step.outcomes))


def created_by(told: ActionRequest) -> list[str]:
    """The captures that are ids of what an action creates; those of a name are one."""
    created = [
        name
        for request in requests_of(told)
        for name, one in request.capture.items()
        if one.keep == "object"
    ]
    return list(dict.fromkeys(created))


def requests_of(told: ActionRequest) -> list[Request]:
    """The requests of an action, in order."""
    steps: list[Request] = list(told.steps)
    return steps or [told]


def is_stepped(declaration: Declaration, told: ActionRequest) -> bool:
    """Whether an action takes more than one request and one look at the answer."""
    kept = [one.keep != "object" for r in requests_of(told) for one in r.capture.values()]
    headed = any(one.header or one.cookie for r in requests_of(told) for one in r.capture.values())
    headed |= any(rule.headers for rule in rules_of(declaration, told))
    with_auth = auth_headers(declaration.auth).values()
    texts = [*declaration.headers.values(), *with_auth]
    texts += [str(declaration.auth.user), str(declaration.auth.password)]
    for request in requests_of(told):
        texts += [text for _, text in texts_of(request)]
    holes = (part.name for text in texts for part in parts_of(text) if isinstance(part, Hole))
    holed = any(holes_of_expression(text) for text in expressions_of(declaration, told))
    return bool(told.steps or any(kept) or headed or any(map(is_captured, holes)) or holed)


def rules_of(declaration: Declaration, told: ActionRequest) -> list[Rule]:
    """All rules over answers to an action."""
    return [*declaration.outcomes, *told.outcomes, *(r for s in told.steps for r in s.outcomes)]


def expressions_of(declaration: Declaration, told: ActionRequest) -> list[str]:
    """The expressions over answers to an action that may have holes."""
    found = [text for rule in rules_of(declaration, told) for text in (rule.when, rule.text)]
    captures = [one for request in requests_of(told) for one in request.capture.values()]
    found += [text for one in captures for text in (one.json_, one.regex)]
    return [text for text in found if text is not None]


def texts_of(request: Request) -> list[tuple[Path, str]]:
    """Every text of a request in which holes may be, with its key."""
    found: list[tuple[Path, str]] = [(("request",), request.request)]
    for name in ("query", "headers", "form", "multipart", "raw", "json"):
        value = request.json_ if name == "json" else getattr(request, name)
        found += _texts_in((name,), value)
    return found


def _texts_in(key: Path, value: object) -> list[tuple[Path, str]]:
    if isinstance(value, str):
        return [(key, value)]
    members: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    return [found for name, item in members for found in _texts_in((*key, name), item)]


def defaults_of(declaration: Declaration) -> dict[str, str]:
    """What stands for captures that no answer has given."""
    requests: list[Request] = list(declaration.provision)
    for told in declaration.actions.values():
        requests += requests_of(told)
    return {
        name: one.default
        for request in requests
        for name, one in request.capture.items()
        if one.default is not None
    }


def looks_at_headers(declaration: Declaration) -> bool:
    """Whether any capture or rule of an action looks into a header or cookie."""
    if any(rule.headers for a in declaration.actions.values() for rule in rules_of(declaration, a)):
        return True
    captures = [
        one
        for told in declaration.actions.values()
        for request in requests_of(told)
        for one in request.capture.values()
    ]
    return any(one.header or one.cookie for one in captures)
