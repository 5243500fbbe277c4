"""Filling a backend as a file says: a request for each row of a table, or for a batch of rows."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

import polars as pl

from dmsim.adapters.base import (
    ActionRow,
    Answer,
    Encoder,
    Outcome,
    ProvisionRequest,
    provision_request,
)
from dmsim.adapters.declared.encoder import NOTHING_TO_SEND, Head, defaults_of
from dmsim.adapters.declared.memory import NOTHING_KNOWN, Captures, Memory, NotCaptured
from dmsim.adapters.declared.model import TABLES, ActionRequest, Declaration, Fill
from dmsim.adapters.declared.query import compiled_query
from dmsim.adapters.declared.request import body_of
from dmsim.adapters.declared.sources import HoleValues, RowSource
from dmsim.errors import UsageError
from dmsim.trace.reader import Trace
from dmsim.trace.schema import Table
from dmsim.vocabulary import Action, Setting, Verdict, Via, names, word

Row = Mapping[str, Any]


class State(Protocol):
    """What a backend is filled with: the tables, and what the trace's manifest says of them."""

    @property
    def digest(self) -> str:
        """The digest of the trace."""

    @property
    def policy(self) -> Mapping[str, object]:
        """The policy of its rules."""

    @property
    def now(self) -> int:
        """The time of the state, in microseconds."""

    def table(self, table: Table) -> pl.DataFrame:
        """The rows of a table."""


class StateOfTrace:
    """The initial state that a trace holds."""

    def __init__(self, trace: Trace) -> None:
        self.digest = trace.manifest.digest
        self.policy = trace.manifest.policy
        self.now = trace.manifest.from_us
        self.table = trace.table


#: Rows that are read from a table at a time.
_AT_ONCE = 10_000


def requests(
    declaration: Declaration,
    state: State,
    memory: Memory,
    token: str,
    origin: str,
    encoder: Encoder,
) -> Iterator[ProvisionRequest | None]:
    """The requests that fill an empty backend with the initial state, in the order of the file.

    Args:
        declaration: the file.
        state: the initial state.
        memory: where captured ids and credentials go.
        token: the master token, empty for none.
        origin: the file's path, for errors.
        encoder: of the file's actions.

    Between the tables None is for waiting: the next may need what the answers gave.

    Raises:
        UsageError: a hole that no answer has given a value for.
    """
    head = Head(declaration, "", timed=False)
    source = RowSource(token, memory, declaration.words, defaults_of(declaration))
    for n, fill in enumerate(declaration.provision):
        make: Maker = (
            ByRequest(head, fill, source, memory, f"{origin}: provision.{n}.capture")
            if fill.action is None
            else ByAction(
                fill,
                declaration.actions[fill.action],
                state.now,
                encoder,
                f"{origin}: provision.{n}.action",
            )
        )
        yield None
        for row, rows in _rows(fill, state):
            try:
                request = make.request(row, rows)
            except NotCaptured as lacking:
                raise UsageError(
                    f"{origin}: provision.{n}.request: nothing was captured for {{{lacking}}}; "
                    "capture it in a request that stands before"
                ) from None
            yield request


class Maker(Protocol):
    """Makes what is sent for one row or batch."""

    def request(self, row: Row, rows: int) -> ProvisionRequest:
        """What is sent for it."""


class ByRequest:
    """One request for each."""

    def __init__(
        self, head: Head, fill: Fill, source: RowSource, memory: Memory, origin: str
    ) -> None:
        self._method = fill.request.partition(" ")[0]
        self._start = head.start(fill, source)
        # One that is sent in nobody's name carries nobody's credentials.
        own = fill if fill.as_ is not None else fill.model_copy(update={"auth": False})
        self._headers = head.headers(own, source, source)
        self._body = body_of(fill, source)
        self._fill = fill
        self._captures = Captures(fill.capture, memory)
        self._values = HoleValues(source)
        self._origin = origin

    def request(self, row: Row, rows: int) -> ProvisionRequest:
        """See :meth:`Maker.request`."""
        start = self._start.filled(row, b"", NOTHING_KNOWN).decode()
        lines = self._headers.filled(row, b"", NOTHING_KNOWN).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line and line != "Host: ")
        content = b""
        if self._body.content is not None:
            headers["Content-Type"] = self._body.type_
            content = self._body.content.filled(row, b"", NOTHING_KNOWN)
        return ProvisionRequest(
            method=self._method,
            path=start.split(" ")[1],
            headers=headers,
            body=content,
            rows=rows,
            accepted=self._fill.accept,
            answered=lambda answer: self._take(answer, row),
            account=_two(row)[0],
        )

    def _take(self, answer: Answer, row: Row) -> None:
        try:
            self._captures.take(answer, *_two(row), self._values.of(row, b"", NOTHING_KNOWN))
        except NotCaptured as lacking:
            raise UsageError(
                f"{self._origin}: nothing was captured for {{{lacking}}}; capture a text before"
            ) from None


