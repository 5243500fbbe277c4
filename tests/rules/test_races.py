"""What a race may bring: the table of it, held against the rules."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.rules.decide import decide
from dmsim.rules.facts import NOTHING_SPECIAL, PLAIN, UNRELATED, Facts, Policy, Side
from dmsim.rules.races import BRINGS, CHANGES, legal, order, order_matters
from dmsim.rules.resources import ACCESS, Resource
from dmsim.scenario import default_policy
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Kind,
    Reason,
    Region,
    Setting,
    Standing,
    Thread,
    Verdict,
    Via,
)
from tests.rules.made_up import FACTS, POLICIES

POLICY = default_policy()
WRITERS = sorted(CHANGES)
REFUSED, INBOX, DONE = Verdict.REFUSED, Verdict.INBOX, Verdict.DONE

#: Through which resources an action may change a fact.
_RESOURCES: dict[str, set[Resource]] = {
    "sender": {Resource.ACTOR, Resource.TARGET},
    "recipient": {Resource.ACTOR, Resource.TARGET},
    "pair": {Resource.PAIR},
    "content": {Resource.ACTOR},
}
_CIRCUMSTANCES = {
    "recently_active": Resource.PRESENCE_OF_ACTOR,
    "report_open": Resource.TARGET,
    "device_banned": Resource.DEVICE_OF_TARGET,
    "publicly_replied": Resource.COMMENT,
    "privately_replied": Resource.COMMENT,
    "private_replies_this_hour": Resource.PAGE,
    "mailed_this_second": Resource.PAGE,
}


def raced(facts: Facts, others: Facts, writer: Action) -> Facts:
    """The facts, with others in place of those that a writer may change."""
    for part in ("sender", "recipient", "pair", "content", "circumstances"):
        mine, other = getattr(facts, part), getattr(others, part)
        changed = {f: getattr(other, f) for f in CHANGES[writer] if f in mine._fields}
        facts = facts._replace(**{part: mine._replace(**changed)})
    return facts


#: Two adults between whom nothing stands in the way, and a comment that was answered.
OPEN = Facts(
    sender=Side(
        registered=True, age=30, family_restricted=False, standing=Standing.GOOD,
        kind=Kind.PERSON, setting=Setting.EVERYONE, unsafe=False, filter_requests=True,
        allow_business=False, region=Region.WITH_STICKERS, read_status=True,
    ),
    recipient=Side(
        registered=True, age=30, family_restricted=False, standing=Standing.GOOD,
        kind=Kind.PERSON, setting=Setting.EVERYONE, unsafe=False, filter_requests=True,
        allow_business=False, region=Region.WITH_STICKERS, read_status=True,
    ),
    pair=UNRELATED._replace(visible=True, read=True, asked=True, answered_minutes=1),
    content=PLAIN._replace(set_added=True),
    circumstances=NOTHING_SPECIAL._replace(
        publicly_replied=True, recently_active=True, report_open=True
    ),
    via=Via.INBOX,
)  # fmt: skip
PARTS = ("sender", "recipient", "pair", "content", "circumstances")
FIELDS = [(part, field) for part in PARTS for field in getattr(OPEN, part)._fields]


def mixed(facts: Facts, others: Facts, fields: Iterable[tuple[str, str]]) -> Facts:
    """The facts, with others in place of some."""
    for part, field in fields:
        value = getattr(getattr(others, part), field)
        facts = facts._replace(**{part: getattr(facts, part)._replace(**{field: value})})
    return facts


#: Few facts in the way: of facts that may all be in the way the first one decides.
MOSTLY_OPEN = st.builds(mixed, st.just(OPEN), FACTS, st.lists(st.sampled_from(FIELDS), max_size=5))


@given(
    st.sampled_from(Action),
    st.lists(st.sampled_from(WRITERS), min_size=1, max_size=2),
    st.one_of(MOSTLY_OPEN, FACTS),
    FACTS,
    st.one_of(st.just(POLICY), POLICIES),
)
@settings(max_examples=1_000)
def test_what_racing_changes_can_make_of_a_verdict_is_legal(
    action: Action, writers: list[Action], facts: Facts, others: Facts, policy: Policy
) -> None:
    may = {field for writer in writers for field in CHANGES[writer]}
    raced = mixed(facts, others, [named for named in FIELDS if named[1] in may])
    before, after = (decide(action, known, policy) for known in (facts, raced))
    assert after in legal(action, *before, writers, policy)
    assert before in legal(action, *after, writers, policy)


SEND, SHARE, STAFF = Action.SEND_MESSAGE, Action.SHARE_CONTENT, Action.STAFF_ACCESS
BRAND = {"kind": Kind.BRAND}
STRICT = {"setting": Setting.FRIENDS}
FRIENDS_ONLY = {"start_needs_friendship": True}
BOUND = {"window_everywhere": True}

#: What a fact brings: its value, in what, for which action, beside which other facts, under which
#: policy. With the other value, or without the fact, it is not so.
WITNESSES: list[tuple[str, Any, str, Action, Reason, dict[str, dict[str, Any]], dict[str, Any]]] = [
    ("registered", False, "sender", SEND, Reason.NOT_REGISTERED, {}, {}),
    ("registered", True, "sender", Action.REGISTER, Reason.ALREADY_REGISTERED, {}, {}),
    ("family_restricted", True, "sender", SEND, Reason.FAMILY_RESTRICTED,
     {"sender": {"age": 17}}, {}),
    ("standing", Standing.BANNED, "sender", SEND, Reason.SENDER_SANCTIONED, {}, {}),
    ("standing", Standing.BANNED, "recipient", SEND, Reason.RECIPIENT_SANCTIONED, {}, {}),
    ("setting", Setting.NO_ONE, "recipient", SEND, Reason.NO_ONE, {}, {}),
    ("setting", Setting.FRIENDS, "recipient", SEND, Reason.SETTING, {}, {}),
    ("allow_business", False, "recipient", SEND, Reason.SETTING,
     {"sender": BRAND, "recipient": STRICT}, {}),
    ("allow_business", False, "recipient", SEND, Reason.NO_ONE,
     {"sender": BRAND, "recipient": {"setting": Setting.NO_ONE}},
     {"allow_business_overrides_no_one": True}),
    ("read_status", False, "recipient", Action.CHECK_READ, Reason.RECEIPTS_OFF, {}, {}),
    ("sender_follows", False, "pair", SEND, Reason.SETTING,
     {"recipient": STRICT, "pair": {"recipient_follows": True}}, {}),
    ("sender_follows", False, "pair", SEND, Reason.NOT_FRIENDS,
     {"pair": {"recipient_follows": True}}, FRIENDS_ONLY),
    ("recipient_follows", False, "pair", SEND, Reason.SETTING,
     {"recipient": STRICT, "pair": {"sender_follows": True}}, {}),
    ("recipient_follows", False, "pair", SEND, Reason.NOT_FRIENDS,
     {"pair": {"sender_follows": True}}, FRIENDS_ONLY),
    ("sender_blocks", True, "pair", SEND, Reason.BLOCKING, {}, {}),
    ("recipient_blocks", True, "pair", SEND, Reason.BLOCKED, {}, {}),
    ("thread", Thread.NONE, "pair", SEND, Reason.BUSINESS_LIMIT,
     {"sender": BRAND, "pair": {"requested_count": 9}}, {}),
    ("thread", Thread.NONE, "pair", SEND, Reason.STRANGER_LIMIT,
     {"pair": {"requested_count": 9}}, {"stranger_message_limit": 2}),
    ("thread", Thread.NONE, "pair", SEND, Reason.SETTING, {"recipient": STRICT}, {}),
    ("thread", Thread.DELETED, "pair", SEND, Reason.REQUEST_DELETED, {},
     {"deleted_request_may_be_repeated": False}),
    ("thread", Thread.NONE, "pair", SEND, Reason.NOT_FRIENDS, {}, FRIENDS_ONLY),
    ("requested_count", 9, "pair", SEND, Reason.BUSINESS_LIMIT, {"sender": BRAND}, {}),
    ("requested_count", 9, "pair", SEND, Reason.STRANGER_LIMIT, {}, {"stranger_message_limit": 2}),
    ("asked", False, "pair", Action.ACCEPT_REQUEST, Reason.NO_REQUEST, {}, {}),
    ("filtered", True, "pair", Action.ACCEPT_REQUEST, Reason.NO_REQUEST, {"recipient": BRAND},
     {"filtered_business_requests_may_be_accepted": False}),
    ("visible", False, "pair", Action.READ_THREAD, Reason.NO_CONVERSATION, {}, {}),
    ("read", False, "pair", Action.CHECK_READ, Reason.NOT_READ, {}, {}),
    ("by_private_reply", True, "pair", SEND, Reason.OUTSIDE_WINDOW,
     {"sender": BRAND, "pair": {"answered_minutes": -1}}, {}),
    ("answered_minutes", -1, "pair", SEND, Reason.OUTSIDE_WINDOW, {"sender": BRAND}, BOUND),
    ("answered_minutes", -1, "pair", Action.SPONSORED_MESSAGE, Reason.NEVER_TALKED,
     {"sender": BRAND}, {}),
    ("private", True, "content", SHARE, Reason.CONTENT_PRIVATE,
     {"content": {"kind": ContentKind.VIDEO}}, {}),
    ("set_added", False, "content", SEND, Reason.STICKER_SET_MISSING,
     {"content": {"kind": ContentKind.STICKER}}, {}),
    ("device_banned", True, "circumstances", Action.REGISTER, Reason.DEVICE_BANNED,
     {"sender": {"registered": False}}, {}),
    ("recently_active", False, "circumstances", Action.CHECK_PRESENCE, Reason.NOT_ACTIVE, {}, {}),
    ("report_open", False, "circumstances", STAFF, Reason.NOT_PERMITTED,
     {"sender": {"kind": Kind.STAFF}}, {}),
    ("publicly_replied", False, "circumstances", Action.PRIVATE_REPLY,
     Reason.NOT_ANSWERED_PUBLICLY, {}, {}),
    ("privately_replied", True, "circumstances", Action.PRIVATE_REPLY, Reason.ALREADY_REPLIED,
     {}, {}),
    ("privately_replied", False, "circumstances", Action.READ_COMMENT, Reason.NO_PRIVATE_REPLY,
     {}, {}),
    ("private_replies_this_hour", 10**6, "circumstances", Action.PRIVATE_REPLY,
     Reason.RATE_LIMITED, {}, {}),
    ("mailed_this_second", 10**6, "circumstances", Action.MAILING, Reason.RATE_LIMITED,
     {"sender": BRAND}, {}),
]  # fmt: skip

#: The value of a fact that is no flag where it brings nothing.
_OTHERWISE = {
    "standing": Standing.GOOD, "setting": Setting.EVERYONE, "thread": Thread.ACCEPTED,
    "requested_count": 0, "answered_minutes": 1, "private_replies_this_hour": 0,
    "mailed_this_second": 0,
}  # fmt: skip


def changed(facts: Facts, changes: Mapping[str, Mapping[str, Any]]) -> Facts:
    for part, fields in changes.items():
        facts = facts._replace(**{part: getattr(facts, part)._replace(**fields)})
    return facts


@pytest.mark.parametrize(
    ("fact", "value", "part", "action", "reason", "beside", "under"), WITNESSES
)
def test_a_fact_alone_brings_what_the_table_says(
    fact: str,
    value: Any,
    part: str,
    action: Action,
    reason: Reason,
    beside: dict[str, dict[str, Any]],
    under: dict[str, Any],
) -> None:
    facts = changed(OPEN, beside)._replace(via=Via.NEW_CHAT)
    policy = POLICY._replace(**under)
    otherwise = _OTHERWISE.get(fact, value is False)
    with_it = decide(action, changed(facts, {part: {fact: value}}), policy)
    without = decide(action, changed(facts, {part: {fact: otherwise}}), policy)
    assert with_it[1] == reason != without[1]
    assert with_it in BRINGS[fact]


def test_every_entry_of_the_table_has_a_witness() -> None:
    witnessed = {(fact, reason) for fact, _, _, _, reason, _, _ in WITNESSES}
    entries = {
        (fact, reason)
        for fact, outcomes in BRINGS.items()
        for verdict, reason in outcomes
        if verdict in (REFUSED, Verdict.HIDDEN)
    }
    assert entries == witnessed


@pytest.mark.parametrize("writer", WRITERS)
def test_a_change_is_made_of_what_its_action_may_write(writer: Action) -> None:
    writes = set(ACCESS[writer].writes)
    for part, field in FIELDS:
        if field in CHANGES[writer]:
            resources = _RESOURCES.get(part) or {_CIRCUMSTANCES[field]}
            # An account's penalty and its reports make it unsafe, and so does its relation.
            resources = resources | ({Resource.PAIR} if field == "unsafe" else set())
            assert writes & resources


def test_what_writes_nothing_changes_nothing() -> None:
    assert not [action for action in CHANGES if not ACCESS[action].writes]
    assert not [action for action in Action if not legal_by(action) and action in CHANGES]


def legal_by(writer: Action) -> set[Action]:
    """The actions of which a writer may change the outcome."""
    return {
        action
        for action in Action
        for outcome in order(action, POLICY)
        if len(legal(action, *outcome, [writer], POLICY)) > 1
    }


@pytest.mark.parametrize("writer", WRITERS)
def test_a_race_excuses_only_what_it_can_bring(writer: Action) -> None:
    for action in Action:
        outcomes = set(order(action, POLICY))
        best = order(action, POLICY)[-1]
        excused = legal(action, *best, [writer], POLICY)
        assert best in excused
        # A report is all that the staff's access rests on.
        assert excused < outcomes or action == STAFF
        # Nobody's age changes in a race.
        assert (REFUSED, Reason.UNDER_AGE) not in excused


def test_without_a_racing_change_only_the_demanded_is_legal() -> None:
    readers = [action for action in Action if action not in CHANGES]
    for action in Action:
        for outcome in order(action, POLICY):
            assert legal(action, *outcome, readers, POLICY) == {outcome}


def refused(*reasons: Reason) -> set[tuple[Verdict, Reason]]:
    return {(REFUSED, reason) for reason in reasons}


@pytest.mark.parametrize(
    ("action", "demanded", "racing", "expected"),
    [
        (Action.SEND_MESSAGE, INBOX, Action.BLOCK_USER, refused(Reason.BLOCKED, Reason.BLOCKING)),
        (Action.SEND_MESSAGE, INBOX, Action.CHANGE_SETTING, refused(Reason.NO_ONE, Reason.SETTING)),
        (Action.SEND_MESSAGE, INBOX, Action.CHANGE_REQUEST_FILTER, set()),
        (Action.SEND_MESSAGE, Verdict.REQUESTS, Action.CHANGE_REQUEST_FILTER,
         {(Verdict.FILTERED, Reason.NONE)}),
        (Action.WATCH_VIDEO, DONE, Action.CHANGE_VIDEO_PRIVACY, refused(Reason.CONTENT_PRIVATE)),
        (Action.ACCEPT_REQUEST, DONE, Action.DELETE_REQUEST, refused(Reason.NO_REQUEST)),
        (Action.CHECK_PRESENCE, Verdict.SHOWN, Action.OPEN_INBOX,
         {(Verdict.HIDDEN, Reason.NOT_ACTIVE)}),
    ],
)  # fmt: skip
def test_beside_the_demanded_a_race_excuses(
    action: Action, demanded: Verdict, racing: Action, expected: set[tuple[Verdict, Reason]]
) -> None:
    excused = legal(action, demanded, Reason.NONE, [racing], POLICY)
    assert excused - {(demanded, Reason.NONE)} == expected


def test_where_strangers_land_in_the_inbox_a_filter_decides_between_two_places() -> None:
    policy = POLICY._replace(strangers_to_requests=False)
    racing = [Action.CHANGE_REQUEST_FILTER]
    places = {(INBOX, Reason.NONE), (Verdict.FILTERED, Reason.NONE)}
    assert legal(Action.SEND_MESSAGE, INBOX, Reason.NONE, racing, policy) == places


@pytest.mark.parametrize(
    ("one", "other", "matters"),
    [
        (Action.RESTRICT_TEEN, Action.RESTRICT_TEEN, True),
        (Action.BLOCK_USER, Action.UNBLOCK_USER, True),
        (Action.MODERATE, Action.CHANGE_SETTING, False),
        (Action.REPORT_ACCOUNT, Action.REPORT_MESSAGE, False),
        (Action.OPEN_INBOX, Action.CHECK_PRESENCE, False),
    ],
)
def test_two_changes_of_one_fact_leave_it_to_the_later(
    one: Action, other: Action, matters: bool
) -> None:
    assert order_matters(one, other) == order_matters(other, one) == matters
