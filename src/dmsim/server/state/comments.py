"""Comments with the page's answers, what a page has sent by rate, and how cases end."""

from dataclasses import dataclass, field
from typing import NamedTuple

from dmsim.server.state.accounts import HOUR, SECOND
from dmsim.vocabulary import Action


class Reply(NamedTuple):
    """A page's public answer to a comment, which mentions the commenter (R143, R161).

    ``announces`` says that it tells of a private message (R150, R167).
    """

    id: int
    comment: int
    page: int
    at: int
    text: str
    announces: bool


@dataclass(slots=True)
class Comment:
    """A comment under a post and how the page has answered it.

    ``text`` is None for comments from before provisioning, whose ``replies`` are not known either;
    ``personal`` says that the private reply asks for personal data (R152, R153).
    """

    id: int
    post: int
    author: int
    at: int
    text: str | None = None
    publicly_replied: bool = False
    privately_replied: bool = False
    personal: bool = False
    replies: list[Reply] = field(default_factory=list)


class CaseEnd(NamedTuple):
    """What a page did to a customer's case: resolved it or handed it off (R151, R187).

    ``comment`` is the one that the case began with, -1 for none.
    """

    id: int
    action: Action
    page: int
    person: int
    comment: int
    at: int


@dataclass(slots=True)
class Sent:
    """How much a page has sent of what is limited by rate; -1 for no such hour or second yet.

    Hours and seconds are those of the clock: a count begins anew with each of them.
    """

    hour: int = -1
    private_replies: int = 0
    second: int = -1
    mailed: int = 0

    def private_replies_in_hour_of(self, now: int) -> int:
        """Private replies in the hour that is under way (R129)."""
        return self.private_replies if self.hour == now // HOUR else 0

    def mailed_in_second_of(self, now: int) -> int:
        """Mailings and sponsored messages in the second that is under way (R121)."""
        return self.mailed if self.second == now // SECOND else 0

    def count_private_reply(self, now: int) -> None:
        """One more private reply."""
        self.private_replies = self.private_replies_in_hour_of(now) + 1
        self.hour = now // HOUR

    def count_mailing(self, now: int) -> None:
        """One more mailing or sponsored message."""
        self.mailed = self.mailed_in_second_of(now) + 1
        self.second = now // SECOND