class ByAction:
    """An action of the file for each row, with all its steps.

    Where the target sends one of them too, rows of several accounts may touch the same value: they
    are sent one after the other.
    """

    def __init__(
        self, fill: Fill, told: ActionRequest, now: int, encoder: Encoder, origin: str
    ) -> None:
        self._fill = fill
        self._action = Action[str(fill.action).upper()]
        self._alone = any(step.as_ == "target" for step in told.steps)
        self._now = now
        self._encoder = encoder
        self._origin = origin

    def request(self, row: Row, rows: int) -> ProvisionRequest:
        """See :meth:`Maker.request`."""
        acted = self._acted(row)
        account = -1 if self._alone else acted.actor
        return ProvisionRequest(
            "", "", {}, b"", rows, account=account, make=lambda: self._begun(acted)
        )

    def _begun(self, acted: ActionRow) -> ProvisionRequest | None:
        if self._action not in self._encoder.stepped:
            return provision_request(self._encoder(acted, b""), 0)
        steps = self._encoder.steps(acted, b"")
        try:
            return self._step(next(steps), steps)
        except StopIteration as end:
            self._check(end.value)
            return None

    def _step(self, request: bytes, steps: Generator[bytes, Answer, Outcome]) -> ProvisionRequest:
        def answered(answer: Answer) -> ProvisionRequest | None:
            try:
                return self._step(steps.send(answer), steps)
            except StopIteration as end:
                self._check(end.value)
                return None

        # What an answer means, the steps know.
        every = range(100, 600)
        return replace(provision_request(request, 0), accepted=every, answered=answered)

    def _check(self, outcome: Outcome) -> None:
        if outcome.error == NOTHING_TO_SEND:
            return
        if outcome.error or outcome.verdict == _REFUSED or outcome.verdict.startswith("status_"):
            told = outcome.error or " ".join(filter(None, outcome[:2]))
            raise UsageError(
                f'{self._origin} = "{self._fill.action}": came out as {told}; see what the '
                "backend wants with `dmsim adapter try`"
            )

    def _acted(self, row: Row) -> ActionRow:
        actor, target = _two(row)
        setting = row.get("setting")
        return ActionRow(
            action=self._action,
            actor=actor,
            at=self._now,
            via=Via.INBOX,
            target=target,
            setting=-1 if setting is None else names(Setting).index(setting),
            switch=-1 if self._fill.switch is None else int(bool(row[self._fill.switch])),
        )


_REFUSED = word(Verdict.REFUSED)


def _two(row: Row) -> tuple[int, int]:
    return int(row.get("actor", -1)), int(row.get("target", -1))


def tables_of(fill: Fill) -> list[str]:
    """The tables whose rows are sent, by their words, in order."""
    return fill.for_ if isinstance(fill.for_, list) else [fill.for_]


def _rows(fill: Fill, state: State) -> Iterator[tuple[Row, int]]:
    """What a request is filled with, and how many rows of the initial state that is."""
    where = compiled_query(fill.where).find if fill.where else None
    for table in tables_of(fill):
        if table == "once":
            yield {"digest": state.digest, "policy": state.policy, "now": state.now}, 0
            continue
        frame = state.table(TABLES[table])
        for chunk in frame.iter_slices(fill.batch or _AT_ONCE):
            kept = chunk
            if where is not None:
                kept = chunk.filter(
                    pl.Series([bool(where(r)) for r in chunk.iter_rows(named=True)])
                )
            if fill.batch:
                columns = {column.name: column.to_list() for column in kept.iter_columns()}
                if kept.height:
                    yield {"table": table, "columns": columns, "rows": kept.to_dicts()}, kept.height
            else:
                for row in kept.iter_rows(named=True):
                    yield _of_row(fill, table, row), 1


#: The columns with the account that acts and its counterpart, where a file does not say so.
_ACTORS = ("id", "account", "follower", "blocker", "requester", "author", "page", "guardian")
_TARGETS = ("followed", "blocked", "other", "teen")


def _of_row(fill: Fill, table: str, row: dict[str, Any]) -> Row:
    actor = fill.as_ or next((name for name in _ACTORS if name in row), "")
    told = {**row, "table": table, "actor": row.get(actor, -1)}
    others = [name for name in (*_TARGETS, *_ACTORS) if name in row and name != actor]
    return {**told, "target": row[others[0]] if others else -1}
