"""What the backend answers, as types: the answers themselves and the document are made of them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec

from dmsim.server.http import Answer, answer
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict, names, word

if TYPE_CHECKING:
    VerdictWord: TypeAlias = str
    ReasonWord: TypeAlias = str
    ContentWord: TypeAlias = str
    ActionWord: TypeAlias = str
else:
    VerdictWord = Literal[*names(Verdict)]
    ReasonWord = Literal[*names(Reason)]
    ContentWord = Literal[*names(ContentKind)]
    ActionWord = Literal[*names(Action)]

Cursor = Annotated[int | None, msgspec.Meta(description="the `before` of the next page, if any")]


class Outcome(msgspec.Struct, omit_defaults=True):
    """The verdict on an action, with the reason where it is refused, removed or hidden."""

    outcome: VerdictWord
    reason: ReasonWord | None = None


class Made(msgspec.Struct):
    """The verdict on an action that made something, and the id of that."""

    outcome: VerdictWord
    id: int


class Error(msgspec.Struct):
    """Why a request got no verdict, in one line."""

    error: str


class ShownMessage(msgspec.Struct, omit_defaults=True):
    """A message as it is shown.

    ``at`` is in microseconds of the backend's clock, ``uses`` the content shared or the sticker
    set, ``available`` false for a shared video that cannot be watched (any more) (R30). Of a
    private reply: ``comment`` links the comment that it answers (R132), ``personal`` says that it
    asks for personal data (R152).
    """

    id: int
    author: int
    at: int
    text: str
    content: ContentWord
    uses: int | None = None
    available: bool | None = None
    comment: int | None = None
    personal: bool | None = None


class Entry(msgspec.Struct):
    """A conversation in a list (R20, R51, R95)."""

    peer: int
    unread: int
    muted: bool
    blocked: bool
    newest: ShownMessage | None


class Mention(msgspec.Struct):
    """A page's public answer to one's comment, which mentions one (R161, R162)."""

    page: int
    comment: int
    reply: int
    at: int


class Inbox(msgspec.Struct):
    """Conversations, newest first, and the newest answers that mention one, newest first."""

    outcome: VerdictWord
    conversations: list[Entry]
    next: Cursor
    mentions: list[Mention]


class Requests(msgspec.Struct):
    """Requests that wait, newest first."""

    outcome: VerdictWord
    requests: list[Entry]
    next: Cursor


class ReadThread(msgspec.Struct):
    """The newest messages of a conversation, newest first."""

    outcome: VerdictWord
    messages: list[ShownMessage]
    muted: bool
    blocked: bool


class Newest(msgspec.Struct):
    """The id of the newest message of a conversation that one sees, null for none."""

    outcome: VerdictWord
    id: int | None


class ShownReply(msgspec.Struct):
    """A page's public answer; ``mentions`` is the commenter, whom it addresses (R161).

    ``announces`` says that it tells of a private message (R150, R167).
    """

    id: int
    text: str
    at: int
    mentions: int
    announces: bool


class ShownComment(msgspec.Struct):
    """A comment with the page's public answers, oldest first.

    ``text`` is null for one from before provisioning. ``answered_privately`` is the note that the
    page answered with a private message (R133, R134).
    """

    id: int
    post: int
    author: int
    text: str | None
    at: int
    replies: list[ShownReply]
    answered_privately: bool


class ReadComment(msgspec.Struct, omit_defaults=True):
    """A comment; the outcome says whether the note stands there, the reason why it does not."""

    outcome: VerdictWord
    comment: ShownComment
    reason: ReasonWord | None = None


class Panel(msgspec.Struct):
    """The sets of a panel in their order."""

    outcome: VerdictWord
    sticker_sets: list[int]


class Found(msgspec.Struct):
    """Accounts and public videos that a search found."""

    outcome: VerdictWord
    accounts: list[int]
    videos: list[int]


class OpenReport(msgspec.Struct):
    """A report that waits, with the messages that the reporter got from the accused."""

    id: int
    reporter: int
    action: ActionWord
    about: int | None
    at: int
    messages: list[ShownMessage]


class OpenReports(msgspec.Struct):
    """The reports against an account; ``open`` counts those from before provisioning too."""

    outcome: VerdictWord
    open: int
    reports: list[OpenReport]


class AuditEntry(msgspec.Struct):
    """Which staff read whose messages, when, and for which reports (R99)."""

    id: int
    staff: int
    account: int
    at: int
    reports: list[int]


class Audit(msgspec.Struct):
    """The audit log, newest first."""

    entries: list[AuditEntry]
    next: Cursor


class CaseEntry(msgspec.Struct):
    """Which page did what to whose case, and the comment that it began with (R151, R187)."""

    id: int
    action: ActionWord
    page: int
    person: int
    comment: int | None
    at: int


class Cases(msgspec.Struct):
    """What pages did to cases, newest first."""

    entries: list[CaseEntry]
    next: Cursor


class Webhook(msgspec.Struct):
    """Events that wait for the receiver of webhooks, and those that found no room."""

    waiting: int
    dropped: int


class MessageEvent(msgspec.Struct):
    """What an account that listens is told of a message to it."""

    id: int
    author: int
    at: int
    text: str


class Listening(msgspec.Struct):
    """How many connections listen, and how many were closed because they were too slow."""

    open: int
    slow: int


class Health(msgspec.Struct):
    """How the backend is; ``webhook`` where it tells a receiver what happens."""

    status: str
    ready: bool
    digest: str | None
    accounts: int
    simulated_time: bool
    events: Listening
    webhook: Webhook | msgspec.UnsetType = msgspec.UNSET


OUTCOME = tuple(names(Verdict))

_SHORT: dict[tuple[Verdict, Reason], Answer] = {
    (verdict, reason): answer(
        403 if verdict == Verdict.REFUSED else 200,
        Outcome(word(verdict), None if reason == Reason.NONE else word(reason)),
    )
    for verdict in Verdict
    for reason in Reason
}

#: The answer to whatever is simply done.
DONE = _SHORT[Verdict.DONE, Reason.NONE]


def told(verdict: Verdict, reason: Reason) -> Answer:
    """The answer that tells a verdict and nothing else."""
    return _SHORT[verdict, reason]


def done(value: Any) -> Answer:
    """The answer that shows what was asked for."""
    return answer(200, value)


def made(verdict: Verdict, id_: int) -> Answer:
    """The answer to what made something."""
    return answer(201, Made(OUTCOME[verdict], id_))
