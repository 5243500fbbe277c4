"""Outcome against verdict."""

from typing import Any

import numpy as np
import pytest

from dmsim.adapters.base import Outcome
from dmsim.replay.judge import Judge, Judgement, unordered_rows
from dmsim.replay.owners import Owners
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

POLICY = default_policy()
INBOX, REQUESTS, FILTERED = Outcome("inbox"), Outcome("requests"), Outcome("filtered")
DONE, SHOWN = Outcome("done"), Outcome("shown")
BLOCKED, SETTING = Outcome("refused", "blocked"), Outcome("refused", "setting")
REMOVED, HIDDEN = Outcome("removed", "removed"), Outcome("hidden", "receipts_off")
WRONG = Outcome("status_500")
DELIVERED = Outcome(
    "delivered", among=(("inbox", "none"), ("requests", "none"), ("filtered", "none"))
)
UNREACHABLE = Outcome(
    "refused", "unreachable", among=(("refused", "blocked"), ("refused", "setting"))
)
#: One that may have been refused, and one of which even that is open.
CLOSED = Outcome("refused", "closed", among=(("refused", "outside_window"), ("refused", "no_one")))
AGAINST = Outcome("refused", "policy", among=(("refused", "no_one"), ("removed", "removed")))
OPEN = Outcome("refused", "or not", among=(("inbox", "none"), ("refused", "blocked")))

#: Video 50 is of account 6; accounts 1 and 7 use one device.
OWNERS = Owners(authors={50: 6}, devices={1: 7})


def judge_of(
    rows: list[Row], policy: Policy = POLICY, owners: Owners = OWNERS, *, promised: bool = True
) -> Judge:
    return Judge(scheduled(rows), policy, owners, time_promised=promised)


def judged(rows: list[Row], *outcomes: Outcome, **how: Any) -> list[str]:
    """The judgements of actions that finish in order; unjudged ones name their origin."""
    judge = judge_of(rows, **how)
    words = []
    for row, outcome in enumerate(outcomes):
        judgement, origin = judge.judge(row, outcome)
        words.append(judgement.name.lower() + (f" {origin}" if origin >= 0 else ""))
    return words


@pytest.mark.parametrize(
    ("verdict", "reason", "outcome", "expected"),
    [
        ("inbox", "none", INBOX, "match"),
        ("inbox", "none", REQUESTS, "mismatch"),
        ("inbox", "none", BLOCKED, "mismatch"),
        ("refused", "blocked", BLOCKED, "match"),
        ("refused", "blocked", SETTING, "mismatch"),
        ("refused", "blocked", INBOX, "mismatch"),
        ("done", "none", DONE, "match"),
        ("done", "none", Outcome("status_404"), "mismatch"),
        ("inbox", "none", Outcome("inbox", "blocked"), "match"),
        ("filtered", "none", FILTERED, "match"),
        ("filtered", "none", REQUESTS, "mismatch"),
        ("removed", "removed", REMOVED, "match"),
        ("removed", "removed", Outcome("removed"), "mismatch"),
        ("hidden", "not_read", Outcome("hidden", "not_read"), "match"),
        ("hidden", "not_read", HIDDEN, "mismatch"),
        ("hidden", "not_read", SHOWN, "mismatch"),
        ("shown", "none", SHOWN, "match"),
    ],
)
def test_an_outcome_is_held_against_the_verdict(
    verdict: str, reason: str, outcome: Outcome, expected: str
) -> None:
    assert judged([{"verdict": verdict, "reason": reason}], outcome) == [expected]


