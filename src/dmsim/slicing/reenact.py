"""The earlier part of a trace played in this process: the reference backend without a socket.

Its state is all that is wanted, so nothing is kept durable and no time passes but the trace's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl

from dmsim.adapters.base import ActionRow, Outcome
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError
from dmsim.progress import Progress
from dmsim.replay.judge import same
from dmsim.replay.plan import bank_of
from dmsim.replay.schedule import COLUMNS, as_codes
from dmsim.replay.words import told_outcome
from dmsim.server.call import Call
from dmsim.server.changes import Changes
from dmsim.server.decisions import RULES
from dmsim.server.http import Answer, HttpError, decode, error, parse_id, query
from dmsim.server.routes import ADMIN, find
from dmsim.server.service import Service
from dmsim.server.state.world import World
from dmsim.server.store import Store
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Reason, Verdict, names

#: Who asks, and where, decides nothing.
_TOKEN = "token"
_AUTHORITY = "127.0.0.1"

#: What would have to become durable is let go after so many actions.
_BETWEEN = 1_000


class _Demand(NamedTuple):
    """What the trace says of an action beside its request."""

    seq: int
    binds: int
    verdict: int
    reason: int


def world_at(trace: Trace, at: int, progress: Progress) -> World:
    """The state of a trace at an instant: the initial one, and all that was done before it.

    Args:
        trace: whose.
        at: in simulated µs.
        progress: told of the actions.

    Raises:
        UsageError: an action comes out otherwise than the trace says.
    """
    adapter = ReferenceAdapter(_TOKEN)
    with _service() as service:
        for request in adapter.provisioning(trace):
            ADMIN[request.path][request.method].handle(service, request.body, {})
            service.store.changes = Changes()
        _play(trace, at, adapter, service, progress)
        return service.world


def _play(
    trace: Trace, at: int, adapter: ReferenceAdapter, service: Service, progress: Progress
) -> None:
    frame = trace.actions(COLUMNS)
    frame = frame.head(frame["at"].search_sorted(at))
    encode = adapter.encoder(_AUTHORITY, frame["actor"].unique().to_list(), bank_of(trace))
    with progress.stage("reenact", len(frame), "actions") as stage:
        for number, (row, demand) in enumerate(_rows(frame)):
            if row.action == Action.COMMENT:
                # What comes later in the trace names the comment by the trace's own id.
                service.world.next_comment = demand.binds
            answer = _ask(service, row, encode(row, b""))
            outcome = adapter.decode(row.action, answer.start["status"], answer.body["body"])
            if demand.verdict >= 0 and not same(outcome, demand.verdict, demand.reason):
                raise _other_rules(trace, demand, outcome)
            if number % _BETWEEN == 0:
                service.store.changes = Changes()
                stage.advance(min(_BETWEEN, len(frame) - number))


def _rows(frame: pl.DataFrame) -> Iterator[tuple[ActionRow, _Demand]]:
    """What each request is made of, and what has to come of it."""
    columns = {name: as_codes(frame[name]).tolist() for name in COLUMNS if name != "after"}
    rows = zip(*(columns[name] for name in ActionRow._fields), strict=True)
    demands = zip(*(columns[name] for name in _Demand._fields), strict=True)
    return zip(map(ActionRow._make, rows), map(_Demand._make, demands), strict=True)


def _other_rules(trace: Trace, demand: _Demand, outcome: Outcome) -> UsageError:
    demanded = told_outcome(names(Verdict)[demand.verdict], names(Reason)[demand.reason])
    got = told_outcome(outcome.verdict or outcome.error, outcome.reason)
    return UsageError(
        f"{trace.path}: seq {demand.seq} comes out as {got}, the trace says {demanded}: it was "
        "made by other rules; simulate it again"
    )


def _ask(service: Service, row: ActionRow, request: bytes) -> Answer:
    """What the backend answers to the request of an action."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, url, _ = head.split(b" ", 2)
    path, _, told = url.partition(b"?")
    found = find(path.decode())
    assert found is not None, f"the adapter asks for {path.decode()}"
    targets, segment = found
    target = targets[method.decode()]
    asked = query({"query_string": told})
    content = None if target.decoder is None else decode(target.decoder, body)
    try:
        return target.handle(Call(service, row.actor, parse_id(segment), content, asked, row.at))
    except HttpError as refused:
        return error(refused.status, refused.message)


@contextmanager
def _service() -> Iterator[Service]:
    with TemporaryDirectory(prefix="dmsim-") as folder:
        store = Store(Path(folder) / "unused.sqlite")
        try:
            store.unlock(os.urandom(32))
            yield Service(store, RULES, None)
        finally:
            store.close()
