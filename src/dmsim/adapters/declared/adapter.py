"""The adapter that a file describes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from dmsim.adapters.base import (
    NO_PAGES,
    SESSION,
    WIRE,
    Answer,
    Encoder,
    LabelledText,
    Outcome,
    Pages,
    ProvisionRequest,
)
from dmsim.adapters.declared.answer import Reader
from dmsim.adapters.declared.encoder import DeclaredEncoder, is_stepped
from dmsim.adapters.declared.listening import DeclaredListening
from dmsim.adapters.declared.memory import Memory
from dmsim.adapters.declared.model import TABLES, ActionRequest, Declaration
from dmsim.adapters.declared.provisioning import State, StateOfTrace, requests, tables_of
from dmsim.adapters.declared.query import compiled_query
from dmsim.adapters.listening import Listening
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Reason, Verdict, word

#: What no rule forbids needs no promise.
_ALWAYS = frozenset({Verdict.INBOX, Verdict.DONE})

_FOR_A_REASON = frozenset({Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN})


class DeclaredAdapter:
    """Speaks to a backend as its file says.

    Args:
        declaration: the file, checked.
        path: where it lies.
        token: the master token, empty where there is none.
    """

    def __init__(self, declaration: Declaration, path: Path, token: str) -> None:
        self.declaration = declaration
        self.name = str(path)
        self._token = token
        self._memory = Memory()
        self._promises = None if declaration.promises is None else set(declaration.promises)
        self._readers = {
            int(action): self._reader(declaration.actions[word(action)])
            for action in Action
            if word(action) in declaration.actions
        }
        time = declaration.time
        self._takes_time = None if time is None else compiled_query(time.when).find

    @property
    def client(self) -> str:
        """What requests are sent with."""
        return SESSION if self.declaration.client == "session" else WIRE

    @property
    def health(self) -> str:
        """The path of the request that tells whether the backend takes the simulated time."""
        time = self.declaration.time
        return "" if time is None else time.health

    @property
    def remembers(self) -> bool:
        """Whether filling the backend captures what requests need."""
        return any(fill.capture for fill in self.declaration.provision)

    @property
    def listens(self) -> bool:
        """Whether the file says how accounts listen."""
        return self.declaration.listen is not None

    @property
    def tells(self) -> Collection[str]:
        """The verdicts of messages that arrive where accounts listen."""
        listen = self.declaration.listen
        return () if listen is None else listen.tells

    def learnt(self) -> list[object]:
        """What filling captured since the last time of asking."""
        return self._memory.learnt()

    def recall(self, learnt: Iterable[Any]) -> None:
        """Take what another adapter of this file has captured."""
        self._memory.recall(learnt)

    def promises(self, verdict: Verdict, reason: Reason) -> bool:
        """Whether the backend keeps the rule that demands this."""
        if self._promises is None or verdict in _ALWAYS:
            return True
        return word(reason if verdict in _FOR_A_REASON else verdict) in self._promises

    def supports(self, action: Action) -> bool:
        """Whether the file has a request for the action."""
        return int(action) in self._readers

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest | None]:
        """The requests that fill an empty backend, in the order of the file."""
        return self.filling(StateOfTrace(trace))

    def provision_rows(self, trace: Trace) -> int:
        """Those of every table that the file names, as often as it does."""
        tables = [table for fill in self.declaration.provision for table in tables_of(fill)]
        paths = [TABLES[table].path for table in tables if table != "once"]
        return sum(trace.manifest.counts.get(path, 0) for path in paths)

    def filling(self, state: State) -> Iterator[ProvisionRequest | None]:
        """As :meth:`provisioning`, from a state that need not be a trace's."""
        told = self.declaration
        encoder = self.encoder("", (), {})
        return requests(told, state, self._memory, self._token, self.name, encoder)

    def takes_time(self, health: bytes) -> bool:
        """Whether the answer says that requests may carry the simulated time."""
        try:
            return self._takes_time is not None and bool(
                self._takes_time(msgspec.json.decode(health))
            )
        except (ValueError, RecursionError):
            return False

    def encoder(
        self,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        *,
        timed: bool = False,
        pages: Pages = NO_PAGES,
    ) -> Encoder:
        """Compile the request templates; ``pages`` are named by the actions alone."""
        return DeclaredEncoder(
            self.declaration,
            self._readers,
            self._memory,
            self._token,
            authority,
            actors,
            texts,
            timed=timed,
        )

    def listening(self, authority: str, accounts: Iterable[int]) -> Listening:
        """How accounts listen, as the file says it."""
        return DeclaredListening(self.declaration, self._memory, self._token, authority, accounts)

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer; the first rule whose conditions hold says what came."""
        return self._readers[action].read(Answer(status, body))

    def _reader(self, told: ActionRequest) -> Reader:
        rules = [*told.outcomes, *self.declaration.outcomes]
        if is_stepped(self.declaration, told):
            return Reader(rules)
        created = [one for one in told.capture.values() if one.keep == "object"]
        return Reader(rules, created[0] if created else None)
