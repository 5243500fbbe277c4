"""What persons do follows the probabilities of their archetype."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from dmsim.population.model import Population
from dmsim.vocabulary import Action, Platform, Reason, Verdict, Via
from tests.simulation.lives import (
    BUSY,
    CARE,
    SOCIABLE,
    THINK_US,
    Row,
    addressees,
    assert_share,
    by_person,
    count,
    lived,
    of,
)
from tests.worlds import everybody, small


def answered(population: Population, rows: list[Row], before: Action) -> tuple[int, int]:
    """How often the very next thing after ``before`` was a message to the same; and how often not.

    What a person did last of all says nothing, and is not counted.
    """
    yes = no = 0
    for deeds in by_person(population, rows).values():
        for this, following in pairwise(deeds):
            if this["action"] == before:
                said = following["action"], following["target"], following["via"]
                hit = said == (Action.SEND_MESSAGE, this["target"], Via.CHAT)
                at_once = following["at"] == this["at"] + THINK_US
                yes, no = (yes + 1, no) if hit and at_once else (yes, no + 1)
    return yes, no


@pytest.mark.parametrize("reply", [0.3, 1.0])
def test_a_read_thread_is_answered_at_the_next_step_with_the_chance_to_reply(reply: float) -> None:
    population, rows = lived(*SOCIABLE, *everybody(reply=reply, block=0))
    for seen in (Action.READ_THREAD, Action.ACCEPT_REQUEST):
        yes, no = answered(population, rows, seen)
        # After one step in twenty, the session is over.
        assert_share(yes, yes + no, reply * (1 - 1 / 20))


def test_who_always_replies_leaves_no_read_thread_while_steps_are_left() -> None:
    population, rows = lived(*SOCIABLE, *NO_BRANDS, *everybody(reply=1))
    for deeds in by_person(population, rows).values():
        for this, following in pairwise(deeds):
            if this["action"] == Action.READ_THREAD and following["action"] != Action.OPEN_INBOX:
                assert following["action"] == Action.SEND_MESSAGE
                assert following["target"] == this["target"]


def test_who_never_replies_answers_nobody() -> None:
    _, rows = lived(*SOCIABLE, *NO_BRANDS, *everybody(reply=0))
    assert count(rows, Action.READ_THREAD) > 100
    assert not [row for row in of(rows, Action.SEND_MESSAGE) if row["via"] == Via.CHAT]


def test_a_session_of_one_step_has_no_time_to_answer() -> None:
    one_step = everybody(reply=1, actions_per_session=1, sessions_per_week=300)
    population, rows = lived(*SOCIABLE, *one_step)
    yes, no = answered(population, rows, Action.READ_THREAD)
    assert yes == 0
    assert no > 20


def test_sessions_have_the_mean_number_of_steps() -> None:
    # Every step is visible: nothing comes in, so everybody changes the setting all the time.
    population, rows = lived(
        *BUSY,
        *everybody(change_setting=1, sessions_per_week=100, actions_per_session=6),
        "time.record=2h",
    )
    lengths = []
    for deeds in by_person(population, rows).values():
        opens = [n for n, row in enumerate(deeds) if row["action"] == Action.OPEN_INBOX]
        lengths += [end - begin - 1 for begin, end in pairwise(opens)]
    assert len(lengths) > 100
    assert abs(np.mean(lengths) - 6) <= 5 * np.sqrt(6 * 5 / len(lengths))


#: All write to anybody, so that most messages are requests.
STRANGERS = addressees(strangers=1)
#: Brands are answered otherwise than friends.
NO_BRANDS = ["brands={}", "care.teams={}"]
CHANCES = {
    Action.ACCEPT_REQUEST: ("accept_request", 0.4),
    Action.DELETE_REQUEST: ("delete_request", 0.2),
    Action.REPORT_REQUEST: ("report_request", 0.2),
    Action.BLOCK_USER: ("block_requester", 0.15),
}


@pytest.mark.parametrize("reply", [0.0, 0.5, 1.0])
def test_requests_are_decided_as_the_archetype_does_whether_one_replies_or_not(
    reply: float,
) -> None:
    told = everybody(**dict(CHANCES.values()), reply=reply)
    # Whoever was reported would write filtered requests, which are mostly left alone.
    _, rows = lived(*SOCIABLE, *told, *STRANGERS, "policy.filter_unsafe_requests=false")
    decided = Counter(row["action"] for row in of(rows, *CHANCES))
    assert set(decided) == set(CHANCES)
    for action, (_, chance) in CHANCES.items():
        assert_share(decided[Action(action)], decided.total(), chance / 0.95)


@pytest.mark.parametrize(("action", "chance"), [(a, name) for a, (name, _) in CHANCES.items()])
def test_who_always_decides_alike_never_decides_otherwise(action: Action, chance: str) -> None:
    nothing = dict.fromkeys([name for name, _ in CHANCES.values()], 0.0)
    _, rows = lived(*SOCIABLE, *everybody(**(nothing | {chance: 1})), *STRANGERS)
    decisions = of(rows, *CHANCES)
    assert len(decisions) > 100
    assert {row["action"] for row in decisions} == {action}
    assert {row["verdict"] for row in decisions} == {Verdict.DONE}


#: How one reaches the actions on a conversation in the list, by platform.
BY_LIST = {
    Platform.IOS: Via.SWIPE,
    Platform.ANDROID: Via.LONG_PRESS,
    Platform.WEB: Via.MORE_OPTIONS,
}


def test_requests_are_decided_in_their_section_and_senders_blocked_by_the_platforms_path() -> None:
    told = everybody(**dict(CHANCES.values()))
    population, rows = lived(*SOCIABLE, *told, *STRANGERS)
    for row in of(rows, *CHANCES):
        platform = Platform(int(population.platform[row["actor"]]))
        assert row["platform"] == platform
        assert row["via"] == (
            BY_LIST[platform] if row["action"] == Action.BLOCK_USER else Via.REQUESTS
        )


def test_who_ignores_requests_decides_none_of_them() -> None:
    told = everybody(accept_request=0, delete_request=0, block_requester=0)
    _, rows = lived(*SOCIABLE, *told, *STRANGERS)
    assert count(rows, Action.LIST_REQUESTS) > 100
    assert not of(rows, *CHANCES)


def test_requests_are_listed_before_one_of_them_is_decided() -> None:
    population, rows = lived(*SOCIABLE, *STRANGERS)
    for deeds in by_person(population, rows).values():
        listed = False
        for row in deeds:
            if row["action"] == Action.OPEN_INBOX:
                listed = False
            elif row["action"] == Action.LIST_REQUESTS:
                assert not listed
                listed = True
            assert listed or row["via"] != Via.REQUESTS


def test_who_has_nothing_to_say_sends_no_messages() -> None:
    population, rows = lived(*BUSY, *everybody(comments_per_week=600), "care.customers.answers=0")
    assert count(rows, Action.SEND_MESSAGE, persons=population.persons) == 0
    assert count(rows, Action.PRIVATE_REPLY) > 20
    assert count(rows, Action.READ_THREAD, persons=population.persons) > 20


def test_people_comment_as_often_as_their_archetype_does() -> None:
    population, rows = lived(*BUSY)
    assert count(rows, Action.OPEN_INBOX) > 10
    assert count(rows, Action.COMMENT) == 0
    assert not CARE & {row["action"] for row in rows}
    population, rows = lived(*BUSY, *everybody(comments_per_week=600))
    assert count(rows, Action.COMMENT) > 100
    for row in rows:
        if row["action"] == Action.COMMENT:
            run = slice(*population.follows.start[row["actor"] : row["actor"] + 2])
            assert row["target"] in population.follows.targets[run]
            posts = np.cumsum(population.posts_per_page)
            page = int(np.searchsorted(posts, row["uses"], side="right"))
            assert row["target"] == population.persons + page


def test_new_messages_bring_their_recipients() -> None:
    told = [*BUSY, *everybody(sessions_per_week=20, new_conversation=0.5)]
    _, alone = lived(*told, "behaviour.notified_visit=0")
    _, called = lived(*told, "behaviour.notified_visit=1")
    assert count(alone, Action.OPEN_INBOX) > 20
    assert count(called, Action.OPEN_INBOX) > 1.5 * count(alone, Action.OPEN_INBOX)


def test_a_session_opens_the_inbox_and_then_acts_at_every_thinking_time() -> None:
    population, rows = lived(*SOCIABLE)
    persons = by_person(population, rows)
    assert len(persons) > 50
    for deeds in persons.values():
        assert deeds[0]["action"] == Action.OPEN_INBOX
        opened = deeds[0]["at"]
        for before, row in pairwise(deeds):
            assert row["at"] > before["at"]
            if row["action"] == Action.OPEN_INBOX:
                opened = row["at"]
            else:
                assert (row["at"] - opened) % THINK_US == 0


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        ("followed", {Via.NEW_CHAT, Via.PROFILE}),
        ("contacts", {Via.SEARCH}),
        ("acquaintances", {Via.SEARCH}),
        ("strangers", {Via.PROFILE}),
    ],
)
def test_people_write_to_whom_they_follow_know_or_have_never_met(
    kind: str, paths: set[Via]
) -> None:
    told = [*BUSY, *everybody(new_conversation=0.4), *addressees(**{kind: 1})]
    population, rows = lived(*told, "care.customers.answers=0")
    graphs = {
        "followed": population.follows,
        "contacts": population.contacts,
        "acquaintances": population.acquaintances,
    }
    first = [row for row in of(rows, Action.SEND_MESSAGE) if row["actor"] < population.persons]
    assert len(first) > 100
    assert {row["via"] for row in first} == paths
    for row in first:
        if kind in graphs:
            run = slice(*graphs[kind].start[row["actor"] : row["actor"] + 2])
            assert row["target"] in graphs[kind].targets[run]
        assert row["target"] != row["actor"]


@pytest.mark.parametrize(
    ("chance", "actions"),
    [
        ("change_setting", [Action.CHANGE_SETTING]),
        ("follow", [Action.FOLLOW]),
        ("unfollow", [Action.UNFOLLOW]),
        ("block", [Action.BLOCK_USER]),
        ("search_content", [Action.SEARCH_CONTENT]),
        ("change_read_status", [Action.CHANGE_READ_STATUS]),
        ("change_request_filter", [Action.CHANGE_REQUEST_FILTER]),
        ("change_business_messages", [Action.CHANGE_BUSINESS_MESSAGES]),
        ("change_notifications", [Action.CHANGE_NOTIFICATIONS]),
        (
            "manage_stickers",
            [
                Action.LIST_STICKER_SETS,
                Action.ADD_STICKER_SET,
                Action.REORDER_STICKER_SETS,
                Action.REMOVE_STICKER_SET,
            ],
        ),
    ],
)
def test_with_nothing_waiting_people_do_what_their_archetype_does(
    chance: str, actions: list[Action]
) -> None:
    _, rows = lived(*BUSY)
    assert {row["action"] for row in rows} == {Action.OPEN_INBOX}
    _, rows = lived(*BUSY, *everybody(**{chance: 1}))
    assert {row["action"] for row in rows} == {Action.OPEN_INBOX, *actions}


@pytest.mark.parametrize(
    "action",
    [
        Action.CHANGE_READ_STATUS,
        Action.CHANGE_REQUEST_FILTER,
        Action.CHANGE_BUSINESS_MESSAGES,
        Action.CHANGE_NOTIFICATIONS,
    ],
)
def test_a_switch_is_turned_over_each_time(action: Action) -> None:
    population, rows = lived(*BUSY, *everybody(**{action.name.lower(): 0.5}))
    on = {
        Action.CHANGE_READ_STATUS: population.read_status,
        Action.CHANGE_REQUEST_FILTER: population.filter_requests,
        Action.CHANGE_BUSINESS_MESSAGES: population.allow_business,
        Action.CHANGE_NOTIFICATIONS: population.notifications,
    }[action].copy()
    turned = of(rows, action)
    assert len(turned) > 100
    for row in turned:
        assert row["switch"] == (not on[row["actor"]])
        on[row["actor"]] = row["switch"]


def test_people_unblock_only_whom_they_have_blocked() -> None:
    _, rows = lived(*SOCIABLE, *everybody(block=0.2, unblock=0.2))
    blocked: set[tuple[int, int]] = set()
    unblocked = 0
    for row in rows:
        pair = row["actor"], row["target"]
        if row["action"] == Action.BLOCK_USER:
            blocked.add(pair)
        elif row["action"] == Action.UNBLOCK_USER:
            assert pair in blocked
            blocked.remove(pair)
            unblocked += 1
    assert unblocked > 20


def test_without_a_care_team_comments_and_messages_stay_unanswered() -> None:
    told = [*BUSY, *everybody(comments_per_week=600, new_conversation=0.3)]
    population, rows = lived(*told, "care.teams={}")
    assert count(rows, Action.COMMENT) > 100
    assert any(row["action"] == Action.SEND_MESSAGE and row["target"] >= population.persons
               for row in rows)  # fmt: skip
    assert max(row["actor"] for row in rows) < population.persons
    assert rows[-1]["at"] > small(*told).time.until_us - 60_000_000


def test_a_brand_without_a_team_stays_silent_while_the_others_answer() -> None:
    told = [*BUSY, *everybody(comments_per_week=600), 'care.teams.services.brands=["bank"]']
    population, rows = lived(*told)
    (silent,) = population.persons + np.flatnonzero(population.team_of_page < 0)
    assert any(row["action"] == Action.COMMENT and row["target"] == silent for row in rows)
    acting = {row["actor"] for row in rows if row["actor"] >= population.persons}
    assert len(acting) == 2
    assert silent not in acting


def test_without_brands_there_is_nothing_to_comment_on() -> None:
    _, rows = lived(*BUSY, *everybody(comments_per_week=600), "care.teams={}", "brands={}")
    assert rows
    assert count(rows, Action.COMMENT) == 0


def test_a_rule_changes_verdicts_but_neither_persons_nor_when_they_come() -> None:
    told = [
        *SOCIABLE,
        "population.ages={under_16=0.4, teens=0.2, adults=0.4}",
        "behaviour.notified_visit=0",
    ]
    strict, strict_rows = lived(*told, "policy.minimum_age=18")
    open_, open_rows = lived(*told, "policy.minimum_age=13")
    for field in ("age", "setting", "archetype", "visits_per_week"):
        assert np.array_equal(getattr(strict, field), getattr(open_, field))
    assert strict.names == open_.names
    assert np.array_equal(strict.follows.targets, open_.follows.targets)
    visits = [
        [(row["at"], row["actor"]) for row in rows if row["action"] == Action.OPEN_INBOX]
        for rows in (strict_rows, open_rows)
    ]
    assert len(visits[0]) > 100
    assert visits[0] == visits[1]
    refused = [sum(row["reason"] == Reason.UNDER_AGE for row in rows)
               for rows in (strict_rows, open_rows)]  # fmt: skip
    assert refused[0] > 100
    assert refused[1] == 0
