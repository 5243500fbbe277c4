"""What a shifts file tells: the shifts, the people who may work them, prices, and the weeks."""

from datetime import date
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from dmsim.scenario.care import Day
from dmsim.scenario.fields import DayTime, Duration, Name, PositiveDuration, Section, fault
from dmsim.scenario.units import DAY_US, DAYS, HOUR_US, MINUTE_US, format_duration

#: Minutes, in which rosters count.
HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60
#: More is no care team.
MOST_PEOPLE = 10_000


def minutes(duration_us: int) -> int:
    """Whole minutes of a checked duration."""
    return duration_us // MINUTE_US


def _whole_minutes(duration_us: int) -> int:
    if duration_us % MINUTE_US:
        raise ValueError('a roster counts minutes; write whole ones, such as "30m"')
    return duration_us


def _day(value: Any) -> Any:
    """TOML has dates; they may also be written as text."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("not a date; write one such as 2026-12-21") from None


Minutes = Annotated[Duration, AfterValidator(_whole_minutes)]
PositiveMinutes = Annotated[PositiveDuration, AfterValidator(_whole_minutes)]
Price = Annotated[float, Field(ge=0, le=1e9)]
Factor = Annotated[float, Field(ge=0, le=1_000)]
Date = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class Pause(Section):
    """A break of a shift, in which nobody of it works."""

    after: PositiveMinutes = Field(description="Begins so long after the shift", examples=["4h"])
    lasts: PositiveMinutes = Field(description="Lasts", examples=["30m"])


class ShiftTemplate(Section):
    """A shift that people may be given.

    What it costs is ``cost_per_hour`` for the hours without breaks and ``cost_per_shift`` on top.
    """

    starts: tuple[DayTime, ...] = Field(
        strict=False, min_length=1, description="May begin at", examples=[["06:00", "07:00"]]
    )
    lasts: PositiveMinutes = Field(description="Lasts, breaks included", examples=["8h"])
    breaks: tuple[Pause, ...] = Field(default=(), strict=False, description="In which nobody works")
    days: tuple[Day, ...] = Field(
        default=get_args(Day),
        strict=False,
        min_length=1,
        description="May begin on these days",
        examples=[["mon"]],
    )
    most: Annotated[int, Field(ge=0, le=MOST_PEOPLE)] | None = Field(
        default=None, description="People who begin it on one day, at most", examples=[4]
    )
    cost_per_hour: Price = Field(default=0.0, description="Of a person's worked hour")
    cost_per_shift: Price = Field(default=0.0, description="Of a person on the shift, on top")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.lasts > DAY_US:
            told = 'longer than a day; write at most "24h"'
            raise fault("lasts", told, format_duration(self.lasts))
        for pause in self.breaks:
            if pause.after + pause.lasts >= self.lasts:
                told = "ends the shift or lies outside it; move or shorten the break"
                raise fault("breaks", told, format_duration(pause.after))
        if any(start >= DAY_US for start in self.starts):
            raise fault("starts", 'begins the next day; write "00:00"', "24:00")
        return self


class People(Section):
    """People of one contract, who may stand in for one another.

    ``skills`` are what a demand may ask for; who lists none has all of them.
    """

    available: Annotated[int, Field(ge=0, le=MOST_PEOPLE)] = Field(
        description="How many there are", examples=[12]
    )
    shifts: tuple[Name, ...] = Field(
        default=(), strict=False, description="That they work; empty: all", examples=[["early"]]
    )
    skills: tuple[Name, ...] = Field(
        default=(), strict=False, description="That they have; empty: all", examples=[["en"]]
    )
    rest: Minutes = Field(
        default=11 * HOUR_US,
        description="At least so long between the end of a shift and the begin of the next",
        examples=["11h"],
    )
    days_off: Annotated[int, Field(ge=0, le=7)] = Field(
        default=2, description="Days of a week on which no shift of theirs begins, at least"
    )
    most_hours: PositiveMinutes | None = Field(
        default=None, description="Worked in a week at most, without breaks", examples=["20h"]
    )

    @model_validator(mode="after")
    def _rests_within_a_week(self) -> Self:
        if self.rest > 5 * DAY_US:
            raise fault("rest", 'longer than five days; write at most "5d"', None)
        return self


class Prices(Section):
    """What a person-hour costs that is missing, or that nobody needs (its pay comes on top)."""

    missing: Annotated[float, Field(gt=0, le=1e9)] = Field(
        description="Of a required hour that nobody covers", examples=[100.0]
    )
    surplus: Price = Field(default=0.0, description="Of a worked hour that nobody requires")


class Horizon(Section):
    """How many weeks are planned, and how the demand changes from one to the next."""

    start: Date | None = Field(
        default=None, description="The Monday of the first week", examples=["2026-12-21"]
    )
    weeks: Annotated[int, Field(ge=1, le=53)] = Field(
        default=1, description="How many", examples=[4]
    )
    growth: Annotated[float, Field(gt=-1, le=10)] = Field(
        default=0.0, description="Of the demand from each week to the next", examples=[0.02]
    )
    factors: tuple[Factor, ...] = Field(
        default=(),
        strict=False,
        description="Of the demand of each week, such as a season; empty: 1 for all",
        examples=[[1.0, 1.4]],
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.start is not None and self.start.weekday():
            raise fault("start", "not a Monday; weeks begin on Mondays", self.start.isoformat())
        if self.factors and len(self.factors) != self.weeks:
            told = f"{len(self.factors)} factors for {self.weeks} weeks; write one for each"
            raise fault("factors", told)
        return self

    def factor(self, week: int) -> float:
        """What the demand of a week (from 0) is multiplied by."""
        season = self.factors[week] if self.factors else 1.0
        return float(season * (1 + self.growth) ** week)


class ShiftsFile(Section):
    """A whole shifts file.

    ``holidays`` gives the factor of the demand of a date (``"2026-12-25"``) or a day of the week
    (``sun``); a date goes before its day. On a day of factor 0 no shift begins.
    """

    schema_: Literal[1] = Field(alias="schema", description="The version of this form")
    shifts: dict[Name, ShiftTemplate] = Field(min_length=1)
    people: dict[Name, People] = Field(min_length=1)
    prices: Prices
    horizon: Horizon = Horizon()
    holidays: dict[str, Factor] = Field(default={}, examples=[{"sun": 0, "2026-12-25": 0.5}])

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for name, people in self.people.items():
            for shift in people.shifts:
                if shift not in self.shifts:
                    told = f"no such shift; known: {', '.join(self.shifts)}"
                    raise fault(f"people.{name}.shifts", told, shift)
        for key in self.holidays:
            if key not in DAYS:
                self._check_date(key)
        return self

    def _check_date(self, key: str) -> None:
        try:
            found = date.fromisoformat(key)
        except ValueError:
            told = 'neither a day of the week nor a date; write "sun" or "2026-12-25"'
            raise fault(f"holidays.{key}", told) from None
        if self.horizon.start is None:
            raise fault(f"holidays.{key}", "a date; say when the weeks begin: horizon.start")
        if not 0 <= (found - self.horizon.start).days < 7 * self.horizon.weeks:
            raise fault(f"holidays.{key}", "outside the weeks of the horizon; remove or correct it")

    def day_factors(self, week: int) -> tuple[float, ...]:
        """What the demand of each day of a week (from 0) is multiplied by, Monday first."""
        return tuple(self._day_factor(week, day) for day in range(len(DAYS)))

    def closed(self, week: int) -> frozenset[int]:
        """The days of a week (from 0) on which no shift begins, 0 for Monday."""
        return frozenset(day for day, factor in enumerate(self.day_factors(week)) if not factor)

    def _day_factor(self, week: int, day: int) -> float:
        start = self.horizon.start
        if start is not None:
            told = date.fromordinal(start.toordinal() + 7 * week + day).isoformat()
            if told in self.holidays:
                return self.holidays[told]
        return self.holidays.get(DAYS[day], 1.0)


def shifts_schema() -> dict[str, Any]:
    """The JSON schema of a shifts file, for editors."""
    return ShiftsFile.model_json_schema(by_alias=True, mode="serialization")
