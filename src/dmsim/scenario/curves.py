"""Which weekly curves activity follows, and whose clock their hours are."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dmsim.paths import data_path
from dmsim.scenario.fields import Section


def curve_names() -> list[str]:
    """The weekly curves of ``seeds/``, in alphabetical order."""
    return sorted(
        path.stem.removeprefix("activity_") for path in data_path("seeds").glob("activity_*.csv")
    )


def _known(name: str) -> str:
    known = curve_names()
    if name not in known:
        raise ValueError(f"no such curve; known: {', '.join(known)}")
    return name


#: The name of a weekly curve of ``seeds/``.
CurveName = Annotated[str, AfterValidator(_known)]


class Curves(Section):
    """How activity is spread over the week (R101-R128)."""

    comments: CurveName = Field(
        default="comments", description="Comments on the posts of brands", examples=["comments"]
    )
    messages: CurveName = Field(
        default="messages",
        description="Business messages that brands write",
        examples=["messages_inclusive"],
    )
    persons: CurveName = Field(
        default="messages",
        description="Sessions in which persons write to each other and to brands (Q23)",
        examples=["messages"],
    )
    clock: Literal["audience", "reference"] = Field(
        default="audience",
        description="Whose hours a curve means: each person's own or the trace's (Q8)",
        examples=["audience"],
    )
