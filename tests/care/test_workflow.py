"""The life of a case, with customers who are moved by hand."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.care.workflow import convenient
from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from dmsim.vocabulary import Reason, Topic
from tests.care.desk_work import PAGE, PERSON, Act, Room

NOON = 12 * HOUR_US
#: When a comment of noon is answered publicly and privately by an idle agent.
PUBLIC = NOON + 70 * SECOND_US
PRIVATE = PUBLIC + 2 * MINUTE_US
IMPATIENT = ["care.customers.escalates=1", "care.customers.patience=1us"]


def test_a_question_is_answered_publicly_then_privately_then_in_the_thread() -> None:
    room = Room("care.cases.personal_questions=0")
    room.comment(NOON, number=4)
    room.message(NOON + HOUR_US)
    room.run()
    assert room.platform.acts == [
        Act(NOON, "look", PERSON, 4),
        Act(PUBLIC, "public_reply", PERSON, 4, switch=True),
        Act(PRIVATE, "private_reply", PERSON, 4),
        Act(NOON + HOUR_US, "read", PERSON),
        Act(NOON + HOUR_US + 3 * MINUTE_US, "answer", PERSON),
        Act(NOON + HOUR_US + 3 * MINUTE_US, "resolve", PERSON, 4),
    ]


def test_the_table_of_cases_tells_the_same_story() -> None:
    room = Room()
    room.comment(NOON, number=4)
    room.message(NOON + HOUR_US)
    case = room.run().case()
    end = NOON + HOUR_US + 3 * MINUTE_US
    assert (case["case"], case["comment"], case["topic"]) == (4, 4, "question")
    assert (case["page"], case["person"], case["locale"]) == (PAGE, PERSON, "en")
    assert (case["written"], case["public"], case["private"]) == (NOON, PUBLIC, PRIVATE)
    assert (case["returned"], case["answered"], case["ended"]) == (NOON + HOUR_US, end, end)
    assert (case["ending"], case["turns"], case["escalated"]) == ("resolved", 1, False)


def test_spam_is_read_and_dismissed() -> None:
    room = Room()
    room.comment(NOON, topic=Topic.SPAM)
    assert room.run().told() == [(NOON, "look")]
    assert (room.case()["ending"], room.case()["ended"]) == ("dismissed", NOON + 10 * SECOND_US)


def test_praise_is_thanked_for_in_public_and_that_is_all() -> None:
    room = Room()
    room.comment(NOON, topic=Topic.PRAISE)
    assert room.run().told() == [(NOON, "look"), (PUBLIC, "public_reply"), (PUBLIC, "resolve")]
    assert not room.did("public_reply")[0].switch
    assert room.case()["ending"] == "resolved"


def test_where_nothing_is_answered_privately_only_personal_cases_are() -> None:
    room = Room("team.private_share=0", "team.agents=300")
    for person in range(300):
        room.comment(NOON, person, number=person)
    room.run()
    personal = {case["person"] for case in room.cases() if case["personal"]}
    private = room.did("private_reply")
    assert 20 < len(personal) < 100
    assert {act.person for act in private} == personal
    assert all(act.switch for act in private)
    assert {act.person for act in room.did("public_reply") if act.switch} == personal


def test_a_private_reply_need_not_be_announced() -> None:
    room = Room("team.announces=0")
    room.comment(NOON)
    room.run()
    assert [act.switch for act in room.did("public_reply")] == [False]
    assert len(room.did("private_reply")) == 1


@pytest.mark.parametrize(
    ("personal", "announced", "ending"),
    [(0, 0, "resolved"), (1, 0, "abandoned"), (0, 1, "abandoned")],
)
def test_the_public_answer_settles_what_needs_and_promised_no_private_one(
    personal: int, announced: int, ending: str
) -> None:
    room = Room(f"care.cases.personal_questions={personal}", f"team.announces={announced}")
    room.platform.refuses = lambda act: act.what == "private_reply"
    room.comment(NOON)
    room.run()
    last = [(PRIVATE, "resolve")] if ending == "resolved" else []
    assert room.told() == [
        (NOON, "look"), (PUBLIC, "public_reply"), (PRIVATE, "private_reply"), *last
    ]  # fmt: skip
    case = room.case()
    assert (case["ending"], case["private"]) == (ending, None)


def test_what_the_limit_of_an_hour_holds_back_goes_out_in_the_next() -> None:
    room = Room()
    room.platform.reason = Reason.RATE_LIMITED
    later = NOON + 2 * HOUR_US
    room.platform.refuses = lambda act: act.what == "private_reply" and act.at < later
    room.comment(NOON, 1, number=1)
    room.comment(NOON + MINUTE_US, 2, number=2, topic=Topic.SPAM)
    room.run()
    tries = [act.at for act in room.did("private_reply")]
    assert tries == [PRIVATE, NOON + HOUR_US, later]
    # Nobody waits for it at the desk, and nobody writes it anew.
    assert [act.at for act in room.did("look")] == [NOON, PRIVATE]
    case, _ = room.cases()
    assert (case["private"], case["ending"]) == (later, "silent")


def test_the_next_try_waits_for_an_agent_in_its_turn() -> None:
    room = Room()
    room.platform.reason = Reason.RATE_LIMITED
    hour = NOON + HOUR_US
    room.platform.refuses = lambda act: act.what == "private_reply" and act.at < hour
    room.comment(NOON, 1, number=1)
    room.comment(hour - SECOND_US, 2, number=2)
    room.run()
    told = [(act.at, act.person) for act in room.did("private_reply")]
    busy_until = hour - SECOND_US + PRIVATE - NOON
    assert told == [(PRIVATE, 1), (busy_until, 2), (busy_until, 1)]


@pytest.mark.parametrize(("days", "tries"), [(1, 25), (2, 49)])
def test_who_stays_behind_the_limit_of_an_hour_expires_when_the_comment_is_too_old(
    days: int, tries: int
) -> None:
    room = Room(private_reply_days=days)
    room.platform.reason = Reason.RATE_LIMITED
    room.platform.refuses = lambda act: act.what == "private_reply"
    room.comment(NOON + MINUTE_US)
    case = room.run().case()
    assert (case["ending"], case["ended"]) == ("expired", NOON + MINUTE_US + days * DAY_US)
    assert len(room.did("private_reply")) == tries


@pytest.mark.parametrize(("days", "ending"), [(7, "silent"), (6, "expired"), (0, "silent")])
def test_a_comment_whose_turn_comes_too_late_is_answered_in_public_alone(
    days: int, ending: str
) -> None:
    tuesdays = 'team.roster={late={from="12:00", until="13:00", days=["tue"], agents=1}}'
    room = Room(tuesdays, private_reply_days=days)
    room.comment(DAY_US + 13 * HOUR_US + 1)
    case = room.run().case()
    assert case["ending"] == ending
    assert len(room.did("private_reply")) == (ending == "silent")
    assert [act.switch for act in room.did("public_reply")] == [ending == "silent"]


def test_a_customer_who_never_comes_back_is_given_up_after_the_window() -> None:
    room = Room()
    room.comment(NOON)
    case = room.run().case()
    assert (case["ending"], case["ended"]) == ("silent", PRIVATE + 7 * DAY_US)


def test_a_case_takes_as_many_answers_as_it_needs() -> None:
    room = Room("team.turns=100", "team.complex_turns=100")
    room.comment(NOON)
    for hour in range(1, 400):
        room.message(NOON + hour * HOUR_US)
    room.run()
    (first, *_) = room.cases()
    assert first["turns"] > 3
    assert first["ending"] == "resolved"
    assert first["ended"] == NOON + first["turns"] * HOUR_US + 3 * MINUTE_US


def test_a_message_soon_after_the_end_is_only_read() -> None:
    room = Room()
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    room.message(NOON + 2 * HOUR_US)
    room.run()
    assert room.told()[-1] == (NOON + 2 * HOUR_US, "read")
    assert len(room.cases()) == 1


@pytest.mark.parametrize("ending", ["abandoned", "silent", "expired"])
def test_a_message_soon_after_an_end_without_an_answer_begins_another_case(ending: str) -> None:
    room = Room()
    room.platform.refuses = lambda act: act.what == "answer" and ending != "silent"
    room.platform.reason = Reason.OUTSIDE_WINDOW if ending == "expired" else Reason.BLOCKED
    room.comment(NOON)
    again = PRIVATE + 7 * DAY_US + HOUR_US
    if ending != "silent":
        room.message(NOON + HOUR_US)
        again = NOON + 2 * HOUR_US
    room.message(again)
    first, second = room.run().cases()
    assert first["ending"] == ending
    assert (second["topic"], second["written"]) == ("message", again)


def test_a_message_long_after_the_end_begins_another_case() -> None:
    room = Room()
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    late = NOON + HOUR_US + 3 * MINUTE_US + DAY_US + 1
    room.message(late)
    room.run()
    _, second = room.cases()
    assert (second["topic"], second["comment"], second["written"]) == ("message", None, late)
    assert (second["returned"], second["answered"]) == (late, late + 3 * MINUTE_US)
    assert room.told()[-1] == (late + 3 * MINUTE_US, "resolve")


def test_a_message_while_the_agent_writes_is_the_next_turn() -> None:
    room = Room("team.turns=100", "team.complex_turns=100")
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    room.message(NOON + HOUR_US + MINUTE_US)
    room.run(NOON + 2 * HOUR_US)
    begun = NOON + HOUR_US
    assert room.told()[3:] == [
        (begun, "read"),
        (begun + 3 * MINUTE_US, "answer"),
        (begun + 3 * MINUTE_US, "read"),
        (begun + 6 * MINUTE_US, "answer"),
    ]


def test_what_the_customer_wrote_during_the_last_answer_is_read_at_the_end() -> None:
    room = Room()
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    room.message(NOON + HOUR_US + MINUTE_US)
    room.run()
    end = NOON + HOUR_US + 3 * MINUTE_US
    assert room.told()[-3:] == [(end, "answer"), (end, "read"), (end, "resolve")]


def test_a_case_may_be_handed_to_another_channel() -> None:
    room = Room("team.hand_off=1", "team.turns=100")
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    room.run()
    end = NOON + HOUR_US + 3 * MINUTE_US
    assert room.told()[-2:] == [(end, "answer"), (end, "hand_off")]
    assert room.case()["ending"] == "handed_off"


@pytest.mark.parametrize(
    ("follow_up", "reminded"),
    [
        ("4h", NOON + 5 * HOUR_US + 3 * MINUTE_US),
        ("7h", DAY_US + NOON - 3 * HOUR_US),
        ("19h", DAY_US + NOON - 3 * HOUR_US),
        ("21h", DAY_US + NOON - 2 * HOUR_US + 3 * MINUTE_US),
    ],
)
def test_a_silent_customer_is_reminded_once_at_a_convenient_hour(
    follow_up: str, reminded: int
) -> None:
    room = Room("team.turns=100", "team.complex_turns=100", f"team.follow_up={follow_up}")
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    case = room.run().case()
    assert [act.at for act in room.did("follow_up")] == [reminded]
    assert (case["ending"], case["ended"]) == ("silent", reminded + 7 * DAY_US)


def test_the_hour_is_convenient_on_the_clock_of_the_customer() -> None:
    room = Room("team.turns=100", "team.complex_turns=100", "team.follow_up=4h")
    room.platform.offset = 5 * HOUR_US
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    room.run()
    assert [act.at for act in room.did("follow_up")] == [DAY_US + 4 * HOUR_US]


def test_a_reminder_that_was_refused_is_no_word_of_the_brand() -> None:
    room = Room("team.turns=100", "team.complex_turns=100", "team.follow_up=4h")
    room.platform.refuses = lambda act: act.what == "follow_up"
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    case = room.run().case()
    assert len(room.did("follow_up")) == 1
    assert case["ended"] == NOON + HOUR_US + 3 * MINUTE_US + 7 * DAY_US


@pytest.mark.parametrize(("hours", "reminders"), [(24, 0), (0, 1)])
def test_who_never_wrote_is_reminded_only_where_the_platform_has_no_window(
    hours: int, reminders: int
) -> None:
    room = Room("team.follow_up=4h", messaging_window_hours=hours)
    room.comment(NOON)
    room.run()
    assert len(room.did("follow_up")) == reminders


@given(at=st.integers(0, 14 * DAY_US), offset=st.integers(-14, 14))
def test_convenient_hours_are_near_and_in_the_daytime(at: int, offset: int) -> None:
    found = convenient(at, offset * HOUR_US)
    assert 9 * HOUR_US <= (found + offset * HOUR_US) % DAY_US < 20 * HOUR_US
    assert 0 <= found - at <= 13 * HOUR_US


def test_a_thread_whose_window_closed_while_it_waited_has_expired() -> None:
    roster = 'team.roster={day={from="12:00", until="13:00", days=["mon"], agents=1}}'
    room = Room(roster, messaging_window_hours=24, human_agent_hours=48)
    room.platform.refuses = lambda act: act.what == "answer"
    room.platform.reason = Reason.OUTSIDE_WINDOW
    room.platform.window_is_open = False
    room.comment(NOON)
    room.message(NOON + 2 * HOUR_US)
    case = room.run().case()
    assert case["ending"] == "expired"
    # Nobody spends time on an answer that cannot be sent any more.
    assert [act.at for act in room.did("read", "answer")] == [7 * DAY_US + NOON] * 2


def test_a_case_that_began_with_a_message_expires_as_well() -> None:
    room = Room()
    room.platform.refuses = lambda act: act.what == "answer"
    room.platform.reason = Reason.OUTSIDE_WINDOW
    room.message(NOON)
    assert room.run().case()["ending"] == "expired"


def test_an_answer_takes_its_time_as_long_as_the_platform_has_the_window_open() -> None:
    roster = 'team.roster={day={from="12:00", until="13:00", days=["mon"], agents=1}}'
    room = Room(roster, messaging_window_hours=24, human_agent_hours=48)
    room.comment(NOON)
    # What he writes later keeps the window open; nobody is told, as the first is unread.
    room.message(NOON + 2 * HOUR_US)
    case = room.run().case()
    assert case["answered"] == 7 * DAY_US + NOON + 3 * MINUTE_US


def test_who_blocks_the_brand_before_the_answer_has_left() -> None:
    room = Room()
    room.platform.refuses = lambda act: act.what == "answer"
    room.comment(NOON)
    room.message(NOON + HOUR_US)
    assert room.run().case()["ending"] == "abandoned"


def test_who_loses_patience_in_the_thread_leaves_it() -> None:
    room = Room("care.customers.thread_patience=1m")
    room.comment(NOON)
    room.message(NOON + HOUR_US, person=8)
    room.message(NOON + HOUR_US + 1, person=9)
    room.run()
    left = [case for case in room.cases() if case["ending"] == "abandoned"]
    assert [case["person"] for case in left] == [9]
    assert NOON + HOUR_US < left[0]["ended"] < NOON + HOUR_US + 3 * MINUTE_US
    assert left[0]["answered"] is None
    assert [act.person for act in room.did("answer")] == [8]


def test_an_impatient_customer_turns_to_the_public_and_is_answered_first() -> None:
    room = Room("care.customers.escalates=1", "care.customers.patience=1m")

    def comes_back(act: Act) -> bool:
        if act.what == "escalate":
            room.team.comment_came(PAGE, act.person, 77, Topic.ESCALATION)
        return False

    room.platform.refuses = comes_back
    for person in range(6):
        room.comment(NOON + person, person, number=person)
    room.run(NOON + HOUR_US)
    escalated = {case["person"]: case for case in room.cases() if case["escalated"]}
    calls = room.did("escalate")
    assert {act.person for act in calls} == set(escalated)
    assert len(calls) == len(escalated) > 2
    answered = [act for act in room.did("public_reply") if act.comment == 77]
    assert [act.person for act in answered] == [act.person for act in calls]
    assert not any(act.switch for act in answered)
    assert len(room.cases()) == 6
    # Who has his answer, if only in public, is patient.
    publics = {act.person: act.at for act in room.did("public_reply") if act.comment != 77}
    assert all(act.at < publics[act.person] for act in calls)


def test_patience_holds_for_answers_in_the_thread_too() -> None:
    room = Room(*IMPATIENT)
    room.comment(NOON, topic=Topic.PRAISE)
    room.message(NOON, person=9)
    room.run()
    assert [act.person for act in room.did("escalate")] == [9]


def test_praise_and_spam_never_escalate() -> None:
    room = Room(*IMPATIENT)
    for number, topic in enumerate((Topic.PRAISE, Topic.SPAM) * 5):
        room.comment(NOON, number, number=number, topic=topic)
    room.run()
    assert room.did("escalate") == []


def test_an_escalation_of_an_unknown_case_is_answered_in_public() -> None:
    room = Room()
    room.comment(NOON, topic=Topic.ESCALATION)
    room.run()
    assert [word for _, word in room.told()] == ["look", "public_reply", "resolve"]


def slipping(**changes: Any) -> Room:
    room = Room("team.slips=1", "team.agents=300", **changes)
    done: set[int] = set()

    def platform_refuses(act: Act) -> bool:
        if act.what != "private_reply":
            return False
        public = {a.person for a in room.did("public_reply")}
        refused = act.person in done or act.person not in public or act.at >= NOON + 7 * DAY_US
        if not refused:
            done.add(act.person)
        return refused

    room.platform.refuses = platform_refuses
    for person in range(300):
        topic = Topic.PRAISE if person % 2 else Topic.COMPLAINT
        room.comment(NOON, person, number=person, topic=topic)
    return room


def test_every_slip_is_tried_and_takes_nobody_any_time() -> None:
    room = slipping().run()
    before = room.did("private_reply")
    early = [act for act in before if act.at == NOON]
    late = [act for act in before if act.at >= NOON + 7 * DAY_US]
    first = {act.person for act in before if act.at == PRIVATE}
    again = [a for a in before if PRIVATE < a.at < NOON + 7 * DAY_US]
    assert len(first) == 150
    assert {act.person for act in again} <= first
    assert all(act.person % 2 for act in late)
    assert len(early) == pytest.approx(100, abs=30)
    assert len(late) == pytest.approx(50, abs=20)
    assert len(again) == pytest.approx(50, abs=20)
    assert all(case["private"] in (None, PRIVATE) for case in room.cases())


def test_what_the_platform_lets_through_is_no_slip() -> None:
    room = slipping(
        public_reply_first=False, one_private_reply_per_comment=False, private_reply_days=0
    )
    room.run()
    assert {act.at for act in room.did("private_reply")} == {PRIVATE}


@settings(max_examples=40, deadline=None)
@given(
    comments=st.lists(
        st.tuples(
            st.integers(0, 3 * DAY_US),
            st.integers(0, 3),
            st.sampled_from([Topic.QUESTION, Topic.COMPLAINT, Topic.PRAISE, Topic.SPAM]),
        ),
        max_size=12,
    ),
    messages=st.lists(st.tuples(st.integers(0, 12 * DAY_US), st.integers(0, 3)), max_size=12),
    threads=st.integers(1, 3),
    refused=st.sets(st.sampled_from(["private_reply", "answer", "follow_up"])),
    patience=st.sampled_from(["0s", "2m"]),
    silent=st.sampled_from(["0", "0.5"]),
)
def test_every_case_keeps_the_order_of_its_steps(
    comments: list[tuple[int, int, Topic]],
    messages: list[tuple[int, int]],
    threads: int,
    refused: set[str],
    patience: str,
    silent: str,
) -> None:
    room = Room(
        f"team.threads={threads}", f"care.customers.thread_patience={patience}",
        f"care.customers.leaves_silently={silent}", "team.follow_up=2h", "team.turns=3",
    )  # fmt: skip
    room.platform.refuses = lambda act: act.what in refused
    for number, (at, person, topic) in enumerate(comments):
        room.comment(at, person, number=number, topic=topic)
    for at, person in messages:
        room.message(at, person)
    room.run()
    for case in room.cases():
        replied = ["public", "private"] if case["comment"] is not None else []
        steps = ["written", *replied, "returned", "answered", "ended"]
        moments = [case[name] for name in steps if case[name] is not None]
        assert moments == sorted(moments)
        assert case["ending"] != "open"
        # An answer that nobody reads is a turn, and the last one.
        assert case["turns"] > 0 or case["answered"] is None
        assert case["turns"] <= 1 or case["answered"] is not None
        replies = [a for a in room.did("private_reply") if a.comment == case["comment"]]
        assert len(replies) <= 1
        told = [a.at for a in room.did("public_reply") if a.comment == case["comment"]]
        assert all(act.at > told[0] for act in replies)
