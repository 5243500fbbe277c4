"""The persons of a scenario: how many, how connected, and how they use the product."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dmsim.scenario.fields import (
    Count,
    PositiveDuration,
    Section,
    Share,
    check_whole,
    fault,
)
from dmsim.scenario.units import SECOND_US

#: Cells are the upper bits of an action's ``seq``, a 64-bit number.
MOST_CELLS = 1 << 22
#: The engine packs a person of a cell into 22 bits.
MOST_PERSONS_PER_CELL = 1 << 22

Locale = Literal["en", "ru"]
PlatformName = Literal["ios", "android", "web"]


class Ages(Section):
    """Shares of persons by what their age lets them do (R12, R13, R71)."""

    under_16: Share = Field(description="Under 16: no direct messages (R12)", examples=[0.04])
    teens: Share = Field(description="16 and 17", examples=[0.16])
    adults: Share = Field(description="18 and older", examples=[0.8])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_whole((self.under_16, self.teens, self.adults), "", "the shares of ages")
        return self


class SettingShares(Section):
    """Shares of persons by who may send them direct messages (R61, R65, R67, R68)."""

    everyone: Share = Field(examples=[0.4])
    suggested: Share = Field(examples=[0.2])
    friends: Share = Field(examples=[0.3])
    no_one: Share = Field(examples=[0.1])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        shares = (self.everyone, self.suggested, self.friends, self.no_one)
        check_whole(shares, "", "the shares of settings")
        return self


class Settings(Section):
    """Who may send direct messages, by the age of the recipient."""

    adults: SettingShares = SettingShares(everyone=0.4, suggested=0.25, friends=0.3, no_one=0.05)
    teens: SettingShares = SettingShares(everyone=0.05, suggested=0.2, friends=0.55, no_one=0.2)


class Graph(Section):
    """How persons are connected."""

    follows_mean: float = Field(
        default=20.0,
        ge=0,
        description="Persons whom a person follows, on average, before duplicates are merged",
        examples=[20],
    )
    reciprocity: Share = Field(
        default=0.4, description="Share of follows that are followed back (R5)", examples=[0.4]
    )
    contacts_mean: float = Field(
        default=6.0, ge=0, description="Synced contacts of a person, on average", examples=[6]
    )


class Population(Section):
    """The persons, before anything happens."""

    persons: Count = Field(
        le=1_000_000_000, description="How many persons, over all cells", examples=[2000]
    )
    cells: Annotated[int, Field(ge=1, le=MOST_CELLS)] = Field(
        default=1, description="Closed worlds into which the persons are divided", examples=[1]
    )
    locales: dict[Locale, Share] = Field(
        default={"en": 1.0}, description="Languages of names and texts", examples=[{"en": 1.0}]
    )
    platforms: dict[PlatformName, Share] = Field(
        default={"ios": 0.4, "android": 0.5, "web": 0.1},
        description="Devices",
        examples=[{"ios": 0.4, "android": 0.6}],
    )
    ages: Ages = Ages(under_16=0.04, teens=0.16, adults=0.8)
    registered: Share = Field(
        default=1.0, description="Share of persons with a registered account (R11)", examples=[0.98]
    )
    settings: Settings = Settings()
    graph: Graph = Graph()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        check_whole(self.locales.values(), "locales", "the shares of locales")
        check_whole(self.platforms.values(), "platforms", "the shares of platforms")
        per_cell = self.persons // self.cells
        if per_cell < 1:
            text = f"more cells than persons ({self.persons}); lower it or raise population.persons"
            raise fault("cells", text, self.cells)
        if per_cell >= MOST_PERSONS_PER_CELL:
            least = self.persons // MOST_PERSONS_PER_CELL + 1
            text = (
                f"a cell holds fewer than {MOST_PERSONS_PER_CELL} persons; write at least {least}"
            )
            raise fault("cells", text, self.cells)
        for key in ("follows_mean", "contacts_mean"):
            mean = getattr(self.graph, key)
            if mean > per_cell - 1:
                others = f"in a cell of {per_cell} persons each has only {per_cell - 1} others"
                remedy = "lower it or raise population.persons"
                raise fault(f"graph.{key}", f"{others}; {remedy}", mean)
        return self


class Archetype(Section):
    """A way of using the product; what an archetype does not mention, it does not do.

    All but the first four are probabilities: per unread message or request seen, or per step of a
    session in which nothing waits.
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
    new_conversation: Share = Field(
        default=0.0, description="Write to somebody unprompted, per step", examples=[0.05]
    )
    reply: Share = Field(default=0.0, description="Answer an unread message", examples=[0.5])
    accept_request: Share = Field(default=0.0, description="Accept a request seen", examples=[0.5])
    delete_request: Share = Field(default=0.0, description="Delete a request seen", examples=[0.2])
    block_requester: Share = Field(
        default=0.0, description="Block the sender of a request seen", examples=[0.02]
    )
    change_setting: Share = Field(
        default=0.0, description="Change who may write, per step", examples=[0.005]
    )
    follow: Share = Field(default=0.0, description="Follow somebody, per step", examples=[0.05])
    unfollow: Share = Field(default=0.0, description="Unfollow, per step", examples=[0.01])
    block: Share = Field(
        default=0.0, description="Block somebody followed, per step", examples=[0.002]
    )
    unblock: Share = Field(
        default=0.0, description="Unblock whom one blocked last, per step", examples=[0.005]
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        request = self.accept_request + self.delete_request + self.block_requester
        if request > 1:
            text = "accept_request, delete_request and block_requester add up to more than 1"
            raise fault("accept_request", f"{text}; lower one", self.accept_request)
        step = self.new_conversation + self.change_setting + self.follow + self.unfollow
        if step + self.block + self.unblock > 1:
            text = "the probabilities per step add up to more than 1"
            raise fault("new_conversation", f"{text}; lower one", self.new_conversation)
        return self


class Addressees(Section):
    """Whom a person writes to unprompted (R33, R37, R66, Q15)."""

    followed: Share = Field(description="Somebody the person follows", examples=[0.75])
    contacts: Share = Field(description="A synced contact", examples=[0.1])
    strangers: Share = Field(description="Anybody", examples=[0.15])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_whole((self.followed, self.contacts, self.strangers), "", "the shares of addressees")
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
    addressees: Addressees = Addressees(followed=0.75, contacts=0.1, strangers=0.15)
