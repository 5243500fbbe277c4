"""How persons converse: what messages carry, rows and turns, replies, rhythm.

Only what the scenario states has a target. The rest is shown with its interval, because it follows
from everything else: how often somebody answers depends on whom he hears from.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.fidelity.check import SHARE, Check, Subject, judge, too_few, unchecked
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intent import brands_write
from dmsim.fidelity.intervals import (
    mean_interval,
    normal_quantile,
    quantile_interval,
    share_interval,
)
from dmsim.scenario.units import DAY_US, MINUTE_US, SECOND_US
from dmsim.vocabulary import Action, ContentKind, word

_CONCERN = "conversations"
_STATED = "scenario: behaviour."
#: A pause so long ends a turn; a reply comes within a day; a thread is alive for a week.
_TURN_US, _REPLY_US, _ALIVE_US = 30 * MINUTE_US, DAY_US, 7 * DAY_US
#: Ours: half a per cent of the messages matter to nobody.
_SHARE = 0.005
#: Ours: rows of messages meet other messages of the same session now and then.
_ROW = 0.1
#: Burstiness of fewer intervals is mostly noise.
_LEAST_INTERVALS = 10

Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class Rhythm:
    """Times in seconds: between a person's messages, and from a message to its reply."""

    between: Seconds
    delays: Seconds


def conversation_checks(facts: Facts) -> tuple[list[Check], Rhythm]:
    """All checks of conversations, and the times that the pictures show."""
    steps = _steps(facts.messages.filter("delivered", ~pl.col("to_brand")))
    between, burstiness = _intervals(facts)
    delays = _seconds(steps.filter(pl.col("gap") < _REPLY_US, ~pl.col("same")))
    checks = [
        *_contents(facts),
        *_rows(facts),
        *_turns(steps),
        _reply_share(facts, steps),
        _median("time from a message to its reply within a day", delays),
        _mean("persons written to within the last 7 days, of those who wrote", _alive(facts)),
        _median("time between two messages of a person", between),
        _mean("burstiness of a person's messages, (s-m)/(s+m)", burstiness),
    ]
    return checks, Rhythm(between, delays)


def _steps(messages: pl.DataFrame) -> pl.DataFrame:
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


def _runs(steps: pl.DataFrame, pause: int) -> tuple[Seconds, Seconds]:
    """How many messages one side wrote in a row, and the seconds between those.

    Args:
        steps: of :func:`_steps`.
        pause: the µs that end a row.
    """
    goes_on = steps.select((pl.col("same") & (pl.col("gap") < pause)).fill_null(False))
    inside = goes_on.to_series().to_numpy()
    starts = np.flatnonzero(~inside)
    lengths = np.diff(np.append(starts, len(inside))).astype(np.float64)
    return lengths, np.sort(steps["gap"].to_numpy()[inside] / SECOND_US)


def _contents(facts: Facts) -> list[Check]:
    """What written messages carry (R34, R35); without a sticker set, text instead (R40)."""
    written = facts.messages.filter(action=word(Action.SEND_MESSAGE))
    told = facts.scenario.behaviour.content
    owners = facts.persons.filter(pl.col("sticker_sets") > 0)["id"]
    with_sets = written.filter(pl.col("actor").is_in(owners.implode())).height
    without = 1 - with_sets / max(written.height, 1)
    wicked = _violating(facts, written)
    checks = []
    for kind in (ContentKind.TEXT, ContentKind.EMOJI, ContentKind.GIF, ContentKind.STICKER):
        share = getattr(told, word(kind))
        instead = without * told.sticker if kind in (ContentKind.TEXT, ContentKind.STICKER) else 0
        lost = wicked * (1 - share if kind == ContentKind.TEXT else share)
        subject = Subject(
            concern=_CONCERN,
            property=f"written messages that are {word(kind)}",
            source=f"{_STATED}content.{word(kind)}",
            target=share,
            tolerance=_SHARE + instead + lost,
            unit=SHARE,
        )
        found = written.filter(content=word(kind)).height
        checks.append(_share(subject, found, written.height, "written messages"))
    return checks


def _violating(facts: Facts, written: pl.DataFrame) -> float:
    """The expected share of messages that break the guidelines: these are texts, whatever else."""
    chances = {name: told.violation for name, told in facts.scenario.archetypes.items()}
    authors = facts.persons.select("id", "archetype")
    by_archetype = (
        written.join(authors, left_on="actor", right_on="id")
        .group_by("archetype")
        .len()
        .iter_rows()
    )
    expected = sum(chances[name] * number for name, number in by_archetype)
    return float(expected / max(written.height, 1))


