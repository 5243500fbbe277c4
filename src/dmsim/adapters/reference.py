"""The adapter for the reference backend (``dmsim serve``)."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Annotated, NamedTuple
from urllib.parse import quote, unquote_to_bytes

import msgspec
import polars as pl

from dmsim.adapters.base import (
    NO_PAGES,
    WIRE,
    ActionRow,
    Answer,
    Encoder,
    LabelledText,
    OneRequestEach,
    Outcome,
    Pages,
    ProvisionRequest,
    SimpleAdapter,
)
from dmsim.adapters.listening import TOLD, Arrival, Kind, Listening
from dmsim.adapters.tokens import account_token, clock_key
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Action, ContentKind, Reason, Setting, Verdict, Via, Violation, names

#: Rows of the initial state in one request: well below the server's limit on a body.
CHUNK_ROWS = 10_000

#: Which member of a body says what is switched on or off.
_SWITCHED = {
    Action.CHANGE_READ_STATUS: "on",
    Action.CHANGE_REQUEST_FILTER: "on",
    Action.CHANGE_BUSINESS_MESSAGES: "on",
    Action.CHANGE_NOTIFICATIONS: "on",
    Action.RESTRICT_TEEN: "on",
    Action.CHANGE_VIDEO_PRIVACY: "private",
}

#: What is written and carries nothing but its text.
_WRITTEN = (Action.COMMENT, Action.FOLLOW_UP, Action.MAILING, Action.SPONSORED_MESSAGE)

#: Which member of a reply's body tells what its switch says.
_REPLIES = {Action.PUBLIC_REPLY: "announces", Action.PRIVATE_REPLY: "personal"}

#: What names a comment in its body.
_OF_CASES = (Action.RESOLVE, Action.HAND_OFF)

#: Method and path of every action. The hole in the path is a column of the action; a comment's may
#: have been created by the backend a moment ago. What people search for decides nothing.
_REQUESTS = {
    Action.OPEN_INBOX: "GET /v1/inbox",
    Action.LIST_REQUESTS: "GET /v1/requests",
    Action.LIST_FILTERED: "GET /v1/requests/filtered",
    Action.READ_THREAD: "POST /v1/threads/{target}/read",
    Action.SEND_MESSAGE: "POST /v1/threads/{target}/messages",
    Action.SHARE_CONTENT: "POST /v1/threads/{target}/shares",
    Action.ACCEPT_REQUEST: "POST /v1/requests/{target}/accept",
    Action.DELETE_REQUEST: "DELETE /v1/requests/{target}",
    Action.REPORT_REQUEST: "POST /v1/requests/{target}/report",
    Action.REPORT_MESSAGE: "POST /v1/threads/{target}/messages/report",
    Action.REPORT_CONVERSATION: "POST /v1/threads/{target}/report",
    Action.REPORT_ACCOUNT: "POST /v1/accounts/{target}/report",
    Action.REPORT_CONTENT: "POST /v1/videos/{uses}/report",
    Action.MUTE_CONVERSATION: "PUT /v1/threads/{target}/mute",
    Action.UNMUTE_CONVERSATION: "DELETE /v1/threads/{target}/mute",
    Action.DELETE_MESSAGE: "DELETE /v1/threads/{target}/messages",
    Action.DELETE_CONVERSATION: "DELETE /v1/threads/{target}",
    Action.CHECK_READ: "GET /v1/threads/{target}/read",
    Action.CHECK_PRESENCE: "GET /v1/accounts/{target}/presence",
    Action.BLOCK_USER: "PUT /v1/blocks/{target}",
    Action.UNBLOCK_USER: "DELETE /v1/blocks/{target}",
    Action.FOLLOW: "PUT /v1/follows/{target}",
    Action.UNFOLLOW: "DELETE /v1/follows/{target}",
    Action.SEARCH_CONTENT: "GET /v1/search?q=dance",
    Action.WATCH_VIDEO: "POST /v1/videos/{uses}/watch",
    Action.CHANGE_VIDEO_PRIVACY: "PUT /v1/videos/{uses}/privacy",
    Action.LIST_STICKER_SETS: "GET /v1/sticker_sets",
    Action.ADD_STICKER_SET: "PUT /v1/sticker_sets/{uses}",
    Action.REMOVE_STICKER_SET: "DELETE /v1/sticker_sets/{uses}",
    Action.REORDER_STICKER_SETS: "POST /v1/sticker_sets/{uses}/front",
    Action.CHANGE_SETTING: "PUT /v1/settings/messages",
    Action.CHANGE_READ_STATUS: "PUT /v1/settings/read_status",
    Action.CHANGE_REQUEST_FILTER: "PUT /v1/settings/request_filter",
    Action.CHANGE_BUSINESS_MESSAGES: "PUT /v1/settings/business_messages",
    Action.CHANGE_NOTIFICATIONS: "PUT /v1/settings/notifications",
    Action.REGISTER: "POST /v1/accounts",
    Action.RESTRICT_TEEN: "PUT /v1/family/{target}/restriction",
    Action.MODERATE: "POST /v1/staff/accounts/{target}/decisions",
    Action.STAFF_ACCESS: "GET /v1/staff/accounts/{target}/reports",
    Action.COMMENT: "POST /v1/posts/{uses}/comments",
    Action.PUBLIC_REPLY: "POST /v1/comments/{uses}/replies",
    Action.PRIVATE_REPLY: "POST /v1/comments/{uses}/private_reply",
    Action.READ_COMMENT: "GET /v1/comments/{uses}",
    Action.RESOLVE: "POST /v1/cases/{target}/resolve",
    Action.HAND_OFF: "POST /v1/cases/{target}/hand_off",
    Action.FOLLOW_UP: "POST /v1/threads/{target}/follow_ups",
    Action.MAILING: "POST /v1/threads/{target}/mailings",
    Action.SPONSORED_MESSAGE: "POST /v1/threads/{target}/sponsored",
}

#: Statuses that speak of the backend's health or of our credentials, not of the rules.
_SAYS_NOTHING = frozenset({401, 408, 429})

#: The last headers and a body in two pieces.
_BODY = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b%b"

#: An id is a number of 63 bits.
_ID_DIGITS = 20

_USES = ActionRow._fields.index("uses")
_STICKER = int(ContentKind.STICKER)
_CONTENTS = names(ContentKind)
_VIAS = names(Via)
_VIOLATIONS = names(Violation)


class _Answer(msgspec.Struct):
    outcome: Annotated[str, msgspec.Meta(min_length=1)]
    reason: str | None = None
    id: int | str | None = None


class _Health(msgspec.Struct):
    simulated_time: bool = False


class _Newest(msgspec.Struct):
    id: int | None


class _Event(msgspec.Struct):
    id: int
    text: str


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_newest = msgspec.json.Decoder(_Newest).decode
_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_health = msgspec.json.Decoder(_Health).decode


class ReferenceAdapter(SimpleAdapter):
    """Speaks the HTTP interface of ``dmsim serve``.

    Args:
        token: the master token; account tokens are derived from it.
    """

    name = "reference"
    health = "/health"
    listens = True
    tells = TOLD
    client = WIRE

    def __init__(self, token: str) -> None:
        self._token = token

    def promises(self, verdict: Verdict, reason: Reason) -> bool:
        """The reference backend keeps all rules."""
        return True

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
        manifest = trace.manifest
        ready = {"digest": manifest.digest, "policy": manifest.policy, "now": manifest.from_us}
        yield self._admin("ready", msgspec.json.encode(ready), 0)

    def takes_time(self, health: bytes) -> bool:
        """A reference backend does where it was started with ``--simulated-time``."""
        try:
            return _decode_health(health).simulated_time
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
        """Compile the request templates, the actors' credentials and the bodies.

        Its requests name no more of ``pages`` than the trace's actions do.
        """
        return ReferenceEncoder(self._token, authority, actors, texts, timed)

    def listening(self, authority: str, accounts: Iterable[int]) -> Listening:
        """Server-sent events of ``GET /v1/events``."""
        return ReferenceListening(self._token, authority)

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer.

        A 2xx or 403 answer carries the outcome. Other refusals of the request itself are outcomes
        too (``status_404``), which no rule demands; failures of the backend are errors.
        """
        if status < 300 or status == 403:
            try:
                answer = _decode_answer(body)
            except (ValueError, RecursionError):
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


