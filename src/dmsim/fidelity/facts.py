"""What of a trace is measured: read once, only the columns that are needed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.scenario import Scenario
from dmsim.trace.manifest import Manifest
from dmsim.trace.origin import trace_scenario
from dmsim.trace.reader import Trace
from dmsim.trace.schema import (
    ACCOUNTS,
    FOLLOWS,
    GUARDIANS,
    SETTINGS,
    STANDINGS,
    STICKER_SETS,
    TEXTS,
)
from dmsim.vocabulary import Action, Kind, Standing, Topic, Verdict, Violation, word

#: The verdicts of messages that arrive; of the study's the brands counted what they received.
DELIVERED = tuple(map(word, (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED)))
_MESSAGES = (word(Action.SEND_MESSAGE), word(Action.SHARE_CONTENT))
_COLUMNS = ["at", "actor", "action", "target", "text", "content", "verdict", "violation"]
#: Penalties that keep persons from writing or from coming at all (R81-R83).
_GRAVE = tuple(map(word, (Standing.DM_BANNED, Standing.VIEW_ONLY, Standing.BANNED)))


@dataclass(frozen=True)
class Facts:
    """A trace in the parts that checks ask for.

    Attributes:
        manifest: of the trace.
        scenario: what the trace was made from.
        persons: one row per person: the columns of accounts and settings, ``guarded`` (linked to
            a guardian), ``brands`` (how many of them are followed), ``sticker_sets``, and
            ``punished``: under a grave penalty at the first recorded instant, or found to have
            broken the guidelines later.
        offset: by how many µs each account's clock is ahead of the trace's; index is the id.
        brands: whether each account is a brand's; index is the id.
        comments: comments of persons on brands' posts (``at``, ``actor``), without those of
            customers who turn to the public with an unsettled case (topic ``escalation``).
        opens: persons who open the inbox (``at``, ``actor``): the beginnings of sessions.
        messages: messages and shared content of persons, in the order of time: ``at``, ``actor``,
            ``target``, ``action``, ``text``, ``content``, ``delivered``, ``to_brand``.
        follows: who follows whom at the first recorded instant, brands included.
        texts: the bank of texts.
    """

    manifest: Manifest
    scenario: Scenario
    persons: pl.DataFrame
    offset: NDArray[np.int64]
    brands: NDArray[np.bool_]
    comments: pl.DataFrame
    opens: pl.DataFrame
    messages: pl.DataFrame
    follows: pl.DataFrame
    texts: pl.DataFrame

    @cached_property
    def received(self) -> pl.DataFrame:
        """The messages of persons that brands received."""
        return self.messages.filter("to_brand", "delivered")

    def by_person(self, events: pl.DataFrame) -> NDArray[np.float64]:
        """How many of the events (``actor``) each person has, in the order of ``persons``."""
        counts = np.bincount(events["actor"].to_numpy(), minlength=len(self.offset))
        return np.asarray(counts[self.persons["id"].to_numpy()], dtype=np.float64)


def read_facts(trace: Trace) -> Facts:
    """Read what is measured.

    Raises:
        UsageError: the trace is damaged, or its manifest holds no scenario of this version.
    """
    accounts = trace.table(ACCOUNTS).sort("id")
    follows, texts = trace.table(FOLLOWS), trace.table(TEXTS)
    kind = accounts["kind"]
    is_person = (kind == word(Kind.PERSON)).to_numpy()
    is_brand = (kind == word(Kind.BRAND)).to_numpy()
    actions = trace.actions(_COLUMNS)
    decided = _done(actions, Action.MODERATE).drop_nulls("violation")
    found = decided.filter(pl.col("violation") != word(Violation.NONE))["target"]
    actions = actions.filter(pl.Series(is_person[actions["actor"].to_numpy()]))
    messages = actions.filter(pl.col("action").is_in(_MESSAGES), pl.col("target").is_not_null())
    return Facts(
        manifest=trace.manifest,
        scenario=trace_scenario(trace),
        persons=_persons(trace, accounts, follows, is_brand, found),
        offset=accounts["utc_offset"].to_numpy(),
        brands=is_brand,
        comments=_comments(actions, texts),
        opens=_done(actions, Action.OPEN_INBOX).select("at", "actor"),
        messages=messages.select(
            pl.exclude("verdict", "violation"),
            delivered=pl.col("verdict").is_in(DELIVERED),
            to_brand=pl.Series(is_brand[messages["target"].to_numpy()]),
        ),
        follows=follows,
        texts=texts,
    )


def _done(actions: pl.DataFrame, action: Action) -> pl.DataFrame:
    return actions.filter(action=word(action), verdict=word(Verdict.DONE))


def _comments(actions: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    escalations = texts.filter(topic=word(Topic.ESCALATION))["id"]
    found = _done(actions, Action.COMMENT)
    is_escalation = pl.col("text").is_in(escalations.implode()).fill_null(False)
    return found.filter(~is_escalation).select("at", "actor")


def _persons(
    trace: Trace,
    accounts: pl.DataFrame,
    follows: pl.DataFrame,
    is_brand: NDArray[np.bool_],
    found: pl.Series,
) -> pl.DataFrame:
    to_brands = follows.filter(pl.Series(is_brand[follows["followed"].to_numpy()]))
    brands = to_brands.group_by(id="follower").agg(brands=pl.len())
    sets = trace.table(STICKER_SETS).group_by(id="account").agg(sticker_sets=pl.len())
    guarded = trace.table(GUARDIANS)["teen"]
    before = trace.table(STANDINGS).filter(pl.col("standing").is_in(_GRAVE))["account"]
    return (
        accounts.filter(kind=word(Kind.PERSON))
        .join(trace.table(SETTINGS), left_on="id", right_on="account", how="left")
        .join(brands, on="id", how="left")
        .join(sets, on="id", how="left")
        .with_columns(
            pl.col("brands", "sticker_sets").fill_null(0),
            guarded=pl.col("id").is_in(guarded.implode()),
            punished=pl.col("id").is_in(pl.concat([before, found]).implode()),
        )
        .sort("id")
    )
