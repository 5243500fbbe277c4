"""Why the rules decide as they do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.rulebook.explain import explain
from dmsim.rulebook.numbers import numbers_in, public_rules
from dmsim.rulebook.rows import Row
from dmsim.rulebook.usual import facts_with
from dmsim.rulebook.values import Value
from dmsim.rulebook.weave import Question
from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action, Kind, Setting, Standing, Thread
from tests.rules.made_up import FACTS, POLICIES
from tests.rules.requirements import OF_RULES, what

POLICY = default_policy()
ASKED_THRICE: dict[str, Value] = {"thread": Thread.REQUESTED, "requested_count": 3}
DECISIONS = [row for row in OF_RULES if row.kind == "row"]


def decided_by(
    action: Action, facts: dict[str, Value], policy: Policy = POLICY
) -> tuple[str, str | None]:
    found = explain(action, facts_with(action, facts), policy)
    return found.decided_by.rule, found.because.rule if found.because else None


def questions(question: Question) -> list[Question]:
    return [question, *(each for asked in question.asked for each in questions(asked))]


@given(st.sampled_from(Action), FACTS, POLICIES)
def test_what_is_explained_is_what_is_decided(action: Action, facts: Facts, policy: Policy) -> None:
    explained = explain(action, facts, policy)
    assert (explained.verdict, explained.reason) == decide(action, facts, policy)
    asked = questions(explained.chain)
    assert any(question is explained.decided_by for question in asked)
    assert {question.rule for question in asked} <= set(public_rules())


def test_a_minor_is_refused_for_the_age() -> None:
    assert decided_by(Action.SEND_MESSAGE, {"sender_age": 15}) == ("may_deliver", "is_old_enough")
    found = explain(
        Action.SEND_MESSAGE, facts_with(Action.SEND_MESSAGE, {"recipient_age": 15}), POLICY
    )
    assert found.because is not None
    assert (found.because.about, found.because.numbers) == ("recipient", ("R12", "Q1"))


def test_a_friend_reaches_the_inbox_because_he_is_known() -> None:
    assert decided_by(Action.SEND_MESSAGE, {"recipient_follows": True}) == ("place", "is_known")


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ({"recipient_setting": Setting.FRIENDS}, "setting_admits"),
        ({"recipient_setting": Setting.NO_ONE}, "no_one_stops"),
        ({"sender_standing": Standing.DM_BANNED}, "stops_sending"),
        ({"recipient_standing": Standing.BANNED}, "stops_receiving"),
        ({"content_detected": True}, "is_removed"),
        ({"recipient_blocks": True}, None),
        ({"sender_kind": Kind.BRAND, **ASKED_THRICE}, "is_business"),
    ],
)
def test_the_question_that_made_the_difference_is_named(
    facts: dict[str, Value], because: str | None
) -> None:
    assert decided_by(Action.SEND_MESSAGE, facts)[1] == because


SILENT: dict[str, Value] = {
    "sender_kind": Kind.BRAND,
    "thread": Thread.ACCEPTED,
    "visible": True,
    "by_private_reply": True,
}


@pytest.mark.parametrize(
    ("action", "facts", "decided", "because"),
    [
        (Action.SEND_MESSAGE, SILENT, "decide_message", "window_closed"),
        # That another rule would stop it later takes nothing from the reason.
        (
            Action.SEND_MESSAGE,
            {**SILENT, "content_detected": True},
            "decide_message",
            "window_closed",
        ),
        (
            Action.PRIVATE_REPLY,
            {"private_replies_this_hour": 750},
            "decide_private_reply",
            "private_replies_used_up",
        ),
        (
            Action.MAILING,
            {"mailed_this_second": 300, "recipient_blocks": True},
            "decide_brand_message",
            "mailings_used_up",
        ),
        (Action.PRIVATE_REPLY, {"comment_minutes": 10_080}, "may_reply_privately", None),
        (Action.SPONSORED_MESSAGE, {}, "decide_sponsored", None),
        (Action.FOLLOW_UP, {}, "decide_follow_up", None),
        (Action.READ_COMMENT, {}, "decide_note", None),
        (Action.HAND_OFF, {}, "decide_case", None),
    ],
)
def test_what_holds_brands_back_is_named(
    action: Action, facts: dict[str, Value], decided: str, because: str | None
) -> None:
    assert decided_by(action, facts) == (decided, because)


def test_a_question_that_made_no_difference_is_not_blamed() -> None:
    policy = POLICY._replace(deleted_request_may_be_repeated=False)
    deleted = decided_by(Action.SEND_MESSAGE, {"thread": Thread.DELETED}, policy)
    assert deleted == ("may_start", None)
    unread = decided_by(Action.CHECK_READ, {"visible": True})
    assert unread == ("decide_read_status", None)


def test_what_no_rule_speaks_of_is_done_by_the_entry() -> None:
    assert decided_by(Action.BLOCK_USER, {}) == ("decide", None)


@pytest.mark.parametrize("row", DECISIONS, ids=what)
def test_whatever_stops_an_action_bears_a_number(row: Row) -> None:
    explained = explain(row.given.action, row.given.facts, row.policy)
    assert explained.decided_by.numbers


def test_numbers_are_read_out_of_a_text() -> None:
    assert numbers_in("as R5 says (R81-R83, Q16), and R5") == ("R5", "R81", "R82", "R83", "Q16")