class _Template(NamedTuple):
    """A request with holes: ``start % (named, credentials[, at], rest)``.

    ``column`` is the one that fills the hole in the path, -1 if there is none; ``rest`` gives the
    last headers and the body, of the row and the bound id.
    """

    start: bytes
    column: int
    rest: "_Rest"


_Rest = Callable[[ActionRow, bytes], bytes]


class ReferenceEncoder(OneRequestEach):
    """The reference interface's requests; see :meth:`ReferenceAdapter.encoder`."""

    def __init__(
        self,
        token: str,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        timed: bool,
    ) -> None:
        self._timed = timed
        self._token = token
        self._probe = f"GET /v1/threads/%d HTTP/1.1\r\nHost: {authority.replace('%', '%%')}\r\n"
        self._credentials = {actor: account_token(token, actor).encode() for actor in actors}
        # The bodies that say what is written, without the brace at their end.
        self._texts = {id_: _written(text) for id_, text in texts.items()}
        self._texts[-1] = _written(LabelledText(""))
        head = f" HTTP/1.1\r\nHost: {authority}\r\n".replace("%", "%%") + "Authorization: Bearer %b"
        head += f"\r\nX-Dmsim-Time: %d.{clock_key(token)}\r\n%b" if timed else "\r\n%b"
        self._templates = [self._template(action, head.encode()) for action in Action]

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The whole HTTP/1.1 request of an action."""
        start, column, rest = self._templates[row.action]
        named = bound if column == _USES else b""
        if not named and column >= 0:
            named = b"%d" % row[column]
        credentials = self._credentials[row.actor]
        if self._timed:
            return start % (named, credentials, row.at, rest(row, bound))
        return start % (named, credentials, rest(row, bound))

    def sign(self, row: ActionRow, reason: str) -> str:
        """The reference backend writes reasons themselves."""
        return ""

    def probe(self, row: ActionRow) -> bytes:
        """Ask for the newest message that the recipient sees of the sender's conversation."""
        head = self._probe % row.actor
        return (
            f"{head}Authorization: Bearer {account_token(self._token, row.target)}\r\n\r\n".encode()
        )

    def seen(self, sent: Outcome, status: int, body: bytes) -> bool | None:
        """Ids grow, so a later message shows that the one before it has arrived, too."""
        if status != 200 or not sent.bound.isdigit():
            return None
        try:
            newest = _decode_newest(body).id
        except (ValueError, RecursionError):
            return None
        return newest is not None and newest >= int(sent.bound)

    def _template(self, action: Action, head: bytes) -> _Template:
        request = _REQUESTS[action]
        before, hole, after = request.partition("{")
        if not hole:
            return _Template(request.encode() + b"%b" + head, -1, self._rest(action))
        name, _, after = after.partition("}")
        start = f"{before}%b{after}".encode() + head
        return _Template(start, ActionRow._fields.index(name), self._rest(action))

    def _rest(self, action: Action) -> _Rest:
        varied: dict[Action, _Rest] = {
            Action.SEND_MESSAGE: self._message,
            Action.SHARE_CONTENT: self._share,
            Action.MODERATE: _decision,
            **dict.fromkeys(_WRITTEN, lambda row, _: _body(self._texts[row.text], b"}")),
            **dict.fromkeys(_OF_CASES, _of_case),
        }
        if action in _REPLIES:
            return self._reply(_REPLIES[action])
        return varied.get(action) or _one_of_few(action)

    def _reply(self, member: str) -> _Rest:
        off, on = (b"," + msgspec.json.encode({member: is_on})[1:] for is_on in (False, True))
        return lambda row, _: _body(self._texts[row.text], on if row.switch == 1 else off)

    def _message(self, row: ActionRow, _: bytes) -> bytes:
        sticker_set = row.uses if row.content == _STICKER else -1
        text, rest = self._texts[row.text], _carried(row.content, sticker_set, row.via)
        return _BODY % (len(text) + len(rest), text, rest)

    def _share(self, row: ActionRow, _: bytes) -> bytes:
        rest = _shared(row.content, row.via) % row.uses
        if row.fanout >= 0:
            rest = b',"fanout":%d%b' % (row.fanout, rest)
        if row.text < 0:
            return _body(b"{", rest[1:])
        return _body(self._texts[row.text], rest)


