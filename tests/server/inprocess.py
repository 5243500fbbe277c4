"""The backend without a socket: its real ASGI application, asked as a server would ask it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dmsim.adapters.tokens import account_token, clock_key
from dmsim.rules.facts import Policy
from dmsim.scenario.policy import default_policy
from dmsim.server.app import create_app
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.store import Store

MASTER = "master-token"
KEY = bytes(range(32))
POLICY = default_policy()

#: Microseconds.
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: Ann, Ben and Cem are grown up, Dot is a child, Eve is not registered and uses Ben's device, Fox
#: is a brand, Gil is sixteen with Ann as guardian, and Mod is the staff.
ANN, BEN, CEM, DOT, EVE, FOX, GIL, MOD = range(8)
ACCOUNTS = 8
POST = 70
COMMENT = 900
#: Ben's videos, one for all to see and one private.
VIDEO, PRIVATE_VIDEO = 500, 501

Columns = dict[str, list[Any]]
Tables = dict[str, Columns]


def accounts(number: int, **changed: list[Any]) -> Columns:
    """Grown-up persons who joined long ago, but for the columns that are given."""
    return {
        "id": list(range(number)),
        "kind": ["person"] * number,
        "name": [f"Person {n}" for n in range(number)],
        "age": [30] * number,
        "registered": [True] * number,
        "locale": ["en"] * number,
        "platform": ["web"] * number,
        "archetype": [""] * number,
        "region": ["with_stickers"] * number,
        "device": list(range(number)),
        "joined": [-400 * DAY] * number,
        "everyone_offered": [True] * number,
        "utc_offset": [0] * number,
        **changed,
    }


def settings(**chosen: str) -> Columns:
    """Everything as a grown-up has it by default, but for the settings that accounts chose."""
    number = len(chosen)
    return {
        "account": [int(account.removeprefix("a")) for account in chosen],
        "setting": list(chosen.values()),
        "read_status": [True] * number,
        "filter_requests": [True] * number,
        "allow_business": [False] * number,
        "notifications": [True] * number,
        "family_restricted": [False] * number,
    }


def record(account: int, **changed: Any) -> Columns:
    """A clean record of one account, but for the columns that are given."""
    clean = {
        "account": account,
        "standing": "good",
        "until": -1,
        "violations": 0,
        "worst": "none",
        "reports": 0,
        "last_report": 0,
        "open_reports": 0,
        "device_banned": False,
    }
    return {name: [value] for name, value in {**clean, **changed}.items()}


def thread(requester: int, other: int, state: str, **changed: Any) -> Columns:
    """One conversation with a message that both still see."""
    plain = {
        "requester": requester,
        "other": other,
        "thread": state,
        "requested_count": int(state == "requested"),
        "filtered": False,
        "requester_unread": 0,
        "other_unread": 0,
        "requester_visible": 1,
        "other_visible": 1,
        "requester_muted": False,
        "other_muted": False,
        "by_private_reply": False,
        "answered": -1,
    }
    return {name: [value] for name, value in {**plain, **changed}.items()}


def sent(private_replies: int = 0, mailed: int = 0) -> Columns:
    """What Fox has sent in the first hour and second."""
    row = {
        "page": FOX,
        "hour": 0,
        "private_replies": private_replies,
        "second": 0,
        "mailed": mailed,
    }
    return {name: [value] for name, value in row.items()}


SMALL: Tables = {
    "accounts": accounts(
        ACCOUNTS,
        kind=["person"] * 5 + ["brand", "person", "staff"],
        name=["Ann Ash", "Ben Ash", "Cem Oak", "Dot Elm", "Eve Elm", "Fox", "Gil Ash", "Mod"],
        age=[30, 20, 40, 12, 30, 0, 16, 0],
        registered=[True, True, True, True, False, True, True, True],
        device=[ANN, BEN, CEM, DOT, BEN, FOX, GIL, MOD],
    ),
    "posts": {"id": [POST], "page": [FOX]},
    "guardians": {"guardian": [ANN], "teen": [GIL]},
    "settings": settings(a2="friends"),
    "comments": {
        "id": [COMMENT],
        "post": [POST],
        "author": [CEM],
        "at": [0],
        "publicly_replied": [False],
        "privately_replied": [False],
    },
    "videos": {
        "id": [VIDEO, PRIVATE_VIDEO],
        "author": [BEN, BEN],
        "private": [False, True],
    },
    "sticker_sets": {"account": [ANN, ANN], "sticker_set": [7, 3], "place": [1, 0]},
}

Reply = tuple[int, Any]


class InProcess:
    """A backend over a database file, in this process.

    Args:
        database: the file.
        decisions: the rules it asks.
        simulated_time: whether requests may tell the time.
    """

    def __init__(
        self, database: Path, decisions: Decisions = RULES, *, simulated_time: bool = True
    ) -> None:
        self.store = Store(database)
        self.store.unlock(KEY)
        self.app = create_app(
            self.store, MASTER, decisions=decisions, simulated_time=simulated_time
        )
        self.now = 0
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """End it as a server does."""
        self._runner.close()
        self.store.close()

    def run(self, coroutine: Any) -> Any:
        """Run something in the loop of this backend."""
        return self._runner.run(coroutine)

    def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send one request and return the status and the body."""
        answer: tuple[int, bytes] = self.run(self.request(method, path, token, body, headers))
        return answer

    def all_at_once(self, *requests: tuple[str, str, str, bytes]) -> list[tuple[int, bytes]]:
        """Send requests that run at the same time."""

        async def gather() -> list[tuple[int, bytes]]:
            return await asyncio.gather(*(self.request(*request) for request in requests))

        return self._runner.run(gather())

    async def request(
        self,
        method: str,
        path: str,
        token: str | None,
        body: bytes,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """One request through the application's own interface."""
        given = {} if token is None else {"authorization": f"Bearer {token}"}
        given |= headers or {}
        bare, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": bare,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        sent: list[Any] = []
        told = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(told, {"type": "http.disconnect"})

        async def send(event: Any) -> None:
            sent.append(event)

        await self.app(scope, receive, send)
        start, content = sent
        assert dict(start["headers"])[b"content-length"] == b"%d" % len(content["body"])
        return start["status"], content["body"]

    def admin(self, verb: str, value: object = None, method: str = "POST") -> Reply:
        """Provision."""
        body = json.dumps(value).encode()
        status, content = self.ask(method, f"/v1/admin/{verb}", MASTER, body)
        return status, json.loads(content)

    def act(self, account: int, method: str, path: str, value: object = None) -> Reply:
        """Let an account act, at the simulated time ``self.now``."""
        body = b"" if value is None else json.dumps(value).encode()
        told = {"x-dmsim-time": f"{self.now}.{clock_key(MASTER)}"}
        token = account_token(MASTER, account)
        status, content = self.ask(method, f"/v1/{path}", token, body, told)
        return status, json.loads(content)

    def fill(
        self, tables: Tables | None = None, policy: Policy = POLICY, now: int | None = None
    ) -> None:
        """Load tables and make the backend ready."""
        for table, columns in (SMALL if tables is None else tables).items():
            status, answer = self.admin("load", {"table": table, "columns": columns})
            assert status == 200, answer
        ready = {"digest": "d1", "policy": policy._asdict()}
        status, answer = self.admin("ready", ready if now is None else {**ready, "now": now})
        assert status == 200, answer

    def fill_with(self, policy: Policy = POLICY, /, **tables: Columns) -> None:
        """Load the small world with some tables exchanged or added."""
        order = ("accounts", "posts", "guardians", "acquaintances", "settings", "standings")
        merged = {**SMALL, **tables}
        first = {name: merged.pop(name) for name in order if name in merged}
        self.fill({**first, **merged}, policy)

    def say(self, account: int, method: str, path: str, value: object = None) -> str:
        """Let an account act and return the outcome, or the reason where it has one."""
        return told(self.act(account, method, path, value))

    def send(self, author: int, peer: int, text: object = "hello", **more: object) -> str:
        """Send a message and return the outcome, or the reason where it has one."""
        return self.say(author, "POST", f"threads/{peer}/messages", {"text": text, **more})

    def reply(self, comment: int = COMMENT, *, announces: bool = False) -> int:
        """Let Fox answer a comment publicly and return the number of the answer."""
        body = {"text": "we look into it", "announces": announces}
        status, answer = self.act(FOX, "POST", f"comments/{comment}/replies", body)
        assert status == 201
        return int(answer["id"])

    def reply_privately(self, comment: int = COMMENT, *, personal: bool = False) -> str:
        """Let Fox answer a comment privately and return the outcome, or the reason."""
        body = {"text": "tell us more", "personal": personal}
        return self.say(FOX, "POST", f"comments/{comment}/private_reply", body)


def told(reply: Reply) -> str:
    """The outcome, or the reason where it was refused, removed or hidden."""
    status, answer = reply
    outcome: str = answer["outcome"]
    assert (status == 403) == (outcome == "refused")
    assert status in {200, 201, 403}
    reason: str | None = answer.get("reason")
    assert (reason is not None) == (outcome in {"refused", "removed", "hidden"})
    return reason or outcome


@contextmanager
def backend(
    database: Path, decisions: Decisions = RULES, *, simulated_time: bool = True
) -> Iterator[InProcess]:
    """A backend for the length of a block."""
    opened = InProcess(database, decisions, simulated_time=simulated_time)
    try:
        yield opened
    finally:
        opened.close()
