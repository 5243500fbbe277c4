"""What cases are like: drawn by the case alone, the same whoever works."""

from collections import defaultdict
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest

from dmsim.care.book import CaseBook
from dmsim.care.case import MESSAGE_CASE, Case, Nature, Slip
from dmsim.care.service import ServiceTimes
from dmsim.scenario import Scenario
from dmsim.scenario.units import DAY_US, MINUTE_US, SECOND_US
from dmsim.vocabulary import Topic
from tests.care.desk_work import PAGE, Room, told

TRAITS = ("complex", "personal", "in_private", "announced", "hands_off", "needed", "slip")
MIXED = [
    "team.announces=0.5",
    "team.private_share=0.5",
    "team.hand_off=0.2",
    "team.slips=0.3",
    "team.turns=2",
    "team.complex_turns=5",
]


def cases_of(scenario: Scenario, topic: Topic, count: int = 3000) -> list[Case]:
    book, team = CaseBook(7), scenario.care.teams["beauty"]
    nature = Nature(7, scenario.care.cases, team)
    cases = [book.by_comment(PAGE, n, n, topic, "en", 0) for n in range(count)]
    for case in cases:
        nature.give(case)
    return cases


@pytest.mark.parametrize(
    ("topic", "is_complex", "personal"),
    [(Topic.QUESTION, 0.15, 0.15), (Topic.COMPLAINT, 0.5, 0.4), (Topic.PRAISE, 0, 0)],
)
def test_traits_are_as_frequent_as_the_scenario_says(
    topic: Topic, is_complex: float, personal: float
) -> None:
    cases = cases_of(told(*MIXED), topic)
    assert mean(case.complex for case in cases) == pytest.approx(is_complex, abs=0.03)
    assert mean(case.personal for case in cases) == pytest.approx(personal, abs=0.03)
    assert mean(case.slip != Slip.NONE for case in cases) == pytest.approx(0.3, abs=0.03)
    if topic == Topic.PRAISE:
        assert not any(case.in_private or case.announced for case in cases)
        return
    private = [case for case in cases if case.in_private]
    assert all(case.in_private for case in cases if case.personal)
    assert mean(case.in_private for case in cases if not case.personal) == pytest.approx(
        0.5, abs=0.04
    )
    assert not any(case.announced for case in cases if not case.in_private)
    assert mean(case.announced for case in private) == pytest.approx(0.5, abs=0.04)
    assert mean(case.hands_off for case in cases) == pytest.approx(0.2, abs=0.03)


def test_complex_cases_need_more_answers() -> None:
    cases = cases_of(told(*MIXED, "team.hand_off=0"), Topic.COMPLAINT)
    simple = [case.needed for case in cases if not case.complex]
    hard = [case.needed for case in cases if case.complex]
    assert min(simple) == min(hard) == 1
    assert mean(simple) == pytest.approx(2, rel=0.06)
    assert mean(hard) == pytest.approx(5, rel=0.08)


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ("team.announces=0.9", {"announced"}),
        ("team.private_share=0.9", {"in_private", "announced"}),
        ("team.hand_off=0.5", {"hands_off", "needed"}),
        ("team.slips=0.5", {"slip"}),
        ("team.turns=4", {"needed"}),
        ("care.cases.complex_questions=0.5", {"complex", "needed"}),
        ("care.cases.personal_questions=0.5", {"personal", "in_private", "announced"}),
    ],
)
def test_changing_one_share_leaves_the_other_traits_alone(change: str, touched: set[str]) -> None:
    before = cases_of(told(*MIXED), Topic.QUESTION)
    after = cases_of(told(*MIXED, change), Topic.QUESTION)
    different = {
        trait
        for trait in TRAITS
        for old, new in zip(before, after, strict=True)
        if getattr(old, trait) != getattr(new, trait)
    }
    assert different == touched


