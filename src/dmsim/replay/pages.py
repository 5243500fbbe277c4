"""What the actions say of pages, and what a request has to name beside it."""

import numpy as np
import polars as pl
import pydantic

from dmsim.adapters.base import Pages
from dmsim.errors import UsageError
from dmsim.replay.schedule import Schedule
from dmsim.scenario.policy import Profile
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, COMMENTS, OF_COMMENTS, POSTS
from dmsim.vocabulary import Kind, word


def pages_of(trace: Trace, schedule: Schedule) -> Pages:
    """The trace's pages and posts, and of the older comments those that the actions name.

    Raises:
        UsageError: the scenario's profile is none.
    """
    # Few columns: whole rows, with their names, would be slow to read.
    accounts = pl.read_parquet(trace.path / ACCOUNTS.path, columns=["id", "kind"])
    brands = accounts.filter(pl.col("kind") == word(Kind.BRAND))["id"]
    posts = trace.table(POSTS)
    named = schedule.uses[np.isin(schedule.action, OF_COMMENTS)]
    comments = pl.read_parquet(trace.path / COMMENTS.path, columns=["id", "post"])
    comments = comments.filter(pl.col("id").is_in(np.unique(named).tolist()))
    return Pages(
        brands=frozenset(brands.to_list()),
        posts=dict(zip(posts["id"].to_list(), posts["page"].to_list(), strict=True)),
        comments=dict(zip(comments["id"].to_list(), comments["post"].to_list(), strict=True)),
        profile=_profile(trace),
    )


def _profile(trace: Trace) -> str:
    profile = trace.manifest.scenario.get("profile", "current")
    try:
        return pydantic.TypeAdapter(Profile).validate_python(profile)
    except pydantic.ValidationError:
        raise UsageError(
            f"scenario, profile: {profile!r} is none; simulate the trace again"
        ) from None