@pytest.mark.parametrize(
    ("verdict", "reason", "outcome", "expected"),
    [
        *((verdict, "none", DELIVERED, "match") for verdict in ("inbox", "requests", "filtered")),
        ("removed", "removed", DELIVERED, "mismatch"),
        ("refused", "blocked", DELIVERED, "mismatch"),
        ("refused", "blocked", UNREACHABLE, "match"),
        ("refused", "setting", UNREACHABLE, "match"),
        ("refused", "no_one", UNREACHABLE, "mismatch"),
        ("inbox", "none", UNREACHABLE, "mismatch"),
        ("removed", "removed", AGAINST, "match"),
        ("refused", "removed", AGAINST, "mismatch"),
    ],
)
def test_an_outcome_that_leaves_the_choice_is_held_to_any_of_its_readings(
    verdict: str, reason: str, outcome: Outcome, expected: str
) -> None:
    assert judged([{"verdict": verdict, "reason": reason}], outcome) == [expected]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (UNREACHABLE, ["mismatch", "match"]),
        (AGAINST, ["mismatch", "match"]),
        (DELIVERED, ["mismatch", "unjudged 0"]),
        (OPEN, ["mismatch", "unjudged 0"]),
    ],
)
def test_only_where_no_reading_changes_anything_the_state_is_in_no_doubt(
    outcome: Outcome, expected: list[str]
) -> None:
    rows: list[Row] = [{"verdict": "refused", "reason": "no_request"}, {}]
    assert judged(rows, outcome, INBOX) == expected


def test_a_choice_that_is_left_passes_a_doubt_on_like_any_other_answer() -> None:
    rows: list[Row] = [done("change_setting", 1, setting="friends"), {}, {"actor": 1, "target": 0}]
    assert judged(rows, WRONG, DELIVERED, DELIVERED) == ["mismatch", "unjudged 0", "unjudged 0"]


def test_what_rests_on_a_mismatch_is_unjudged_and_names_it() -> None:
    rows: list[Row] = [{}, {"actor": 1, "target": 0}, {"actor": 2, "target": 3}]
    assert judged(rows, REQUESTS, REQUESTS, REQUESTS) == ["mismatch", "unjudged 0", "mismatch"]


def test_doubt_is_passed_on_by_what_rests_on_it() -> None:
    rows: list[Row] = [
        {"action": "change_setting", "setting": "friends", "verdict": "done", "actor": 1},
        {"actor": 0, "target": 1, "verdict": "refused", "reason": "setting"},
        {"actor": 1, "target": 0},
        {"actor": 0, "target": 2},
    ]
    outcomes = (Outcome("status_500"), INBOX, REQUESTS, INBOX)
    assert judged(rows, *outcomes) == ["mismatch", "unjudged 0", "unjudged 0", "match"]


def test_a_refusal_for_another_reason_leaves_the_state_in_no_doubt() -> None:
    rows: list[Row] = [{"verdict": "refused", "reason": "blocked"}, {}]
    assert judged(rows, SETTING, INBOX) == ["mismatch", "match"]


@pytest.mark.parametrize(
    ("verdict", "reason", "outcome"),
    [
        ("hidden", "not_read", SHOWN),
        ("shown", "none", HIDDEN),
        ("refused", "no_conversation", HIDDEN),
    ],
)
def test_a_look_that_shows_the_wrong_thing_leaves_the_state_in_no_doubt(
    verdict: str, reason: str, outcome: Outcome
) -> None:
    look: Row = {"action": "check_read", "verdict": verdict, "reason": reason}
    assert judged([look, {}], outcome, INBOX) == ["mismatch", "match"]


def test_a_message_stopped_otherwise_than_demanded_leaves_the_state_in_no_doubt() -> None:
    rows: list[Row] = [{"verdict": "removed", "reason": "removed"}, {}]
    assert judged(rows, SETTING, INBOX) == ["mismatch", "match"]


def test_what_was_refused_as_demanded_passes_no_doubt_on() -> None:
    rows: list[Row] = [
        {"action": "change_setting", "setting": "friends", "verdict": "done", "actor": 2},
        {"actor": 2, "target": 3, "verdict": "refused", "reason": "setting"},
        {"actor": 3, "target": 2, "action": "read_thread", "verdict": "done"},
    ]
    assert judged(rows, WRONG, SETTING, DONE) == ["mismatch", "unjudged 0", "match"]


MESSAGE: Row = {"action": "send_message"}
SHARE: Row = {"action": "share_content", "content": "video", "uses": 50}


def done(action: str, actor: int, target: int | None = None, **more: Any) -> Row:
    return {"action": action, "actor": actor, "target": target, "verdict": "done", **more}


#: What a page sends that is limited by the hour or the second, and what stops it there.
LIMITED = ("private_reply", "mailing", "sponsored_message")
ELSEWHERE: Row = {"actor": 5, "target": 2, "uses": 9}
TOO_MANY: Row = {**ELSEWHERE, "verdict": "refused", "reason": "rate_limited"}


