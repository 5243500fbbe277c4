"""What the store has yet to make durable: the changes since the last commit group was taken.

Rows that may change several times within a group are kept once and read when the group is taken,
so the group holds exactly the state of that moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from dmsim.server.cipher import Cipher
from dmsim.server.state.accounts import Access, Account, Report, Video
from dmsim.server.state.comments import CaseEnd, Comment, Reply, Sent
from dmsim.server.state.conversation import Conversation, Message, View

Rows = list[tuple[Any, ...]]

#: The columns of an account's row, in the table's order.
ACCOUNT_COLUMNS = (
    *("id", "kind", "age", "registered", "region", "device", "joined", "everyone_offered", "name"),
    *("setting", "read_status", "filter_requests", "allow_business", "notifications"),
    *("family_restricted", "standing", "until", "violations", "worst"),
    *("reports", "last_report", "open_reports"),
)

_account_row = attrgetter(*ACCOUNT_COLUMNS)
_video_row = attrgetter("id", "author", "private")
_report_row = attrgetter("id", "reporter", "accused", "action", "about", "at", "open")
_answered_row = attrgetter("publicly_replied", "privately_replied", "personal", "id")
_comment_row = attrgetter(
    *("id", "post", "author", "at", "text", "publicly_replied", "privately_replied", "personal")
)
_sent_row = attrgetter("hour", "private_replies", "second", "mailed")


class Read(NamedTuple):
    """Somebody has read what somebody else wrote."""

    reader: int
    author: int
    at: int


@dataclass(slots=True)
class Changes:
    """Changes by kind; ``emptied`` says that everything before them was thrown away.

    Texts are held in the clear: they are encrypted on their way into the file. Messages come with
    the pair whose they are.
    ``stickers`` maps (account, set) to the place in the panel, None for a set that was removed.
    ``reads`` are no rows but what webhooks tell; ``delivered`` are the last events that arrived.
    """

    emptied: bool = False
    meta: dict[str, str] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    presence: dict[int, int] = field(default_factory=dict)
    banned_devices: dict[int, bool] = field(default_factory=dict)
    posts: Rows = field(default_factory=list)
    guardians: dict[int, bool] = field(default_factory=dict)
    acquaintances: dict[int, bool] = field(default_factory=dict)
    follows: dict[int, bool] = field(default_factory=dict)
    contacts: dict[int, bool] = field(default_factory=dict)
    blocks: dict[int, bool] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    messages: list[tuple[int, Message]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    answered: dict[int, Comment] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)
    cases: list[CaseEnd] = field(default_factory=list)
    subscriptions: dict[int, tuple[str, ...]] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    events: Rows = field(default_factory=list)
    delivered: Rows = field(default_factory=list)
    videos: dict[int, Video] = field(default_factory=dict)
    stickers: dict[tuple[int, int], int | None] = field(default_factory=dict)
    reports: dict[int, Report] = field(default_factory=dict)
    audit: list[Access] = field(default_factory=list)

    def __bool__(self) -> bool:
        # Asked at every request: what changes often comes first.
        return bool(self.messages or self.presence or self.conversations) or any(
            getattr(self, name) for name in self.__slots__
        )

    def statements(self, cipher: Cipher) -> list[tuple[str, Rows]]:
        """The SQL statements and their rows, in the order in which they must run."""
        groups = [
            *self._of_accounts(),
            *self._of_relations(),
            *self._of_messages(cipher),
            *self._of_comments(cipher),
            *self._of_webhooks(cipher),
            *self._of_content(),
            *self._of_staff(),
        ]
        return [(statement, rows) for statement, rows in groups if rows]

    def _of_accounts(self) -> Iterable[tuple[str, Rows]]:
        yield _put("meta", 2), list(self.meta.items())
        yield (
            _put("accounts", len(ACCOUNT_COLUMNS)),
            [_account_row(account) for account in self.accounts.values()],
        )
        yield _put("presence", 2), list(self.presence.items())
        yield from _relation("banned_devices", "device", self.banned_devices)

    def _of_relations(self) -> Iterable[tuple[str, Rows]]:
        yield _add("posts", 2), self.posts
        for name in ("guardians", "acquaintances", "follows", "contacts", "blocks"):
            yield from _relation(name, "pair", getattr(self, name))

    def _of_messages(self, cipher: Cipher) -> Iterable[tuple[str, Rows]]:
        yield (
            _put("conversations", 18),
            [_conversation_row(conversation) for conversation in self.conversations.values()],
        )
        seal = cipher.seal
        yield (
            _add("messages", 7),
            [
                (id_, pair, author, at, seal(text, f"message {id_}"), content, uses)
                for pair, (id_, author, at, text, content, uses) in self.messages
            ],
        )

    def _of_comments(self, cipher: Cipher) -> Iterable[tuple[str, Rows]]:
        comments = [_comment_row(comment) for comment in self.comments]
        yield _add("comments", 8), _sealed(cipher, "comment", comments)
        yield (
            "UPDATE comments SET publicly_replied = ?, privately_replied = ?, personal = ?"
            " WHERE id = ?",
            [_answered_row(comment) for comment in self.answered.values()],
        )
        yield _add("replies", 6), _sealed(cipher, "reply", self.replies)
        yield _put("sent", 5), [(page, *_sent_row(sent)) for page, sent in self.sent.items()]
        yield _add("cases", 6), [*self.cases]

    def _of_webhooks(self, cipher: Cipher) -> Iterable[tuple[str, Rows]]:
        chosen = [(page, ",".join(names)) for page, names in self.subscriptions.items()]
        yield _put("subscriptions", 2), chosen
        sealed = [(id_, cipher.seal(entry, f"event {id_}")) for id_, entry in self.events]
        yield _add("outbox", 2), sealed
        yield "DELETE FROM outbox WHERE id <= ?", self.delivered

    def _of_content(self) -> Iterable[tuple[str, Rows]]:
        yield _put("videos", 3), [_video_row(video) for video in self.videos.values()]
        placed = [(*key, place) for key, place in self.stickers.items() if place is not None]
        removed = [key for key, place in self.stickers.items() if place is None]
        yield _put("sticker_sets", 3), placed
        yield "DELETE FROM sticker_sets WHERE account = ? AND sticker_set = ?", [*removed]

    def _of_staff(self) -> Iterable[tuple[str, Rows]]:
        yield _put("reports", 7), [_report_row(report) for report in self.reports.values()]
        yield (
            _add("audit", 5),
            [
                (entry.id, entry.staff, entry.account, entry.at, _numbers(entry.reports))
                for entry in self.audit
            ],
        )


def _add(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def _put(table: str, columns: int) -> str:
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * columns)})"


def _relation(table: str, key: str, pairs: dict[int, bool]) -> list[tuple[str, Rows]]:
    return [
        (
            f"INSERT OR IGNORE INTO {table} VALUES (?)",
            [(pair,) for pair, holds in pairs.items() if holds],
        ),
        (
            f"DELETE FROM {table} WHERE {key} = ?",
            [(pair,) for pair, holds in pairs.items() if not holds],
        ),
    ]


def _sealed(cipher: Cipher, kind: str, rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows whose first column is their id and whose fifth is a text, or None."""
    seal = cipher.seal
    return [
        row if row[4] is None else (*row[:4], seal(row[4], f"{kind} {row[0]}"), *row[5:])
        for row in rows
    ]


def _conversation_row(conversation: Conversation) -> tuple[Any, ...]:
    low, high = conversation.views
    return (
        conversation.pair,
        conversation.requester,
        conversation.thread,
        conversation.filtered,
        conversation.requested_count,
        conversation.moved,
        *_view_columns(low),
        *_view_columns(high),
        conversation.by_private_reply,
        conversation.answered,
    )


def _view_columns(view: View) -> tuple[Any, ...]:
    hidden = _numbers(sorted(view.hidden)) if view.hidden else None
    return view.unread, view.visible, view.muted, view.since, hidden


def _numbers(values: list[int]) -> str:
    return msgspec.json.encode(values).decode()
