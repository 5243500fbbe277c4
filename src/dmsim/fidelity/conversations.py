"""How persons converse: what messages carry, rows and turns, replies, rhythm.

Only what the scenario states has a target. The rest is shown with its interval, because it follows
from everything else: how often somebody answers depends on whom he hears from. Intervals of what is
only shown take all times as independent, which those of one person are not quite.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from dmsim.fidelity.check import SHARE, Check, Subject
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intervals import Floats
from dmsim.fidelity.rows import TURN_US, row_checks, runs_of, steps_of
from dmsim.fidelity.samples import judge_mean, judge_quantile, judge_share
from dmsim.scenario.units import DAY_US, SECOND_US
from dmsim.vocabulary import Action, ContentKind, word

_CONCERN = "conversations"
_STATED = "scenario: behaviour."
#: A reply comes within a day; a thread is alive for a week.
_REPLY_US, _ALIVE_US = DAY_US, 7 * DAY_US
#: Ours: half a per cent of the messages matter to nobody.
_SHARE = 0.005
#: Burstiness of fewer intervals is mostly noise.
_LEAST_INTERVALS = 10


@dataclass(frozen=True)
class Rhythm:
    """Times in seconds: between a person's messages, and from a message to its reply."""

    between: Floats
    delays: Floats


def conversation_checks(facts: Facts) -> tuple[list[Check], Rhythm]:
    """All checks of conversations, and the times that the pictures show."""
    steps = steps_of(facts.messages.filter("delivered", ~pl.col("to_brand")))
    between, burstiness = _intervals(facts)
    delays = _seconds(steps.filter(pl.col("gap") < _REPLY_US, ~pl.col("same")))
    checks = [
        *_contents(facts),
        *row_checks(facts),
        *_turns(steps),
        _reply_share(facts, steps),
        _median("time from a message to its reply within a day", delays),
        _mean("persons written to within the last 7 days, of those who wrote", _alive(facts)),
        _median("time between two messages of a person", between),
        _mean("burstiness of a person's messages, (s-m)/(s+m)", burstiness),
    ]
    return checks, Rhythm(between, delays)


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
        checks.append(judge_share(subject, found, written.height, "written messages"))
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


def _turns(steps: pl.DataFrame) -> list[Check]:
    lengths, pauses = runs_of(steps, TURN_US)
    return [
        _mean("messages in a turn between persons, with pauses under 30 min", lengths),
        _median("pauses within such turns", pauses),
    ]


def _reply_share(facts: Facts, steps: pl.DataFrame) -> Check:
    """Of the turns between persons that a day of the window follows, those answered within it."""
    same, gap = pl.col("same").shift(-1), pl.col("gap").shift(-1)
    turns = steps.select(
        "at",
        ends=~(same & (gap < TURN_US)).fill_null(False),
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
    return judge_share(subject, answered, old.height, "turns with a day after them")


def _alive(facts: Facts) -> Floats:
    """How many peers each person who wrote in the window's last week wrote to then."""
    recent = facts.messages.filter(pl.col("at") >= facts.manifest.until_us - _ALIVE_US, "delivered")
    peers = recent.group_by("actor").agg(pl.col("target").n_unique())["target"]
    return peers.to_numpy().astype(np.float64)


def _intervals(facts: Facts) -> tuple[Floats, Floats]:
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


def _seconds(steps: pl.DataFrame) -> Floats:
    return np.sort(steps["gap"].to_numpy() / SECOND_US)


def _mean(words: str, values: Floats) -> Check:
    subject = Subject(concern=_CONCERN, property=words, source="scenario")
    return judge_mean(subject, values, "values")


def _median(words: str, ordered: Floats) -> Check:
    subject = Subject(concern=_CONCERN, property=f"{words}: median", source="scenario", unit="s")
    return judge_quantile(subject, ordered, 0.5, "values")