#: An action, and another one that rests on what it changes.
RESTING: list[tuple[Row, Row]] = [
    # The pair, from either side.
    (done("block_user", 1, 0), MESSAGE),
    (done("read_thread", 0, 1), {"action": "check_read", "actor": 1, "target": 0}),
    (done("delete_message", 0, 1), done("report_message", 0, 1)),
    # An account: whatever is kept there, as actor and as target.
    (done("change_setting", 1, setting="friends"), MESSAGE),
    (done("change_read_status", 0, switch=True), MESSAGE),
    (done("report_account", 5, 0), MESSAGE),
    (done("moderate", 4, 1, violation="minor"), MESSAGE),
    (done("register", 0), MESSAGE),
    (done("restrict_teen", 5, 1, switch=True), MESSAGE),
    (done("add_sticker_set", 0, uses=3), {"content": "sticker", "uses": 3}),
    (done("report_request", 3, 4), done("staff_access", 2, 4)),
    # The author of the video that is shared.
    (done("change_video_privacy", 6, uses=50, switch=True), SHARE),
    (done("change_video_privacy", 6, uses=50, switch=True), done("watch_video", 2, 6, uses=50)),
    # Presence.
    (done("open_inbox", 1), {"action": "check_presence", "verdict": "shown"}),
    # The device, shared by two accounts.
    (done("moderate", 4, 1, violation="zero_tolerance"), done("register", 7)),
    (done("moderate", 4, 7, violation="zero_tolerance"), done("register", 1)),
    # The comment, by whoever looks at it too.
    (done("public_reply", 5, 1, uses=7), done("public_reply", 5, 1, uses=7)),
    (done("private_reply", 5, 1, uses=7), done("read_comment", 3, 5, uses=7)),
    (done("comment", 1, 5, uses=2, binds=7), done("read_comment", 3, 5, uses=7)),
    # The pair, which the end of a case rests on, and a reminder changes.
    (done("delete_conversation", 5, 1), done("hand_off", 5, 1, uses=7)),
    (done("follow_up", 5, 1), {"actor": 1, "target": 5}),
    # What a page has sent, where that is too much.
    *((done(sends, 5, 1, uses=7), {**TOO_MANY, "action": "mailing"}) for sends in LIMITED),
    *((done("mailing", 5, 1), {**TOO_MANY, "action": limited}) for limited in LIMITED),
]


@pytest.mark.parametrize(("wrong", "resting"), RESTING)
def test_what_rests_on_a_resource_that_came_out_otherwise_is_unjudged(
    wrong: Row, resting: Row
) -> None:
    assert judged([wrong, resting], WRONG, INBOX) == ["mismatch", "unjudged 0"]


@pytest.mark.parametrize(
    ("wrong", "independent"),
    [
        (done("block_user", 1, 2), MESSAGE),
        (done("change_setting", 2, setting="friends"), MESSAGE),
        (done("report_account", 0, 5), {**MESSAGE, "target": 2}),
        (done("change_setting", 6, setting="friends"), {**SHARE, "content": "hashtag"}),
        (done("change_video_privacy", 5, uses=50, switch=True), SHARE),
        (done("open_inbox", 1), MESSAGE),
        (done("open_inbox", 0), {"action": "check_presence", "verdict": "shown"}),
        (done("moderate", 4, 1, violation="zero_tolerance"), done("register", 2)),
        (done("public_reply", 5, 1, uses=7), done("public_reply", 5, 2, uses=8)),
        (done("private_reply", 5, 1, uses=7), done("read_comment", 3, 5, uses=8)),
        (done("resolve", 5, 1, uses=7), done("hand_off", 5, 1, uses=7)),
        (done("hand_off", 5, 1, uses=7), done("read_comment", 3, 5, uses=7)),
        # What another page has sent, or this one where that is not too much.
        (done("mailing", 4, 1), {**TOO_MANY, "action": "mailing"}),
        (done("mailing", 5, 1), {**TOO_MANY, "action": "follow_up"}),
        (done("mailing", 5, 1), {"action": "mailing", "actor": 5, "target": 2}),
        (done("private_reply", 5, 1, uses=7), {**ELSEWHERE, "action": "private_reply"}),
        (done("list_requests", 0), MESSAGE),
        (done("mute_conversation", 0, 1), done("change_setting", 0, setting="friends")),
    ],
)
def test_what_rests_on_other_resources_is_judged(wrong: Row, independent: Row) -> None:
    demanded = Outcome(independent.get("verdict", "inbox"), independent.get("reason", ""))
    assert judged([wrong, independent], WRONG, demanded) == ["mismatch", "match"]


