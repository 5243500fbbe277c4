"""Everything that is checked of a trace, in one value."""

from collections import Counter

import msgspec
import numpy as np
import polars as pl

from dmsim.fidelity.check import Check
from dmsim.fidelity.conversations import Rhythm, conversation_checks
from dmsim.fidelity.curves import Simulated, curve_checks, shape_by_hour
from dmsim.fidelity.facts import Facts, read_facts
from dmsim.fidelity.graph import GraphMeasures
from dmsim.fidelity.graph_checks import graph_checks
from dmsim.fidelity.intent import (
    Intent,
    intended_comments,
    intended_messages,
    intended_sessions,
)
from dmsim.fidelity.intervals import Floats
from dmsim.fidelity.persons import person_checks
from dmsim.fidelity.study import study_checks
from dmsim.fidelity.texts import text_checks
from dmsim.fidelity.totals import total_checks
from dmsim.fidelity.week import count_by_hour
from dmsim.trace.reader import Trace

#: Bins of times, evenly wide on a logarithmic axis, from a tenth of a second to a year.
_BINS_PER_DECADE, _FIRST, _LAST = 5, -1, 7.5


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Events by the hour of the week (168, from Monday 00:00), in a mean week of the window.

    ``per_week`` is what was simulated, null for hours that the window does not cover; ``curve``
    the scenario's curve with the same total over the covered hours.
    """

    per_week: list[float | None]
    curve: list[float]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How many times (seconds) lie in bins whose edges, one more, are ``edges_s``."""

    edges_s: list[float]
    counts: list[int]


class Fidelity(msgspec.Struct, frozen=True, kw_only=True):
    """What a trace is like, held against what it should be.

    ``comments`` are comments of persons, ``dm`` the messages of persons that brands received,
    ``sessions`` the times at which persons open the inbox, ``graph`` who follows whom.
    """

    scenario: str
    seed: int
    digest: str
    passed: int
    failed: int
    unchecked: int
    checks: list[Check]
    comments: Week
    dm: Week
    sessions: Week
    graph: GraphMeasures
    between_messages: Times
    reply_delays: Times


def measure_fidelity(trace: Trace) -> Fidelity:
    """Check everything that a trace shows.

    Raises:
        UsageError: the trace is damaged, or its manifest holds no scenario of this version.
    """
    facts = read_facts(trace)
    comments, messages, sessions = _activities(facts)
    conversations, rhythm = conversation_checks(facts)
    graph, degrees = graph_checks(facts)
    checks = [
        *study_checks(
            facts, (comments.intent, comments.counts), (messages.intent, messages.counts)
        ),
        *(check for one in (comments, messages, sessions) for check in curve_checks(facts, one)),
        *total_checks(facts),
        *person_checks(facts),
        *graph,
        *conversations,
        *text_checks(facts),
    ]
    verdicts = Counter(check.verdict for check in checks)
    return Fidelity(
        scenario=facts.scenario.name,
        seed=facts.manifest.seed,
        digest=facts.manifest.digest,
        passed=verdicts["pass"],
        failed=verdicts["fail"],
        unchecked=verdicts["unchecked"],
        checks=checks,
        comments=_week(facts, comments),
        dm=_week(facts, messages),
        sessions=_week(facts, sessions),
        graph=degrees,
        **_times(rhythm),
    )


def _activities(facts: Facts) -> tuple[Simulated, Simulated, Simulated]:
    def simulated(
        name: str, intent: Intent, counted: pl.DataFrame, written: pl.DataFrame
    ) -> Simulated:
        return Simulated(name, intent, count_by_hour(facts, counted), facts.by_person(written))

    to_brands = facts.messages.filter("to_brand")
    return (
        simulated("comments", intended_comments(facts), facts.comments, facts.comments),
        simulated("messages to brands", intended_messages(facts), facts.received, to_brands),
        simulated("sessions", intended_sessions(facts), facts.opens, facts.opens),
    )


def _week(facts: Facts, simulated: Simulated) -> Week:
    counts = simulated.counts
    expected = shape_by_hour(facts, simulated.intent)
    scale = counts.total / expected.sum() if expected.sum() else 0.0
    mean = np.divide(
        scale * expected, counts.covered, where=counts.covered > 0, out=np.zeros_like(expected)
    )
    return Week(per_week=counts.per_week, curve=mean.tolist())


def _times(rhythm: Rhythm) -> dict[str, Times]:
    edges = 10.0 ** np.linspace(_FIRST, _LAST, round(_BINS_PER_DECADE * (_LAST - _FIRST)) + 1)

    def binned(seconds: Floats) -> Times:
        counts, _ = np.histogram(seconds, edges)
        return Times(edges_s=edges.tolist(), counts=counts.tolist())

    return {"between_messages": binned(rhythm.between), "reply_delays": binned(rhythm.delays)}
