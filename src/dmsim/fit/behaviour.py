"""How people use a service, from who acted when: sessions, pauses, messages in a row, answers."""

from collections.abc import Callable
from math import exp, sqrt

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.fidelity.intervals import (
    Floats,
    ratio_interval,
    share_interval,
)
from dmsim.fidelity.rows import steps_of
from dmsim.scenario.units import SECOND_US

_LEVEL = 0.95
#: With fewer values nothing is said.
_FEW = 20


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its 95 % interval and how many observations it rests on."""

    value: float
    low: float
    high: float
    count: int


class Lognormal(msgspec.Struct, frozen=True, kw_only=True):
    """Times whose logarithm is normal: ``median_s`` in seconds, ``sigma`` of the logarithm."""

    median_s: Estimate
    sigma: Estimate


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """How people come and act; of people who did something in the log.

    Attributes:
        persons: How many they are.
        per_week: Sessions of a person in a week.
        actions: Actions in a session.
        length_s: Seconds from the first to the last of what is recorded of a session.
        pauses: Between two recorded actions of a session; those of 0 are left out.
    """

    persons: int
    per_week: Estimate
    actions: Estimate
    length_s: Estimate
    pauses: Lognormal | None


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """How two people write to each other; a turn is what one side writes without a long pause.

    Attributes:
        burst: Messages in a turn.
        burst_gaps: Pauses between them; those of 0 are left out.
        replies: Share of turns that the other side answers in time.
        delays: From the end of a turn to the answer, of those in time.
        begun: Share of turns that answer nothing.
        censored: Turns so close to the end of the log that an answer could not be seen; they are
            no part of ``replies``.
    """

    burst: Estimate
    burst_gaps: Lognormal | None
    replies: Estimate | None
    delays: Lognormal | None
    begun: float
    censored: int


def fit_sessions(events: pl.DataFrame, weeks: float, gap: int) -> Sessions | None:
    """Sessions from what people did.

    Args:
        events: ``actor`` and ``at`` (µs); where sessions are known, ``begins`` says which events
            begin one, and these are no actions themselves; else a pause longer than ``gap`` does.
        weeks: How long the log is.
        gap: In µs.

    Returns:
        None where too few did anything.
    """
    ordered = events.sort("actor", "at", maintain_order=True)
    first = (pl.col("actor") != pl.col("actor").shift()).fill_null(True)
    pause = pl.when(~first).then(pl.col("at").diff())
    known = "begins" in events.columns
    begins = pl.col("begins") if known else first | (pause > gap)
    ordered = ordered.with_columns(pause=pause, begins=begins)
    within = ~pl.col("begins") & (pl.col("pause") <= gap)
    by_person = ordered.group_by("actor", maintain_order=True).agg(
        sessions=pl.col("begins").sum(),
        actions=(~pl.col("begins")).sum() if known else pl.len(),
        length=pl.col("pause").filter(within).sum() / SECOND_US,
    )
    persons = by_person.height
    sessions, actions, length = (
        by_person[name].to_numpy() * 1.0 for name in ("sessions", "actions", "length")
    )
    if persons < _FEW or sessions.sum() < _FEW:
        return None
    inside = ordered.filter(within)
    return Sessions(
        persons=persons,
        per_week=_ratio(sessions, np.full(persons, weeks)),
        actions=_ratio(actions, sessions),
        length_s=_ratio(length, sessions),
        pauses=fit_lognormal(inside["pause"].to_numpy(), inside["actor"].to_numpy()),
    )


def fit_turns(messages: pl.DataFrame, until: int, gap: int, within: int) -> Turns | None:
    """Turns and answers from messages.

    Args:
        messages: ``actor`` and ``target`` (numbers below 2^32) and ``at`` (µs).
        until: The end of the log in µs.
        gap: A longer pause ends a turn, in µs.
        within: An answer comes in this time, in µs.

    Returns:
        None where there are too few.
    """
    steps = steps_of(messages)
    goes_on = (pl.col("same") & (pl.col("gap") <= gap)).fill_null(False)
    steps = steps.with_columns(goes_on=goes_on, turn=(~goes_on).cum_sum())
    turns = steps.group_by("turn", maintain_order=True).agg(
        pl.col("pair", "actor", "at").first(), end=pl.col("at").last(), size=pl.len()
    )
    if turns.height < _FEW:
        return None
    follows = pl.col("pair") == pl.col("pair").shift(-1)
    answers = follows & (pl.col("actor") != pl.col("actor").shift(-1))
    delay = pl.when(answers).then(pl.col("at").shift(-1) - pl.col("end"))
    turns = turns.with_columns(delay=delay, in_time=(delay <= within).fill_null(False))
    seen = turns.filter(pl.col("end") <= until - within)
    answered = seen.filter("in_time")
    inside = steps.filter("goes_on")
    by_person = turns.group_by("actor", maintain_order=True).agg(pl.col("size").sum(), n=pl.len())
    return Turns(
        burst=_ratio(by_person["size"].to_numpy() * 1.0, by_person["n"].to_numpy() * 1.0),
        burst_gaps=fit_lognormal(inside["gap"].to_numpy(), inside["actor"].to_numpy()),
        replies=_share(answered.height, seen.height),
        delays=fit_lognormal(answered["delay"].to_numpy(), answered["actor"].to_numpy()),
        begun=1 - turns.filter("in_time").height / turns.height,
        censored=turns.height - seen.height,
    )


def fit_lognormal(times_us: Floats, person: Floats) -> Lognormal | None:
    """Median and sigma of times, with those of a person not taken for independent."""
    positive = times_us > 0
    logs, person = np.log(times_us[positive] / SECOND_US), person[positive]
    persons, place = np.unique(person, return_inverse=True)
    if len(logs) < _FEW or len(persons) < 2:
        return None
    mean = float(logs.mean())
    median = _ratio_by(place, logs)
    square = _ratio_by(place, (logs - mean) ** 2)
    return Lognormal(
        median_s=_mapped(median, exp), sigma=_mapped(square, lambda value: sqrt(max(0.0, value)))
    )


def _ratio_by(place: NDArray[np.intp], values: Floats) -> Estimate:
    """The mean of values of which those of a person, at the same place, hang together."""
    sums, sizes = np.bincount(place, values), np.bincount(place).astype(np.float64)
    low, high = ratio_interval(sums.astype(np.float64), sizes, _LEVEL)
    return Estimate(value=float(values.mean()), low=low, high=high, count=len(values))


def _mapped(of: Estimate, function: Callable[[float], float]) -> Estimate:
    return Estimate(
        value=function(of.value), low=function(of.low), high=function(of.high), count=of.count
    )


def _ratio(sums: Floats, sizes: Floats) -> Estimate:
    low, high = ratio_interval(sums, sizes, _LEVEL)
    value = float(sums.sum() / sizes.sum())
    return Estimate(value=value, low=max(0.0, low), high=high, count=int(sizes.sum()))


def _share(found: int, of: int) -> Estimate | None:
    if of < _FEW:
        return None
    low, high = share_interval(found, of, _LEVEL)
    return Estimate(value=found / of, low=low, high=high, count=of)