class ReferenceListening:
    """How accounts listen to the reference backend."""

    kind = Kind.SSE
    opens_by_answer = True

    def __init__(self, token: str, authority: str) -> None:
        self._token = token
        self._head = f"GET /v1/events HTTP/1.1\r\nHost: {authority}\r\n"

    def requests(self, account: int) -> Generator[bytes, Answer, str]:
        """The one request."""
        token = account_token(self._token, account)
        yield f"{self._head}Authorization: Bearer {token}\r\n\r\n".encode()
        return "nothing comes after the first request"

    def heard(self, data: bytes) -> list[Arrival] | None:
        """The message of an event."""
        try:
            event = _decode_event(data)
        except (ValueError, RecursionError):
            return None
        return [Arrival(b"%d" % event.id, event.text)]


def _one_of_few(action: Action) -> _Rest:
    """For actions whose bodies are made beforehand, or that have none."""
    if action == Action.CHANGE_SETTING:
        settings = [_body(msgspec.json.encode({"setting": word})) for word in names(Setting)]
        return lambda row, _: settings[row.setting]
    if action in _SWITCHED:
        member = _SWITCHED[action]
        off, on = (_body(msgspec.json.encode({member: is_on})) for is_on in (False, True))
        return lambda row, _: on if row.switch == 1 else off
    bare = _REQUESTS[action].startswith(("GET", "DELETE"))
    empty = b"\r\n" if bare else b"Content-Length: 0\r\n\r\n"
    return lambda _, __: empty


