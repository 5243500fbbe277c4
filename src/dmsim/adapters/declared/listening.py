"""How accounts listen, as a file says it."""

from collections.abc import Generator, Iterable, Iterator
from typing import Any

import msgspec

from dmsim.adapters.base import ActionRow, Answer
from dmsim.adapters.declared.answer import scalar
from dmsim.adapters.declared.encoder import Head
from dmsim.adapters.declared.memory import Captures, Memory, NotCaptured
from dmsim.adapters.declared.model import Declaration
from dmsim.adapters.declared.query import compiled_query
from dmsim.adapters.declared.sources import ActionSource
from dmsim.adapters.listening import Arrival, Kind


class DeclaredListening:
    """See :class:`dmsim.adapters.listening.Listening`.

    Args:
        declaration: the file, which says how to listen.
        memory: what was captured while the backend was filled.
        token: the master token, empty where there is none.
        authority: ``host:port`` as the Host header carries it.
        accounts: every account that listens.
    """

    def __init__(
        self,
        declaration: Declaration,
        memory: Memory,
        token: str,
        authority: str,
        accounts: Iterable[int],
    ) -> None:
        told = declaration.listen
        assert told is not None
        self.kind = Kind(told.kind)
        self.opens_by_answer = told.first is not None
        head = Head(declaration, authority, timed=False)
        defaults = {n: one.default for n, one in told.capture.items() if one.default is not None}
        source = ActionSource(token, accounts, {}, declaration.words, memory, defaults)
        self._request = head.compiled(told, source, source)
        self._first = head.compiled(told.first or told, source, source)
        self._captures = Captures(told.capture, memory)
        self._find = compiled_query(told.message).find
        self._find_text = None if told.text is None else compiled_query(told.text).find

    def requests(self, account: int) -> Generator[bytes, Answer, str]:
        """The request that opens a connection; of polls, each with what the last one captured."""
        row = ActionRow(action=-1, actor=account, at=-1, via=-1)
        known: dict[str, str] = {}
        make = self._first
        while True:
            try:
                request = make(row, b"", known)
            except NotCaptured as lacking:
                return f"nothing captured for {lacking}"
            answer = yield request
            known |= self._captures.take(answer, account, -1)
            make = self._request

    def heard(self, data: bytes) -> list[Arrival] | None:
        """The messages in a JSON document, by the file's JMESPaths."""
        try:
            document = msgspec.json.decode(data)
            ids = [id_.encode() for id_ in _scalars(self._find(document))]
            texts = list(_scalars(self._find_text(document))) if self._find_text else []
        except (ValueError, RecursionError):
            return None
        if len(texts) != len(ids):  # so nobody knows whose they are
            return [Arrival(id_) for id_ in ids]
        return list(map(Arrival, ids, texts))


def _scalars(found: Any) -> Iterator[str]:
    """Every single value of what a JMESPath found, lists flattened."""
    if isinstance(found, list):
        for one in found:
            yield from _scalars(one)
    elif (value := scalar(found)) is not None:
        yield value
