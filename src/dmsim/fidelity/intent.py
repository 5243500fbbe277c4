"""What a scenario intends of comments, messages to brands and sessions, and where it does not say.

Each kind of activity has a curve and rates, but some of it also has other causes: an answer comes
when it comes. Where that is so, the curve is no promise, and nothing is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum

import polars as pl

from dmsim.fidelity.facts import Facts
from dmsim.fidelity.week import Curve
from dmsim.scenario import Activity, Archetype, Scenario

#: What persons write within sessions, to brands as well as to each other.
_UNPROMPTED = ("new_conversation", "persist", "share_content")


@dataclass(frozen=True)
class Intent:
    """What is intended of one kind of activity.

    Attributes:
        activity: by the word of the scenario's shocks.
        curve: the weekly curve.
        key: of the scenario, that names the curve.
        per_week: expected events in a mean week, shocks aside.
        lost: the share of these that penalties may prevent.
        other_times: why the hours are not those of the curve alone; else empty.
        other_amount: why there may be more or fewer than expected; else empty.
    """

    activity: Activity
    curve: Curve
    key: str
    per_week: float
    lost: float
    other_times: str
    other_amount: str

    @property
    def source(self) -> str:
        """Where the curve comes from, as a check names it."""
        where = f"seeds/activity_{self.curve}.csv" if isinstance(self.curve, str) else "your curve"
        return f"{self.key}: {where}"


def intended_comments(facts: Facts) -> Intent:
    """Comments of persons on the posts of the brands that they follow."""
    scenario = facts.scenario
    brought = any(c.kind in ("engagement", "incident") for c in scenario.campaigns.values())
    because = "campaigns bring comments besides" if brought else ""
    expected = _expected(facts, lambda archetype: archetype.comments_per_week, pl.col("brands") > 0)
    curve = scenario.curves.comments
    return Intent("comments", curve, "curves.comments", *expected, because, because)


def intended_messages(facts: Facts) -> Intent:
    """Messages of persons to the brands that they follow, outside sessions."""
    scenario = facts.scenario
    archetypes = scenario.archetypes.values()
    prompted = brands_write(scenario) and any(archetype.reply > 0 for archetype in archetypes)
    answers = "persons also answer brands, when these have written" if prompted else ""
    writers = [a for a in archetypes if any(getattr(a, key) > 0 for key in _UNPROMPTED)]
    unprompted = "persons also write to brands within sessions" if writers else ""
    messages = scenario.curves.messages
    elsewhen = any((a.curve or scenario.curves.persons) != messages for a in writers)
    expected = _expected(
        facts, lambda archetype: archetype.brand_messages_per_week, pl.col("brands") > 0
    )
    return Intent(
        "messages",
        messages,
        "curves.messages",
        *expected,
        answers or (unprompted if elsewhen else ""),
        answers or unprompted,
    )


def intended_sessions(facts: Facts) -> Intent:
    """Sessions of persons, each begun by opening the inbox."""
    scenario = facts.scenario
    archetypes = list(scenario.archetypes.values())
    curves = {archetype.curve or scenario.curves.persons for archetype in archetypes}
    notified = (
        scenario.behaviour.notified_visit > 0
        and not facts.messages.filter("delivered", ~pl.col("to_brand")).is_empty()
    )
    because = "a message received also begins a session" if notified else ""
    several = "archetypes have different curves" if len(curves) > 1 else ""
    expected = _expected(facts, lambda archetype: archetype.sessions_per_week, pl.lit(True))
    key = "curves.persons" if curves == {scenario.curves.persons} else "archetypes"
    return Intent("sessions", min(curves, key=str), key, *expected, several or because, because)


def _expected(
    facts: Facts, rate: Callable[[Archetype], float], able: pl.Expr
) -> tuple[float, float]:
    """Expected events of all persons in a week, and the share of those who were punished.

    Personal rates vary around their archetype's.
    """
    rates = {name: rate(told) for name, told in facts.scenario.archetypes.items()}
    members = facts.persons.filter(pl.col("registered") & able)
    groups = members.group_by("archetype", "punished").len().rows()
    expected = fsum(rates[name] * number for name, _, number in groups)
    lost = fsum(rates[name] * number for name, punished, number in groups if punished)
    return expected, lost / expected if expected else 0.0


def brands_write(scenario: Scenario) -> bool:
    """Whether persons get messages of brands that they might answer."""
    mailed = any(campaign.recipients > 0 for campaign in scenario.campaigns.values())
    unasked = any(brand.messages_per_week > 0 for brand in scenario.brands.values())
    return bool(scenario.care.teams) or mailed or unasked
