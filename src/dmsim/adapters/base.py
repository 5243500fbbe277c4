"""What an adapter is: how a backend is filled, asked and understood.

An adapter knows no clocks, and no sockets unless its backend speaks something else than HTTP. It
turns a trace's initial state into provisioning requests, an action into the bytes of a request, and
an answer into an outcome in the words of :mod:`dmsim.vocabulary`, which the judge holds against the
verdict of the rules.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from dmsim.adapters.connection import Endpoint, OwnConnection
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Action, Reason, Verdict

#: The clients a backend may need: one that speaks HTTP over bare connections, one that keeps the
#: cookies of every account, or one that the adapter brings along (:class:`ConnectingAdapter`).
WIRE, SESSION, OWN = "wire", "session", "own"


class Outcome(NamedTuple):
    """What an answer says.

    Attributes:
        verdict: the verdict's word; empty where the answer says nothing about the rules.
        reason: why it was refused, removed or hidden, empty otherwise.
        bound: the id of what the action created, as the backend wrote it; empty if nothing.
        error: why the answer says nothing about the rules (the backend failed, the answer cannot be
            understood); empty otherwise.
        among: the pairs of verdict and reason between which the answer leaves the choice; empty
            where it leaves none. ``verdict`` and ``reason`` then are words that stand for them all.
        sign: how the backend wrote a refusal, for people to look up (``code 10900``); empty where
            it wrote the reason itself.
    """

    verdict: str
    reason: str = ""
    bound: bytes = b""
    error: str = ""
    among: tuple[tuple[str, str], ...] = ()
    sign: str = ""

    @property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """Every pair of verdict and reason that the answer may mean."""
        return self.among or ((self.verdict, self.reason),)


#: Headers by their names in lower case; several of a name are joined by line breaks.
Headers = Mapping[str, str]
NO_HEADERS: Headers = {}


def joined_headers(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Headers as they came, by name."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        before = headers.get(name.lower())
        headers[name.lower()] = value if before is None else f"{before}\n{value}"
    return headers


class Answer(NamedTuple):
    """What came back; ``headers`` only where an adapter asks for them."""

    status: int
    body: bytes
    headers: Headers = NO_HEADERS


class ActionRow(NamedTuple):
    """The columns of an action that a request is made of; -1 where a column is empty.

    They are those of :data:`dmsim.trace.schema.ACTIONS`, enumerations and switches as codes, times
    in microseconds.
    """

    action: int
    actor: int
    at: int
    via: int
    target: int = -1
    uses: int = -1
    text: int = -1
    setting: int = -1
    content: int = -1
    switch: int = -1
    violation: int = -1
    until: int = -1
    fanout: int = -1


class LabelledText(NamedTuple):
    """A text of the trace's bank, with what moderation is to see in it.

    Attributes:
        text: as it is written.
        violation: the word of a :class:`dmsim.vocabulary.Violation`.
        detected: whether automatic moderation takes it for a violation.
    """

    text: str
    violation: str = "none"
    detected: bool = False


class Pages(NamedTuple):
    """What a trace says of its pages, for interfaces whose requests have to name it.

    Attributes:
        brands: the accounts that are pages.
        posts: the page of each post, by the post's id.
        comments: the post of each comment that there was before the replay, by the comment's id.
        profile: the interface for private replies that the scenario chose: ``2016`` or ``current``.
    """

    brands: frozenset[int] = frozenset()
    posts: Mapping[int, int] = {}
    comments: Mapping[int, int] = {}
    profile: str = "current"


#: A trace without any pages.
NO_PAGES = Pages()


class Encoder(Protocol):
    """Makes requests from templates that were compiled for one backend and one trace.

    Attributes:
        stepped: the actions that :meth:`steps` makes the requests of; all others take one request
            whose answer says everything.
        headed: whether :meth:`steps` is to be told the headers of answers.
    """

    @property
    def stepped(self) -> Collection[int]: ...  # noqa: D102

    @property
    def headed(self) -> bool: ...  # noqa: D102

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The whole request of an action: HTTP/1.1, or as the adapter's own client sends it.

        Args:
            row: the action.
            bound: the backend's id of the object that ``row.uses`` names where that object was
                created during the replay; empty where ``row.uses`` itself is the id.
        """

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        """The requests of a ``stepped`` action one after the other; returns what came of them.

        Args:
            row: the action.
            bound: as for a single request.
        """

    def sign(self, row: ActionRow, reason: str) -> str:
        """How the backend writes that it refuses this action for that reason: ``code 10900``.

        Empty where it writes the reason itself, or where ``reason`` is ``none``.
        """


class OneRequestEach:
    """An encoder none of whose actions takes several requests."""

    stepped: Collection[int] = frozenset()
    headed = False

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        """No action is ``stepped``."""
        raise NotImplementedError