def _written(text: LabelledText) -> bytes:
    labels: dict[str, object] = {"text": text.text}
    if text.violation != "none":
        labels["violation"] = text.violation
    if text.detected:
        labels["detected"] = True
    return msgspec.json.encode(labels)[:-1]


@cache
def _carried(content: int, sticker_set: int, via: int) -> bytes:
    """What a message's body says after its text."""
    members: dict[str, object] = {"via": _VIAS[via]}
    if content > ContentKind.TEXT:
        members["content"] = _CONTENTS[content]
    if sticker_set >= 0:
        members["sticker_set"] = sticker_set
    return b"," + msgspec.json.encode(members)[1:]


@cache
def _shared(content: int, via: int) -> bytes:
    """What a share's body says after its text, with a hole for the id of what is shared."""
    members = {"content": _CONTENTS[content], "via": _VIAS[via]}
    return b',"id":%d,' + msgspec.json.encode(members)[1:]


def _of_case(row: ActionRow, bound: bytes) -> bytes:
    """A case's comment, if it has one; what the backend made up need not be a number."""
    comment: object = row.uses if row.uses >= 0 else None
    if bound:
        is_number = bound.isdigit() and len(bound) < _ID_DIGITS
        comment = int(bound) if is_number else unquote_to_bytes(bound).decode()
    return _body(msgspec.json.encode({"comment": comment}))


def _decision(row: ActionRow, _: bytes) -> bytes:
    return _body(
        msgspec.json.encode(
            {
                "violation": _VIOLATIONS[max(row.violation, Violation.NONE)],
                "until": row.until if row.until >= 0 else None,
                "closes_report": row.switch == 1,
            }
        )
    )


def _body(content: bytes, rest: bytes = b"") -> bytes:
    return _BODY % (len(content) + len(rest), content, rest)


def _columns(frame: pl.DataFrame) -> dict[str, list[object]]:
    return {column.name: column.to_list() for column in frame.iter_columns()}