def test_what_is_stopped_because_a_page_sent_too_much_rests_on_what_it_sent() -> None:
    rows: list[Row] = [done("mailing", 5, 1), {"action": "mailing", "actor": 5, "target": 2}]
    too_many = Outcome("refused", "rate_limited")
    assert judged(rows, WRONG, too_many) == ["mismatch", "unjudged 0"]
    assert judged(rows, WRONG, BLOCKED) == ["mismatch", "mismatch"]


def test_a_doubt_about_an_account_stays() -> None:
    change = done("change_setting", 1, setting="friends")
    rows = [change, change, MESSAGE]
    assert judged(rows, WRONG, DONE, INBOX) == ["mismatch", "unjudged 0", "unjudged 0"]


def test_what_rests_on_an_unsupported_action_is_unjudged() -> None:
    judge = judge_of([{"action": "block_user", "verdict": "done"}, {}])
    judge.missing(0, origin=0)
    assert judge.judge(1, INBOX) == (Judgement.UNJUDGED, 0)


def test_an_unsupported_action_that_changes_nothing_leaves_the_state_in_no_doubt() -> None:
    judge = judge_of([{"verdict": "removed", "reason": "removed"}, {}])
    judge.missing(0, origin=0)
    assert judge.judge(1, INBOX) == (Judgement.MATCH, -1)


#: What stops a page for a while only, or from a while on.
OF_PAGES = (
    ("private_reply", "comment_too_old"),
    ("private_reply", "rate_limited"),
    ("mailing", "rate_limited"),
    ("sponsored_message", "rate_limited"),
    ("send_message", "outside_window"),
    ("follow_up", "outside_window"),
)

#: Differences that may come from elapsed time alone.
OF_TIME: list[tuple[Row, Outcome]] = [
    ({"verdict": "refused", "reason": "sender_sanctioned"}, INBOX),
    ({"verdict": "refused", "reason": "recipient_sanctioned"}, SETTING),
    ({}, Outcome("refused", "sender_sanctioned")),
    ({}, Outcome("refused", "recipient_sanctioned")),
    ({"verdict": "filtered"}, REQUESTS),
    ({"verdict": "requests"}, FILTERED),
    (
        {"action": "check_presence", "verdict": "hidden", "reason": "not_active"},
        SHOWN,
    ),
    ({"action": "check_presence", "verdict": "shown"}, Outcome("hidden", "not_active")),
    ({"action": "check_presence", "verdict": "shown"}, Outcome("hidden")),
    (done("open_inbox", 0), Outcome("refused", "sender_sanctioned")),
    # A comment grows old, windows close, an hour and a second end.
    *(
        ({"action": action, "verdict": "refused", "reason": reason}, DELIVERED)
        for action, reason in OF_PAGES
    ),
    *(({"action": action}, Outcome("refused", reason)) for action, reason in OF_PAGES),
    # That it may be one of several is enough.
    ({}, CLOSED),
]


@pytest.mark.parametrize(("row", "outcome"), OF_TIME)
def test_a_difference_of_elapsed_time_is_a_mismatch_where_time_is_promised(
    row: Row, outcome: Outcome
) -> None:
    assert judged([row], outcome) == ["mismatch"]


@pytest.mark.parametrize(("row", "outcome"), OF_TIME)
def test_a_difference_of_elapsed_time_is_unjudged_where_time_is_not_promised(
    row: Row, outcome: Outcome
) -> None:
    judge = judge_of([row], promised=False)
    assert judge.judge(0, outcome) == (Judgement.UNJUDGED, 0)
    assert judge.untimed == {0}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({}, BLOCKED),
        ({}, UNREACHABLE),
        ({}, REQUESTS),
        ({}, FILTERED),
        ({"verdict": "refused", "reason": "already_replied"}, DELIVERED),
        ({"verdict": "refused", "reason": "never_talked"}, DELIVERED),
        ({"action": "read_comment", "verdict": "shown"}, Outcome("hidden", "no_private_reply")),
        ({"verdict": "filtered"}, SETTING),
        ({}, Outcome("requests", "sender_sanctioned")),
        ({"action": "check_read", "verdict": "shown"}, HIDDEN),
        ({"action": "check_presence", "verdict": "shown"}, BLOCKED),
        (done("accept_request", 0, 1), Outcome("refused", "no_request")),
    ],
)
def test_other_differences_are_mismatches_whatever_the_time(row: Row, outcome: Outcome) -> None:
    assert judged([row], outcome, promised=False) == ["mismatch"]


