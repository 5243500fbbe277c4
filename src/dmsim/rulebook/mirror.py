"""The reference backend without network and disk, for looking at each decision as it is made."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from dmsim.adapters.base import ActionRow, LabelledText, Outcome
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy
from dmsim.server import http
from dmsim.server.call import Call
from dmsim.server.changes import Changes
from dmsim.server.decisions import Decisions
from dmsim.server.http import HttpError
from dmsim.server.routes import ADMIN, find
from dmsim.server.service import Service
from dmsim.server.state.world import World
from dmsim.server.store import Store
from dmsim.trace.reader import Trace
from dmsim.trace.schema import TEXTS
from dmsim.vocabulary import Action, Reason, Verdict

#: The token of a backend that nobody can reach.
_MASTER = "mirror"


@contextmanager
def mirror_of(trace: Trace) -> Iterator["Mirror"]:
    """A backend in this process, filled with a trace's initial state."""
    with tempfile.TemporaryDirectory(prefix="dmsim-") as folder:
        store = Store(Path(folder) / "mirror.db")
        try:
            store.unlock(os.urandom(32))
            yield Mirror(store, trace)
        finally:
            store.close()


class Mirror:
    """Does what the reference backend does with an action, and tells what it rested on.

    Nothing becomes durable: changes are thrown away as soon as they have been noted.
    """

    def __init__(self, store: Store, trace: Trace) -> None:
        self._service = Service(store, Decisions(decide=self._decide), None)
        self._adapter = ReferenceAdapter(_MASTER)
        self._asked = Action.OPEN_INBOX
        self._facts: Facts | None = None
        for request in self._adapter.provisioning(trace):
            ADMIN[request.path][request.method].handle(self._service, request.body, {})
            store.changes = Changes()
        actors = trace.actions(["actor"])["actor"].unique().to_list()
        columns = trace.table(TEXTS).select("id", "text", "violation", "detected")
        texts = {number: LabelledText(*rest) for number, *rest in columns.iter_rows()}
        self._encode = self._adapter.encoder("mirror", actors, texts)

    @property
    def world(self) -> World:
        """The state as it is now."""
        return self._service.world

    @property
    def policy(self) -> Policy:
        """The trace's policy."""
        return self._service.policy

    def do(self, row: ActionRow, bound: bytes) -> tuple[Outcome, Facts | None]:
        """Do an action; its outcome, and the facts it was decided on."""
        self._asked, self._facts = Action(row.action), None
        head, _, body = self._encode(row, bound).partition(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split()
        status, content = self._answer(row, method, path, body)
        self._service.store.changes = Changes()
        return self._adapter.decode(row.action, status, content), self._facts

    def _answer(self, row: ActionRow, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        path, _, parameters = path.partition("?")
        found = find(path)
        assert found is not None
        targets, segment = found
        target = targets[method]
        decoded: Any = None if target.decoder is None else http.decode(target.decoder, body)
        query = dict(parse_qsl(parameters))
        call = Call(self._service, row.actor, http.parse_id(segment), decoded, query, row.at)
        try:
            answer = target.handle(call)
        except HttpError as error:
            return error.status, error.message.encode()
        return int(answer.start["status"]), bytes(answer.body["body"])

    def _decide(self, action: Action, facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
        # Showing a conversation asks of each shared video whether it may be watched.
        if action == self._asked:
            self._facts = facts
        return decide(action, facts, policy)
