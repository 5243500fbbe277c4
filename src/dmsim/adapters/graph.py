"""The adapter for the shape of the Graph API, as the reference backend has it too.

Pages speak it: they read comments and answer them publicly and privately, and they send messages;
persons comment in it. Whatever it cannot express goes over the reference interface of the same
server. Its answers do not tell everything: a delivery does not say where it landed, and one error
code stands for several reasons; such an outcome leaves the choice to the judge.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

import msgspec

from dmsim.adapters.base import (
    NO_PAGES,
    ActionRow,
    Encoder,
    LabelledText,
    OneRequestEach,
    Outcome,
    Pages,
)
from dmsim.adapters.reference import ReferenceAdapter, ReferenceEncoder
from dmsim.adapters.tokens import account_token, clock_key
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict, Via, word

#: The version in the path; the first is the one in which private replies came (R136, R137).
_VERSIONS = {"2016": "v2.5", "current": "v23.0"}

#: What is asked of a comment.
_FIELDS = (
    "id,message,from,created_time,parent,can_reply_privately,private_reply_conversation,comments"
)

#: Codes and subcodes of refusals, with a word for those that stand for several reasons.
_CODES: dict[tuple[int, int | None], tuple[str, tuple[Reason, ...]]] = {
    (10900, None): ("already_replied", (Reason.ALREADY_REPLIED,)),
    (10903, None): ("not_a_person", (Reason.NOT_A_PERSON,)),
    (613, None): ("rate_limited", (Reason.RATE_LIMITED,)),
    (10, 2018278): (
        "window_closed",
        (Reason.COMMENT_TOO_OLD, Reason.OUTSIDE_WINDOW, Reason.BUSINESS_LIMIT),
    ),
    (368, None): ("against_policy", (Reason.SENDER_SANCTIONED, Reason.REMOVED)),
    (200, None): ("no_permission", (Reason.NOT_ANSWERED_PUBLICLY, Reason.NOT_PERMITTED)),
}

#: Reasons that refuse nothing: they hide something.
_HIDING = {Reason.NOT_READ, Reason.RECEIPTS_OFF, Reason.NOT_ACTIVE, Reason.NO_PRIVATE_REPLY}
_TOLD_APART = {reason for _, reasons in _CODES.values() for reason in reasons}

#: Whatever has no code of its own makes a person unreachable.
_CODES[551, 1545041] = (
    "unreachable",
    tuple(reason for reason in Reason if reason not in {Reason.NONE, *_HIDING, *_TOLD_APART}),
)

#: The token was refused.
_TOKEN_CODE = 190

#: Statuses that speak of the backend's health, not of the rules.
_SAYS_NOTHING = frozenset({401, 408, 429})

#: Paths to a message for which rules ask, and which the interface cannot tell.
_UNTOLD_PATHS = frozenset({Via.NEW_CHAT, Via.PROFILE})

#: ``<page>_<post>_<comment>``.
_COMMENT_ID = re.compile(r"\d+_\d+_\d+", re.ASCII)

#: What a page sends, by what it is: an answer, an answer by a human agent, a mailing, or the
#: private reply to a comment.
_ANSWER = b'{"recipient":{"id":"%d"},"message":%b,"messaging_type":"RESPONSE"}'
_BY_HUMAN = (
    b'{"recipient":{"id":"%d"},"message":%b,"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT"}'
)
_UPDATE = b'{"recipient":{"id":"%d"},"message":%b,"messaging_type":"UPDATE"}'
_PRIVATE_REPLY = b'{"recipient":{"comment_id":"%b"},"message":%b,"messaging_type":"RESPONSE"}'

_FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
_JSON = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_NO_BODY = b"\r\n"

#: Makes a request of a row, the id in the path, and the last headers with the body.
_Request = Callable[[ActionRow, bytes, bytes], bytes]


class _Error(msgspec.Struct):
    code: int
    error_subcode: int | None = None


class _Answer(msgspec.Struct):
    """An answer of either interface; ``outcome`` stands in those of the other one alone."""

    outcome: str | None = None
    error: _Error | str | None = None
    id: int | str | None = None
    message_id: str | None = None
    private_reply_conversation: object = None


_decode_answer = msgspec.json.Decoder(_Answer).decode


def _signed(code: int, subcode: int | None) -> str:
    return f"code {code}" if subcode is None else f"code {code}/{subcode}"


def _refusal(code: tuple[int, int | None]) -> Outcome:
    told, reasons = _CODES[code]
    readings = tuple(
        (word(Verdict.REMOVED if reason == Reason.REMOVED else Verdict.REFUSED), word(reason))
        for reason in reasons
    )
    among = readings if len(readings) > 1 else ()
    return Outcome(word(Verdict.REFUSED), told, among=among, sign=_signed(*code))


_REFUSALS = {code: _refusal(code) for code in _CODES}
_SIGNS = {word(reason): _signed(*code) for code, (_, known) in _CODES.items() for reason in known}

_DONE = Outcome(word(Verdict.DONE))
_SHOWN = Outcome(word(Verdict.SHOWN))
_HIDDEN = Outcome(word(Verdict.HIDDEN), word(Reason.NO_PRIVATE_REPLY))
_DELIVERED = Outcome(
    "delivered",
    among=tuple(
        (word(verdict), word(Reason.NONE))
        for verdict in (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED)
    ),
)


class GraphAdapter(ReferenceAdapter):
    """Speaks the Graph API shape of ``dmsim serve``, and its other interface for the rest.

    Args:
        token: the master token; account tokens are derived from it.
    """

    name = "graph"
    #: What the events of the reference interface call a message its answers do not tell.
    listens = False

    def encoder(
        self,
        authority: str,
        actors: Iterable[int],
        texts: Mapping[int, LabelledText],
        *,
        timed: bool = False,
        pages: Pages = NO_PAGES,
    ) -> Encoder:
        """Compile the request templates of both interfaces."""
        return _GraphEncoder(self._token, authority, [*actors], texts, timed, pages)

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        """Understand an answer of either interface.

        Of the Graph API, errors are refusals, their codes the reasons; a code that stands for no
        rule (an unknown id) is an outcome that no rule demands (``status_404``); a refused token
        and failures of the backend are errors.
        """
        read = _READERS.get(action)
        if read is None:
            return super().decode(action, status, body)
        try:
            answer = _decode_answer(body)
        except (ValueError, RecursionError):
            return super().decode(action, status, body)
        outcome = None
        if isinstance(answer.error, _Error):
            outcome = _refused(status, answer.error)
        elif answer.outcome is None and status < 300:
            outcome = read(answer)
        return outcome or super().decode(action, status, body)


def _refused(status: int, error: _Error) -> Outcome | None:
    if error.code == _TOKEN_CODE:
        return Outcome("", error=f"code {_TOKEN_CODE}")
    if not 400 <= status < 500 or status in _SAYS_NOTHING:
        return None
    code = (error.code, error.error_subcode)
    return _REFUSALS.get(code) or Outcome(f"status_{status}", sign=_signed(*code))


def _commented(answer: _Answer) -> Outcome | None:
    # It becomes a part of requests to either interface.
    if not _COMMENT_ID.fullmatch(str(answer.id)):
        return None
    return _DONE._replace(bound=str(answer.id).encode())


def _replied(answer: _Answer) -> Outcome | None:
    return None if answer.id is None else _DONE


def _messaged(answer: _Answer) -> Outcome | None:
    """The older private reply gives an ``id``, all others a ``message_id``."""
    return None if answer.message_id is None and answer.id is None else _DELIVERED


def _shown(answer: _Answer) -> Outcome | None:
    if answer.id is None:
        return None
    return _HIDDEN if answer.private_reply_conversation is None else _SHOWN


_READERS: dict[int, Callable[[_Answer], Outcome | None]] = {
    Action.COMMENT: _commented,
    Action.PUBLIC_REPLY: _replied,
    Action.PRIVATE_REPLY: _messaged,
    Action.SEND_MESSAGE: _messaged,
    Action.MAILING: _messaged,
    Action.READ_COMMENT: _shown,
}


class _GraphEncoder(OneRequestEach):
    """Writes what pages do, and comments; the rest is left to the reference encoder."""

    def __init__(
        self,
        token: str,
        authority: str,
        actors: list[int],
        texts: Mapping[int, LabelledText],
        timed: bool,
        pages: Pages,
    ) -> None:
        self._reference = ReferenceEncoder(token, authority, actors, texts, timed)
        self._brands = pages.brands
        self._posts = {post: b"%d_%d" % (page, post) for post, page in pages.posts.items()}
        self._comments = {
            comment: b"%b_%d" % (self._posts[post], comment)
            for comment, post in pages.comments.items()
        }
        bank = {**texts, -1: LabelledText("")}
        self._forms = {id_: _form(text.text) for id_, text in bank.items()}
        self._texts = {id_: msgspec.json.encode({"text": text.text}) for id_, text in bank.items()}
        # What moderation sees in a text only the other interface can say.
        self._plain = {id_ for id_, text in bank.items() if text == LabelledText(text.text)}
        head = _Head(token, authority, actors, timed)
        node = f"/{_VERSIONS[pages.profile]}/%b"
        self._comment = head.request(f"POST {node}/comments")
        self._reply = head.request(f"POST {node}/private_replies")
        self._send = head.request(f"POST {node}/messages")
        self._look = head.request(f"GET {node}?fields={_FIELDS}")
        by_message = pages.profile != "2016"
        self._writers: dict[int, Callable[[ActionRow, bytes], bytes]] = {
            Action.COMMENT: self._write_comment,
            Action.PUBLIC_REPLY: self._write_public_reply,
            Action.PRIVATE_REPLY: (
                self._write_reply_by_message if by_message else self._write_reply_to_comment
            ),
            Action.SEND_MESSAGE: self._write_message,
            Action.MAILING: self._write_mailing,
            Action.READ_COMMENT: self._write_look,
        }

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        """The whole HTTP/1.1 request of an action, in one interface or the other."""
        write = self._writers.get(row.action)
        if write is not None and self._speaks(row):
            return write(row, bound)
        # The last part of a comment's id is its number in the other interface.
        return self._reference(row, bound.rpartition(b"_")[2])

    def sign(self, row: ActionRow, reason: str) -> str:
        """The error's code and subcode, where the action is told to the Graph API."""
        spoken = row.action in self._writers and self._speaks(row)
        return _SIGNS.get(reason, "") if spoken else ""

    def _speaks(self, row: ActionRow) -> bool:
        """Whether the interface can tell this action of a kind that it knows."""
        if row.action == Action.COMMENT:
            return row.uses in self._posts
        if row.actor not in self._brands or row.text not in self._plain:
            return False
        if row.action == Action.READ_COMMENT:
            return row.target in {row.actor, -1}  # who else reads it is not told of the note
        return row.action != Action.SEND_MESSAGE or (
            row.content == ContentKind.TEXT and row.via not in _UNTOLD_PATHS
        )

    def _named(self, row: ActionRow, bound: bytes) -> bytes:
        """The id of the comment that an action names; of one that nobody wrote, such an id."""
        return bound or self._comments.get(row.uses) or b"0_0_%d" % row.uses

    def _write_comment(self, row: ActionRow, _: bytes) -> bytes:
        return self._comment(row, self._posts[row.uses], self._forms[row.text])

    def _write_public_reply(self, row: ActionRow, bound: bytes) -> bytes:
        return self._comment(row, self._named(row, bound), self._forms[row.text])

    def _write_reply_to_comment(self, row: ActionRow, bound: bytes) -> bytes:
        return self._reply(row, self._named(row, bound), self._forms[row.text])

    def _write_reply_by_message(self, row: ActionRow, bound: bytes) -> bytes:
        return self._message(row, _PRIVATE_REPLY % (self._named(row, bound), self._texts[row.text]))

    def _write_message(self, row: ActionRow, _: bytes) -> bytes:
        body = _BY_HUMAN if row.via == Via.CARE_DESK else _ANSWER
        return self._message(row, body % (row.target, self._texts[row.text]))

    def _write_mailing(self, row: ActionRow, _: bytes) -> bytes:
        return self._message(row, _UPDATE % (row.target, self._texts[row.text]))

    def _write_look(self, row: ActionRow, bound: bytes) -> bytes:
        return self._look(row, self._named(row, bound), _NO_BODY)

    def _message(self, row: ActionRow, body: bytes) -> bytes:
        return self._send(row, b"%d" % row.actor, _JSON % (len(body), body))


class _Head:
    """What all requests begin with, but for their first line."""

    def __init__(self, token: str, authority: str, actors: list[int], timed: bool) -> None:
        self._credentials = {actor: account_token(token, actor).encode() for actor in actors}
        self._timed = timed
        self._lines = f" HTTP/1.1\r\nHost: {authority}\r\n".replace("%", "%%")
        self._lines += "Authorization: Bearer %b\r\n"
        if timed:
            self._lines += f"X-Dmsim-Time: %d.{clock_key(token)}\r\n"

    def request(self, first: str) -> _Request:
        """Compile the requests with a method and path, in which ``%b`` stands for an id."""
        start = f"{first}{self._lines}%b".encode()
        credentials = self._credentials
        if self._timed:
            return lambda row, id_, rest: start % (id_, credentials[row.actor], row.at, rest)
        return lambda row, id_, rest: start % (id_, credentials[row.actor], rest)


def _form(text: str) -> bytes:
    body = urlencode({"message": text}).encode()
    return _FORM % (len(body), body)
