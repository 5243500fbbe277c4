"""What the study of messages to brands says (R101-R128), held against a simulated panel.

Almost all of its statements order hours (:mod:`dmsim.fidelity.statements`): differences of mean
counts must not be negative. A trace *passes* one if its counts show it, *fails* if they contradict
it by more than chance (at 99.9 %), and leaves it *unchecked* if they do neither: so few events do
not tell.
"""

import numpy as np

from dmsim.fidelity.check import SIGMA, Check, Relation, Subject, judge, too_few, unchecked
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intent import Intent
from dmsim.fidelity.intervals import Ends, count_interval, normal_quantile
from dmsim.fidelity.statements import (
    COMMENT_READINGS,
    MESSAGE_READINGS,
    Reading,
    Statement,
    comment_statements,
    message_statements,
)
from dmsim.fidelity.week import Counts, whole_weeks
from dmsim.scenario.units import DAY_US, HOUR_US

_CONCERN = "study"
_PANEL = "panel"
_DAYS, _ACCOUNTS, _MESSAGES, _COMMENTS = 35, 200, 350_000, 200_000
#: Ours: sampling error and personal rates allow so much of the totals.
_TOTAL = 0.015


def study_checks(
    facts: Facts, comments: tuple[Intent, Counts], messages: tuple[Intent, Counts]
) -> list[Check]:
    """Every statement of the study that counts can show.

    Of a statement of order the check measures the smallest of the differences that it demands.
    """
    checks = _totals(facts, comments[1], messages[1])
    for (intent, counts), readings, say in (
        (comments, COMMENT_READINGS, comment_statements),
        (messages, MESSAGE_READINGS, message_statements),
    ):
        curve = intent.curve if isinstance(intent.curve, str) else ""
        reading = readings.get(curve, Reading())
        because = "" if curve in readings else f"{intent.key} is no reading of the study"
        because = because or _why_not(facts, intent, counts)
        for statement in say(counts.events, reading):
            checks.append(_judged(statement, counts, because))
    return checks


def _totals(facts: Facts, comments: Counts, messages: Counts) -> list[Check]:
    """How large the panel was, and how much it wrote (R101-R105)."""
    is_panel = facts.scenario.name == _PANEL
    days = (facts.manifest.until_us - facts.manifest.from_us) / DAY_US
    more = float((messages.events > comments.events).sum())

    def held(
        source: str, words: str, target: float, counts: Counts | float, relation: Relation
    ) -> Check:
        exact = not isinstance(counts, Counts)
        subject = Subject(
            concern=_CONCERN,
            property=words,
            source=source,
            target=target,
            relation=relation,
            tolerance=0.0 if exact else _TOTAL * target,
        )
        if not is_panel:
            return unchecked(subject, f"only of the scenario {_PANEL}")
        if not isinstance(counts, Counts):
            found = float(counts)
            return judge(subject, found, lambda _: (found, found))
        total, spread = counts.total, counts.dispersion
        return judge(subject, total, lambda level: count_interval(total, spread, level))

    least = float(_ACCOUNTS + 1)
    brands = float(len(facts.scenario.brands))
    surplus = messages.total - comments.total
    return [
        held("R101", "days observed", _DAYS, days, "equal"),
        held("R102", "accounts monitored, more than 200", least, brands, "at_least"),
        held("R103", "messages received", _MESSAGES, messages, "equal"),
        held("R104", "comments", _COMMENTS, comments, "equal"),
        held("R105", "messages above comments, in all", 1, surplus, "at_least"),
        held("R105", "of 168 hours, those with more messages", 85, more, "at_least"),
    ]


def _why_not(facts: Facts, intent: Intent, counts: Counts) -> str:
    if not whole_weeks(facts):
        hours = (facts.manifest.until_us - facts.manifest.from_us) / HOUR_US
        return f"needs whole weeks: {hours:g} h were recorded"
    if intent.other_times:
        return intent.other_times
    if any(intent.activity in shock.of for shock in facts.scenario.shocks.values()):
        return "shocks change the week"
    return too_few(int(counts.total), intent.activity)


def _judged(statement: Statement, counts: Counts, because: str) -> Check:
    subject = Subject(
        concern=_CONCERN,
        property=statement.words,
        source=statement.source,
        target=0.0,
        relation="at_least",
        unit=SIGMA,
    )
    if because:
        return unchecked(subject, because)
    rows = np.array(statement.weights)
    errors = np.sqrt(counts.dispersion * (rows**2 @ counts.events))
    margin = float(np.min(rows @ counts.events / np.maximum(errors, 1e-9)))

    def ends(level: float) -> Ends:
        return margin - normal_quantile(level), margin + normal_quantile(level)

    check = judge(subject, margin, ends, comparisons=len(rows))
    if check.verdict == "pass" and margin < 0:
        told = "neither shown nor contradicted: the difference may be chance"
        return unchecked(subject, told, margin)
    return check
