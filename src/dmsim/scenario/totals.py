"""What is known of a service as a whole: its daily active users, and how much they write."""

from pydantic import Field

from dmsim.scenario.fields import Count, Section


class Totals(Section):
    """Known totals, from which rates follow: archetypes then only say who does more than others.

    Everybody's sessions are made more or fewer until so many persons are active on a mean day, and
    everybody's sessions longer or shorter until an active person writes so much on a mean day.
    """

    dau: Count = Field(
        description="Daily active users: persons who open the inbox on a mean day of the week",
        examples=["500k"],
    )
    messages_per_dau_day: float | None = Field(
        default=None,
        gt=0,
        le=10_000,
        description="Messages and shared content of persons on a mean day, for each of those",
        examples=[8.5],
    )
    reached: bool = Field(
        default=False,
        description="The archetypes' rates give these totals as they are; the scenario that a "
        "trace holds says so, and has the rates that were found",
    )
