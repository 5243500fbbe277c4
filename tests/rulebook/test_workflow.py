"""The order of the private-reply workflow, held against whole traces."""

import polars as pl
import pytest

from dmsim.trace.reader import Trace
from dmsim.trace.schema import COMMENTS, POSTS, TEXTS
from tests.rulebook.conftest import Shipped

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
DELIVERED = ["inbox", "requests", "filtered"]
SCENARIOS = ("private-replies", "brand-crisis", "contest")


@pytest.fixture(scope="session", params=SCENARIOS)
def trace(request: pytest.FixtureRequest, shipped: Shipped) -> Trace:
    return Trace.open(shipped(request.param))


def of(trace: Trace, action: str) -> pl.DataFrame:
    return trace.actions().filter(pl.col("action").cast(pl.String) == action)


def privately_answered(trace: Trace) -> pl.DataFrame:
    """Private replies that were delivered, by ``uses``, the comment."""
    delivered = pl.col("verdict").cast(pl.String).is_in(DELIVERED)
    return of(trace, "private_reply").filter(delivered)


def comments(trace: Trace) -> pl.DataFrame:
    """Every comment with its moment, those from before the trace included, by ``uses``."""
    new = of(trace, "comment").filter(pl.col("binds").is_not_null())
    return pl.concat(
        [
            trace.table(COMMENTS).select(uses="id", written="at"),
            new.select(uses="binds", written="at"),
        ]
    )


def test_every_private_reply_follows_a_public_one(trace: Trace) -> None:
    before = trace.table(COMMENTS).filter("publicly_replied").select(uses="id", public=pl.lit(-1))
    public = of(trace, "public_reply").filter(pl.col("verdict") == "done")
    first = (
        pl.concat(
            [
                before.cast({"public": pl.Int64}),
                public.select("uses", public="at"),
            ]
        )
        .group_by("uses")
        .agg(pl.col("public").min())
    )
    replies = privately_answered(trace).join(first, on="uses", how="left")
    assert replies.height > 100
    assert replies.filter(pl.col("public").is_null() | (pl.col("public") > pl.col("at"))).is_empty()


def test_no_comment_is_answered_privately_twice(trace: Trace) -> None:
    before = trace.table(COMMENTS).filter("privately_replied").select(uses="id")
    answered = pl.concat([before, privately_answered(trace).select("uses")])
    assert answered["uses"].is_unique().all()


def test_no_comment_is_answered_privately_after_seven_days(trace: Trace) -> None:
    replies = privately_answered(trace).join(comments(trace), on="uses", how="left")
    age = replies["at"] - replies["written"]
    assert age.null_count() == 0
    assert age.min() >= 0  # type: ignore[operator]
    assert age.max() < 7 * DAY  # type: ignore[operator]


def test_whoever_tries_too_late_or_twice_or_before_is_refused(shipped: Shipped) -> None:
    trace = Trace.open(shipped("private-replies"))
    refused = of(trace, "private_reply").filter(pl.col("verdict") == "refused")
    slips = {"already_replied", "not_answered_publicly", "comment_too_old"}
    assert slips <= set(refused["reason"].cast(pl.String))


def test_personal_data_are_asked_for_in_private_messages_alone(trace: Trace) -> None:
    personal = trace.table(TEXTS).filter("personal")["id"].to_list()
    asking = trace.actions().filter(pl.col("text").is_in(personal))
    assert asking.height > 10
    assert asking["action"].cast(pl.String).unique().to_list() == ["private_reply"]
    assert asking["switch"].all()


def test_only_the_page_of_a_post_answers_its_comments(trace: Trace) -> None:
    pages = set(trace.table(POSTS)["page"])
    for action in ("public_reply", "private_reply", "resolve", "hand_off", "follow_up"):
        assert set(of(trace, action)["actor"]) <= pages


def test_an_incident_multiplies_complaints(shipped: Shipped) -> None:
    trace = Trace.open(shipped("brand-crisis"))
    complaints = trace.table(TEXTS).filter(pl.col("topic") == "complaint")["id"].to_list()
    written = of(trace, "comment").filter(pl.col("text").is_in(complaints))["at"]
    struck, usual = (
        written.is_between(day * DAY + 10 * HOUR, day * DAY + 18 * HOUR).sum() for day in (2, 3)
    )
    assert struck > 5 * usual
