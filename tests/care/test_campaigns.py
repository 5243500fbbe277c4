"""Contests, incidents, mailings and chat bots: what they do, and what that brings."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import HOUR_US
from dmsim.simulation.world import World
from dmsim.vocabulary import Action, Reason, Topic, Verdict
from tests.worlds import Rows

#: Thursday, from noon to the evening; nothing but a campaign that a test adds.
QUIET = [
    "population.persons=400",
    "time.start=thu 06:00",
    "time.warm_up=6h",
    "time.record=8h",
    "campaigns={}",
    "care.teams.glasses.agents=4",
]
AT = (3 * 24 + 14) * HOUR_US


def with_campaign(**told: Any) -> Scenario:
    """The contest's scenario, quiet but for a campaign on Thursday at 14:00."""
    keys = {"brand": "glasses", "at": "thu 14:00", "lasts": "1h", **told}
    changes = [f"campaigns.only.{key}={value}" for key, value in keys.items()] if told else []
    return load_scenario("contest", None, [*QUIET, *changes])


def lived(scenario: Scenario) -> list[dict[str, Any]]:
    rows = Rows()
    world = World(scenario, build_population(scenario, plan_cells(scenario)[0]), rows)
    world.run(scenario.time.from_us)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    return rows.rows()


@pytest.fixture(scope="module")
def quiet() -> list[dict[str, Any]]:
    return lived(with_campaign())


def of(rows: list[dict[str, Any]], action: Action, begin: int = 0, end: int = 8) -> list[Any]:
    """The actions of a kind, hours counted from noon."""
    noon = AT - 2 * HOUR_US
    hours = range(noon + begin * HOUR_US, noon + end * HOUR_US)
    return [row for row in rows if row["action"] == action and row["at"] in hours]


def test_an_engaging_post_brings_comments_while_it_lasts(quiet: list[dict[str, Any]]) -> None:
    """R114: about as many as was told, none before, and the rest of the day is as it was."""
    rows = lived(with_campaign(kind="engagement", comments=300))
    assert abs(len(of(rows, Action.COMMENT)) - len(of(quiet, Action.COMMENT)) - 300) < 70
    assert len(of(rows, Action.COMMENT, 2, 3)) > 200
    assert len(of(rows, Action.COMMENT, 0, 2)) == len(of(quiet, Action.COMMENT, 0, 2))


def test_an_incident_brings_complaints_and_leaves_the_team_without_templates() -> None:
    """R176: the team is slower where no template fits."""
    topics = "{question=0.0, complaint=1.0, praise=0.0, spam=0.0}"
    told = {"kind": "incident", "comments": 60, "topics": topics}
    scenario = with_campaign(**told, untemplated="1h")
    campaign = scenario.campaigns["only"]
    start = scenario.time.start
    untemplated = [campaign.untemplates(at, start) for at in (AT - 1, AT, AT + HOUR_US - 1)]
    assert untemplated == [False, True, True]
    assert not campaign.untemplates(AT + HOUR_US, start)
    assert not campaign.untemplates(AT, AT + 1), "it began before the simulation"
    handled = {}
    for told_of in (scenario, with_campaign(**told)):
        population = build_population(told_of, plan_cells(told_of)[0])
        world = World(told_of, population, Rows())
        world.run(told_of.time.until_us)
        (team,) = world.teams
        handled[told_of.campaigns["only"].untemplated] = team.staff_hours()["busy"].sum()
        complaints = Counter(team.cases()["topic"].to_list())["complaint"]
        assert complaints > 40
    assert handled[HOUR_US] > handled[0]


def test_a_mailing_goes_to_its_share_of_the_followers_evenly() -> None:
    """R121."""
    scenario = with_campaign(kind="mailing", recipients=0.5)
    rows = of(lived(scenario), Action.MAILING)
    population = build_population(scenario, plan_cells(scenario)[0])
    followers = int((population.follows.targets == population.persons).sum())
    assert len(rows) == round(0.5 * followers)
    assert len({row["target"] for row in rows}) == len(rows)
    pauses = {b["at"] - a["at"] for a, b in pairwise(rows)}
    assert max(pauses) - min(pauses) <= 1
    assert all(row["switch"] == 0 for row in rows)


def test_a_chat_bot_raises_the_messages_that_come_in_and_a_mailing_hardly() -> None:
    """R121, R122: who is asked answers."""
    persons = range(400)
    came = {}
    for kind in ("mailing", "chat_bot"):
        rows = lived(with_campaign(kind=kind, recipients=1.0))
        sent = of(rows, Action.SEND_MESSAGE, 2)
        came[kind] = sum(row["actor"] in persons and row["target"] == 400 for row in sent)
    assert came["chat_bot"] > 30
    assert came["chat_bot"] > 2 * came["mailing"]


def test_sponsored_messages_reach_only_those_who_talked_with_the_brand() -> None:
    """R155, R156."""
    rows = lived(with_campaign(kind="sponsored", recipients=1.0))
    reasons = Counter(row["reason"] for row in of(rows, Action.SPONSORED_MESSAGE))
    assert reasons[Reason.NEVER_TALKED] > 50
    page = 400
    for row in of(rows, Action.SPONSORED_MESSAGE):
        if row["reason"] == Reason.NEVER_TALKED:
            earlier = [r for r in rows if r["actor"] == row["target"] and r["at"] < row["at"]]
            assert not any(
                r["action"] == Action.SEND_MESSAGE
                and r["target"] == page
                and r["verdict"] != Verdict.REFUSED
                for r in earlier
            )


def test_a_comment_of_a_campaign_has_its_topics() -> None:
    topics = "{question=0.0, complaint=0.0, praise=1.0, spam=0.0}"
    scenario = with_campaign(kind="engagement", comments=200, topics=topics)
    population = build_population(scenario, plan_cells(scenario)[0])
    world = World(scenario, population, Rows())
    world.run(AT + HOUR_US)
    (team,) = world.teams
    written = team.cases().filter(team.cases()["written"].is_between(AT, AT + HOUR_US))
    topics_of = Counter(written["topic"].to_list())
    assert topics_of[Topic.PRAISE.name.lower()] > 150
