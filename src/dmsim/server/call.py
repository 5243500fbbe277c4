"""One action of an account under way: who asks for what, when, and what the rules say of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dmsim.rules.facts import PLAIN, ContentFacts
from dmsim.server.changes import Changes
from dmsim.server.facts import gather
from dmsim.server.http import Answer, HttpError
from dmsim.server.service import Service
from dmsim.server.state.accounts import Account, Video
from dmsim.server.state.comments import Comment
from dmsim.server.state.conversation import PAGE
from dmsim.server.state.world import World
from dmsim.vocabulary import Action, Reason, Setting, Verdict, Via


class Call(NamedTuple):
    """A request as a handler sees it.

    Attributes:
        service: the backend at work.
        actor: the account that acts.
        named: the id in the path, 0 where there is none.
        body: the decoded body, None where there is none.
        query: the parameters behind the path.
        now: the time of the action in microseconds.
    """

    service: Service
    actor: int
    named: int
    body: Any
    query: dict[str, str]
    now: int

    @property
    def world(self) -> World:
        """What there is."""
        return self.service.world

    @property
    def changes(self) -> Changes:
        """Where to note what has to become durable."""
        return self.service.store.changes

    @property
    def account(self) -> Account:
        """The account that acts."""
        return self.world.accounts[self.actor]

    def peer(self) -> int:
        """The other account that the path names.

        Raises:
            HttpError: 404 when there is none, 400 when it is one's own.
        """
        if not 0 <= self.named < len(self.world.accounts):
            raise HttpError(404, "no such account")
        if self.named == self.actor:
            raise HttpError(400, "the other account is one's own")
        return self.named

    def video(self) -> Video:
        """The video that the path names.

        Raises:
            HttpError: 404 when there is none.
        """
        video = self.world.videos.get(self.named)
        if video is None:
            raise HttpError(404, "no such video")
        return video

    def comment(self) -> Comment:
        """The comment that the path names.

        Raises:
            HttpError: 404 when there is none.
        """
        comment = self.world.comments.get(self.named)
        if comment is None:
            raise HttpError(404, "no such comment")
        return comment

    def decide(
        self,
        action: Action,
        target: int | None = None,
        *,
        content: ContentFacts = PLAIN,
        via: Via = Via.INBOX,
        setting: Setting | None = None,
        comment: Comment | None = None,
    ) -> tuple[Verdict, Reason]:
        """What the rules say; see :func:`dmsim.server.facts.gather`."""
        service = self.service
        facts = gather(
            service.world,
            service.decisions,
            service.policy,
            self.now,
            action,
            self.actor,
            target,
            content,
            via,
            setting,
            comment,
        )
        return service.decisions.decide(action, facts, service.policy)

    def page(self) -> tuple[int, int | None]:
        """How many entries of a list are wanted, and before which cursor.

        Raises:
            HttpError: 400 when they are no numbers or out of range.
        """
        return page_of(self.query)


Handler = Callable[[Call], Answer]


def page_of(query: dict[str, str]) -> tuple[int, int | None]:
    """The ``limit`` and the ``before`` of a query; see :meth:`Call.page`."""
    limit, before = PAGE, None
    if "limit" in query:
        limit = _number("limit", query["limit"])
        if not 1 <= limit <= PAGE:
            raise HttpError(400, f"limit must be from 1 to {PAGE}")
    if "before" in query:
        before = _number("before", query["before"])
    return limit, before


def _number(name: str, written: str) -> int:
    if not (written.isdigit() and written.isascii() and len(written) <= 18):
        raise HttpError(400, f"{name} is no number")
    return int(written)
