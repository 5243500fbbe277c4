"""From the rows of a log to the actions of a trace."""

from typing import NamedTuple

import polars as pl

from dmsim.fit.log import Log, Reading
from dmsim.importing.words import ALONE, BETWEEN_TWO, OUTCOMES, verdicts
from dmsim.trace.schema import ACTIONS
from dmsim.vocabulary import Action, ContentKind, Platform, Via, word

#: What a message says of which the log does not tell the text: no backend takes an empty one.
NO_TEXT = "(no text)"

#: 1970-01-01 was a Thursday, so that the Monday of its week was three days earlier.
_DAY_US = 86_400_000_000
_WEEK_US = 7 * _DAY_US
_MONDAY_US = -3 * _DAY_US

_MESSAGE = word(Action.SEND_MESSAGE)


class Imported(NamedTuple):
    """A log as the parts of a trace.

    Attributes:
        actions: with the columns of :data:`dmsim.trace.schema.ACTIONS`.
        people: who they are in the log, the account's id being the place.
        texts: the bank, the text's id being the place.
    """

    actions: pl.DataFrame
    people: pl.Series
    texts: pl.Series


def usable(log: Log) -> pl.DataFrame:
    """The rows that can become actions, with ``action``, ``text`` and ``outcome``.

    Others are counted in the log's reading.
    """
    events = log.events
    missing = [name for name in ("action", "text", "outcome") if name not in events.columns]
    events = events.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    told = [pl.col(name).str.strip_chars() for name in ("action", "outcome")]
    events = events.with_columns(told).with_columns(
        action=pl.col("action").replace("", None).fill_null(_MESSAGE),
        outcome=pl.col("outcome").replace("", None),
    )
    alone, outcome = pl.col("action").is_in(ALONE), pl.col("outcome")
    apart = alone | (pl.col("sender") != pl.col("recipient"))
    checks = (
        (
            alone | pl.col("action").is_in(BETWEEN_TWO),
            "no action that a log can tell of, such as send_message or block_user",
            "action",
        ),
        (alone | pl.col("recipient").is_not_null(), "no recipient", ""),
        (apart, "to its sender", "sender"),
        (
            outcome.is_null() | outcome.is_in(list(OUTCOMES)),
            "no outcome, such as inbox, done or refused:blocked",
            "outcome",
        ),
    )
    for good, why, value in checks:
        _skip(log.reading, events.filter(~good), why, value)
        events = events.filter(good)
    log.reading.to_oneself = 0  # They are among the skipped.
    return events


def imported(events: pl.DataFrame) -> Imported:
    """Number people and texts, and put the actions into order.

    The order is kept between each two accounts.

    Args:
        events: what :func:`usable` found, at least one row.
    """
    alone = pl.col("action").is_in(ALONE)
    events = events.with_columns(recipient=pl.when(~alone).then(pl.col("recipient")))
    people = _in_order(events.select(pl.concat_list("sender", "recipient").explode()).to_series())
    message = pl.col("action") == _MESSAGE
    said = pl.when(message).then(pl.col("text").replace("", None).fill_null(NO_TEXT))
    events = events.with_columns(text=said)
    texts = _in_order(events["text"])
    start = int(events["wall"][0])
    monday = start - (start - _MONDAY_US) % _WEEK_US
    verdict, reason = verdicts(pl.col("outcome"))
    content = pl.when(message).then(pl.lit(word(ContentKind.TEXT)))
    via = pl.when(alone).then(pl.lit(word(Via.INBOX))).otherwise(pl.lit(word(Via.CHAT)))
    rows = events.select(
        seq=pl.int_range(pl.len(), dtype=pl.Int64),
        # The clock on the wall is set twice a year; time passes evenly all the same.
        at=pl.col("instant") - pl.col("instant").first() + (start - monday),
        actor=_number("sender", people),
        action="action",
        target=_number("recipient", people),
        text=_number("text", texts),
        content=content,
        via=via,
        platform=pl.lit(word(Platform.WEB)),
        verdict=verdict,
        reason=reason,
    )
    return Imported(_whole(rows.with_columns(after=_after())), people, texts)


def _after() -> pl.Expr:
    """The action before between the same two."""
    two = pl.min_horizontal("actor", "target"), pl.max_horizontal("actor", "target")
    before = pl.when(pl.col("target").is_not_null()).then(pl.col("seq").shift(1).over(*two))
    return pl.concat_list(before).list.drop_nulls()


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    """With all columns of the actions, in their order and of their types."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in ACTIONS.columns.items()
    )


def _in_order(values: pl.Series) -> pl.Series:
    """Each value once, in the order in which they come first."""
    return values.drop_nulls().unique(maintain_order=True)


def _number(column: str, known: pl.Series) -> pl.Expr:
    """The place of each value."""
    places = pl.Series(range(len(known)), dtype=pl.Int32)
    return pl.col(column).replace_strict(known, places, default=None, return_dtype=pl.Int32)


def _skip(reading: Reading, rows: pl.DataFrame, why: str, value: str) -> None:
    values = rows[value].to_list() if value else [""] * rows.height
    for line, told in zip(rows["line"].to_list(), values, strict=True):
        reading.skip(line, why, told)
