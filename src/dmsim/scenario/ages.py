"""How old the persons of a scenario are."""

import re
import tomllib
from functools import cache
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from dmsim.paths import data_path
from dmsim.scenario.fields import Section, Share, check_whole, fault

#: Years of age that an adult may have.
YOUNGEST_ADULT, OLDEST_ADULT = 18, 100
_PATTERN = r"^[0-9]{2,3}-[0-9]{2,3}$"


class Ages(Section):
    """Shares of persons by what their age lets them do (R12, R13, R71)."""

    under_16: Share = Field(description="Under 16: no direct messages (R12)", examples=[0.04])
    teens: Share = Field(description="16 and 17", examples=[0.16])
    adults: Share = Field(description="18 and older", examples=[0.8])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_whole((self.under_16, self.teens, self.adults), "", "the shares of ages")
        return self


def band_years(band: str) -> range:
    """The years of age in a band such as ``"18-24"``, both ends included."""
    first, last = map(int, band.split("-"))
    return range(first, last + 1)


def _band(text: str) -> str:
    limits = f"from {YOUNGEST_ADULT} to {OLDEST_ADULT}"
    if not (re.fullmatch(_PATTERN, text, re.ASCII) and (years := band_years(text))):
        raise ValueError(f'not an age band; write years {limits} as "18-24"')
    if years[0] < YOUNGEST_ADULT or years[-1] > OLDEST_ADULT:
        raise ValueError(f"adults are {limits}; change the band")
    return text


#: Years of age, written ``"18-24"``, both included; a key of a table.
AgeBand = Annotated[
    str,
    AfterValidator(_band),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["18-24"]}),
]


@cache
def default_adult_ages() -> dict[str, float]:
    """The bands of ``seeds/persons.toml`` with their shares."""
    text = (data_path("seeds") / "persons.toml").read_text(encoding="utf-8")
    shares: dict[str, float] = tomllib.loads(text)["adult_ages"]
    return shares


def check_adult_ages(shares: dict[str, float]) -> None:
    """Refuse shares of adults that do not sum to 1, and bands that overlap."""
    check_whole(shares.values(), "adult_ages", "the shares of adults' ages")
    bands = sorted(shares, key=lambda band: band_years(band)[0])
    for younger, older in pairwise(bands):
        if band_years(younger)[-1] >= band_years(older)[0]:
            told = f'the bands "{younger}" and "{older}" overlap; change one of them'
            raise fault("adult_ages", told)
