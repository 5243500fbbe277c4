"""The adapter for the reference backend (``dmsim serve``)."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

import msgspec
import polars as pl

from dmsim.adapters.base import ActionRow, Encoder, Outcome, ProvisionRequest
from dmsim.adapters.tokens import account_token
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Action, Setting, names

#: Rows of the initial state in one request: well below the server's limit on a body.
CHUNK_ROWS = 10_000

#: Method, path with one hole, and whether a text travels along. Replies have a hole for the id of a
#: comment, which may have been created by the backend a moment ago.
_REQUESTS = {
    Action.OPEN_INBOX: (b"GET", b"/v1/inbox", False),
    Action.LIST_REQUESTS: (b"GET", b"/v1/requests", False),
    Action.READ_THREAD: (b"POST", b"/v1/threads/%b/read", False),
    Action.SEND_MESSAGE: (b"POST", b"/v1/threads/%b/messages", True),
    Action.ACCEPT_REQUEST: (b"POST", b"/v1/requests/%b/accept", False),
    Action.DELETE_REQUEST: (b"DELETE", b"/v1/requests/%b", False),
    Action.BLOCK_USER: (b"PUT", b"/v1/blocks/%b", False),
    Action.UNBLOCK_USER: (b"DELETE", b"/v1/blocks/%b", False),
    Action.FOLLOW: (b"PUT", b"/v1/follows/%b", False),
    Action.UNFOLLOW: (b"DELETE", b"/v1/follows/%b", False),
    Action.CHANGE_SETTING: (b"PUT", b"/v1/settings/messages", False),
    Action.COMMENT: (b"POST", b"/v1/posts/%b/comments", True),
    Action.PUBLIC_REPLY: (b"POST", b"/v1/comments/%b/replies", True),
    Action.PRIVATE_REPLY: (b"POST", b"/v1/comments/%b/private_reply", True),
}
_NAMES_NOBODY = frozenset({Action.OPEN_INBOX, Action.LIST_REQUESTS, Action.CHANGE_SETTING})
_NAMES_OBJECT = frozenset({Action.COMMENT, Action.PUBLIC_REPLY, Action.PRIVATE_REPLY})

#: Statuses that speak of the backend's health or of our credentials, not of the rules.
_SAYS_NOTHING = frozenset({401, 408, 429})


class _Answer(msgspec.Struct):
    outcome: str
    reason: str | None = None
    id: int | str | None = None


_decode_answer = msgspec.json.Decoder(_Answer).decode


class ReferenceAdapter:
    """Speaks the HTTP interface of ``dmsim serve``.

    Args:
        token: the master token; account tokens are derived from it.
    """

    name = "reference"

    def __init__(self, token: str) -> None:
        self._token = token

    def supports(self, action: Action) -> bool:
        """The reference backend knows every action."""
        return action in _REQUESTS

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        """Reset, load table by table in chunks, then declare the backend ready."""
        yield self._admin("reset", b"{}", 0)
        for table in INITIAL:
            stem = PurePosixPath(table.path).stem
            frame = trace.table(table)
            for chunk in frame.iter_slices(CHUNK_ROWS):
                body = {"table": stem, "columns": _columns(chunk)}
                yield self._admin("load", msgspec.json.encode(body), chunk.height)
        ready = {"digest": trace.manifest.digest, "policy": trace.manifest.policy}
        yield self._admin("ready", msgspec.json.encode(ready), 0)

    def encoder(self, authority: str, actors: Iterable[int], texts: Mapping[int, str]) -> Encoder:
        """Compile the request templates, the actors' credentials and the bodies."""
        return _ReferenceEncoder(self._token, authority, actors, texts)

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer.

        A 2xx or 403 answer carries the outcome. Other refusals of the request itself are outcomes
        too (``status_404``), which no rule demands; failures of the backend are errors.
        """
        if status < 300 or status == 403:
            try:
                answer = _decode_answer(body)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return Outcome("", error=f"status {status} with a body that is no answer")
            # It becomes a part of a path, whatever the backend made up.
            bound = b"" if answer.id is None else quote(str(answer.id), safe="").encode()
            return Outcome(answer.outcome, answer.reason or "", bound)
        if 400 <= status < 500 and status not in _SAYS_NOTHING:
            return Outcome(f"status_{status}")
        return Outcome("", error=f"status {status}")

    def _admin(self, verb: str, body: bytes, rows: int) -> ProvisionRequest:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
        }
        return ProvisionRequest("POST", f"/v1/admin/{verb}", headers, body, rows)


class _ReferenceEncoder:
    def __init__(
        self, token: str, authority: str, actors: Iterable[int], texts: Mapping[int, str]
    ) -> None:
        host = authority.encode()
        # Indexed by action; filled as: templates[action] % (object, credentials, length and body).
        self._templates = [b""] * len(Action)
        for action, (method, path, _) in _REQUESTS.items():
            start = method + b" " + (path if b"%b" in path else path + b"%b")
            self._templates[action] = (
                start + b" HTTP/1.1\r\nHost: " + host + b"\r\nAuthorization: Bearer %b\r\n%b"
            )
        self._has_text = [_REQUESTS[action][2] for action in Action]
        self._named = [_named_column(action) for action in Action]
        self._credentials = {actor: account_token(token, actor).encode() for actor in actors}
        self._texts = {id_: _body({"text": text}) for id_, text in texts.items()}
        self._texts[-1] = _body({"text": ""})
        self._settings = [_body({"setting": word}) for word in names(Setting)]
        self._empty = [
            b"\r\n" if _REQUESTS[action][0] in (b"GET", b"DELETE") else b"Content-Length: 0\r\n\r\n"
            for action in Action
        ]

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        action = row.action
        column = self._named[action]
        named = bound or (b"%d" % row[column] if column >= 0 else b"")
        if self._has_text[action]:
            rest = self._texts[row.text]
        elif action == Action.CHANGE_SETTING:
            rest = self._settings[row.setting]
        else:
            rest = self._empty[action]
        return self._templates[action] % (named, self._credentials[row.actor], rest)


def _named_column(action: Action) -> int:
    """Which column of a row fills the hole in the path; -1 for none."""
    if action in _NAMES_NOBODY:
        return -1
    return ActionRow._fields.index("uses" if action in _NAMES_OBJECT else "target")


def _body(value: dict[str, str]) -> bytes:
    body = msgspec.json.encode(value)
    return b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def _columns(frame: pl.DataFrame) -> dict[str, list[object]]:
    return {column.name: column.to_list() for column in frame.iter_columns()}