def test_where_strangers_land_in_the_inbox_so_does_what_is_no_longer_filtered() -> None:
    policy = POLICY._replace(strangers_to_requests=False)
    assert judged([{}], FILTERED, policy=policy, promised=False) == ["unjudged 0"]
    assert judged([{}], REQUESTS, policy=policy, promised=False) == ["mismatch"]


def test_what_rests_on_a_difference_of_time_is_unjudged_because_of_it() -> None:
    rows: list[Row] = [{"verdict": "filtered"}, done("accept_request", 1, 0), {"target": 2}]
    outcomes = (REQUESTS, Outcome("refused", "no_request"), INBOX)
    judge = judge_of(rows, promised=False)
    assert [judge.judge(row, outcome) for row, outcome in enumerate(outcomes)] == [
        (Judgement.UNJUDGED, 0), (Judgement.UNJUDGED, 0), (Judgement.MATCH, -1),
    ]  # fmt: skip
    assert judge.untimed == {0}


def test_what_matches_is_a_match_whatever_the_time() -> None:
    row: Row = {"verdict": "refused", "reason": "sender_sanctioned"}
    assert judged([row], Outcome("refused", "sender_sanctioned"), promised=False) == ["match"]


def test_what_has_no_verdict_is_unjudged_and_leaves_what_it_did_in_doubt() -> None:
    rows: list[Row] = [
        done("send_message", 0, 1, verdict=None),
        done("send_message", 1, 0, verdict="inbox"),
        done("send_message", 1, 2, verdict="inbox"),
        done("send_message", 0, 1, verdict=None),
    ]
    told = judged(rows, INBOX, REQUESTS, INBOX, BLOCKED)
    assert told == ["unjudged", "unjudged 0", "match", "unjudged"]


def test_what_has_no_verdict_and_was_not_sent_leaves_a_doubt_too() -> None:
    judge = judge_of([done("send_message", 0, 1, verdict=None), done("read_thread", 1, 0)])
    judge.missing(0, 0)
    assert judge.judge(1, DONE) == (Judgement.UNJUDGED, 0)


def test_what_has_no_verdict_is_unordered_in_a_race_whatever_came() -> None:
    judge = judge_of([done("send_message", 0, 1, verdict=None), done("read_thread", 1, 0)])
    raced = judge.judge_raced(0, REQUESTS, [Action.BLOCK_USER])
    assert raced == (Judgement.UNORDERED, -1)
    assert judge.may_change(0, BLOCKED)


def test_a_private_reply_rests_on_the_public_one() -> None:
    rows: list[Row] = [
        {"action": "public_reply", "uses": 7, "actor": 5, "target": 1, "verdict": "done"},
        {"action": "private_reply", "uses": 7, "actor": 5, "target": 1},
        {"action": "private_reply", "uses": 8, "actor": 5, "target": 2},
    ]
    assert judged(rows, INBOX, INBOX, INBOX) == ["mismatch", "unjudged 0", "match"]


@pytest.mark.parametrize(
    ("start", "done", "expected"),
    [
        ([0, 10], [10, 20], [False, False]),
        ([0, 9], [10, 20], [True, True]),
        ([0, 5], [-1, 20], [True, True]),
        ([0, -1], [10, -1], [False, False]),
        ([-1, 5], [-1, 20], [False, False]),
    ],
)
def test_actions_that_conflict_and_overlap_are_unordered(
    start: list[int], done: list[int], expected: list[bool]
) -> None:
    schedule = scheduled([{}, {"after": [0]}])
    assert unordered_rows(schedule, np.array(start), np.array(done)).tolist() == expected
