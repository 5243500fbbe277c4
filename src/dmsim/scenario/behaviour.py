"""How persons use the product: the archetypes, and what all of them share."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from dmsim.scenario.curves import Curve
from dmsim.scenario.fields import (
    SHARE_TOLERANCE,
    PositiveDuration,
    Section,
    Share,
    check_whole,
    fault,
)
from dmsim.scenario.units import SECOND_US

#: What an archetype may begin in a step in which nothing waits; together at most 1.
PER_STEP = (
    "new_conversation",
    "persist",
    "share_content",
    "watch_video",
    "search_content",
    "change_setting",
    "follow",
    "unfollow",
    "block",
    "unblock",
    "check_read",
    "check_presence",
    "reread",
    "delete_message",
    "delete_conversation",
    "mute",
    "unmute",
    "change_read_status",
    "change_request_filter",
    "change_business_messages",
    "change_notifications",
    "manage_stickers",
    "change_video_privacy",
    "report_account",
    "report_content",
    "restrict_teen",
    "trespass",
    "read_comments",
)
#: What may be done with a request that one looks at; together at most 1, the rest ignores it.
PER_REQUEST = ("accept_request", "delete_request", "report_request", "block_requester")


class Addressees(Section):
    """Whom a person writes to unprompted (R33, R37, R66, Q15)."""

    followed: Share = Field(description="Somebody the person follows", examples=[0.75])
    contacts: Share = Field(description="A synced contact", examples=[0.1])
    acquaintances: Share = Field(
        default=0.0,
        description="Somebody suggested: a friend of a friend (R4, Q21)",
        examples=[0.1],
    )
    strangers: Share = Field(description="Anybody", examples=[0.05])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shares = (self.followed, self.contacts, self.acquaintances, self.strangers)
        check_whole(shares, "", "the shares of addressees")
        return self


def _chance(description: str, example: float) -> Any:
    return Field(default=0.0, description=description, examples=[example])


class Archetype(Section):
    """A way of using the product; what an archetype does not mention, it does not do.

    Besides numbers and shares of persons all values are probabilities: per step of a session in
    which nothing waits (``PER_STEP``), per request looked at (``PER_REQUEST``), or as described.
    """

    share: Share = Field(description="Share of persons of this archetype", examples=[0.5])
    sessions_per_week: float = Field(
        gt=0, le=10_000, description="Mean sessions in a week", examples=[20]
    )
    actions_per_session: float = Field(
        gt=0, le=1000, description="Mean actions in one", examples=[8]
    )
    comments_per_week: float = Field(
        default=0.0,
        ge=0,
        le=10_000,
        description="Mean comments on followed brands' posts",
        examples=[0.5],
    )
    brand_messages_per_week: float = Field(
        default=0.0,
        ge=0,
        le=10_000,
        description="Mean messages to followed brands outside sessions, by curves.messages (R103)",
        examples=[1.2],
    )
    videos: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="Mean videos that a person has made (R29-R31)",
        examples=[3],
    )
    fanout: float = Field(
        default=1.0,
        ge=1,
        le=100,
        description="Mean addressees of content that is shared (R27)",
        examples=[2],
    )
    young: Share = _chance("Share of persons who joined within the last week (Q17)", 0.05)
    prior_violations: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="Mean violations found before the start (R78, R84)",
        examples=[0.1],
    )
    curve: Curve | None = Field(
        default=None, description="The weekly curve of its sessions instead of curves.persons"
    )
    addressees: Addressees | None = Field(
        default=None, description="Addressees of this archetype instead of behaviour.addressees"
    )

    # As a field it would hide a method of pydantic's classes.
    registration: Share = Field(
        default=0.0,
        alias="register",
        description="An unregistered person's session begins with registering (R11)",
        examples=[0.3],
    )
    reply: Share = _chance("Answer an unread message", 0.5)
    violation: Share = _chance("A message written breaks the guidelines (R73)", 0.01)
    report_message: Share = _chance("Report a message that does, when reading it (R85)", 0.1)
    try_again: Share = _chance("Try another way after a refusal", 0.2)

    accept_request: Share = _chance("Accept a request seen (R64)", 0.5)
    delete_request: Share = _chance("Delete a request seen (R64)", 0.2)
    report_request: Share = _chance("Report a request seen (R64)", 0.02)
    block_requester: Share = _chance("Block the sender of a request seen (R93)", 0.02)

    new_conversation: Share = _chance("Write to somebody unprompted, per step", 0.05)
    persist: Share = _chance("Write again to the last addressee, per step", 0.01)
    share_content: Share = _chance("Share content with somebody, per step (R22)", 0.03)
    watch_video: Share = _chance("Watch somebody's video, per step (R92)", 0.1)
    search_content: Share = _chance("Search for content, per step", 0.05)
    change_setting: Share = _chance("Change who may write, per step (R6)", 0.005)
    follow: Share = _chance("Follow somebody, per step", 0.05)
    unfollow: Share = _chance("Unfollow, per step", 0.01)
    block: Share = _chance("Block somebody followed, per step (R91)", 0.002)
    unblock: Share = _chance("Unblock whom one blocked last, per step", 0.005)
    check_read: Share = _chance("See whether a message was read, per step (R9)", 0.03)
    check_presence: Share = _chance("See whether somebody is active, per step (R10)", 0.03)
    reread: Share = _chance("Open the last conversation again, per step (R18)", 0.02)
    delete_message: Share = _chance("Delete a message for oneself, per step (R48)", 0.01)
    delete_conversation: Share = _chance("Delete a conversation for oneself, per step", 0.005)
    mute: Share = _chance("Mute a conversation, per step (R51)", 0.005)
    unmute: Share = _chance("Unmute whom one muted last, per step (R51)", 0.005)
    change_read_status: Share = _chance("Switch read status, per step (R70)", 0.002)
    change_request_filter: Share = _chance("Switch the request filter, per step (R53)", 0.002)
    change_business_messages: Share = _chance(
        "Allow any business messages or no longer, per step (R56)", 0.002
    )
    change_notifications: Share = _chance("Switch notifications, per step (R7)", 0.002)
    manage_stickers: Share = _chance(
        "List, add, order or remove sticker sets, per step (R40-R44)", 0.01
    )
    change_video_privacy: Share = _chance("Make a video private or public, per step (R30)", 0.01)
    report_account: Share = _chance("Report an account, per step (R8)", 0.002)
    report_content: Share = _chance("Report a video, per step (R8)", 0.002)
    restrict_teen: Share = _chance(
        "A guardian restricts the linked teenager or lifts that, per step (R13)", 0.01
    )
    trespass: Share = _chance(
        "Try what only others may (authors, guardians, staff), per step", 0.01
    )

    read_comments: Share = _chance(
        "Read a comment under a brand's post with its answers, per step (R134, R144)", 0.02
    )

    @property
    def register(self) -> float:
        """The chance that an unregistered person's session begins with registering (R11)."""
        return self.registration

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self._check_sum(PER_REQUEST, "the probabilities per request")
        self._check_sum(PER_STEP, "the probabilities per step")
        return self

    def _check_sum(self, keys: Sequence[str], what: str) -> None:
        chances = {key: float(getattr(self, key)) for key in keys}
        total = math.fsum(chances.values())
        if total > 1 + SHARE_TOLERANCE:
            largest = sorted(chances, key=lambda key: -chances[key])[:3]
            text = (
                f"{what} add up to {total:.6g}, more than 1; lower {', '.join(largest)} or others"
            )
            raise fault(largest[0], text, chances[largest[0]])


