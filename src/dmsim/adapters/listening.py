"""What an adapter says of held connections: how an account listens, and what arrives there."""

from collections.abc import Collection, Generator, Iterable
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from dmsim.adapters.base import Adapter, Answer
from dmsim.vocabulary import Action

#: The actions that send a message to one account.
MESSAGES = (
    Action.SEND_MESSAGE,
    Action.SHARE_CONTENT,
    Action.PRIVATE_REPLY,
    Action.FOLLOW_UP,
    Action.MAILING,
    Action.SPONSORED_MESSAGE,
)

#: Who listens is told of what lies in the inbox and among the requests, where nothing else is said.
TOLD: tuple[Literal["inbox"], Literal["requests"]] = ("inbox", "requests")


class Kind(StrEnum):
    """How a backend tells accounts of their messages."""

    SSE = "sse"
    LONG_POLL = "long_poll"
    WEBSOCKET = "websocket"


class Arrival(NamedTuple):
    """A message that arrived.

    Attributes:
        id: as the answer to whoever sent it names it.
        text: as it is written; None where the backend does not tell it, or not whose it is.
    """

    id: bytes
    text: str | None = None


class Listening(Protocol):
    """How accounts hold connections to one backend.

    Attributes:
        kind: of the connections.
        opens_by_answer: of polls: whether the first is answered at once, and so shows that the
            account listens from then on; otherwise it does as soon as it has asked.
    """

    @property
    def kind(self) -> Kind: ...  # noqa: D102

    @property
    def opens_by_answer(self) -> bool: ...  # noqa: D102

    def requests(self, account: int) -> Generator[bytes, Answer, str]:
        """The request that opens an account's connection; of polls, one after the other.

        It is sent the answer to each poll, and returns why there can be no further one.
        """

    def heard(self, data: bytes) -> list[Arrival] | None:
        """The messages in what arrived; None where it cannot be understood. Never raises.

        Args:
            data: of an event, of a frame, or the body of an answered poll.
        """


@runtime_checkable
class ListeningAdapter(Adapter, Protocol):
    """An adapter whose backend may tell accounts of their messages."""

    @property
    def listens(self) -> bool:
        """Whether it does."""

    @property
    def tells(self) -> Collection[str]:
        """The verdicts of messages of which their recipients are told: words of theirs."""

    def listening(self, authority: str, accounts: Iterable[int]) -> Listening:
        """How accounts listen; only where it :attr:`listens`.

        Args:
            authority: ``host:port`` as the Host header carries it.
            accounts: every account that listens.
        """


def can_listen(adapter: Adapter) -> bool:
    """Whether an adapter's backend tells accounts of their messages."""
    return isinstance(adapter, ListeningAdapter) and adapter.listens
