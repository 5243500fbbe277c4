"""What there is between two accounts, and what each of the two sees of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from dmsim.rules.facts import Policy
from dmsim.rules.messaging import thread_for_sender
from dmsim.vocabulary import Thread, Verdict

#: How many entries a list of conversations, requests or messages shows at most.
PAGE = 50

#: How many messages of a conversation are kept in memory, to be shown and deleted one by one.
KEPT = 10 * PAGE

#: The moment of what has not happened yet.
NEVER = -1


class Message(NamedTuple):
    """A message of a conversation.

    ``content`` is the code of a :class:`dmsim.vocabulary.ContentKind`, ``uses`` the content shared,
    the sticker set, or of a text the comment that it answers privately (R132); -1 for none.
    """

    id: int
    author: int
    at: int
    text: str
    content: int
    uses: int


@dataclass(slots=True)
class View:
    """A conversation as one of the two sees it; what he deletes is gone for him alone (R48).

    ``visible`` counts his messages, those from before provisioning included; messages before
    ``since`` and those in ``hidden`` are deleted.
    """

    unread: int = 0
    visible: int = 0
    muted: bool = False
    since: int = 0
    hidden: frozenset[int] = frozenset()

    def shows(self, message: Message) -> bool:
        """Whether a message is in this view."""
        return message.id >= self.since and message.id not in self.hidden


@dataclass(slots=True)
class Conversation:
    """Everything between two accounts; ``low`` is the smaller id.

    ``moved`` orders conversations: the one with the highest value was active last. Of a person and
    a brand: ``by_private_reply`` says that a private reply opened it (R131), ``answered`` when the
    person wrote or accepted last, :data:`NEVER` for never.
    """

    low: int
    high: int
    thread: Thread
    requester: int
    filtered: bool = False
    requested_count: int = 0
    moved: int = 0
    views: tuple[View, View] = field(default_factory=lambda: (View(), View()))
    newest: list[Message] = field(default_factory=list)
    by_private_reply: bool = False
    answered: int = NEVER

    @property
    def pair(self) -> int:
        """The key of the two accounts."""
        return self.low << 32 | self.high

    def view(self, account: int) -> View:
        """What one of the two sees."""
        return self.views[account != self.low]

    def peer(self, account: int) -> int:
        """The other one of the two."""
        return self.high if account == self.low else self.low

    def asks(self, account: int) -> bool:
        """Whether a request waits for the decision of one of the two."""
        return self.thread == Thread.REQUESTED and self.requester != account

    def page(self, account: int) -> Iterator[Message]:
        """The newest messages that one of the two sees, newest first."""
        view = self.view(account)
        return islice(filter(view.shows, reversed(self.newest)), PAGE)

    def newest_for(self, account: int) -> Message | None:
        """The newest message that one of the two sees, as far as it is kept."""
        view = self.view(account)
        if self.newest and not view.hidden:
            last = self.newest[-1]
            return last if last.id >= view.since else None
        return next(self.page(account), None)

    def append(self, message: Message) -> None:
        """Keep a message; those older than can be shown live in the store alone."""
        self.newest.append(message)
        if len(self.newest) >= 2 * KEPT:
            del self.newest[:-KEPT]

    def deliver(self, message: Message, verdict: Verdict) -> None:
        """Put a message where the rules want it (R52, R54, R62, R63)."""
        author = message.author
        if verdict == Verdict.INBOX:
            self.thread = Thread.ACCEPTED
            self.filtered, self.requested_count = False, 0
        else:
            begins = thread_for_sender(self.thread, self.requester == author) == Thread.NONE
            self.requested_count = 1 if begins else self.requested_count + 1
            self.thread, self.requester = Thread.REQUESTED, author
            self.filtered = verdict == Verdict.FILTERED
        self.append(message)
        for view in self.views:
            view.visible += 1
        self.view(self.peer(author)).unread += 1

    def accept(self) -> None:
        """Open what was asked for (R55)."""
        self.thread = Thread.ACCEPTED
        self.filtered, self.requested_count = False, 0

    def delete_request(self, account: int, policy: Policy) -> None:
        """Take a request away from who received it; the requester sees no change (R64, Q19)."""
        self.thread = Thread.DELETED
        self.filtered = False
        if policy.deleting_resets_business_limit:
            self.requested_count = 0
        self.delete_all(account)

    def delete_newest(self, account: int) -> None:
        """Take the newest message out of one's own view (R47, R48)."""
        view = self.view(account)
        newest = self.newest_for(account)
        if newest is not None:
            view.hidden |= {newest.id}
        view.visible -= 1
        view.unread = min(view.unread, view.visible)

    def delete_all(self, account: int) -> None:
        """Empty one's own view (R46, R48)."""
        view = self.view(account)
        if self.newest:
            view.since = self.newest[-1].id + 1
        view.hidden = frozenset()
        view.visible = view.unread = 0
