"""The backend without a socket: its real ASGI application, asked as a server would ask it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dmsim.adapters.tokens import account_token
from dmsim.rules.facts import Policy
from dmsim.server.app import create_app
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.store import Store

MASTER = "master-token"

POLICY = Policy(
    minimum_age=16,
    no_one_may_send=True,
    blocker_may_send=False,
    deleted_request_may_be_repeated=True,
    one_private_reply_per_comment=True,
    public_reply_first=True,
)

#: Ann, Ben and Cem are grown up, Dot is a child, Eve is not registered, and Fox is a brand.
ANN, BEN, CEM, DOT, EVE, FOX = range(6)
POST = 70
COMMENT = 900

SMALL: dict[str, dict[str, list[Any]]] = {
    "accounts": {
        "id": [ANN, BEN, CEM, DOT, EVE, FOX],
        "kind": ["person"] * 5 + ["brand"],
        "name": list("abcdef"),
        "age": [30, 20, 40, 12, 30, 0],
        "registered": [True, True, True, True, False, True],
        "locale": ["en"] * 6,
        "platform": ["web"] * 6,
        "archetype": [""] * 6,
    },
    "posts": {"id": [POST], "page": [FOX]},
    "settings": {"account": [CEM], "setting": ["friends"]},
    "comments": {
        "id": [COMMENT],
        "post": [POST],
        "author": [CEM],
        "publicly_replied": [False],
        "privately_replied": [False],
    },
}

Reply = tuple[int, Any]


class InProcess:
    """A backend over a database file, in this process.

    Args:
        database: the file.
        decide: the rules it asks.
    """

    def __init__(self, database: Path, decide: Decisions = RULES) -> None:
        self.store = Store(database)
        self.app = create_app(self.store, MASTER, decide=decide)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """End it as a server does."""
        self._runner.close()
        self.store.close()

    def ask(
        self, method: str, path: str, token: str | None = None, body: bytes = b""
    ) -> tuple[int, bytes]:
        """Send one request and return the status and the body."""
        return self._runner.run(self.request(method, path, token, body))

    def all_at_once(self, *requests: tuple[str, str, str, bytes]) -> list[tuple[int, bytes]]:
        """Send requests that run at the same time."""

        async def gather() -> list[tuple[int, bytes]]:
            return await asyncio.gather(*(self.request(*request) for request in requests))

        return self._runner.run(gather())

    async def request(
        self, method: str, path: str, token: str | None, body: bytes
    ) -> tuple[int, bytes]:
        """One request through the application's own interface."""
        headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Any) -> None:
            sent.append(event)

        await self.app(scope, receive, send)
        start, content = sent
        assert dict(start["headers"])[b"content-length"] == b"%d" % len(content["body"])
        return start["status"], content["body"]

    def admin(self, verb: str, value: object = None) -> Reply:
        """Provision."""
        body = json.dumps(value).encode()
        status, content = self.ask("POST", f"/v1/admin/{verb}", MASTER, body)
        return status, json.loads(content)

    def act(self, account: int, method: str, path: str, value: object = None) -> Reply:
        """Let an account act."""
        body = b"" if value is None else json.dumps(value).encode()
        status, content = self.ask(method, f"/v1/{path}", account_token(MASTER, account), body)
        return status, json.loads(content)

    def fill(
        self,
        tables: dict[str, dict[str, list[Any]]] | None = None,
        policy: Policy = POLICY,
    ) -> None:
        """Load tables and make the backend ready."""
        for table, columns in (SMALL if tables is None else tables).items():
            assert self.admin("load", {"table": table, "columns": columns})[0] == 200
        assert self.admin("ready", {"digest": "d1", "policy": policy._asdict()})[0] == 200

    def send(self, author: int, peer: int, text: str = "hello") -> str:
        """Send a message and return the outcome, or the reason of its refusal."""
        return told(self.act(author, "POST", f"threads/{peer}/messages", {"text": text}))


def told(reply: Reply) -> str:
    """The outcome, or the reason where it was refused."""
    status, answer = reply
    outcome: str = answer["outcome"]
    assert (status == 403) == (outcome == "refused")
    return answer["reason"] if outcome == "refused" else outcome


@contextmanager
def backend(database: Path, decide: Decisions = RULES) -> Iterator[InProcess]:
    """A backend for the length of a block."""
    opened = InProcess(database, decide)
    try:
        yield opened
    finally:
        opened.close()
