"""What a file must fulfil beyond the types of its keys, so that nothing fails while it is used."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from dmsim.adapters.declared.answer import pairs_of, statuses_of
from dmsim.adapters.declared.encoder import auth_headers, created_by, requests_of, texts_of
from dmsim.adapters.declared.faults import (
    Fault,
    brace_faults,
    header_faults,
    header_text_faults,
    hole_faults,
    path_faults,
    query_faults,
    regex_faults,
)
from dmsim.adapters.declared.holes import HoleError, holes_in
from dmsim.adapters.declared.model import (
    TABLES,
    ActionRequest,
    Auth,
    Capture,
    Declaration,
    Fill,
    Listen,
    Request,
    Rule,
    Step,
)
from dmsim.adapters.declared.sources import (
    ACTION_HOLES,
    CONSTANTS,
    ENVIRONMENT,
    OF_ACCOUNT,
    WORDS,
)
from dmsim.adapters.listening import MESSAGES
from dmsim.scenario.lines import Path
from dmsim.vocabulary import Reason, Verdict, names

#: No action's request comes near it.
MOST_BODY = 64 * 1024

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_BODIES = ("json_", "form", "multipart", "raw")
_FOR_A_REASON = ("refused", "removed", "hidden")
_OF_MANIFEST = ("digest", "policy", "now")

#: What each kind of authentication needs.
_NEEDS = {
    "bearer": ("token",),
    "basic": ("user", "password"),
    "header": ("name", "value"),
    "cookie": ("name", "value"),
    "none": (),
}


def check(told: Declaration) -> Iterator[Fault]:
    """Everything that is wrong with a file, in its order."""
    yield from _url(told.url)
    yield from _base(told.base)
    yield from _auth(told.auth)
    yield from _words(told)
    if told.time is not None:
        yield from query_faults(("time", "when"), told.time.when)
        yield from hole_faults(("time", "when"), told.time.when, ())
        yield from header_faults(("time", "header"), {told.time.header: told.time.value})
        yield from path_faults(("time", "health"), f"GET {told.time.health}")
        yield from _holes([(("time", "value"), told.time.value)], ACTION_HOLES)
    yield from header_faults(("headers",), told.headers)
    captured = _Captured(told)
    for n, fill in enumerate(told.provision):
        yield from _fill(("provision", n), fill, told, captured, n)
    if told.listen is not None:
        yield from _listen(("listen",), told.listen, told, captured)
    for word, action in told.actions.items():
        yield from _action(("actions", word), action, told, captured)
    yield from _rules(("outcomes",), told.outcomes, {*ACTION_HOLES, *captured.kept})


class _Captured:
    """Which captures a request can count on: those kept by any other, and those of its steps."""

    def __init__(self, told: Declaration) -> None:
        self.by_fills = [set(fill.capture) for fill in told.provision]
        self.kept: dict[str, Capture] = {}
        for request in _all_requests(told):
            for name, one in request.capture.items():
                if one.keep in ("pair", "account"):
                    self.kept[name] = one

    def account(self) -> set[str]:
        """Captures that are kept for an account."""
        return {name for name, one in self.kept.items() if one.keep == "account"}


def _all_requests(told: Declaration) -> list[Request]:
    requests: list[Request] = list(told.provision)
    for action in told.actions.values():
        requests += requests_of(action)
    return requests


def _url(url: str | None) -> Iterator[Fault]:
    if url is not None and not re.fullmatch(r"https?://[^/?#\s{}]+/?", url):
        remedy = 'must be scheme, host and port, such as "http://127.0.0.1:8000"; paths go to base'
        yield Fault(("url",), remedy, url)


def _base(base: str) -> Iterator[Fault]:
    if base and not re.fullmatch(r"(/[!-~]+)*", base):
        yield Fault(("base",), 'must be a path such as "/api"; the host goes to url', base)
    elif base.endswith("/") or "{" in base:
        yield Fault(("base",), 'must not end with "/" nor hold holes; shorten it', base)


def _auth(auth: Auth) -> Iterator[Fault]:
    for name in _NEEDS[auth.kind]:
        if getattr(auth, name) is None:
            yield Fault(("auth", name), f'kind "{auth.kind}" needs it; add it')
            return
    if (auth.csrf_header is None) != (auth.csrf_value is None):
        yield Fault(("auth", "csrf_header"), "goes together with csrf_value; give both or none")
        return
    texts = {"user": auth.user, "password": auth.password}
    for name, text in texts.items():
        if text is not None:
            yield from brace_faults(("auth", name), text)
    yield from header_faults(("auth",), auth_headers(auth))


def _words(told: Declaration) -> Iterator[Fault]:
    known: dict[str, list[str]] = {**WORDS, "switch": ["off", "on"]}
    for hole, words in told.words.items():
        if hole not in known:
            yield Fault(("words", hole), f"no hole of words; known: {', '.join(known)}")
            continue
        for word in words:
            if word not in known[hole]:
                remedy = f"no {hole}; known: {', '.join(known[hole])}"
                yield Fault(("words", hole, word), remedy)


def _fill(key: Path, fill: Fill, told: Declaration, captured: _Captured, n: int) -> Iterator[Fault]:
    if fill.action is None:
        yield from _request(key, fill)
    else:
        yield from _filling_action(key, fill, told)
    if fill.switch is not None and fill.action is None:
        yield Fault((*key, "switch"), "goes with action; take it out")
    tables = fill.for_ if isinstance(fill.for_, list) else [fill.for_]
    if not tables:
        yield Fault((*key, "for"), "names no table; name one")
    columns = (
        set.intersection(*(_columns(str(table), fill) for table in tables), _ANY)
        if tables
        else set()
    )
    if fill.as_ is not None and fill.as_ not in columns:
        known = ", ".join(sorted(columns - {"table", "actor", "target"}))
        yield Fault((*key, "as"), f"no column of {fill.for_}; known: {known}", fill.as_)
    if fill.where is not None:
        yield from query_faults((*key, "where"), fill.where)
        yield from hole_faults((*key, "where"), fill.where, ())
    for status in fill.accept:
        if not 100 <= status <= 599:
            yield Fault((*key, "accept"), "must be statuses such as 409", fill.accept)
    before = set[str]().union(*captured.by_fills[:n])
    usable = {*columns, *CONSTANTS, *before}
    if "actor" in columns:
        usable.add("account_token")
    accounts = {c for c in columns if c != "table"}
    usable |= {f"{column}.{name}" for column in accounts for name in before}
    texts = [((*key, *own), text) for own, text in texts_of(fill)] + _common(told)
    if fill.as_ is not None and fill.auth:
        texts += _of_auth(told.auth)
    later = set[str]().union(*captured.by_fills[n:])
    yield from _holes(texts, usable, later)
    yield from _capture_holes(key, fill, usable)


def _filling_action(key: Path, fill: Fill, told: Declaration) -> Iterator[Fault]:
    """An action stands instead of a request, for rows that tell who acts."""
    if fill.action not in told.actions:
        known = ", ".join(told.actions)
        yield Fault((*key, "action"), f"no action of this file; known: {known}", fill.action)
    beside = ("request", "query", "headers", "accept", "capture", "batch", *_BODIES)
    for name in beside:
        if getattr(fill, name):
            told_name = name.rstrip("_")
            yield Fault((*key, told_name), "stands beside action, which says it all; take it out")
    tables = fill.for_ if isinstance(fill.for_, list) else [fill.for_]
    if "once" in tables:
        yield Fault((*key, "for"), 'an action needs who acts; take "once" out')
    for table in tables:
        if fill.switch is not None and fill.switch not in _columns(str(table), fill):
            yield Fault((*key, "switch"), f"no column of {table}", fill.switch)


_ANY = {
    "table", "actor", "target", "columns", "rows", *_OF_MANIFEST,
    *(column for table in TABLES.values() for column in table.columns),
}  # fmt: skip


def _columns(table: str, fill: Fill) -> set[str]:
    if table == "once":
        return set(_OF_MANIFEST)
    if fill.batch is not None:
        return {"table", "columns", "rows"}
    return {"table", "actor", "target", *TABLES[table].columns}


def _listen(key: Path, listen: Listen, told: Declaration, captured: _Captured) -> Iterator[Fault]:
    yield from _request(key, listen)
    yield from query_faults((*key, "message"), listen.message)
    unfilled = [("message", listen.message), ("text", listen.text or "")]
    for name, text in unfilled:
        yield from hole_faults((*key, name), text, ())
    yield from _capture_holes(key, listen, ())
    if listen.text is not None:
        yield from query_faults((*key, "text"), listen.text)
    sending = (told.actions.get(action.name.lower()) for action in MESSAGES)
    if not any(created_by(action) for action in sending if action is not None):
        remedy = 'add to send_message what it is called: capture.message = {json = "id", keep = '
        yield Fault((*key, "message"), f'no action captures an id; {remedy}"object"}}')
    if listen.kind == "long_poll":
        yield from _polls(key, listen)
    else:
        yield from _one_request(key, listen)
    usable = {"actor", "account_token", *CONSTANTS, *captured.account()}
    usable |= {f"actor.{name}" for name in captured.account()}
    yield from _holes(_common(told) + _of_auth(told.auth), usable)
    own = [((*key, *inner), text) for inner, text in texts_of(listen)]
    yield from _holes(own, usable | set(listen.capture))
    if listen.first is not None:
        yield from _request((*key, "first"), listen.first)
        first = [((*key, "first", *inner), text) for inner, text in texts_of(listen.first)]
        yield from _holes(first, usable)
        if listen.first.capture:
            remedy = "is taken from its answer as from any other; write it without first"
            yield Fault((*key, "first", "capture"), remedy)


def _polls(key: Path, listen: Listen) -> Iterator[Fault]:
    for name, one in listen.capture.items():
        if one.keep != "steps":
            yield Fault((*key, "capture", name, "keep"), "is for the next request; take it out")
        if listen.first is None and one.default is None:
            remedy = f'is captured for the first time by its answer; give "first", or {name} a'
            yield Fault((*key, "capture", name), f"{{{name}}} {remedy} default")


def _one_request(key: Path, listen: Listen) -> Iterator[Fault]:
    if not listen.request.startswith("GET "):
        yield Fault((*key, "request"), f'kind "{listen.kind}" takes GET; change it', listen.request)
    for name, value in (("first", listen.first), ("capture", listen.capture or None)):
        if value is not None:
            yield Fault((*key, name), 'is for kind "long_poll"; take it out')


def _action(
    key: Path, action: ActionRequest, told: Declaration, captured: _Captured
) -> Iterator[Fault]:
    if action.steps and action.request:
        yield Fault((*key, "request"), "stands beside steps; write it as the last of them")
        return
    if not action.steps and not action.request:
        yield Fault((*key, "request"), 'is missing; add it, such as "POST /messages/{target}"')
        return
    base = {*ACTION_HOLES, *captured.kept}
    base |= {f"{whose}{name}" for whose in OF_ACCOUNT for name in captured.account()}
    own = set[str]()
    requests = requests_of(action)
    for n, request in enumerate(requests):
        at: Path = (*key, "steps", n) if action.steps else key
        yield from _request(at, request)
        later = {name for r in requests[n:] for name in r.capture}
        texts = [((*at, *inner), text) for inner, text in texts_of(request)] + _common(told)
        texts += _of_auth(told.auth) if request.auth else []
        yield from _holes(texts, base | own, later)
        yield from _capture_holes(at, request, base | own)
        own |= set(request.capture)
        if isinstance(request, Step):
            yield from _step(at, request, base | own | later, base | own, captured)
    created = created_by(action)
    if len(created) > 1:
        yield Fault((*key, "capture"), f"two objects created: {', '.join(created)}; keep one")
    yield from _rules((*key, "outcomes"), action.outcomes, base | own)
    if not action.outcomes and not told.outcomes:
        yield Fault((*key, "outcomes"), "no rule makes an outcome of the answer; add [[outcomes]]")


def _capture_holes(key: Path, request: Request, usable: Collection[str]) -> Iterator[Fault]:
    for name, one in request.capture.items():
        for part, text in (("json", one.json_), ("regex", one.regex)):
            yield from hole_faults((*key, "capture", name, part), text or "", usable)


def _step(
    key: Path, step: Step, ever: set[str], by_now: set[str], captured: _Captured
) -> Iterator[Fault]:
    """What a step has beyond a request; ``ever`` and ``by_now`` are the holes that are filled."""
    for name, told in (("unless", step.unless), ("if", step.if_)):
        if told and told not in ever - {*ACTION_HOLES}:
            known = ", ".join(sorted(ever - {*ACTION_HOLES})) or "none"
            yield Fault((*key, name), f"nothing captures it; captured: {known}", told)
    if step.unless and step.unless == step.if_:
        yield Fault((*key, "if"), "contradicts unless; take one of them out", step.if_)
    for status in step.accept:
        if not 100 <= status <= 599:
            yield Fault((*key, "accept"), "must be statuses such as 404", step.accept)
    for name in step.forget:
        if name not in captured.kept:
            known = ", ".join(sorted(captured.kept)) or "none"
            remedy = f"nothing keeps it for a pair or an account; kept: {known}"
            yield Fault((*key, "forget"), remedy, name)
    yield from _rules((*key, "outcomes"), step.outcomes, by_now)


def _request(key: Path, request: Request) -> Iterator[Fault]:
    yield from path_faults((*key, "request"), request.request)
    yield from header_faults((*key, "headers"), request.headers)
    if request.query and "?" in request.request:
        yield Fault((*key, "query"), "the path has a query already; write all of it here")
    yield from _depth((*key, "query"), request.query)
    bodies = [name for name in _BODIES if getattr(request, name) is not None]
    if len(bodies) > 1:
        told = " and ".join(name.rstrip("_") for name in bodies)
        yield Fault((*key, bodies[1].rstrip("_")), f"{told} are two bodies; keep one")
    if bodies and request.request.startswith(("GET ", "HEAD ")):
        yield Fault((*key, bodies[0].rstrip("_")), "GET carries no body; take it out")
    if bodies and sum(len(text) for _, text in texts_of(request)) > MOST_BODY:
        yield Fault(
            (*key, bodies[0].rstrip("_")), f"larger than {MOST_BODY} characters; shorten it"
        )
    if request.content_type is not None:
        yield from header_text_faults((*key, "content_type"), request.content_type)
    for field in request.multipart or {}:
        if not re.fullmatch(r'[^"\r\n\0]+', field):
            yield Fault((*key, "multipart", field), "no name of a field; rename it")
    yield from _depth((*key, "json"), request.json_)
    for name, capture in request.capture.items():
        yield from _capture((*key, "capture", name), name, capture)


def _depth(key: Path, value: object, deep: int = 0) -> Iterator[Fault]:
    if deep > 20:
        yield Fault(key, "nested deeper than 20; flatten it")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name.endswith("?") and not isinstance(item, str):
                yield Fault(
                    (*key, name), 'may be left out only if it is a text with a hole; drop "?"'
                )
            yield from _depth((*key, name), item, deep + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _depth(key, item, deep + 1)
    elif not isinstance(value, str | bool | int | float | type(None)):
        yield Fault(key, "JSON knows no dates and times; write it as text", str(value))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Fault(key, "must be a finite number", str(value))


def _capture(key: Path, name: str, capture: Capture) -> Iterator[Fault]:
    if not _NAME.fullmatch(name):
        yield Fault(key, "no name for a capture; take letters, digits and _")
    if name in ACTION_HOLES or name in CONSTANTS or name in _ANY:
        yield Fault(key, f"{{{name}}} is a hole already; take another name")
    sources = [s for s in (capture.json_, capture.header, capture.cookie) if s is not None]
    if len(sources) > 1 or not (sources or capture.regex):
        yield Fault(key, "takes one of json, header, cookie and regex; give one")
    if capture.json_ is not None:
        yield from query_faults((*key, "json"), capture.json_)
    if capture.regex is not None:
        yield from regex_faults((*key, "regex"), capture.regex)


def _rules(key: Path, rules: Iterable[Rule], usable: set[str]) -> Iterator[Fault]:
    for n, rule in enumerate(rules):
        at: Path = (*key, n)
        for name in ("when", "text", "outcome_from", "reason_from"):
            known = usable if name in {"when", "text"} else ()
            yield from hole_faults((*at, name), getattr(rule, name) or "", known)
        try:
            statuses_of(rule)
        except ValueError as error:
            yield Fault((*at, "status"), str(error), rule.status)
        for name in ("when", "outcome_from", "reason_from"):
            if getattr(rule, name) is not None:
                yield from query_faults((*at, name), getattr(rule, name))
        for name, pattern in rule.headers.items():
            yield from _header_rule((*at, "headers", name), pattern)
        if rule.text is not None:
            yield from regex_faults((*at, "text"), rule.text)
        if (rule.outcome is None) == (rule.outcome_from is None):
            yield Fault((*at, "outcome"), "give either outcome or outcome_from")
        elif rule.outcome is not None:
            if rule.reason_from is not None:
                yield Fault((*at, "reason_from"), 'goes with outcome_from; write "refused:reason"')
            yield from _outcome((*at, "outcome"), rule.outcome)


def _header_rule(key: Path, pattern: str) -> Iterator[Fault]:
    if not re.fullmatch(r"[A-Za-z0-9-]+", str(key[-1])):
        yield Fault(key, "no name of a header; take letters, digits and -")
    yield from regex_faults(key, pattern)
    yield from hole_faults(key, pattern, ())


def _outcome(key: Path, told: str | list[str]) -> Iterator[Fault]:
    if not told:
        yield Fault(key, "is empty; name an outcome", told)
        return
    for verdict, reason in pairs_of(told):
        if verdict not in names(Verdict):
            yield Fault(key, f"no outcome; known: {', '.join(names(Verdict))}", told)
        elif verdict in _FOR_A_REASON and reason not in names(Reason)[1:]:
            known = ", ".join(names(Reason)[1:])
            yield Fault(key, f'"{verdict}" needs a reason after a colon; known: {known}', told)
        elif verdict not in _FOR_A_REASON and reason:
            yield Fault(key, f'"{verdict}" has no reason; take ":{reason}" out', told)


def _common(told: Declaration) -> list[tuple[Path, str]]:
    return [(("headers", name), text) for name, text in told.headers.items()]


def _of_auth(auth: Auth) -> list[tuple[Path, str]]:
    texts = {"user": auth.user, "password": auth.password}
    if auth.kind != "basic":
        names = ("token", "value", "csrf_value")
        texts = {name: getattr(auth, name) for name in names if auth.kind != "none"}
    return [(("auth", name), text) for name, text in texts.items() if text is not None]


def _holes(
    texts: Iterable[tuple[Path, str]], known: Iterable[str], later: Iterable[str] = ()
) -> Iterator[Fault]:
    usable, not_yet = set(known), set(later)
    for key, text in texts:
        try:
            holes = holes_in(text)
        except HoleError as error:
            yield Fault(key, str(error), text)
            continue
        for name in {hole.name for hole in holes} - usable:
            if _is_variable(name):
                continue
            if name.rpartition(".")[2] in not_yet:
                remedy = "is captured by this request or a later one; capture it before it is used"
                yield Fault(key, f"{{{name}}} {remedy}", text)
            else:
                yield Fault(
                    key, f"unknown hole {{{name}}}; known: {', '.join(sorted(usable))}", text
                )


def _is_variable(name: str) -> bool:
    variable = name.removeprefix(ENVIRONMENT)
    return variable != name and _NAME.fullmatch(variable) is not None
