"""The platform's moderation: what the machine finds, and who decides about the rest (R73-R77)."""

from typing import Annotated

from pydantic import ConfigDict, Field

from dmsim.scenario.fields import DayTime, Duration, Name, PositiveDuration, Section, Share
from dmsim.scenario.units import MINUTE_US, SECOND_US

_Moderators = Annotated[int, Field(ge=0, le=65_536)]


class Shift(Section):
    """Daily hours of some moderators; ``until`` at or before ``from`` is on the next day."""

    model_config = ConfigDict(populate_by_name=True)

    start: DayTime = Field(alias="from", description="Begins every day at", examples=["08:00"])
    until: DayTime = Field(description="Ends at", examples=["20:00"])
    moderators: _Moderators = Field(description="Moderators on duty in it", examples=[3])


class Moderation(Section):
    """Automatic detection, and the moderators who decide on removals and reports (R75-R77, R97)."""

    moderators: _Moderators = Field(
        default=2,
        description="Moderators round the clock; without meaning where there are shifts",
        examples=[2],
    )
    shifts: dict[Name, Shift] = Field(
        default={},
        description="Daily hours; where no shift covers an hour nobody is on duty",
        examples=[{"day": {"from": "08:00", "until": "20:00", "moderators": 3}}],
    )
    review: PositiveDuration = Field(
        default=3 * MINUTE_US,
        description="Mean time for a decision (exponential)",
        examples=["3m"],
    )
    recall: Share = Field(
        default=0.7, description="Share of violations that are detected (R73, R75)", examples=[0.7]
    )
    precision: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.9, description="Share of detected messages that are violations", examples=[0.9]
    )
    accuracy: Share = Field(
        default=0.95, description="Share of decisions that are right (R76)", examples=[0.95]
    )
    automatic_delay: Duration = Field(
        default=5 * SECOND_US,
        description="From a removal to what it brings its sender (R75)",
        examples=["5s"],
    )
