"""How persons are connected: a graph to be made, or the user's own edges."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from dmsim.paths import data_path
from dmsim.scenario.fields import FOLDER, Section, Share, beside_scenario

_SUFFIXES = (".csv", ".parquet")
#: Published figures and ours; ``seeds/SOURCES.md`` says which is which.
_SEEDS: dict[str, Any] = tomllib.loads(
    (data_path("seeds") / "graph.toml").read_text(encoding="utf-8")
)


def _edge_file(value: Any, info: ValidationInfo) -> str | None:
    """The path under which the file is found from the current folder."""
    if value is None:
        return None
    if not isinstance(value, str) or Path(value).suffix not in _SUFFIXES:
        raise ValueError("must be the path of a .csv or .parquet file")
    path = beside_scenario(Path(value), info)
    # A trace's scenario is checked again wherever the trace is read: the edges are in the trace.
    if FOLDER in (info.context or {}) and not path.is_file():
        raise ValueError("no such file; check the path, which is relative to the scenario's file")
    return str(path)


class Graph(Section):
    """How persons are connected."""

    edges: Annotated[str | None, BeforeValidator(_edge_file)] = Field(
        default=None,
        description="Who follows whom, as a CSV or Parquet file with the columns follower and "
        "followed, relative to the scenario's file; all keys down to celebrity_follows are then "
        "without effect",
        examples=["follows.csv"],
    )
    follows_mean: float = Field(
        default=_SEEDS["follows_mean"],
        ge=0,
        description="Persons whom a person follows, on average",
        examples=[20],
    )
    reciprocity: Share = Field(
        default=_SEEDS["reciprocity"],
        description="Share of follows that are followed back (R5)",
        examples=[0.4],
    )
    followers_exponent: float = Field(
        default=_SEEDS["followers_exponent"],
        gt=1.5,
        le=10,
        description="Exponent of the power law by which persons are found: the lower, the more "
        "the most followed have; the tail of all follows is a little steeper",
        examples=[2.1],
    )
    follows_sigma: float = Field(
        default=_SEEDS["follows_sigma"],
        ge=0,
        le=3,
        description="Standard deviation of the logarithm of how many a person follows",
        examples=[1.0],
    )
    community_size: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        default=_SEEDS["community_size"],
        description="Persons of a community, on average",
        examples=[100],
    )
    within_community: Share = Field(
        default=_SEEDS["within_community"],
        description="Share of the chosen follows that stay within the follower's community",
        examples=[0.5],
    )
    closure: Share = Field(
        default=_SEEDS["closure"],
        description="Share of follows that are found through those whom one follows already, so "
        "that they close a triangle",
        examples=[0.3],
    )
    celebrities: Share = Field(
        default=_SEEDS["celebrities"],
        description="Share of persons who are celebrities: followed by many, following few back",
        examples=[0.0005],
    )
    celebrity_follows: Share = Field(
        default=_SEEDS["celebrity_follows"],
        description="Share of the follows that are chosen by fame which go to celebrities",
        examples=[0.3],
    )
    contacts_mean: float = Field(
        default=6.0, ge=0, description="Synced contacts of a person, on average", examples=[6]
    )
    acquaintances_mean: float = Field(
        default=4.0,
        ge=0,
        description="Friends of friends who are suggested to a person (R4), on average, "
        "before duplicates are merged",
        examples=[4],
    )
