"""What an adapter is: how a backend is filled, asked and understood.

An adapter knows no sockets and no clocks. It turns a trace's initial state into provisioning
requests, an action into the bytes of a request, and an answer into an outcome in the words of
:mod:`dmsim.vocabulary`, which the judge holds against the verdict of the rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action


class Outcome(NamedTuple):
    """What an answer says.

    Attributes:
        verdict: the verdict's word; empty where the answer says nothing about the rules.
        reason: why it was refused, empty otherwise.
        bound: the id of what the action created, as the backend wrote it; empty if nothing.
        error: why the answer says nothing about the rules (the backend failed, the answer cannot be
            understood); empty otherwise.
    """

    verdict: str
    reason: str = ""
    bound: bytes = b""
    error: str = ""


class ActionRow(NamedTuple):
    """The columns of an action that a request is made of; -1 where a column is empty."""

    action: int
    actor: int
    target: int
    uses: int
    text: int
    setting: int


class Encoder(Protocol):
    """Makes requests from templates that were compiled for one backend and one trace."""

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The whole HTTP/1.1 request of an action.

        Args:
            row: the action.
            bound: the backend's id of the object that ``row.uses`` names where that object was
                created during the replay; empty where ``row.uses`` itself is the id.
        """


@dataclass(frozen=True)
class ProvisionRequest:
    """One request of provisioning: it must be answered with a 2xx status.

    ``body`` is JSON; ``rows`` is how many rows of the initial state it carries.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    rows: int


class Adapter(Protocol):
    """The translator between traces and one kind of backend."""

    @property
    def name(self) -> str:
        """The name by which ``--adapter`` finds it."""

    def supports(self, action: Action) -> bool:
        """Whether the backend can express the action; others are counted as unsupported."""

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        """The requests that fill an empty backend with the trace's initial state, in order."""

    def encoder(self, authority: str, actors: Iterable[int], texts: Mapping[int, str]) -> Encoder:
        """Compile the request templates.

        Args:
            authority: ``host:port`` as the Host header carries it.
            actors: every account that acts.
            texts: the bank of texts by id.
        """

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer; never raises, whatever the backend wrote."""
