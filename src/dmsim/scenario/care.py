"""Care teams: who works when, how fast, and in which style; what cases and customers are like."""

import tomllib
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from dmsim.errors import UsageError
from dmsim.paths import data_path
from dmsim.scenario.fields import (
    DayTime,
    Duration,
    Locale,
    Name,
    PositiveDuration,
    Section,
    Share,
    check_whole,
    fault,
)
from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US, format_day_time

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WorkWord = Literal["thread", "escalation", "complaint", "question", "praise", "spam"]

#: What can wait for an agent, in the words of ``Team.priorities``.
WORK: tuple[WorkWord, ...] = get_args(WorkWord)
_EVERY_DAY: tuple[Day, ...] = get_args(Day)


class ServiceTime(Section):
    """How long something takes: a mean, and how it is spread.

    ``sigma`` is that of the logarithm, for the shape ``lognormal`` alone.
    """

    mean: PositiveDuration = Field(description="The mean", examples=["90s"])
    shape: Literal["exponential", "lognormal", "fixed"] = Field(
        default="exponential", description="How it is spread", examples=["lognormal"]
    )
    sigma: Annotated[float, Field(gt=0, le=3)] = Field(
        default=0.6, description="Of the logarithm of a lognormal time", examples=[0.6]
    )


def _service_time(value: Any) -> Any:
    """A duration alone is the mean of an exponential time."""
    return value if isinstance(value, dict | ServiceTime) else {"mean": value}


Service = Annotated[ServiceTime, BeforeValidator(_service_time)]


def _service(mean: int) -> ServiceTime:
    return ServiceTime.model_construct(mean=mean)


class Break(Section):
    """A break of everybody on a shift."""

    at: DayTime = Field(description="Begins at", examples=["12:00"])
    lasts: PositiveDuration = Field(description="Lasts", examples=["30m"])


@cache
def presets() -> dict[str, dict[str, Any]]:
    """The teams of ``seeds/care-presets.toml``: the keys of a team by the preset's name."""
    file = data_path("seeds") / "care-presets.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "restore the file as it came with dmsim"
        raise UsageError(f"{file}: cannot be read ({error}); {remedy}") from error


class RosterShift(Section):
    """A shift of a roster; ``until`` at or before ``from`` is on the next day."""

    model_config = ConfigDict(populate_by_name=True)

    days: tuple[Day, ...] = Field(
        default=_EVERY_DAY,
        strict=False,
        min_length=1,
        description="On these days",
        examples=[["mon"]],
    )
    start: DayTime = Field(alias="from", description="Begins at", examples=["08:00"])
    until: DayTime = Field(description="Ends at", examples=["16:00"])
    agents: Annotated[int, Field(ge=1, le=65_536)] = Field(
        description="Agents who work it", examples=[4]
    )
    breaks: tuple[Break, ...] = Field(default=(), strict=False, description="Of all its agents")
    languages: tuple[Locale, ...] = Field(
        default=(), strict=False, description="That they speak; empty: all", examples=[["en"]]
    )
    brands: tuple[Name, ...] = Field(
        default=(), strict=False, description="That they know; empty: all", examples=[["beauty"]]
    )

    @model_validator(mode="after")
    def _breaks_lie_in_the_shift(self) -> Self:
        length = (self.until - self.start) % DAY_US or DAY_US
        for pause in self.breaks:
            if (pause.at - self.start) % DAY_US + pause.lasts > length:
                told = "not within the shift; move or shorten the break, or lengthen the shift"
                raise fault("breaks", told, format_day_time(pause.at))
        return self