class Content(Section):
    """Shares of messages written, by what they carry (R34, R35, R39); shared content is apart."""

    text: Share = Field(examples=[0.7])
    emoji: Share = Field(examples=[0.15])
    gif: Share = Field(examples=[0.07])
    sticker: Share = Field(examples=[0.08])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shares = (self.text, self.emoji, self.gif, self.sticker)
        check_whole(shares, "", "the shares of content")
        return self


class Severities(Section):
    """Shares of violations, by how grave they are (R73, R78-R81)."""

    minor: Share = Field(examples=[0.75])
    severe: Share = Field(examples=[0.22])
    zero_tolerance: Share = Field(examples=[0.03])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shares = (self.minor, self.severe, self.zero_tolerance)
        check_whole(shares, "", "the shares of severities")
        return self


class Behaviour(Section):
    """What all archetypes share."""

    think_time_median: PositiveDuration = Field(
        default=12 * SECOND_US,
        description="Median pause between two actions of a session (lognormal)",
        examples=["12s"],
    )
    think_time_sigma: float = Field(
        default=1.0, ge=0, le=2.5, description="Sigma of its logarithm", examples=[1.0]
    )
    notified_visit: Share = Field(
        default=0.5, description="Chance that a new message brings its recipient", examples=[0.5]
    )
    visit_delay_median: PositiveDuration = Field(
        default=120 * SECOND_US,
        description="Median time until the recipient comes (lognormal)",
        examples=["2m"],
    )
    visit_delay_sigma: float = Field(
        default=1.5, ge=0, le=2.5, description="Sigma of its logarithm", examples=[1.5]
    )
    burst: float = Field(
        default=1.5,
        ge=1,
        le=100,
        description="Mean messages that somebody writes in a row (geometric)",
        examples=[1.5],
    )
    burst_gap_median: PositiveDuration = Field(
        default=10 * SECOND_US,
        description="Median pause between two of them (lognormal)",
        examples=["10s"],
    )
    burst_gap_sigma: float = Field(
        default=0.9, ge=0, le=2.5, description="Sigma of its logarithm", examples=[0.9]
    )
    circle: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="How many of the followed are close to a person", examples=[5]
    )
    circle_share: Share = Field(
        default=0.6,
        description="Share of what is written unprompted to somebody followed that goes to those",
        examples=[0.6],
    )
    addressees: Addressees = Addressees(
        followed=0.75, contacts=0.1, acquaintances=0.1, strangers=0.05
    )
    content: Content = Content(text=0.7, emoji=0.15, gif=0.07, sticker=0.08)
    severities: Severities = Severities(minor=0.75, severe=0.22, zero_tolerance=0.03)