def _rows(facts: Facts) -> list[Check]:
    """Messages in a row, and the pauses between them, as the scenario states them."""
    told = facts.scenario.behaviour
    written = facts.messages.filter(pl.col("action") == word(Action.SEND_MESSAGE), "delivered")
    apart = written.filter("to_brand" if _only_to_brands(facts) else ~pl.col("to_brand"))
    median, sigma = told.burst_gap_median / SECOND_US, told.burst_gap_sigma
    # What takes longer than nearly all stated pauses begins another row.
    longest = min(_TURN_US, round(told.burst_gap_median * exp(normal_quantile(0.998) * sigma)) + 1)
    lengths, pauses = _runs(_steps(apart), longest)
    row = Subject(
        concern=_CONCERN,
        property=f"messages in a row, with pauses under {longest / SECOND_US:.0f} s",
        source=f"{_STATED}burst",
        target=told.burst,
        tolerance=_ROW * told.burst,
    )
    because = too_few(len(lengths), "rows of messages")
    checks = [
        unchecked(row, because)
        if because
        else judge(row, float(lengths.mean()), lambda level: mean_interval(lengths, level))
    ]
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
        checks.append(_quantile(subject, pauses, part, "pauses"))
    return checks


def _only_to_brands(facts: Facts) -> bool:
    """Whether messages to brands tell of rows: persons hardly write to each other, nor do brands.

    Else answers of brands, which are none of the messages of persons, would stand between them.
    """
    to_persons = facts.messages.filter("delivered", ~pl.col("to_brand")).height
    return not brands_write(facts.scenario) and to_persons < facts.received.height


def _turns(steps: pl.DataFrame) -> list[Check]:
    lengths, pauses = _runs(steps, _TURN_US)
    return [
        _mean("messages in a turn between persons, with pauses under 30 min", lengths),
        _median("pauses within such turns", pauses),
    ]


def _reply_share(facts: Facts, steps: pl.DataFrame) -> Check:
    """Of the turns between persons that a day of the window follows, those answered within it."""
    same, gap = pl.col("same").shift(-1), pl.col("gap").shift(-1)
    turns = steps.select(
        "at",
        ends=~(same & (gap < _TURN_US)).fill_null(False),
        answered=(~same & (gap < _REPLY_US)).fill_null(False),
    )
    old = turns.filter("ends", pl.col("at") < facts.manifest.until_us - _REPLY_US)
    subject = Subject(
        concern=_CONCERN,
        property="turns between persons that are answered within a day",
        source="scenario",
        unit=SHARE,
    )
    answered = int(old["answered"].sum())
    return _share(subject, answered, old.height, "turns with a day after them")


def _alive(facts: Facts) -> Seconds:
    """How many peers each person who wrote in the window's last week wrote to then."""
    recent = facts.messages.filter(pl.col("at") >= facts.manifest.until_us - _ALIVE_US, "delivered")
    peers = recent.group_by("actor").agg(pl.col("target").n_unique())["target"]
    return peers.to_numpy().astype(np.float64)


def _intervals(facts: Facts) -> tuple[Seconds, Seconds]:
    """Seconds between the messages of each person, ascending, and every person's burstiness.

    Burstiness is (s - m) / (s + m) of the mean m and the standard deviation s of the intervals:
    -1 for a clock, 0 for a Poisson process, towards 1 for bursts (Goh and Barabási 2008).
    """
    gaps = (
        facts.messages.select("actor", "at")
        .sort("actor", "at")
        .select("actor", gap=pl.col("at").diff().over("actor") / SECOND_US)
        .drop_nulls()
    )
    mean, deviation = pl.col("gap").mean(), pl.col("gap").std()
    found = gaps.group_by("actor").agg(
        n=pl.len(), burstiness=(deviation - mean) / (deviation + mean)
    )
    enough = found.filter(pl.col("n") >= _LEAST_INTERVALS, pl.col("burstiness").is_finite())
    return np.sort(gaps["gap"].to_numpy()), enough["burstiness"].to_numpy()


def _seconds(steps: pl.DataFrame) -> Seconds:
    return np.sort(steps["gap"].to_numpy() / SECOND_US)


def _share(subject: Subject, found: int, of: int, what: str) -> Check:
    because = too_few(of, what)
    if because:
        return unchecked(subject, because)
    return judge(subject, found / of, lambda level: share_interval(found, of, level))


def _mean(words: str, values: Seconds) -> Check:
    subject = Subject(concern=_CONCERN, property=words, source="scenario")
    because = too_few(len(values), "of them")
    if because:
        return unchecked(subject, because)
    return judge(subject, float(values.mean()), lambda level: mean_interval(values, level))


def _median(words: str, ordered: Seconds) -> Check:
    subject = Subject(concern=_CONCERN, property=f"{words}: median", source="scenario", unit="s")
    return _quantile(subject, ordered, 0.5, "of them")


def _quantile(subject: Subject, ordered: Seconds, part: float, what: str) -> Check:
    because = too_few(len(ordered), what)
    if because:
        return unchecked(subject, because)
    measured = float(np.quantile(ordered, part))
    return judge(subject, measured, lambda level: quantile_interval(ordered, part, level))
