"""Counts by the hour of the week, and what is expected of them."""

import numpy as np
import pytest

from dmsim.fidelity.curves import Simulated, curve_checks, hour_name, shape_by_hour
from dmsim.fidelity.intent import intended_comments, intended_messages, intended_sessions
from dmsim.fidelity.week import count_by_hour, exposure, whole_weeks
from dmsim.population.curves import load_curve
from tests.fidelity.facts import Event, facts, scenario


def test_an_hour_is_that_of_the_author() -> None:
    two = facts(persons=2, offsets=[0, 5.5], comments=[(10, 0), (10, 1), (166, 1)], hours=(0, 336))
    counts = count_by_hour(two, two.comments)
    assert np.flatnonzero(counts.events).tolist() == [3, 10, 15]


def test_an_hour_is_that_of_the_trace_where_the_scenario_says_so() -> None:
    told = scenario("curves.clock=reference")
    two = facts(told, persons=2, offsets=[0, 5.5], comments=[(10, 0), (10, 1)])
    assert count_by_hour(two, two.comments).events[10] == 2


@pytest.mark.parametrize("offset", [0, 5.5, -11.75])
@pytest.mark.parametrize("start", [0, 12.25])
def test_whole_weeks_cover_each_hour_alike(offset: float, start: float) -> None:
    two = facts(persons=2, offsets=[0, offset], hours=(start, start + 336))
    assert exposure(two) == pytest.approx(np.full(168, 2.0))
    assert whole_weeks(two) == 2


def test_a_mean_week_divides_by_how_often_an_hour_was_covered() -> None:
    # From Monday 00:00 to Tuesday 01:30 of the next week: its Monday counts twice.
    nine = facts(hours=(0, 168 + 25.5), comments=[(3, 0), (171, 1), (24.2, 0), (30, 0)])
    per_week = count_by_hour(nine, nine.comments).per_week
    assert per_week[3] == 1
    assert per_week[24] == 0.5
    assert per_week[30] == 1
    half = exposure(nine)[24:27]
    assert half == pytest.approx([2, 1.5, 1])
    assert whole_weeks(nine) == 0


def test_hours_that_are_never_covered_have_no_count() -> None:
    one = facts(hours=(110, 111), comments=[(110.5, 0)])
    per_week = count_by_hour(one, one.comments).per_week
    assert [index for index, value in enumerate(per_week) if value is not None] == [110]


def test_bursts_of_one_person_scatter_the_counts() -> None:
    alone = facts(comments=[(hour, hour) for hour in range(100)])
    assert count_by_hour(alone, alone.comments).dispersion == 1
    threes = facts(comments=[(hour, hour) for hour in range(100) for _ in range(3)])
    assert count_by_hour(threes, threes.comments).dispersion == 3


def test_a_shock_changes_what_is_expected_of_its_hours() -> None:
    told = scenario(
        'shocks.launch={kind="step", at="wed 00:00", factor=3, lasts="1d", of=["comments"]}'
    )
    usual, shocked = facts(), facts(told)
    factor = shape_by_hour(shocked, intended_comments(shocked)) / shape_by_hour(
        usual, intended_comments(usual)
    )
    assert factor.reshape(7, 24).mean(axis=1) == pytest.approx([1, 1, 3, 1, 1, 1, 1])
    messages = shape_by_hour(shocked, intended_messages(shocked))
    assert messages == pytest.approx(load_curve("messages"))


def sampled(told_rate: float, curve: str, seed: int = 7) -> list[Event]:
    """Comments of 2000 persons in a week, by a curve."""
    draws = np.random.default_rng(seed)
    counts = draws.poisson(load_curve(curve) / 168 * told_rate * 2000)
    return [(hour, int(draws.integers(2000))) for hour, n in enumerate(counts) for _ in range(n)]


@pytest.mark.parametrize(
    ("rate", "curve", "verdicts"),
    [
        (5, "comments", ["pass", "pass", "pass"]),
        (5, "messages", ["fail", "fail", "pass"]),
        (6, "comments", ["pass", "pass", "fail"]),
    ],
)
def test_a_week_is_held_to_its_curve_and_its_rates(
    rate: float, curve: str, verdicts: list[str]
) -> None:
    told = scenario("archetypes.subscriber.comments_per_week=5")
    found = facts(told, persons=2000, comments=sampled(rate, curve))
    counts = count_by_hour(found, found.comments)
    simulated = Simulated(
        "comments", intended_comments(found), counts, found.by_person(found.comments)
    )
    assert [check.verdict for check in curve_checks(found, simulated)] == verdicts


def test_correct_weeks_fail_by_chance_alone() -> None:
    told = scenario("archetypes.subscriber.comments_per_week=5")
    failed = 0
    for seed in range(100):
        found = facts(told, persons=2000, comments=sampled(5, "comments", seed))
        counts = count_by_hour(found, found.comments)
        simulated = Simulated(
            "comments", intended_comments(found), counts, found.by_person(found.comments)
        )
        failed += sum(check.verdict == "fail" for check in curve_checks(found, simulated))
    assert failed <= 2


@pytest.mark.parametrize(
    ("overrides", "because"),
    [
        (["archetypes.subscriber.new_conversation=0.1"], ""),
        (
            ["archetypes.subscriber.new_conversation=0.1", "curves.persons=comments"],
            "persons also write to brands within sessions",
        ),
        (
            ["archetypes.subscriber.reply=0.5", "brands.b001.messages_per_week=5"],
            "persons also answer brands, when these have written",
        ),
        (["archetypes.subscriber.reply=0.5"], ""),
    ],
)
def test_messages_follow_their_curve_where_nothing_else_makes_persons_write(
    overrides: list[str], because: str
) -> None:
    assert intended_messages(facts(scenario(*overrides))).other_times == because


def test_comments_of_campaigns_are_none_of_the_curve() -> None:
    told = scenario(
        'campaigns.contest={kind="engagement", brand="b001", at="wed 16:00", comments=300}'
    )
    assert intended_comments(facts(told)).other_times == "campaigns bring comments besides"


def test_a_message_received_begins_a_session_besides() -> None:
    assert intended_sessions(facts()).other_times == ""
    message = {"at": 60, "actor": 0, "target": 1}
    told = intended_sessions(facts(messages=[message]))
    assert told.other_times == "a message received also begins a session"
    quiet = scenario("behaviour.notified_visit=0")
    assert intended_sessions(facts(quiet, messages=[message])).other_times == ""


def test_only_persons_who_follow_a_brand_are_expected_to_comment() -> None:
    half = facts(traits={"brands": [0, 3] * 100})
    assert intended_comments(half).per_week == 100
    assert intended_sessions(half).per_week == 100


@pytest.mark.parametrize(("punished", "verdict"), [(0, "fail"), (400, "pass")])
def test_whom_a_penalty_silences_may_be_missing(punished: int, verdict: str) -> None:
    told = scenario("archetypes.subscriber.comments_per_week=5")
    traits = {"punished": [True] * punished + [False] * (2000 - punished)}
    found = facts(told, persons=2000, comments=sampled(4.2, "comments"), traits=traits)
    counts = count_by_hour(found, found.comments)
    simulated = Simulated(
        "comments", intended_comments(found), counts, found.by_person(found.comments)
    )
    *_, total = curve_checks(found, simulated)
    assert total.verdict == verdict


def test_hours_are_named_as_people_say_them() -> None:
    assert (hour_name(0), hour_name(110), hour_name(167)) == ("Mon 00:00", "Fri 14:00", "Sun 23:00")
