"""The kinds of fields that every section of a scenario is made of."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from dmsim.scenario import units

#: The key of pydantic's context that holds the folder of the scenario's file.
FOLDER = "folder"
#: Shares written with a few decimals never sum to 1 exactly.
SHARE_TOLERANCE = 1e-6


class Section(BaseModel):
    """A table of a scenario: frozen, no unknown keys, no silent conversions, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _text(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


_DURATION = (
    PlainSerializer(units.format_duration, return_type=str),
    _text(units.DURATION_PATTERN, "1h30m"),
)

#: A language of names and texts.
Locale = Literal["en", "ru", "ar", "de", "es", "fr", "ja", "pt"]
#: Microseconds, written ``"90s"``.
Duration = Annotated[int, BeforeValidator(units.parse_duration), *_DURATION]
#: Microseconds, written ``"90s"``, more than none.
PositiveDuration = Annotated[int, BeforeValidator(units.parse_positive_duration), *_DURATION]
#: Microseconds since Monday 00:00, written ``"fri 13:00"``.
WeekTime = Annotated[
    int,
    BeforeValidator(units.parse_week_time),
    PlainSerializer(units.format_week_time, return_type=str),
    _text(units.WEEK_TIME_PATTERN, "fri 13:00"),
]
#: Microseconds since midnight, written ``"08:00"``.
DayTime = Annotated[
    int,
    BeforeValidator(units.parse_day_time),
    PlainSerializer(units.format_day_time, return_type=str),
    _text(units.DAY_TIME_PATTERN, "08:00"),
]
#: A whole number from 1, written ``2000``, ``"50k"`` or ``"2M"``.
Count = Annotated[
    int,
    BeforeValidator(units.parse_count),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": units.COUNT_PATTERN},
            ],
            "examples": [2000, "2M"],
        }
    ),
]
#: A percentile above 0 and up to 100, or ``"max"``.
Percentile = Annotated[
    float | Literal["max"],
    BeforeValidator(units.parse_percentile),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
                {"const": "max"},
            ]
        }
    ),
]
#: Hours between two clocks, written as the text of a number, ``"5.5"``; a key of a table.
UtcOffset = Annotated[
    str, AfterValidator(units.check_utc_offset), _text(units.UTC_OFFSET_PATTERN, "5.5")
]
#: A part of a whole, or the probability of something.
Share = Annotated[float, Field(ge=0, le=1)]
#: A name that a scenario gives to a brand, an archetype, a care team or itself.
Name = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64, strict=True)
]


def fault(key: str, text: str, value: object = None) -> PydanticCustomError:
    """An error of a check that spans several fields; ``key`` is the dotted key to mend.

    ``key`` is relative to the section whose validator raises it.
    """
    context: dict[str, Any] = {"text": text, "key": key, "value": value}
    return PydanticCustomError("across_fields", "{text}", context)


def check_whole(shares: Iterable[float], key: str, what: str) -> None:
    """Refuse shares that do not sum to 1."""
    total = math.fsum(shares)
    if abs(total - 1) > SHARE_TOLERANCE:
        raise fault(key, f"{what} sum to {total:.6g}; change them so that they sum to 1")


def beside_scenario(path: Path, info: ValidationInfo) -> Path:
    """A path that is relative to the scenario's file, or else to the current folder."""
    beside = Path((info.context or {}).get(FOLDER, "")) / path
    return beside if beside.exists() else path