@runtime_checkable
class ProbingEncoder(Encoder, Protocol):
    """An encoder whose backend can be asked whether a message has arrived."""

    def probe(self, row: ActionRow) -> bytes:
        """The request that asks, as the recipient of the message; it changes nothing.

        Args:
            row: the action that sent it.
        """

    def seen(self, sent: Outcome, status: int, body: bytes) -> bool | None:
        """Whether the recipient sees the message; None where the answer does not tell.

        Args:
            sent: the outcome of sending it.
            status: what a probe was answered with.
            body: of that answer.
        """


@dataclass(frozen=True)
class ProvisionRequest:
    """One request of provisioning: it must be answered with a 2xx status, or an ``accepted`` one.

    ``rows`` is how many rows of the initial state it carries; ``answered`` is told what came back,
    and the request that it returns, if any, is sent next. Requests of one ``account`` are sent in
    order, those of several side by side; one of no account is sent alone, after all before it.

    ``make`` stands for a request that is made when its turn comes, from what all before it gave;
    it returns None where nothing is left to send.

    For a client of the adapter's own ``body`` is the whole request; ``method`` and ``path`` then
    only name it in errors.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    rows: int
    accepted: Collection[int] = ()
    answered: Callable[[Answer], "ProvisionRequest | None"] | None = None
    account: int = -1
    make: Callable[[], "ProvisionRequest | None"] | None = None

    def begun(self) -> "ProvisionRequest | None":
        """What is sent first, now that its turn has come."""
        return self if self.make is None else self.make()


def provision_request(request: bytes, rows: int) -> ProvisionRequest:
    """A request of ours, as an encoder makes it, for provisioning.

    Args:
        request: the whole of it.
        rows: of the initial state that it carries.
    """
    head, _, body = request.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    method, path, _ = start.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    for written_anew in ("Host", "Content-Length"):
        headers.pop(written_anew, None)
    return ProvisionRequest(method, path, headers, body, rows)


class SimpleAdapter:
    """What adapters have in common that know from the trace alone what their requests need.

    They fill a backend with every row of the initial state, once.
    """

    remembers = False

    def provision_rows(self, trace: Trace) -> int:
        """Every row of the initial state."""
        return sum(trace.manifest.counts.get(table.path, 0) for table in INITIAL)

    def learnt(self) -> list[object]:
        """Nothing."""
        return []

    def recall(self, learnt: Iterable[Any]) -> None:
        """Nothing was learnt."""


class Adapter(Protocol):
    """The translator between traces and one kind of backend."""

    @property
    def name(self) -> str:
        """The name by which ``--adapter`` finds it."""

    @property
    def client(self) -> str:
        """What its requests are sent with: :data:`WIRE`, :data:`SESSION` or :data:`OWN`."""

    @property
    def remembers(self) -> bool:
        """Whether filling the backend gives the adapter what its requests need."""

    def learnt(self) -> list[object]:
        """What filling gave since the last time of asking, as values that JSON has.

        Nothing the first time: from then on it is remembered for this.
        """

    def recall(self, learnt: Iterable[Any]) -> None:
        """Take what another one of this adapter has learnt."""

    def promises(self, verdict: Verdict, reason: Reason) -> bool:
        """Whether the backend keeps the rule that demands this; what it does not is unjudged."""

    def supports(self, action: Action) -> bool:
        """Whether the backend can express the action; others are counted as unsupported."""

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest | None]:
        """The requests that fill an empty backend with the trace's initial state, in order.

        None is for waiting: what comes after it rests on the answers to all before it.
        """

    def provision_rows(self, trace: Trace) -> int:
        """How many rows these requests carry at most."""

    @property
    def health(self) -> str:
        """The path of a GET request whose answer tells what the backend can do; empty for none.

        For a client of the adapter's own, the whole request.
        """

    def takes_time(self, health: bytes) -> bool:
        """Whether the backend lets each request carry the time at which it happens in the trace.

        Args:
            health: the body that was answered to :attr:`health`.
        """

    def encoder(
        self,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        *,
        timed: bool = False,
        pages: Pages = NO_PAGES,
    ) -> Encoder:
        """Compile the request templates.

        Args:
            authority: ``host:port`` as the Host header carries it.
            actors: every account that acts.
            texts: the bank of texts by id.
            timed: whether requests carry the trace's time; only where :meth:`takes_time` says so.
            pages: what the trace says of its pages.
        """

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer; never raises, whatever the backend wrote."""


@runtime_checkable
class ConnectingAdapter(Adapter, Protocol):
    """An adapter whose ``client`` is :data:`OWN`: its backend speaks another protocol than HTTP.

    What it calls a status is judged as one of HTTP while the backend is filled: 2xx is success.
    """

    def connection(self, endpoint: Endpoint, timeout_s: float) -> OwnConnection:
        """Another connection, not opened yet.

        Args:
            endpoint: the backend.
            timeout_s: how long one exchange may take, connecting included.
        """
