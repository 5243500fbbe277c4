"""What the store has yet to make durable: the changes since the last commit group was taken.

Rows that may change several times within a group are kept once and read when the group is taken,
so the group holds exactly the state of that moment.
"""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from dmsim.server.state import Comment, Conversation

Rows = list[tuple[Any, ...]]

_CONVERSATION_ROW = attrgetter("pair", "requester", "thread", "moved", "unread_low", "unread_high")


@dataclass(slots=True)
class Changes:
    """Changes by kind; ``emptied`` says that everything before them was thrown away."""

    emptied: bool = False
    meta: dict[str, str] = field(default_factory=dict)
    accounts: Rows = field(default_factory=list)
    settings: dict[int, int] = field(default_factory=dict)
    posts: Rows = field(default_factory=list)
    follows: dict[int, bool] = field(default_factory=dict)
    contacts: dict[int, bool] = field(default_factory=dict)
    blocks: dict[int, bool] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    messages: Rows = field(default_factory=list)
    comments: Rows = field(default_factory=list)
    answered: dict[int, Comment] = field(default_factory=dict)
    replies: Rows = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.messages
            or self.conversations
            or self.comments
            or self.follows
            or self.answered
            or self.replies
            or self.settings
            or self.blocks
            or self.accounts
            or self.posts
            or self.contacts
            or self.meta
            or self.emptied
        )

    def statements(self) -> list[tuple[str, Rows]]:
        """The SQL statements and their rows, in the order in which they must run."""
        groups: list[tuple[str, Rows]] = [
            ("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(self.meta.items())),
            ("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", self.accounts),
            (
                "UPDATE accounts SET setting = ? WHERE id = ?",
                [(setting, account) for account, setting in self.settings.items()],
            ),
            ("INSERT INTO posts VALUES (?, ?)", self.posts),
            *_relation("follows", self.follows),
            *_relation("contacts", self.contacts),
            *_relation("blocks", self.blocks),
            (
                "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?, ?, ?)",
                [_CONVERSATION_ROW(c) for c in self.conversations.values()],
            ),
            ("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", self.messages),
            ("INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?)", self.comments),
            (
                "UPDATE comments SET publicly_replied = ?, privately_replied = ? WHERE id = ?",
                [(c.publicly_replied, c.privately_replied, c.id) for c in self.answered.values()],
            ),
            ("INSERT INTO replies VALUES (?, ?, ?, ?, ?)", self.replies),
        ]
        return [(statement, rows) for statement, rows in groups if rows]


def _relation(table: str, pairs: dict[int, bool]) -> list[tuple[str, Rows]]:
    return [
        (
            f"INSERT OR IGNORE INTO {table} VALUES (?)",
            [(pair,) for pair, holds in pairs.items() if holds],
        ),
        (
            f"DELETE FROM {table} WHERE pair = ?",
            [(pair,) for pair, holds in pairs.items() if not holds],
        ),
    ]
