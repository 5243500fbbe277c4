"""The scenario: everything a run is told, as one frozen and checked value.

Every section is a table of the TOML file of the same name. Durations and times of the week are
written with units and held as integer microseconds.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from dmsim.rules.facts import Policy
from dmsim.scenario.behaviour import Archetype, Behaviour
from dmsim.scenario.campaigns import Campaigns
from dmsim.scenario.care import Care, Topics
from dmsim.scenario.curves import Curves
from dmsim.scenario.fields import (
    Duration,
    Name,
    Percentile,
    PositiveDuration,
    Section,
    Share,
    WeekTime,
    check_whole,
    fault,
)
from dmsim.scenario.moderation import Moderation
from dmsim.scenario.persons import MOST_ACCOUNTS_PER_CELL, Population
from dmsim.scenario.policy import PolicyValue, Profile, changed_policy, check_policy
from dmsim.scenario.shocks import Shocks
from dmsim.scenario.units import MILLISECOND_US, SECOND_US
from dmsim.vocabulary import Action, names

#: Far more than anybody studies at once.
MOST_BRANDS = 100_000

Metric = Literal["response", "service", "lateness", "blocked", "delivery", "arrival"]


class Time(Section):
    """When the simulation begins, and which part of it is recorded."""

    start: WeekTime = Field(
        description="Time of the week at which the simulation begins", examples=["fri 13:00"]
    )
    warm_up: Duration = Field(
        default=0, description="Simulated but not recorded, right after the start", examples=["1h"]
    )
    record: PositiveDuration = Field(
        description="Recorded, right after the warm-up", examples=["1h"]
    )

    @property
    def from_us(self) -> int:
        """The first recorded instant, in microseconds since Monday 00:00 of the first week."""
        return self.start + self.warm_up

    @property
    def until_us(self) -> int:
        """The end of the recording (not part of it), on the same clock."""
        return self.from_us + self.record


class Brand(Section):
    """A brand's page."""

    followers: Share = Field(description="Share of persons who follow the page", examples=[0.2])
    posts: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=10, description="Posts that can be commented on", examples=[10]
    )
    messages_per_week: float = Field(
        default=0.0,
        ge=0,
        le=1_000_000_000,
        description="Mean business messages that the brand writes unprompted in a week (R56, R57)",
        examples=[500],
    )
    topics: Topics = Field(default=Topics(), description="What comments on its posts are about")


class Replay(Section):
    """How the trace is replayed, and what makes a replay invalid."""

    speed: float = Field(
        default=1.0, gt=0, le=1_000_000, description="Simulated time over real time", examples=[60]
    )
    lateness_p99_budget: PositiveDuration = Field(
        default=50 * MILLISECOND_US,
        description="The sender's own lateness (p99) above which a run is invalid",
        examples=["50ms"],
    )
    core_budget: Share = Field(
        default=0.8,
        description="Share of its core, over the busiest five seconds, above which a replaying "
        "process measures itself",
        examples=[0.8],
    )
    clock_skew_budget: PositiveDuration = Field(
        default=5 * MILLISECOND_US,
        description="How well a worker's clock must be known against the master's",
        examples=["5ms"],
    )
    unordered_budget: Share = Field(
        default=0.05, description="Most actions that overlapped a conflicting one", examples=[0.05]
    )
    unjudged_budget: Share = Field(
        default=0.05,
        description="Most of the answered actions that could not be judged, without those that "
        "rest on what was left out or is not promised",
        examples=[0.05],
    )
    dropped_budget: Share = Field(
        default=0.0, description="Most actions that were never sent", examples=[0.0]
    )
    errors_budget: Share = Field(
        default=0.0, description="Most actions without an answer", examples=[0.0]
    )
    timeout: PositiveDuration = Field(
        default=30 * SECOND_US, description="Longest wait for an answer", examples=["30s"]
    )
    connections: Annotated[int, Field(ge=1, le=65_000)] = Field(
        default=1000, description="Connections to the backend, at most", examples=[1000]
    )
    delivery_probes: float = Field(
        default=5.0,
        ge=0,
        le=1000,
        description="Most messages per second whose recipient is asked for; 0 for none",
        examples=[5],
    )
    listen: bool = Field(
        default=False,
        description="Whether users who are online hold a connection that tells of messages",
        examples=[True],
    )
    listeners: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=10_000, description="Held connections at once, at most", examples=[10_000]
    )


