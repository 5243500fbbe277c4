"""Moderation among the persons it judges: what it does, it does at its exact moment."""

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import Scenario
from dmsim.scenario.units import HOUR_US, SECOND_US
from dmsim.simulation.world import World
from dmsim.vocabulary import Action, Verdict, Via, Violation
from tests.worlds import Rows, small

ABUSE = [
    "population.persons=600",
    "time.record=4h",
    "archetypes.ordinary.violation=0.4",
    "archetypes.ordinary.report_message=0.9",
    "archetypes.ordinary.report_account=0.01",
    "archetypes.ordinary.sessions_per_week=80",
    "archetypes.ordinary.prior_violations=1",
    "moderation.automatic_delay=7s",
    "moderation.moderators=1",
    "moderation.review=5m",
]
REPORTS = {
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
    Action.REPORT_REQUEST,
    Action.REPORT_ACCOUNT,
    Action.REPORT_CONTENT,
}
DELIVERED = {Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED, Verdict.REMOVED}


@cache
def lived() -> tuple[Scenario, list[dict[str, Any]]]:
    """A rough evening, from an empty world on, so that nothing happened before the rows."""
    scenario = small(*ABUSE, "time.warm_up=0s", seed=5)
    population = build_population(scenario, plan_cells(scenario)[0])
    rows = Rows()
    world = World(scenario, population, rows)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    return scenario, rows.rows()


def of(action: Action, **fields: int) -> list[dict[str, Any]]:
    """The rows of an action, with the given values."""
    return [
        row
        for row in lived()[1]
        if row["action"] == action and all(row[name] == value for name, value in fields.items())
    ]


def test_every_removal_is_punished_exactly_after_the_delay() -> None:
    scenario, rows = lived()
    delay = 7 * SECOND_US
    removed = [
        (row["at"] + delay, row["actor"])
        for row in rows
        if row["verdict"] == Verdict.REMOVED and row["at"] + delay < scenario.time.until_us
    ]
    punished = [(row["at"], row["target"]) for row in of(Action.MODERATE, via=Via.AUTOMATIC)]
    assert len(removed) > 20
    assert punished == removed


def test_every_report_is_read_and_decided_in_its_turn() -> None:
    _, rows = lived()
    reported = [
        row["target"]
        for row in rows
        if row["action"] in REPORTS and row["verdict"] != Verdict.REFUSED
    ]
    read = of(Action.STAFF_ACCESS)
    decided = of(Action.MODERATE, via=Via.MODERATION)
    assert len(decided) > 10
    assert [row["target"] for row in read] == reported[: len(read)]
    assert [row["target"] for row in decided] == reported[: len(decided)]
    assert {row["verdict"] for row in read} == {Verdict.DONE}


def test_temporary_penalties_end_within_their_hours() -> None:
    hours = [
        (row["until"] - row["at"]) / HOUR_US for row in of(Action.MODERATE) if row["until"] >= 0
    ]
    assert len(hours) > 5
    assert all(24 <= length <= 48 or 72 <= length <= 168 for length in hours)


def test_nothing_of_an_account_is_delivered_while_its_penalty_holds() -> None:
    _, rows = lived()
    banned: dict[int, int] = defaultdict(int)
    refused = 0
    for row in rows:
        if row["action"] == Action.MODERATE and row["violation"] != Violation.NONE:
            banned[row["target"]] = max(banned[row["target"]], row["until"])
        elif row["at"] < banned[row["actor"]]:
            assert row["verdict"] not in DELIVERED
            refused += row["verdict"] == Verdict.REFUSED
    assert refused


@pytest.mark.parametrize("field", ["violation", "until", "switch"])
def test_what_a_decision_says_stands_in_its_row(field: str) -> None:
    assert len({row[field] for row in of(Action.MODERATE)}) > 1
