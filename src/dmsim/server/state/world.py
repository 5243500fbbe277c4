"""All state on which an answer can rest."""

from bisect import insort
from collections.abc import Iterator
from itertools import takewhile

from dmsim.server.state.accounts import Access, Account, Report, Video
from dmsim.server.state.comments import CaseEnd, Comment, Reply, Sent
from dmsim.server.state.conversation import PAGE, Conversation
from dmsim.vocabulary import Thread

Lists = dict[int, dict[int, Conversation]]
Places = tuple[Lists | None, Lists | None]

NOWHERE: Places = (None, None)

#: Of how many answers that mention an account the inbox tells.
MENTIONS = 10


def directed(source: int, sink: int) -> int:
    """One integer for an ordered pair of accounts: who follows or blocks whom."""
    return source << 32 | sink


def undirected(one: int, other: int) -> int:
    """One integer for two accounts whichever comes first: contacts and conversations."""
    return one << 32 | other if one < other else other << 32 | one


class World:
    """Accounts with everything between them."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self.sharing_devices: dict[int, list[int]] = {}
        self.banned_devices: set[int] = set()
        self.named: dict[str, list[int]] = {}
        self.pages: dict[int, int] = {}
        self.follows: set[int] = set()
        self.contacts: set[int] = set()
        self.acquaintances: set[int] = set()
        self.blocks: set[int] = set()
        self.guardians: set[int] = set()
        self.conversations: dict[int, Conversation] = {}
        self.inboxes: Lists = {}
        self.requests: Lists = {}
        self.filtered: Lists = {}
        self.comments: dict[int, Comment] = {}
        self.comments_of: dict[int, list[int]] = {}
        self.mentions: dict[int, list[Reply]] = {}
        self.sent: dict[int, Sent] = {}
        self.cases: list[CaseEnd] = []
        self.subscriptions: dict[int, tuple[str, ...]] = {}
        self.videos: dict[int, Video] = {}
        self.videos_of: dict[int, list[int]] = {}
        self.sticker_sets: dict[int, dict[int, int]] = {}
        self.reports: dict[int, list[Report]] = {}
        self.audit: list[Access] = []
        self.moves = 0
        self.next_message = 0
        self.next_comment = 0
        self.next_reply = 0
        self.next_report = 0

    def add_account(self, account: Account) -> None:
        """Append an account; ids run from 0 without gaps."""
        self.accounts.append(account)
        if account.device != account.id:
            self.sharing_devices.setdefault(account.device, []).append(account.id)
        for word in set(account.name.lower().split()):
            bearers = self.named.setdefault(word, [])
            if len(bearers) < PAGE:
                bearers.append(account.id)

    def on_device(self, device: int) -> Iterator[Account]:
        """The accounts that use a device."""
        owner = self.accounts[device]
        if owner.device == device:
            yield owner
        for account in self.sharing_devices.get(device, ()):
            yield self.accounts[account]

    def add_video(self, video: Video) -> None:
        """Put in a video."""
        self.videos[video.id] = video
        self.videos_of.setdefault(video.author, []).append(video.id)

    def panel(self, account: int) -> list[int]:
        """The sticker sets of an account in the order of its panel (R42)."""
        places = self.sticker_sets.get(account, {})
        return sorted(places, key=places.__getitem__)

    def add_comment(self, comment: Comment) -> None:
        """Put in a comment; ids that the backend chooses come after all it has seen.

        ``comments_of`` holds those of each post in the order of their ids.
        """
        self.comments[comment.id] = comment
        insort(self.comments_of.setdefault(comment.post, []), comment.id)
        self.next_comment = max(self.next_comment, comment.id + 1)

    def add_reply(self, reply: Reply) -> None:
        """Put a page's answer under its comment; the commenter is mentioned in it (R161, R162)."""
        comment = self.comments[reply.comment]
        comment.replies.append(reply)
        comment.publicly_replied = True
        self.next_reply = reply.id + 1
        if comment.author != reply.page:
            mentions = self.mentions.setdefault(comment.author, [])
            mentions.append(reply)
            del mentions[:-MENTIONS]

    def sent_by(self, page: int) -> Sent:
        """What a page has sent of what is limited by rate, to count on."""
        return self.sent.setdefault(page, Sent())

    def add_report(self, report: Report) -> None:
        """Put in a report, which waits for a decision unless it is closed."""
        self.next_report = report.id + 1
        if report.open:
            self.reports.setdefault(report.accused, []).append(report)

    def close_report(self, accused: int) -> Report | None:
        """Take away the oldest report that waits; None if it is from before provisioning."""
        waiting = self.reports.get(accused)
        if not waiting:
            return None
        report = waiting.pop(0)
        report.open = False
        return report

    def conversation(self, one: int, other: int) -> Conversation | None:
        """What there is between two accounts, if anything."""
        return self.conversations.get(undirected(one, other))

    def add_conversation(self, conversation: Conversation) -> None:
        """Put in a conversation that already has its place in the order."""
        self.conversations[conversation.pair] = conversation
        self.moves = max(self.moves, conversation.moved)
        self.relist(conversation, NOWHERE)

    def begin(self, author: int, peer: int) -> Conversation:
        """The conversation of two accounts, made when there is none."""
        pair = undirected(author, peer)
        conversation = self.conversations.get(pair)
        if conversation is None:
            conversation = Conversation(pair >> 32, pair & 0xFFFF_FFFF, Thread.NONE, author)
            self.conversations[pair] = conversation
        return conversation

    def places(self, conversation: Conversation) -> Places:
        """The lists in which a conversation stands: of the lower account, and of the higher."""
        low, high = conversation.low, conversation.high
        return self._place(conversation, low), self._place(conversation, high)

    def relist(self, conversation: Conversation, before: Places, *, on_top: bool = False) -> None:
        """List a conversation where it belongs now.

        Args:
            conversation: which.
            before: where it stood before it changed.
            on_top: whether it becomes the newest of both its accounts.
        """
        if on_top:
            self.moves += 1
            conversation.moved = self.moves
        low, high = conversation.low, conversation.high
        _move(conversation, low, high, before[0], self._place(conversation, low), on_top)
        _move(conversation, high, low, before[1], self._place(conversation, high), on_top)

    def _place(self, conversation: Conversation, account: int) -> Lists | None:
        if conversation.view(account).visible <= 0:
            return None
        if conversation.thread == Thread.ACCEPTED or conversation.requester == account:
            return self.inboxes
        if conversation.thread == Thread.REQUESTED:
            return self.filtered if conversation.filtered else self.requests
        return None


def newest(lists: Lists, account: int, before: int | None) -> Iterator[tuple[int, Conversation]]:
    """An account's list with the other account of each, newest first.

    Args:
        lists: inboxes, requests or filtered requests.
        account: whose.
        before: the ``moved`` of the last one that is known already.
    """
    entries = lists.get(account, {})
    if before is None:
        return iter(reversed(entries.items()))
    known = takewhile(lambda entry: entry[1].moved < before, entries.items())
    return iter(reversed(list(known)))


def _move(
    conversation: Conversation,
    account: int,
    peer: int,
    before: Lists | None,
    after: Lists | None,
    on_top: bool,
) -> None:
    if before is after and not on_top:
        return
    # A key that is there would keep its place; lists are ordered by `moved`.
    if before is not None:
        before[account].pop(peer, None)
    if after is not None:
        after.setdefault(account, {})[peer] = conversation
