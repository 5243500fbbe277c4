"""How fast the care teams answered: from comment to public reply, from public to private reply."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS

_SECOND_US = 1_000_000
#: A comment should be answered within a day (R142).
WINDOW_US = 86_400 * _SECOND_US

#: Columns of the cases by the words of a scenario's ``care.answered_by``.
_ANSWERS = {"public_reply": "public", "private_reply": "private"}


@dataclass(frozen=True)
class Waits:
    """How long something took, in seconds of simulated time; None without a sample."""

    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class CareTimes:
    """One brand's answers to the comments of the recorded window.

    What answers a comment is the public reply, or the private one where the scenario says so in
    ``care.answered_by`` (Q13). ``waiting`` comments were neither answered nor a day old when the
    window ended: they are no sample of anything. ``in_window`` of the others were answered within
    24 h.
    """

    brand: str
    comments: int
    waiting: int
    in_window: int
    public: Waits
    private: Waits

    @property
    def decided(self) -> int:
        """Comments that were answered or had their whole day to be."""
        return self.comments - self.waiting


def care_times(trace: Trace) -> list[CareTimes]:
    """Response times per brand, in the order of the brands' ids.

    A reply belongs to the comment it ``uses``; replies to comments written before the window count
    only for the gap between public and private reply.
    """
    names = dict(trace.table(ACCOUNTS).filter(kind="brand").select("id", "name").iter_rows())
    cases = _cases(trace)
    by_page = {page[0]: rows for page, rows in cases.group_by("page")}
    care: Any = trace.manifest.scenario["care"]
    answer = _ANSWERS[care["answered_by"]]
    return [
        _times(names[page], by_page.get(page, cases.clear()), answer, trace.manifest.until_us)
        for page in sorted(names)
    ]


def _cases(trace: Trace) -> pl.DataFrame:
    """One row per comment: page, and when it was written, answered publicly and privately."""
    actions = trace.actions(["at", "actor", "action", "target", "uses", "binds"])

    def moments(action: str, comment: str, page: str, at: str) -> pl.DataFrame:
        rows = actions.filter(action=action)
        return (
            rows.group_by(comment=comment)
            .agg(pl.col(page).first().alias("page"), at=pl.min("at"))
            .rename({"at": at})
        )

    keys = ["comment", "page"]
    return (
        moments("comment", "binds", "target", "written")
        .join(
            moments("public_reply", "uses", "actor", "public"), on=keys, how="full", coalesce=True
        )
        .join(
            moments("private_reply", "uses", "actor", "private"), on=keys, how="full", coalesce=True
        )
    )


def _times(brand: str, cases: pl.DataFrame, answer: str, until_us: int) -> CareTimes:
    answered = pl.col(answer) - pl.col("written")
    public = pl.col("public") - pl.col("written")
    written = cases.filter(pl.col("written").is_not_null())
    old = pl.lit(until_us) - pl.col("written") >= WINDOW_US
    return CareTimes(
        brand=brand,
        comments=written.height,
        waiting=written.filter(pl.col(answer).is_null() & ~old).height,
        in_window=written.filter(answered <= WINDOW_US).height,
        public=_waits(written.select(public.alias("wait"))["wait"]),
        private=_waits(cases.select((pl.col("private") - pl.col("public")).alias("wait"))["wait"]),
    )


def _waits(waits_us: pl.Series) -> Waits:
    seconds = waits_us.drop_nulls() / _SECOND_US
    median, p90 = seconds.quantile(0.5, "linear"), seconds.quantile(0.9, "linear")
    return Waits(len(seconds), median, p90)