class Team(Section):
    """A care team, which answers comments publicly, then privately (R147, R149)."""

    preset: str = Field(
        default="",
        description="A team of seeds/care-presets.toml; what is written here goes before it",
        examples=["beauty"],
    )
    brands: tuple[Name, ...] = Field(
        strict=False, min_length=1, description="Brands the team serves", examples=[["beauty"]]
    )
    agents: Annotated[int, Field(ge=0, le=65_536)] = Field(
        default=0,
        description="Agents round the clock (R157); without meaning where there is a roster",
        examples=[3],
    )
    roster: dict[Name, RosterShift] = Field(
        default={}, description="Who works when; where no shift covers an hour nobody is on duty"
    )
    shrinkage: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0,
        description="Share of scheduled shifts that are not worked (illness, training)",
        examples=[0.2],
    )
    threads: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="Live threads that an agent holds at once", examples=[3]
    )
    slowdown: Annotated[float, Field(ge=0, le=10)] = Field(
        default=0.25,
        description="By so much each further live thread lengthens the handling of all that an "
        "agent has at hand, as long as they are at hand together",
        examples=[0.25],
    )
    priorities: tuple[WorkWord, ...] = Field(
        default=WORK, strict=False, description="What goes first; the first named is most urgent"
    )
    routing: str = Field(
        default="dmsim.care.routing:default",
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="The Python function that gives agents their work, as module:function",
        examples=["dmsim.care.routing:default"],
    )
    triage: Service = Field(
        default=_service(10 * SECOND_US), description="Reading a comment and sorting it"
    )
    public_reply: Service = Field(
        default=_service(90 * SECOND_US), description="Handling time of a public reply"
    )
    private_reply: Service = Field(
        default=_service(120 * SECOND_US), description="Handling time of a private reply"
    )
    answer: Service = Field(
        default=_service(120 * SECOND_US), description="Handling time of a turn in a thread"
    )
    templates: bool = Field(
        default=True, description="Replies are made of templates: faster, and alike (R174)"
    )
    template_speed: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.6, description="Share of the handling time of a reply that a template leaves"
    )
    personalise: Duration = Field(
        default=15 * SECOND_US,
        description="Making a templated reply personal takes so long more (R175)",
        examples=["15s"],
    )
    turns: Annotated[float, Field(ge=1, le=100)] = Field(
        default=2.0, description="Mean answers that settle a simple case (geometric)", examples=[2]
    )
    complex_turns: Annotated[float, Field(ge=1, le=100)] = Field(
        default=4.0, description="Mean answers that settle a complex case (R148)", examples=[4]
    )
    announces: Share = Field(
        default=1.0,
        description="Share of public replies that tell of the private one (R150, R167)",
        examples=[1.0],
    )
    private_share: Share = Field(
        default=1.0,
        description="Share of questions and complaints answered privately too, beside those that "
        "need personal data (R146, R153)",
        examples=[1.0],
    )
    hand_off: Share = Field(
        default=0.0,
        description="Share of threads handed to another channel (R187)",
        examples=[0.5],
    )
    follow_up: Duration = Field(
        default=0,
        description="Reminds a silent customer so long after the brand's last word, at a "
        "convenient hour (R123); 0s: never",
        examples=["4h"],
    )
    slips: Share = Field(
        default=0.0,
        description="Share of comments that somebody tries to answer privately once more, too late "
        "or before the public reply",
        examples=[0.01],
    )

    @model_validator(mode="before")
    @classmethod
    def _filled_from_preset(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not values.get("preset"):
            return values
        name, known = values["preset"], presets()
        if name not in known:
            told = f"no such preset; known: {', '.join(known)}"
            raise fault("preset", told, name)
        return {**known[name], **values}

    @model_validator(mode="after")
    def _is_staffed(self) -> Self:
        if not self.roster and self.agents < 1:
            raise fault("agents", "nobody works; write at least 1, or a roster", self.agents)
        if sorted(self.priorities) != sorted(WORK):
            told = ", ".join(WORK)
            raise fault("priorities", f"must name each kind of work once: {told}", self.priorities)
        return self


class Topics(Section):
    """What comments are about, as shares (R139)."""

    question: Share = 0.45
    complaint: Share = 0.25
    praise: Share = 0.22
    spam: Share = 0.08

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        parts = (self.question, self.complaint, self.praise, self.spam)
        check_whole(parts, "", "the shares of topics")
        return self


class Cases(Section):
    """What it takes to settle a case; of praise and spam nothing is asked."""

    complex_questions: Share = Field(
        default=0.15, description="Share of questions that take long (R148)"
    )
    complex_complaints: Share = Field(
        default=0.5, description="Share of complaints that take long (R148)"
    )
    personal_questions: Share = Field(
        default=0.15, description="Share of questions that need personal data (R152)"
    )
    personal_complaints: Share = Field(
        default=0.4, description="Share of complaints that need personal data (R152)"
    )


class Customers(Section):
    """How customers go on after they wrote."""

    opens_told: Share = Field(
        default=0.8, description="Who look at the private reply if it was announced (R168)"
    )
    opens_untold: Share = Field(default=0.4, description="Who look at it if it was not (R168)")
    told_after: PositiveDuration = Field(
        default=10 * MINUTE_US, description="Median time until they look if told (lognormal)"
    )
    untold_after: PositiveDuration = Field(
        default=2 * HOUR_US, description="Median time until they look if not told (lognormal)"
    )
    sigma: Annotated[float, Field(gt=0, le=3)] = Field(
        default=1.0, description="Of the logarithm of both"
    )
    forgets: PositiveDuration = Field(
        default=48 * HOUR_US,
        description="Mean time after which somebody who was not mentioned forgot the comment, and "
        "does not look (R163; exponential)",
        examples=["2d"],
    )
    answers: Share = Field(default=0.8, description="Who answer what the brand wrote, each time")
    thinks: PositiveDuration = Field(
        default=3 * MINUTE_US,
        description="Mean time for an answer in a thread that is open (exponential); in a "
        "population the sessions decide",
    )
    escalates: Share = Field(
        default=0.3, description="Who turn to the public when their patience is over (R151)"
    )
    patience: PositiveDuration = Field(
        default=24 * HOUR_US,
        description="Mean wait for any answer before that (exponential; R142)",
        examples=["24h"],
    )
    thread_patience: Duration = Field(
        default=0,
        description="Mean wait for an answer in a thread before leaving it (exponential); "
        "0s: nobody leaves",
        examples=["5m"],
    )
    leaves_silently: Share = Field(
        default=0.0,
        description="Of those who leave a thread, who do so without a word: an agent still answers "
        "them, and nobody reads it. What such a person of a population still writes after the "
        "agent has read that turn begins another case",
        examples=[0.5],
    )


class Volume(Section):
    """What reaches a brand in a week, where a team is run without a population."""

    comments_per_week: float = Field(default=0.0, ge=0, le=1_000_000_000, examples=[20_000])
    messages_per_week: float = Field(default=0.0, ge=0, le=1_000_000_000, examples=[5_000])


class Care(Section):
    """The care teams and their customers."""

    teams: dict[Name, Team] = Field(default={})
    cases: Cases = Cases()
    customers: Customers = Customers()
    volumes: dict[Name, Volume] = Field(
        default={},
        description="By brand: what reaches it in a run of the teams alone (dmsim care)",
        examples=[{"beauty": {"comments_per_week": 2000}}],
    )
    answered_by: Literal["public_reply", "private_reply"] = Field(
        default="public_reply",
        description="Which of the two replies answers a comment (R142, Q13)",
        examples=["public_reply"],
    )
    answered_within: PositiveDuration = Field(
        default=24 * HOUR_US,
        description="In this time a case should be answered (R142)",
        examples=["4h"],
    )
