"""Every request of a declared adapter sent once: what goes out, what comes back, what it means."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dmsim.adapters.base import ActionRow, Answer, Encoder, Outcome, ProvisionRequest
from dmsim.adapters.declared import DeclaredAdapter
from dmsim.adapters.declared.sample import ACTOR, PAGE, TARGET, TEXTS, SampleState, sample_actions
from dmsim.errors import UsageError
from dmsim.replay.client import ClientConnection, client_for
from dmsim.replay.target import Target
from dmsim.replay.trial_listener import TrialListener
from dmsim.replay.wire import WireError
from dmsim.trace.schema import OF_COMMENTS
from dmsim.vocabulary import Action, Verdict, word

TIMEOUT_S = 10.0


class Exchange(NamedTuple):
    """One request and its answer; an answer of status 0 never came, its body says why."""

    request: bytes
    answer: Answer


class Tried(NamedTuple):
    """One part of an adapter.

    Attributes:
        what: an action's word, ``provision`` or ``listen``.
        exchanges: what was sent and answered, in order.
        outcome: what came of it.
    """

    what: str
    exchanges: list[Exchange]
    outcome: Outcome


def trial(adapter: DeclaredAdapter, target: Target, policy: Mapping[str, Any]) -> Iterator[Tried]:
    """Fill the backend with three persons, then send an action of each kind that it supports.

    Where the adapter listens, the account that is written to does so meanwhile.

    Args:
        adapter: what is tried.
        target: the backend.
        policy: of the rules, for files that tell the backend.

    Raises:
        UsageError: the backend cannot be reached.
    """
    client = client_for(adapter, target, TIMEOUT_S)
    connection = client.connection(headed=True)
    listener: TrialListener | None = None
    try:
        connection.open()
        for request in adapter.filling(SampleState(dict(policy))):
            if request is not None:
                yield _filled(connection, request, target.authority)
        encoder = adapter.encoder(target.authority, (ACTOR, TARGET, PAGE), TEXTS)
        listener = TrialListener(adapter, target, TARGET) if adapter.listens else None
        created: dict[int, bytes] = {}
        for row in sample_actions():
            if not adapter.supports(Action(row.action)):
                continue
            bound = created.get(Action.COMMENT, b"") if row.action in OF_COMMENTS else b""
            tried = _acted(connection, adapter, encoder, row, bound)
            created[row.action] = tried.outcome.bound
            if listener is not None and row.action == Action.SEND_MESSAGE:
                listener.sent(tried.outcome)
            yield tried
        if listener is not None:
            yield _listened(listener)
    except WireError as error:
        raise UsageError(f"--host {target.url}: {error}; start the backend") from None
    finally:
        if listener is not None:
            listener.close()
        connection.close()
        client.close()


def _listened(listener: TrialListener) -> Tried:
    outcome = listener.outcome()
    answer = Answer(0 if outcome.error else 200, listener.first or outcome.error.encode())
    return Tried("listen", [Exchange(listener.request, answer)], outcome)


def _filled(connection: ClientConnection, request: ProvisionRequest, authority: str) -> Tried:
    exchanges: list[Exchange] = []
    try:
        following = request.begun()
    except UsageError as error:
        return Tried("provision", exchanges, Outcome("", error=str(error)))
    while following is not None:
        exchange = _exchanged(connection, _whole(following, authority))
        exchanges.append(exchange)
        status = exchange.answer.status
        if not (200 <= status < 300 or (status and status in following.accepted)):
            told = f"status {status}" if status else exchange.answer.body.decode()
            return Tried("provision", exchanges, Outcome("", error=told))
        try:
            entail = following.answered
            following = None if entail is None else entail(exchange.answer)
        except UsageError as error:
            return Tried("provision", exchanges, Outcome("", error=str(error)))
    return Tried("provision", exchanges, Outcome(word(Verdict.DONE)))


def _whole(request: ProvisionRequest, authority: str) -> bytes:
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"Content-Length: {len(request.body)}", "", ""]
    return "\r\n".join(lines).encode() + request.body


def _acted(
    connection: ClientConnection,
    adapter: DeclaredAdapter,
    encoder: Encoder,
    row: ActionRow,
    bound: bytes,
) -> Tried:
    exchanges: list[Exchange] = []
    what = word(Action(row.action))
    if row.action not in encoder.stepped:
        exchanges.append(_exchanged(connection, encoder(row, bound)))
        status, body, _ = exchanges[0].answer
        outcome = adapter.decode(row.action, status, body) if status else _unanswered(body)
        return Tried(what, exchanges, outcome)
    steps = encoder.steps(row, bound)
    try:
        request = next(steps)
        while True:
            exchanges.append(_exchanged(connection, request))
            if not exchanges[-1].answer.status:
                return Tried(what, exchanges, _unanswered(exchanges[-1].answer.body))
            request = steps.send(exchanges[-1].answer)
    except StopIteration as end:
        return Tried(what, exchanges, end.value)


def _unanswered(why: bytes) -> Outcome:
    return Outcome("", error=why.decode())


def _exchanged(connection: ClientConnection, request: bytes) -> Exchange:
    try:
        status, body = connection.exchange(request, ACTOR)
    except WireError as error:
        return Exchange(request, Answer(0, str(error).encode()))
    return Exchange(request, Answer(status, body, connection.headers))
