"""What holds for all facts and all policies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, PairFacts, Policy, Side
from dmsim.rules.sanctions import History, penalty, penalty_hours
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action, Kind, Reason, Setting, Standing, Verdict, Via, Violation
from tests.rules.made_up import FACTS, PAIRS, POLICIES

DELIVERED = {Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED}
MESSAGES = (Action.SEND_MESSAGE, Action.SHARE_CONTENT, Action.PRIVATE_REPLY)
#: What only brands send.
UNASKED = (Action.FOLLOW_UP, Action.MAILING, Action.SPONSORED_MESSAGE)
SENDING = (*MESSAGES, *UNASKED)
LOOKING = (Action.CHECK_READ, Action.CHECK_PRESENCE, Action.READ_COMMENT)
OWN_VIEW = (
    Action.READ_THREAD,
    Action.DELETE_MESSAGE,
    Action.DELETE_CONVERSATION,
    Action.MUTE_CONVERSATION,
    Action.UNMUTE_CONVERSATION,
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
)

#: How far a verdict lets an action go.
OPENNESS = {
    Verdict.REFUSED: 0,
    Verdict.REMOVED: 1,
    Verdict.HIDDEN: 1,
    Verdict.FILTERED: 2,
    Verdict.REQUESTS: 3,
    Verdict.INBOX: 4,
    Verdict.SHOWN: 4,
    Verdict.DONE: 4,
}

#: Every rule that forbids or sets apart, and the value that switches it off.
OFF: dict[str, bool | int] = {
    "registration_required": False,
    "minimum_age": 0,
    "family_restrictions": False,
    "settings_hold": False,
    "settings_hold_in_conversations": False,
    "no_one_may_send": True,
    "friends_are_mutual": False,
    "contacts_are_suggested": True,
    "contacts_to_inbox": True,
    "acquaintances_may_write": True,
    "options_are_limited": False,
    "start_needs_friendship": False,
    "blocks_stop_messages": False,
    "blocker_may_send": True,
    "blocks_stop_videos": False,
    "strangers_to_requests": False,
    "stranger_message_limit": 0,
    "deleted_request_may_be_repeated": True,
    "filter_unsafe_requests": False,
    "business_message_limit": 0,
    "allow_business_opens_requests": True,
    "allow_business_overrides_no_one": True,
    "filtered_business_requests_may_be_accepted": True,
    "private_videos_stay": False,
    "stickers_by_region": False,
    "sticker_sets_must_be_added": False,
    "receipts_need_both": False,
    "remove_detected": False,
    "sanctions_hold": False,
    "dm_ban_stops_receiving": False,
    "view_only_stops_receiving": False,
    "zero_tolerance_bans_device": False,
    "staff_need_a_report": False,
    "one_private_reply_per_comment": False,
    "public_reply_first": False,
    "private_reply_days": 0,
    "private_reply_to_pages": True,
    "private_replies_per_hour": 0,
    "messaging_window_hours": 0,
    "window_everywhere": False,
    "mailings_per_second": 0,
    "sponsored_need_conversation": False,
}

#: Limits of which more is never stricter, and 0 is none at all.
LIMITS = (
    "private_reply_days",
    "private_replies_per_hour",
    "messaging_window_hours",
    "mailings_per_second",
)

actions = st.sampled_from(Action)
sending = st.sampled_from(SENDING)


def openness(action: Action, facts: Facts, policy: Policy) -> int:
    return OPENNESS[Verdict(decide(action, facts, policy)[0])]


@given(actions, FACTS, POLICIES)
def test_every_action_has_a_verdict_of_its_class(
    action: Action, facts: Facts, policy: Policy
) -> None:
    verdict, reason = decide(action, facts, policy)
    if action in SENDING:
        assert verdict in DELIVERED | {Verdict.REMOVED, Verdict.REFUSED}
    elif action in LOOKING:
        assert verdict in {Verdict.SHOWN, Verdict.HIDDEN, Verdict.REFUSED}
    else:
        assert verdict in {Verdict.DONE, Verdict.REFUSED}
    stopped = verdict in {Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN}
    assert stopped == (reason != Reason.NONE)
    assert (verdict == Verdict.REMOVED) == (reason == Reason.REMOVED)


def is_out(side: Side) -> bool:
    """Whether nobody may write to or from an account, whatever else is so."""
    is_person = side.kind == Kind.PERSON
    young = is_person and side.age < 16
    restricted = is_person and 16 <= side.age < 18 and side.family_restricted
    return not side.registered or young or restricted or side.standing == Standing.BANNED


def is_shut(facts: Facts) -> bool:
    """Whether the requirements shut the way between two accounts."""
    blocked = facts.pair.recipient_blocks or facts.pair.sender_blocks
    closed = facts.recipient.setting == Setting.NO_ONE
    silenced = facts.sender.standing >= Standing.DM_BANNED
    return is_out(facts.sender) or is_out(facts.recipient) or blocked or closed or silenced


@given(sending, FACTS)
def test_children_the_blocked_the_restricted_and_the_banned_never_get_through(
    action: Action, facts: Facts
) -> None:
    verdict, _ = decide(action, facts, default_policy())
    assert not (is_shut(facts) and verdict in DELIVERED | {Verdict.REMOVED})


@given(sending, FACTS, POLICIES, st.sampled_from(Kind), st.integers(0, 25))
def test_whoever_is_too_young_for_a_policy_never_gets_through_under_it(
    action: Action, facts: Facts, policy: Policy, kind: Kind, age: int
) -> None:
    young = facts.recipient._replace(kind=kind, age=age)
    verdict, _ = decide(action, facts._replace(recipient=young), policy)
    assert not (kind == Kind.PERSON and age < policy.minimum_age and verdict in DELIVERED)


@given(sending, FACTS, POLICIES, st.sampled_from(Setting))
def test_a_stricter_setting_never_delivers_more(
    action: Action, facts: Facts, policy: Policy, other: Setting
) -> None:
    # Settings are ordered: no one, friends, suggested friends, everyone.
    strict, loose = sorted((Setting(facts.recipient.setting), other))
    delivered = [
        openness(action, facts._replace(recipient=facts.recipient._replace(setting=one)), policy)
        for one in (strict, loose)
    ]
    assert delivered == sorted(delivered)


@given(sending, FACTS, POLICIES)
def test_being_followed_by_the_recipient_never_hurts(
    action: Action, facts: Facts, policy: Policy
) -> None:
    without, with_ = (
        openness(action, facts._replace(pair=facts.pair._replace(recipient_follows=f)), policy)
        for f in (False, True)
    )
    assert without <= with_


@pytest.mark.parametrize("field", ["recipient_blocks", "sender_blocks"])
@given(actions, FACTS, POLICIES)
def test_a_block_never_lets_more_through(
    field: str, action: Action, facts: Facts, policy: Policy
) -> None:
    free, blocked = (
        openness(action, facts._replace(pair=facts.pair._replace(**{field: holds})), policy)
        for holds in (False, True)
    )
    assert blocked <= free


@given(actions, FACTS, POLICIES, st.sampled_from(Standing))
def test_a_worse_standing_of_the_actor_never_lets_more_through(
    action: Action, facts: Facts, policy: Policy, other: Standing
) -> None:
    milder, worse = sorted((Standing(facts.sender.standing), other))
    reached = [
        openness(action, facts._replace(sender=facts.sender._replace(standing=one)), policy)
        for one in (worse, milder)
    ]
    assert reached == sorted(reached)


@pytest.mark.parametrize("field", sorted(OFF))
@given(actions, FACTS, POLICIES)
def test_switching_a_rule_off_never_stops_more(
    field: str, action: Action, facts: Facts, policy: Policy
) -> None:
    changes: dict[str, Any] = {field: OFF[field]}
    off = policy._replace(**changes)
    assert openness(action, facts, policy) <= openness(action, facts, off)


@pytest.mark.parametrize("field", LIMITS)
@given(actions, FACTS, POLICIES, st.integers(1, 9), st.integers(1, 9))
def test_a_wider_limit_never_stops_more(
    field: str, action: Action, facts: Facts, policy: Policy, one: int, other: int
) -> None:
    limits: list[dict[str, Any]] = [{field: limit} for limit in (*sorted((one, other)), 0)]
    reached = [openness(action, facts, policy._replace(**limit)) for limit in limits]
    assert reached == sorted(reached)


@given(actions, FACTS, POLICIES, st.integers(0, 20), st.integers(0, 20))
def test_more_time_for_human_agents_never_stops_more(
    action: Action, facts: Facts, policy: Policy, one: int, other: int
) -> None:
    short, long = (
        openness(action, facts, policy._replace(human_agent_hours=hours))
        for hours in sorted((one, other))
    )
    assert short <= long


@given(sending, FACTS, POLICIES)
def test_a_human_agent_reaches_whom_a_machine_reaches(
    action: Action, facts: Facts, policy: Policy
) -> None:
    machine, human = (
        openness(action, facts._replace(via=via), policy) for via in (Via.CHAT, Via.CARE_DESK)
    )
    assert machine <= human


@given(sending, FACTS, POLICIES, st.integers(0, 600), st.integers(0, 600))
def test_a_later_answer_never_closes_a_window(
    action: Action, facts: Facts, policy: Policy, one: int, other: int
) -> None:
    newer, older = sorted((one, other))
    reached = [
        openness(action, facts._replace(pair=facts.pair._replace(answered_minutes=ago)), policy)
        for ago in (-1, older, newer)
    ]
    assert reached == sorted(reached)


@given(sending, FACTS, POLICIES)
def test_a_conversation_that_a_private_reply_opened_is_never_wider(
    action: Action, facts: Facts, policy: Policy
) -> None:
    free, bound = (
        openness(action, facts._replace(pair=facts.pair._replace(by_private_reply=by)), policy)
        for by in (False, True)
    )
    assert bound <= free


@given(sending, FACTS, POLICIES, st.sampled_from(list(Kind)), st.sampled_from(list(Kind)))
def test_windows_hold_from_brands_to_persons_alone(
    action: Action, facts: Facts, policy: Policy, sender: Kind, recipient: Kind
) -> None:
    facts = facts._replace(
        sender=facts.sender._replace(kind=sender),
        recipient=facts.recipient._replace(kind=recipient),
    )
    _, reason = decide(action, facts, policy)
    if reason == Reason.OUTSIDE_WINDOW:
        assert (sender, recipient) == (Kind.BRAND, Kind.PERSON)
        assert action not in (Action.PRIVATE_REPLY, Action.SPONSORED_MESSAGE)


@given(FACTS, POLICIES, st.integers(0, 9), st.integers(0, 9), st.integers(0, 13_000))
def test_an_older_comment_or_a_busier_hour_never_opens_a_private_reply(
    facts: Facts, policy: Policy, more_sent: int, more_mailed: int, more_minutes: int
) -> None:
    around = facts.circumstances
    worse = around._replace(
        comment_minutes=around.comment_minutes + more_minutes,
        private_replies_this_hour=around.private_replies_this_hour + more_sent,
        mailed_this_second=around.mailed_this_second + more_mailed,
    )
    for action in SENDING:
        before = openness(action, facts, policy)
        assert openness(action, facts._replace(circumstances=worse), policy) <= before


@given(FACTS, POLICIES)
def test_an_answered_comment_is_not_answered_privately_again(facts: Facts, policy: Policy) -> None:
    policy = policy._replace(one_private_reply_per_comment=True)
    answered = facts.circumstances._replace(privately_replied=True)
    decision = decide(Action.PRIVATE_REPLY, facts._replace(circumstances=answered), policy)
    assert decision == (Verdict.REFUSED, Reason.ALREADY_REPLIED)


@given(st.sampled_from((*UNASKED, Action.RESOLVE, Action.HAND_OFF)), FACTS, POLICIES)
def test_only_brands_write_unasked_and_end_cases(
    action: Action, facts: Facts, policy: Policy
) -> None:
    person = facts._replace(sender=facts.sender._replace(kind=Kind.PERSON))
    assert decide(action, person, policy)[0] == Verdict.REFUSED


@given(FACTS, POLICIES, PAIRS)
def test_the_note_is_the_same_for_everybody_who_may_read(
    facts: Facts, policy: Policy, pair: PairFacts
) -> None:
    elsewhere = facts._replace(pair=pair, recipient=facts.sender)
    assert decide(Action.READ_COMMENT, facts, policy) == decide(
        Action.READ_COMMENT, elsewhere, policy
    )


@given(st.sampled_from(MESSAGES), FACTS)
def test_with_every_rule_off_everything_is_delivered(action: Action, facts: Facts) -> None:
    everything: dict[str, Any] = OFF
    verdict, _ = decide(action, facts, default_policy()._replace(**everything))
    assert verdict == Verdict.INBOX


@given(st.sampled_from(UNASKED), FACTS)
def test_with_every_rule_off_a_brand_reaches_whom_it_has_a_conversation_with(
    action: Action, facts: Facts
) -> None:
    everything: dict[str, Any] = OFF
    facts = facts._replace(
        sender=facts.sender._replace(kind=Kind.BRAND), pair=facts.pair._replace(visible=True)
    )
    verdict, _ = decide(action, facts, default_policy()._replace(**everything))
    assert verdict == Verdict.INBOX


@given(st.sampled_from(OWN_VIEW), FACTS, FACTS, POLICIES)
def test_ones_own_view_never_depends_on_the_other_side(
    action: Action, facts: Facts, others: Facts, policy: Policy
) -> None:
    pair = others.pair._replace(visible=facts.pair.visible)
    elsewhere = facts._replace(recipient=others.recipient, pair=pair)
    assert decide(action, facts, policy) == decide(action, elsewhere, policy)


@given(
    sending.filter(lambda action: action != Action.FOLLOW_UP),
    FACTS,
    POLICIES,
    st.booleans(),
    st.booleans(),
)
def test_what_either_side_deleted_or_read_changes_no_delivery_but_of_reminders(
    action: Action, facts: Facts, policy: Policy, visible: bool, read: bool
) -> None:
    pair: PairFacts = facts.pair._replace(visible=visible, read=read)
    assert decide(action, facts, policy) == decide(action, facts._replace(pair=pair), policy)


@given(st.integers(0, 50), st.sampled_from(Violation), st.sampled_from(list(Violation)[1:]))
def test_the_more_violations_the_graver_the_penalty(
    violations: int, worst: Violation, violation: Violation
) -> None:
    policy = default_policy()
    now, then = (
        penalty(History(n, worst), violation, policy) for n in (violations, violations + 1)
    )
    assert Standing.WARNED <= now <= then <= Standing.BANNED


@given(st.integers(0, 5), st.sampled_from(Violation), st.sampled_from(Violation), POLICIES)
def test_a_temporary_penalty_lasts_as_long_as_the_policy_allows(
    violations: int, worst: Violation, violation: Violation, policy: Policy
) -> None:
    history = History(violations, worst)
    spans = {
        Standing.DM_BANNED: sorted((policy.dm_ban_hours_least, policy.dm_ban_hours_most)),
        Standing.VIEW_ONLY: sorted((policy.view_only_hours_least, policy.view_only_hours_most)),
    }
    policy = policy._replace(
        dm_ban_hours_least=spans[Standing.DM_BANNED][0],
        dm_ban_hours_most=spans[Standing.DM_BANNED][1],
        view_only_hours_least=spans[Standing.VIEW_ONLY][0],
        view_only_hours_most=spans[Standing.VIEW_ONLY][1],
    )
    for standing in Standing:
        least, most = penalty_hours(standing, history, violation, policy)
        shortest, longest = spans.get(standing, [0, 0])
        assert shortest <= least <= most <= longest
