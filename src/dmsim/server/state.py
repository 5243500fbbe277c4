"""The world as the backend holds it in memory: accounts, relations, conversations, comments.

Pure values and transitions; no clock, no files, no rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from dmsim.vocabulary import Setting, Thread

#: How many entries a list of conversations, requests or messages shows.
PAGE = 50


def directed(source: int, sink: int) -> int:
    """One integer for an ordered pair of accounts: who follows or blocks whom."""
    return source << 32 | sink


def undirected(one: int, other: int) -> int:
    """One integer for two accounts whichever comes first: contacts and conversations."""
    return one << 32 | other if one < other else other << 32 | one


class Message(NamedTuple):
    """A message of a conversation; ``at`` is Unix time in microseconds."""

    id: int
    author: int
    at: int
    text: str


@dataclass(slots=True)
class Conversation:
    """Everything between two accounts; ``low`` is the smaller id.

    ``moved`` orders conversations: the one with the highest value was active last.
    """

    low: int
    high: int
    thread: Thread
    requester: int
    moved: int = 0
    unread_low: int = 0
    unread_high: int = 0
    newest: list[Message] = field(default_factory=list)

    @property
    def pair(self) -> int:
        """The key of the two accounts."""
        return self.low << 32 | self.high

    def unread(self, account: int) -> int:
        """How many messages one of the two has not read."""
        return self.unread_low if account == self.low else self.unread_high

    def mark_read(self, account: int) -> None:
        """Nothing is left unread for one of the two."""
        if account == self.low:
            self.unread_low = 0
        else:
            self.unread_high = 0

    def page(self) -> list[Message]:
        """The newest messages, newest first."""
        return self.newest[: -PAGE - 1 : -1]

    def append(self, message: Message) -> None:
        """Keep a message; older ones than can be shown live in the store alone."""
        self.newest.append(message)
        if len(self.newest) >= 2 * PAGE:
            del self.newest[:-PAGE]


@dataclass(slots=True)
class Comment:
    """A comment under a post and whether the page has answered it."""

    id: int
    post: int
    author: int
    publicly_replied: bool = False
    privately_replied: bool = False


class World:
    """All state on which an answer can rest."""

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.ages = bytearray()
        self.registered = bytearray()
        self.settings = bytearray()
        self.pages: dict[int, int] = {}
        self.follows: set[int] = set()
        self.contacts: set[int] = set()
        self.blocks: set[int] = set()
        self.conversations: dict[int, Conversation] = {}
        self.comments: dict[int, Comment] = {}
        self.inboxes: dict[int, dict[int, Conversation]] = {}
        self.requests: dict[int, dict[int, Conversation]] = {}
        self.moves = 0
        self.next_message = 0
        self.next_comment = 0
        self.next_reply = 0

    @property
    def accounts(self) -> int:
        """How many accounts there are; their ids run from 0."""
        return len(self.ages)

    def add_accounts(
        self, kinds: Iterable[int], ages: Iterable[int], registered: Iterable[int]
    ) -> None:
        """Append accounts, everybody reachable for everyone until a setting says otherwise."""
        self.kinds.extend(kinds)
        self.ages.extend(ages)
        self.registered.extend(registered)
        self.settings.extend(bytes([Setting.EVERYONE]) * (len(self.ages) - len(self.settings)))

    def add_conversation(self, conversation: Conversation) -> None:
        """Put in a conversation that already has its place in the order."""
        self.conversations[conversation.pair] = conversation
        self.moves = max(self.moves, conversation.moved)
        self._list(conversation)

    def add_comment(self, comment: Comment) -> None:
        """Put in a comment; ids that the backend chooses come after all it has seen."""
        self.comments[comment.id] = comment
        self.next_comment = max(self.next_comment, comment.id + 1)

    def conversation(self, one: int, other: int) -> Conversation | None:
        """What there is between two accounts, if anything."""
        return self.conversations.get(undirected(one, other))

    def deliver(self, author: int, recipient: int, thread: Thread, at: int, text: str) -> Message:
        """Put a message into the pair's conversation, which thereby becomes ``thread``."""
        pair = undirected(author, recipient)
        conversation = self.conversations.get(pair)
        if conversation is None:
            conversation = Conversation(
                min(author, recipient), max(author, recipient), thread, author
            )
            self.conversations[pair] = conversation
        conversation.thread = thread
        if thread == Thread.REQUESTED:
            conversation.requester = author
        message = Message(self.next_message, author, at, text)
        self.next_message += 1
        conversation.append(message)
        if recipient == conversation.low:
            conversation.unread_low += 1
        else:
            conversation.unread_high += 1
        self._move_to_top(conversation)
        return message

    def accept(self, conversation: Conversation) -> None:
        """Open a requested conversation: it moves into the inboxes of both."""
        conversation.thread = Thread.ACCEPTED
        self._move_to_top(conversation)

    def delete_request(self, conversation: Conversation) -> None:
        """Take a request away from who received it; the requester sees no change."""
        conversation.thread = Thread.DELETED
        self._list(conversation)

    def new_comment(self, post: int, author: int) -> Comment:
        """A comment under a post, with an id that the backend chooses."""
        comment = Comment(self.next_comment, post, author)
        self.add_comment(comment)
        return comment

    def inbox(self, account: int) -> Iterator[tuple[int, Conversation]]:
        """The newest conversations with the other account of each."""
        return islice(reversed(self.inboxes.get(account, {}).items()), PAGE)

    def open_requests(self, account: int) -> Iterator[tuple[int, Conversation]]:
        """The newest open requests with who asks."""
        return islice(reversed(self.requests.get(account, {}).items()), PAGE)

    def _move_to_top(self, conversation: Conversation) -> None:
        self.moves += 1
        conversation.moved = self.moves
        for account, peer in _both(conversation):
            _take_out(self.inboxes, account, peer)
            _take_out(self.requests, account, peer)
        self._list(conversation)

    def _list(self, conversation: Conversation) -> None:
        # Assigning to a key that is there keeps its place, so a list stays ordered by `moved`.
        for account, peer in _both(conversation):
            asked = conversation.requester != account
            if asked and conversation.thread == Thread.REQUESTED:
                self.requests.setdefault(account, {})[peer] = conversation
            elif asked and conversation.thread == Thread.DELETED:
                _take_out(self.requests, account, peer)
            else:
                self.inboxes.setdefault(account, {})[peer] = conversation


def _both(conversation: Conversation) -> tuple[tuple[int, int], tuple[int, int]]:
    low, high = conversation.low, conversation.high
    return (low, high), (high, low)


def _take_out(lists: dict[int, dict[int, Conversation]], account: int, peer: int) -> None:
    entries = lists.get(account)
    if entries is not None:
        entries.pop(peer, None)