class Limit(Section):
    """A limit that a replay has to keep."""

    metric: Metric = Field(examples=["response"])
    action: str = Field(
        default="all",
        description="The word of an action, or all",
        examples=["send_message"],
        json_schema_extra={"enum": ["all", *names(Action)]},
    )
    percentile: Percentile = Field(examples=[99])
    bound: PositiveDuration = Field(examples=["500ms"])

    @model_validator(mode="after")
    def _known_action(self) -> Self:
        if self.action not in ("all", *names(Action)):
            raise fault(
                "action", f"no such action; known: all, {', '.join(names(Action))}", self.action
            )
        return self


class Gate(Section):
    """The limits that decide whether a replay passes."""

    limits: tuple[Limit, ...] = Field(default=(), strict=False)


class Scenario(Section):
    """Everything a run is told."""

    model_config = ConfigDict(populate_by_name=True, title="dmsim scenario")

    schema_version: Literal[1] = Field(
        alias="schema",
        description="Version of this form, raised when old files could be misread",
        examples=[1],
    )
    name: Name = Field(description="Names the folders of runs", examples=["quickstart"])
    description: str = Field(default="", max_length=500, examples=["A quiet Friday"])
    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=1, description="The same seed gives the same trace", examples=[1]
    )
    time: Time
    population: Population
    archetypes: dict[Name, Archetype] = Field(
        min_length=1, max_length=100, examples=[{"ordinary": {"share": 1.0}}]
    )
    behaviour: Behaviour = Behaviour()
    curves: Curves = Curves()
    brands: dict[Name, Brand] = Field(default={}, max_length=MOST_BRANDS)
    care: Care = Care()
    campaigns: Campaigns = Field(default={})
    shocks: Shocks = Field(default={})
    moderation: Moderation = Moderation()
    profile: Profile = Field(
        default="current",
        description="The private-reply interface: as announced in 2016, or as it is today (R138)",
        examples=["current"],
    )
    policy: dict[str, PolicyValue] = Field(
        default={},
        description="Changes to the policy of the rules that the profile gives",
        json_schema_extra={"propertyNames": {"enum": list(Policy._fields)}},
    )
    replay: Replay = Replay()
    gate: Gate = Gate()

    @model_validator(mode="after")
    def _archetypes_are_everybody(self) -> Self:
        shares = (archetype.share for archetype in self.archetypes.values())
        check_whole(shares, "archetypes", "the shares of archetypes")
        return self

    @model_validator(mode="after")
    def _teams_serve_known_brands_once(self) -> Self:
        served: dict[str, str] = {}
        for name, team in self.care.teams.items():
            key = f"care.teams.{name}.brands"
            for brand in team.brands:
                if brand not in self.brands:
                    known = ", ".join(self.brands) or "none; add a table [brands.NAME]"
                    raise fault(key, f"no such brand; known: {known}", brand)
                if brand in served:
                    text = f"already served by team {served[brand]}; a brand has one team"
                    raise fault(key, text, brand)
                served[brand] = name
        return self

    @model_validator(mode="after")
    def _brands_are_known(self) -> Self:
        named = {f"campaigns.{name}.brand": c.brand for name, c in self.campaigns.items()}
        named |= {f"care.volumes.{name}": name for name in self.care.volumes}
        for team, told in self.care.teams.items():
            for shift, hours in told.roster.items():
                for brand in hours.brands:
                    named[f"care.teams.{team}.roster.{shift}.brands"] = brand
        for key, brand in named.items():
            if brand not in self.brands:
                known = ", ".join(self.brands) or "none; add a table [brands.NAME]"
                raise fault(key, f"no such brand; known: {known}", brand)
        return self

    @model_validator(mode="after")
    def _a_cell_holds_its_accounts(self) -> Self:
        persons, cells = self.population.persons, self.population.cells
        # The moderation team has an account of its own.
        others = len(self.brands) + 1
        if -(-persons // cells) + others > MOST_ACCOUNTS_PER_CELL:
            least = -(-persons // (MOST_ACCOUNTS_PER_CELL - others))
            most = MOST_ACCOUNTS_PER_CELL - others
            text = f"a cell holds at most {most} persons; write at least {least}"
            raise fault("population.cells", text, cells)
        return self

    @model_validator(mode="after")
    def _policy_is_known(self) -> Self:
        check_policy(self.policy, "policy.")
        changed_policy(self.policy, "policy.", self.profile)
        return self

    def rule_policy(self) -> Policy:
        """The rules' policy: ``seeds/policy.toml``, the profile, and this scenario's changes."""
        return changed_policy(self.policy, profile=self.profile)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values; ``Scenario.model_validate`` makes an equal scenario of it."""
        return self.model_dump(mode="json", by_alias=True)


def scenario_schema() -> dict[str, Any]:
    """The JSON schema of a scenario file, for editors and for checks elsewhere."""
    return Scenario.model_json_schema(by_alias=True, mode="serialization")
