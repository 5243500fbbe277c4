"""Which weekly curves activity follows, and whose clock their hours are."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from dmsim.paths import data_path
from dmsim.scenario.curve_file import check_steps, check_weights, read_curve
from dmsim.scenario.fields import Section, beside_scenario

_SUFFIX = ".csv"


@cache
def curve_names() -> list[str]:
    """The weekly curves of ``seeds/``, in alphabetical order."""
    return sorted(
        path.stem.removeprefix("activity_") for path in data_path("seeds").glob("activity_*.csv")
    )


def seed_curve(name: str) -> Path:
    """The file of a curve of ``seeds/``."""
    return data_path("seeds") / f"activity_{name}{_SUFFIX}"


def _curve(value: Any, info: ValidationInfo) -> str | tuple[float, ...]:
    """A known name as it is; the weights of a file, or those that stand here."""
    if isinstance(value, list | tuple):
        if not all(isinstance(weight, int | float) for weight in value):
            raise ValueError("a list of weights holds numbers alone; correct it")
        check_steps(len(value), "the list")
        return check_weights([float(weight) for weight in value], "the list")
    if not isinstance(value, str):
        raise ValueError("must be a curve's name, a CSV file, or a list of weights")  # noqa: TRY004
    if value in curve_names():
        return value
    if value.endswith(_SUFFIX):
        return read_curve(beside_scenario(Path(value), info))
    told = f"no such curve; known: {', '.join(curve_names())}; or name a {_SUFFIX} file"
    raise ValueError(told)


#: The name of a weekly curve of ``seeds/``, or its weights. A file is read when the scenario is, so
#: that the scenario holds all it needs from then on.
Curve = Annotated[
    str | tuple[float, ...],
    BeforeValidator(_curve),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "description": "A curve of seeds/, or a CSV file"},
                {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 168},
            ],
            "examples": ["messages", "my-curve.csv"],
        }
    ),
]


class Curves(Section):
    """How activity is spread over the week (R101-R128)."""

    comments: Curve = Field(
        default="comments", description="Comments on the posts of brands", examples=["comments"]
    )
    messages: Curve = Field(
        default="messages",
        description="Messages that persons write to brands, and that brands write unprompted",
        examples=["messages_inclusive"],
    )
    persons: Curve = Field(
        default="messages",
        description="Sessions in which persons write to each other and to brands (Q23)",
        examples=["messages"],
    )
    clock: Literal["audience", "reference"] = Field(
        default="audience",
        description="Whose hours a curve means: each person's own or the trace's (Q8)",
        examples=["audience"],
    )
