"""The persons of a scenario: how many, how old, how connected, and with which settings."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dmsim.scenario.ages import AgeBand, Ages, check_adult_ages, default_adult_ages
from dmsim.scenario.fields import Count, Locale, Section, Share, UtcOffset, check_whole, fault
from dmsim.scenario.graph import Graph
from dmsim.scenario.totals import Totals

#: Cells are the upper bits of an action's ``seq``, a 64-bit number.
MOST_CELLS = 1 << 22
#: The engine packs an account of a cell into 22 bits.
MOST_ACCOUNTS_PER_CELL = 1 << 22

PlatformName = Literal["ios", "android", "web"]


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
    # The platform gives new accounts of 16 and 17 "no one"; most keep it (seeds/SOURCES.md).
    teens: SettingShares = SettingShares(everyone=0.03, suggested=0.07, friends=0.2, no_one=0.7)


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
    adult_ages: dict[AgeBand, Share] = Field(
        default_factory=default_adult_ages,
        description="Shares of adults by years of age, each year of a band as likely",
        examples=[{"18-24": 0.3, "25-44": 0.5, "45-70": 0.2}],
    )
    registered: Share = Field(
        default=1.0, description="Share of persons with a registered account (R11)", examples=[0.98]
    )
    second_accounts: Share = Field(
        default=0.5,
        description="Share of unregistered persons who use the device of a registered one (R80)",
        examples=[0.5],
    )
    settings: Settings = Settings()
    limited_options: Share = Field(
        default=0.1,
        description='Share of persons to whom "everyone" is not offered (R60)',
        examples=[0.1],
    )
    allow_business: Share = Field(
        default=0.5,
        description="Share of persons who allow any business messages (R56)",
        examples=[0.5],
    )
    changed_defaults: Share = Field(
        default=0.1,
        description="Share of persons who switched over, each for itself: read status (R70), "
        "request filter (R53), notifications (R7)",
        examples=[0.1],
    )
    without_stickers: Share = Field(
        default=0.05,
        description="Share of persons in regions without stickers (R45)",
        examples=[0.05],
    )
    guardians: Share = Field(
        default=0.3,
        description="Share of registered 16- and 17-year-olds who are linked to a guardian (R14)",
        examples=[0.3],
    )
    restricted: Share = Field(
        default=0.3,
        description="Share of those whose messages the guardian has restricted (R13)",
        examples=[0.3],
    )
    utc_offsets: dict[UtcOffset, Share] = Field(
        default={"0": 1.0},
        description="Shares of persons by how many hours their clocks are ahead of the trace's",
        examples=[{"0": 0.5, "3": 0.3, "-5": 0.2}],
    )
    graph: Graph = Graph()
    totals: Totals | None = Field(
        default=None, description="Known totals of the service, from which rates follow"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        check_whole(self.locales.values(), "locales", "the shares of locales")
        check_whole(self.platforms.values(), "platforms", "the shares of platforms")
        check_adult_ages(self.adult_ages)
        check_whole(self.utc_offsets.values(), "utc_offsets", "the shares of UTC offsets")
        per_cell = self.persons // self.cells
        if per_cell < 1:
            text = f"more cells than persons ({self.persons}); lower it or raise population.persons"
            raise fault("cells", text, self.cells)
        if self.totals and self.totals.dau > self.persons:
            text = f"more than there are persons ({self.persons}); lower it or raise persons"
            raise fault("totals.dau", text, self.totals.dau)
        if self.graph.edges and self.cells > 1:
            text = "an edge list is for one cell; remove it or set population.cells = 1"
            raise fault("graph.edges", text, self.graph.edges)
        means = ["contacts_mean", "acquaintances_mean"]
        for key in means if self.graph.edges else ["follows_mean", *means]:
            mean = getattr(self.graph, key)
            if mean > per_cell - 1:
                others = f"in a cell of {per_cell} persons each has only {per_cell - 1} others"
                remedy = "lower it or raise population.persons"
                raise fault(f"graph.{key}", f"{others}; {remedy}", mean)
        return self
