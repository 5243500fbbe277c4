"""Chatline's protocol: one line asks, one line answers.

``<account> <command> [<account>] [<JSON text>]`` is answered by ``<status> <word>``.
"""

import json
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping

from gevent import socket

from dmsim.adapters import (
    NO_PAGES,
    OWN,
    ActionRow,
    Answer,
    Endpoint,
    LabelledText,
    Outcome,
    Pages,
    ProvisionRequest,
    SimpleAdapter,
    Trouble,
    WireError,
)
from dmsim.trace.reader import Trace
from dmsim.trace.schema import BLOCKS, FOLLOWS, THREADS, Table
from dmsim.vocabulary import Action, Reason, Verdict

COMMANDS = {
    Action.SEND_MESSAGE: "SAY",
    Action.ACCEPT_REQUEST: "ACCEPT",
    Action.FOLLOW: "FOLLOW",
    Action.UNFOLLOW: "UNFOLLOW",
    Action.BLOCK_USER: "BLOCK",
    Action.UNBLOCK_USER: "UNBLOCK",
    Action.READ_THREAD: "READ",
    Action.OPEN_INBOX: "LIST",
    Action.LIST_REQUESTS: "LIST",
}

#: What Chatline says, and what it means.
WORDS = {
    (200, "done"): Outcome("done"),
    (200, "inbox"): Outcome("inbox"),
    (200, "requests"): Outcome("requests"),
    (403, "blocked"): Outcome("refused", "blocked"),
    (404, "no request"): Outcome("refused", "no_request"),
}

KEPT = {Reason.NONE, Reason.BLOCKED, Reason.NO_REQUEST}
LONGEST = 1 << 16
ROWS = 500


class ChatlineAdapter(SimpleAdapter):
    """Speaks to Chatline; it asks for no credentials."""

    name = "chatline"
    client = OWN
    health = ""

    def __init__(self, token: str) -> None:
        """Chatline knows no token."""

    def promises(self, verdict: Verdict, reason: Reason) -> bool:
        """Blocks hold, and strangers' messages are requests; there are no other rules."""
        return reason in KEPT

    def supports(self, action: Action) -> bool:
        """What there is a command for."""
        return action in COMMANDS

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        """Forget everything, then load who follows, blocks and talks to whom."""
        yield filling("RESET", "", 0)
        for name, table, columns in (
            ("follows", FOLLOWS, ["follower", "followed"]),
            ("blocks", BLOCKS, ["blocker", "blocked"]),
            ("threads", THREADS, ["requester", "other", "thread"]),
        ):
            yield from loads(trace, name, table, columns)

    def takes_time(self, health: bytes) -> bool:
        """It has its own clock."""
        return False

    def encoder(
        self,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        *,
        timed: bool = False,
        pages: Pages = NO_PAGES,
    ) -> "LineEncoder":
        """Texts are quoted once."""
        return LineEncoder(texts)

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer."""
        word = body.decode(errors="replace")
        known = WORDS.get((status, word))
        if known is None and 400 <= status < 500:
            return Outcome(f"status_{status}")
        return known or Outcome("", error=f"status {status}")

    def connection(self, endpoint: Endpoint, timeout_s: float) -> "Line":
        """Another connection."""
        return Line(endpoint)


def loads(trace: Trace, name: str, table: Table, columns: list[str]) -> Iterator[ProvisionRequest]:
    """The rows of a table, some at a time."""
    for part in trace.table(table).select(columns).iter_slices(ROWS):
        yield filling("LOAD", json.dumps([name, part.rows()]), part.height)


def filling(command: str, rest: str, rows: int) -> ProvisionRequest:
    """One line that fills the service."""
    line = f"0 {command} {rest}\n".encode()
    return ProvisionRequest(command, rest[:20], {}, line, rows)


class LineEncoder:
    """Writes actions as lines."""

    stepped: Collection[int] = frozenset()
    headed = False

    def __init__(self, texts: Mapping[int, LabelledText]) -> None:
        self._texts = {id_: json.dumps(text.text) for id_, text in texts.items()}
        self._texts[-1] = '""'

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The line of an action."""
        text = self._texts[row.text] if row.action == Action.SEND_MESSAGE else ""
        return f"{row.actor} {COMMANDS[Action(row.action)]} {row.target} {text}\n".encode()

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        """No action takes several lines."""
        raise NotImplementedError

    def sign(self, row: ActionRow, reason: str) -> str:
        """Chatline has our words."""
        return ""


class Line:
    """One connection, over which lines go to and fro."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._address = endpoint.address, endpoint.port
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect anew."""
        self.close()
        self._socket = socket.create_connection(self._address)

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        """Send a line and wait for the line that answers it."""
        if self._socket is None:
            self.open()
        assert self._socket is not None
        self._socket.sendall(request)
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._socket.recv(LONGEST)
            if not part:
                raise WireError(Trouble.LOST, "closed unanswered")
            answer += part
        status, _, word = answer.rstrip(b"\n").partition(b" ")
        if not status.isdigit():
            raise WireError(Trouble.UNREADABLE, "a line without a status")
        return int(status), word

    def close(self) -> None:
        """Close it, if it is open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
