"""What brands and the world do beside the daily run: contests, mailings, incidents."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dmsim.scenario.care import Topics
from dmsim.scenario.fields import (
    Duration,
    Name,
    PositiveDuration,
    Section,
    Share,
    WeekTime,
    fault,
)
from dmsim.scenario.units import HOUR_US, WEEK_US, format_duration


class Campaign(Section):
    """Something that begins at an hour of every week and brings comments or messages with it.

    ``engagement`` is a post that invites comments (R114), ``incident`` an event that brings
    complaints (R176), ``mailing`` a message to many (R121), ``chat_bot`` one that expects an answer
    (R121, R122), ``sponsored`` an advertisement to those who talked with the brand (R155, R156).
    """

    kind: Literal["engagement", "incident", "mailing", "chat_bot", "sponsored"] = Field(
        examples=["engagement"]
    )
    brand: Name = Field(description="Whose", examples=["beauty"])
    at: WeekTime = Field(description="When it begins, each week", examples=["wed 16:00"])
    lasts: PositiveDuration = Field(
        default=2 * HOUR_US,
        description="For how long comments come, or messages go out",
        examples=["2h"],
    )
    comments: float = Field(
        default=0.0,
        ge=0,
        le=1_000_000_000,
        description="Mean comments that it brings (engagement, incident)",
        examples=[300],
    )
    topics: Topics | None = Field(
        default=None, description="What these are about, instead of the brand's own shares"
    )
    untemplated: Duration = Field(
        default=0,
        description="So long after it began no template fits its comments (R176)",
        examples=["4h"],
    )
    recipients: Share = Field(
        default=0.0,
        description="Share of the followers whom it is addressed to (mailing, chat_bot, sponsored)",
        examples=[0.3],
    )

    def untemplates(self, at: int, start: int) -> bool:
        """Whether no template fits a comment written at a time, because of the campaign (R176).

        Args:
            at: µs of the trace's clock.
            start: when the simulation begins; what began before that is no part of it.
        """
        begun = (at - self.at) % WEEK_US
        return begun < self.untemplated and at - begun >= start

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.lasts > WEEK_US:
            told = "longer than a week, after which it begins anew; shorten it"
            raise fault("lasts", told, format_duration(self.lasts))
        brings = self.kind in ("engagement", "incident")
        key = "comments" if brings else "recipients"
        if not getattr(self, key):
            raise fault(key, f"nothing happens; write how many, more than 0, for {self.kind}", 0)
        return self


Campaigns = Annotated[dict[Name, Campaign], Field(max_length=1000)]