def busy_week(*overrides: str) -> Room:
    """Some days of much to do; who is answered writes at given times."""
    room = Room(*MIXED, "team.triage=20s", "team.public_reply=1m", *overrides)
    for number in range(300):
        topic = (Topic.QUESTION, Topic.COMPLAINT, Topic.PRAISE, Topic.SPAM)[number % 4]
        room.comment(number * MINUTE_US, number % 90, number=number, topic=topic)
        room.message(2 * DAY_US + number * 7 * MINUTE_US, number % 90)
    return room.run(8 * DAY_US)


def durations(room: Room) -> dict[int, list[int]]:
    """By comment: from look to public reply, and from there to the private one."""
    found: dict[int, list[int]] = defaultdict(list)
    for act in room.did("look", "public_reply", "private_reply"):
        if act.comment >= 0:
            found[act.comment].append(act.at)
    return {
        number: [later - at for at, later in pairwise(times)] for number, times in found.items()
    }


def test_the_same_case_is_the_same_under_any_staff() -> None:
    few = busy_week("team.agents=2", "team.slips=0")
    many = busy_week("team.agents=30", "team.slips=0")
    assert few.platform.acts != many.platform.acts
    assert durations(few) == durations(many)
    fixed = ("case", "person", "comment", "topic", "complex", "personal")

    def of_comments(room: Room) -> list[tuple[Any, ...]]:
        cases = [case for case in room.cases() if case["comment"] is not None]
        return [tuple(case[name] for name in fixed) for case in cases]

    assert of_comments(few) == of_comments(many)


def test_cases_of_messages_have_numbers_of_their_own() -> None:
    book = CaseBook(7)
    comments = [book.by_comment(PAGE, n, n, Topic.PRAISE, "en", 0) for n in range(50)]
    messages = [book.by_message(PAGE, n % 10, "en", 0) for n in range(50)]
    numbers = [case.number for case in comments + messages]
    assert len(set(numbers)) == 100
    assert [case.number for case in comments] == list(range(50))
    assert all(MESSAGE_CASE <= case.number < 1 << 40 for case in messages)
    assert len({case.stream for case in comments + messages}) == 100


def test_a_case_is_named_by_its_customer_not_by_the_others() -> None:
    alone, among = CaseBook(7), CaseBook(7)
    for person in range(20):
        among.by_message(PAGE, person, "en", 0)
    mine = [alone.by_message(PAGE, 99, "en", at) for at in range(3)]
    same = [among.by_message(PAGE, 99, "en", at) for at in range(3)]
    assert [case.stream for case in mine] == [case.stream for case in same]
    assert [case.number for case in mine] == [case.number for case in same]


def test_templates_make_replies_faster_and_personalising_takes_time() -> None:
    scenario = told("team.template_speed=0.5", "team.personalise=15s")
    times = ServiceTimes(7, scenario.care.teams["beauty"])
    case = cases_of(scenario, Topic.QUESTION, 1)[0]
    plain = [times.triage(case), times.public_reply(case), times.private_reply(case)]
    case.templated = True
    templated = [times.triage(case), times.public_reply(case), times.private_reply(case)]
    assert plain == [10 * SECOND_US, 60 * SECOND_US, 120 * SECOND_US]
    assert templated == [10 * SECOND_US, 45 * SECOND_US, 75 * SECOND_US]
    assert times.answer(case) == 3 * MINUTE_US


def test_each_turn_has_a_time_of_its_own() -> None:
    scenario = told("team.answer=2m", "team.public_reply=1m", "team.private_reply=1m")
    times = ServiceTimes(7, scenario.care.teams["beauty"])
    case = cases_of(scenario, Topic.QUESTION, 1)[0]
    answers = []
    for turn in range(2000):
        case.turns = turn
        answers.append(times.answer(case))
    assert mean(answers) == pytest.approx(2 * MINUTE_US, rel=0.1)
    drawn = (times.public_reply(case, 0), times.public_reply(case, 1), times.private_reply(case))
    assert len(set(drawn)) == 3
