"""What changes the level of activity once: growth, a step, a flash crowd."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dmsim.scenario.fields import (
    Duration,
    Name,
    PositiveDuration,
    Section,
    WeekTime,
    fault,
)
from dmsim.scenario.units import HOUR_US, MINUTE_US, WEEK_US

Activity = Literal["sessions", "comments", "messages"]

#: Far beyond any crowd, and small enough that a run still ends; growth stops there.
MOST_FACTOR = 10_000


class Shock(Section):
    """A lasting or passing change of the rate at which persons become active.

    Shocks multiply: two that double the rate make four times as much.
    """

    kind: Literal["growth", "step", "flash_crowd"] = Field(
        description="By a share each week; by a factor at once; up to a factor and back again",
        examples=["flash_crowd"],
    )
    of: tuple[Activity, ...] = Field(
        default=("sessions", "comments", "messages"),
        strict=False,
        min_length=1,
        description="Which activity: sessions, comments on brands' posts, messages to brands",
        examples=[["sessions"]],
    )
    at: WeekTime = Field(description="When it begins", examples=["fri 14:00"])
    week: Annotated[int, Field(ge=1, le=520)] = Field(
        default=1, description="In which week of the simulated time", examples=[1]
    )
    factor: float | None = Field(
        default=None,
        ge=0,
        le=MOST_FACTOR,
        description="The rate afterwards (step) or at the peak (flash_crowd) over that before",
        examples=[3.0],
    )
    per_week: float | None = Field(
        default=None,
        ge=-1,
        le=10,
        description="By this share the rate grows each week, compounding (growth)",
        examples=[0.05],
    )
    lasts: Duration = Field(
        default=0,
        description="Growth or a step ends after that; the level then reached by growth stays, "
        "a step goes back; 0s: never",
        examples=["2d"],
    )
    rises: PositiveDuration = Field(
        default=10 * MINUTE_US,
        description="From its beginning to the peak of a flash crowd, evenly",
        examples=["10m"],
    )
    half_life: PositiveDuration = Field(
        default=HOUR_US, description="Then half of the crowd is gone in that time", examples=["1h"]
    )

    @property
    def begins(self) -> int:
        """µs since Monday 00:00 of the first week."""
        return self.at + (self.week - 1) * WEEK_US

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        wanted, other = ("per_week", "factor") if self.kind == "growth" else ("factor", "per_week")
        if getattr(self, wanted) is None:
            raise fault(wanted, f"missing; a {self.kind} needs it: by how much?", None)
        if getattr(self, other) is not None:
            told = f"without meaning for a {self.kind}, which has {wanted}; remove it"
            raise fault(other, told, getattr(self, other))
        if self.kind == "flash_crowd" and (self.factor or 0) < 1:
            raise fault("factor", "a crowd brings more, not less; write 1 or more", self.factor)
        return self


Shocks = Annotated[dict[Name, Shock], Field(max_length=100)]
