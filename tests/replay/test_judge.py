"""Outcome against verdict."""

import numpy as np
import pytest

from dmsim.adapters.base import Outcome
from dmsim.replay.judge import Judge, Judgement, unordered_rows
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

POLICY = default_policy()
INBOX, REQUESTS, DONE = Outcome("inbox"), Outcome("requests"), Outcome("done")
BLOCKED, SETTING = Outcome("refused", "blocked"), Outcome("refused", "setting")


def judged(rows: list[Row], *outcomes: Outcome, policy: Policy = POLICY) -> list[str]:
    """The judgements of actions that finish in order; unjudged ones name their origin."""
    judge = Judge(scheduled(rows), policy)
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
    ],
)
def test_an_outcome_is_held_against_the_verdict(
    verdict: str, reason: str, outcome: Outcome, expected: str
) -> None:
    assert judged([{"verdict": verdict, "reason": reason}], outcome) == [expected]


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


@pytest.mark.parametrize(
    ("no_one_may_send", "expected"), [(False, ["mismatch", "unjudged 0"]), (True, ["mismatch"] * 2)]
)
def test_a_message_rests_on_the_senders_own_setting_where_the_policy_says_so(
    no_one_may_send: bool, expected: list[str]
) -> None:
    rows: list[Row] = [
        {"action": "change_setting", "setting": "no_one", "verdict": "done", "actor": 0},
        {"actor": 0, "target": 1},
    ]
    policy = POLICY._replace(no_one_may_send=no_one_may_send)
    assert judged(rows, INBOX, BLOCKED, policy=policy) == expected


def test_a_setting_that_was_set_anew_is_in_no_doubt() -> None:
    change: Row = {"action": "change_setting", "setting": "friends", "verdict": "done", "actor": 1}
    rows = [change, change, {"actor": 0, "target": 1}]
    assert judged(rows, INBOX, DONE, INBOX) == ["mismatch", "match", "match"]


def test_a_refusal_for_another_reason_leaves_the_state_in_no_doubt() -> None:
    rows: list[Row] = [{"verdict": "refused", "reason": "blocked"}, {}]
    assert judged(rows, SETTING, INBOX) == ["mismatch", "match"]


def test_a_read_that_went_wrong_leaves_the_state_in_no_doubt() -> None:
    rows: list[Row] = [{"action": "read_thread", "verdict": "done"}, {}]
    assert judged(rows, INBOX, INBOX) == ["mismatch", "match"]


def test_what_rests_on_an_unsupported_action_is_unjudged() -> None:
    judge = Judge(scheduled([{"action": "block_user", "verdict": "done"}, {}]), POLICY)
    judge.unsupported(0, origin=0)
    assert judge.judge(1, INBOX) == (Judgement.UNJUDGED, 0)


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
