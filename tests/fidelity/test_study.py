"""A trace shows the study's statements, contradicts them, or does not tell."""

import numpy as np
import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intent import intended_comments, intended_messages
from dmsim.fidelity.study import study_checks
from dmsim.fidelity.week import count_by_hour
from dmsim.population.curves import load_curve
from tests.fidelity.facts import Event, facts, scenario

PERSONS = 5000


def checks(found: Facts) -> list[Check]:
    counts = count_by_hour(found, found.comments), count_by_hour(found, found.received)
    return study_checks(
        found, (intended_comments(found), counts[0]), (intended_messages(found), counts[1])
    )


def verdicts(found: Facts, source: str) -> set[str]:
    return {check.verdict for check in checks(found) if check.source == source}


def comments(number: int, curve: str) -> list[Event]:
    """So many comments in a week by a curve, without chance."""
    week = np.rint(load_curve(curve) / 168 * number).astype(int)
    return [(hour, n % PERSONS) for hour, many in enumerate(week) for n in range(many)]


@pytest.mark.parametrize(("curve", "told"), [("comments", {"pass"}), ("messages", {"fail"})])
def test_many_comments_show_or_contradict_when_they_are_most(curve: str, told: set[str]) -> None:
    found = facts(scenario("time.record=7d"), persons=PERSONS, comments=comments(200_000, curve))
    assert verdicts(found, "R111") == told


def test_what_chance_may_have_made_neither_shows_nor_contradicts() -> None:
    # Their hours from 16:00 to 21:00 are hardly busier than the hour after.
    found = facts(
        scenario("time.record=7d"),
        persons=PERSONS,
        comments=comments(200_000, "comments_inclusive"),
    )
    unclear = [check for check in checks(found) if "neither shown" in check.because]
    assert "R108" in {check.source for check in unclear}
    for check in unclear:
        assert check.verdict == "unchecked"
        assert check.measured is not None
        assert check.measured < 0


def test_a_shock_excuses_its_own_activity_alone() -> None:
    told = scenario(
        'shocks.launch={kind="step", at="wed 00:00", factor=3, lasts="1d", of=["messages"]}'
    )
    found = facts(told, persons=PERSONS, comments=comments(200_000, "comments"))
    assert verdicts(found, "R110") == {"pass"}
    because = {check.because for check in checks(found) if check.source == "R120"}
    assert because == {"shocks change the week"}


@pytest.mark.parametrize(("number", "verdict"), [(40_000, "pass"), (38_000, "fail")])
def test_the_panel_has_the_studys_totals(number: int, verdict: str) -> None:
    five_weeks = [
        (hour + 168 * week, actor)
        for week in range(5)
        for hour, actor in comments(number, "comments")
    ]
    found = facts(scenario(), persons=PERSONS, hours=(0, 5 * 168), comments=five_weeks)
    assert verdicts(found, "R104") == {verdict}
    assert verdicts(found, "R101") == verdicts(found, "R102") == {"pass"}
    assert verdicts(found, "R105") == {"fail"}


def test_other_scenarios_have_totals_of_their_own() -> None:
    told = scenario().model_copy(update={"name": "mine"})
    found = facts(told, persons=PERSONS, comments=comments(40_000, "comments"))
    because = {check.because for check in checks(found) if check.source in ("R101", "R104")}
    assert because == {"only of the scenario panel"}
