"""Rows of messages: what one side of a pair writes without a long pause."""

from math import exp

import numpy as np
import polars as pl

from dmsim.fidelity.check import Check, Subject
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intent import brands_write
from dmsim.fidelity.intervals import Floats, normal_quantile
from dmsim.fidelity.samples import judge_mean, judge_quantile
from dmsim.scenario.units import MINUTE_US, SECOND_US
from dmsim.vocabulary import Action, word

_CONCERN = "conversations"
_STATED = "scenario: behaviour."
#: A pause so long ends a turn.
TURN_US = 30 * MINUTE_US
#: Ours: rows of messages meet other messages of the same session now and then.
_ROW = 0.1


def steps_of(messages: pl.DataFrame) -> pl.DataFrame:
    """Messages by pair and time, with the ``gap`` to the pair's one before.

    ``same`` says whether that was of the same side; both are null for a pair's first message.
    """
    low, high = pl.min_horizontal("actor", "target"), pl.max_horizontal("actor", "target")
    ordered = messages.with_columns(pair=low.cast(pl.Int64) * (1 << 32) + high).sort(
        "pair", "at", maintain_order=True
    )
    goes_on = pl.col("pair") == pl.col("pair").shift()
    return ordered.with_columns(
        gap=pl.when(goes_on).then(pl.col("at").diff()),
        same=pl.when(goes_on).then(pl.col("actor") == pl.col("actor").shift()),
    )


def runs_of(steps: pl.DataFrame, pause: int) -> tuple[Floats, Floats]:
    """How many messages one side wrote in a row, and the seconds between those.

    Args:
        steps: of :func:`steps_of`.
        pause: the µs that end a row.
    """
    goes_on = steps.select((pl.col("same") & (pl.col("gap") < pause)).fill_null(False))
    inside = goes_on.to_series().to_numpy()
    starts = np.flatnonzero(~inside)
    lengths = np.diff(np.append(starts, len(inside))).astype(np.float64)
    return lengths, np.sort(steps["gap"].to_numpy()[inside] / SECOND_US)


def row_checks(facts: Facts) -> list[Check]:
    """Messages in a row, and the pauses between them, as the scenario states them."""
    told = facts.scenario.behaviour
    written = facts.messages.filter(pl.col("action") == word(Action.SEND_MESSAGE), "delivered")
    apart = written.filter("to_brand" if _only_to_brands(facts) else ~pl.col("to_brand"))
    median, sigma = told.burst_gap_median / SECOND_US, told.burst_gap_sigma
    # What takes longer than nearly all stated pauses begins another row.
    longest = min(TURN_US, round(told.burst_gap_median * exp(normal_quantile(0.998) * sigma)) + 1)
    steps = steps_of(apart)
    lengths, pauses = runs_of(steps, longest)
    row = Subject(
        concern=_CONCERN,
        property=f"messages in a row, with pauses under {longest / SECOND_US:.0f} s",
        source=f"{_STATED}burst",
        target=told.burst,
        tolerance=_ROW * told.burst + _longer_rows(steps, longest, len(lengths)),
    )
    checks = [judge_mean(row, lengths, "rows of messages")]
    for words, part, target in (
        ("median", 0.5, median),
        ("a quarter of them are under", 0.25, median / exp(normal_quantile(0.5) * sigma)),
    ):
        subject = Subject(
            concern=_CONCERN,
            property=f"pauses between messages in a row: {words}",
            source=f"{_STATED}burst_gap_median, burst_gap_sigma",
            target=target,
            tolerance=2 * _ROW * target,
            unit="s",
        )
        checks.append(judge_quantile(subject, pauses, part, "pauses"))
    return checks


def _longer_rows(steps: pl.DataFrame, longest: int, rows: int) -> float:
    """By how much rows would be longer, if they went on where the other side wrote in between.

    Whether they do is not to be seen: who answers at once may write into a row, or after it.
    """
    own = steps.select("same", pause=pl.col("at").diff().over("pair", "actor"))
    crossed = own.filter(~pl.col("same"), pl.col("pause") < longest).height
    whole = max(rows - crossed, 1)
    return steps.height / whole - steps.height / max(rows, 1)


def _only_to_brands(facts: Facts) -> bool:
    """Whether messages to brands tell of rows: persons hardly write to each other, nor do brands.

    Else answers of brands, which are none of the messages of persons, would stand between them.
    """
    to_persons = facts.messages.filter("delivered", ~pl.col("to_brand")).height
    return not brands_write(facts.scenario) and to_persons < facts.received.height
