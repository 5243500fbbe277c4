"""Daily active users and what they write, against the totals that a planner knows."""

import polars as pl

from dmsim.fidelity.check import Check, Subject, judge, too_few, unchecked
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intervals import Ends, Floats, mean_interval, ratio_interval
from dmsim.fidelity.week import whole_weeks
from dmsim.scenario import Scenario
from dmsim.scenario.units import DAY_US

_CONCERN = "totals"
_SOURCE = "scenario: population.totals."
#: Rates are found by trial on few persons, to about two per cent.
_TOLERANCE = 0.05


def total_checks(facts: Facts) -> list[Check]:
    """Daily active users, and messages of each a day; targets where the scenario has totals."""
    totals = facts.scenario.population.totals
    weeks = whole_weeks(facts)
    days = 7 * weeks
    active, written = _active_days(facts), facts.by_person(facts.messages)
    users = _subject("daily active users", "dau", None if totals is None else totals.dau)
    messages = _subject(
        "messages and shared content of a daily active user a day",
        "messages_per_dau_day",
        None if totals is None else totals.messages_per_dau_day,
    )
    because = too_few(len(active), "persons") if weeks else "needs whole weeks"
    if because or not active.sum():
        told = because or "nobody opened the inbox"
        return [unchecked(users, told), unchecked(messages, told)]
    dau, each = float(active.sum()) / days, float(written.sum() / active.sum())
    more = _on_top(facts.scenario)
    if totals is not None and more:
        return [unchecked(users, more, dau), unchecked(messages, more, each)]

    def dau_ends(level: float) -> Ends:
        low, high = mean_interval(active, level)
        return low * len(active) / days, high * len(active) / days

    return [
        judge(users, dau, dau_ends),
        judge(messages, each, lambda level: ratio_interval(written, active, level)),
    ]


def _on_top(scenario: Scenario) -> str:
    """What rates were found without, so that it comes on top of the totals; empty if nothing."""
    parts = {
        "care teams": scenario.care.teams,
        "campaigns": scenario.campaigns,
        "shocks": scenario.shocks,
    }
    there = [name for name, told in parts.items() if told]
    return f"{' and '.join(there)} come on top of the totals" if there else ""


def _subject(words: str, key: str, target: float | None) -> Subject:
    return Subject(
        concern=_CONCERN,
        property=words,
        source=f"{_SOURCE}{key}",
        target=target,
        tolerance=_TOLERANCE * (target or 0.0),
    )


def _active_days(facts: Facts) -> Floats:
    """On how many days of the trace's clock each person opened the inbox."""
    opened = facts.opens.select("actor", day=pl.col("at") // DAY_US).unique()
    return facts.by_person(opened)
