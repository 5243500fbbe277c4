"""What brands send beside their answers, and how cases end."""

import pytest

from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    COMMENT,
    DAY,
    FOX,
    POLICY,
    SMALL,
    InProcess,
    sent,
    settings,
    thread,
)
from tests.server.seen import requests, texts

SECOND = 1_000_000
TEXT = {"text": "something new"}


def mail(backend: InProcess, peer: int, kind: str = "mailings") -> str:
    return backend.say(FOX, "POST", f"threads/{peer}/{kind}", TEXT)


@pytest.mark.parametrize("kind", ["follow_ups", "mailings", "sponsored"])
def test_what_a_brand_sends_arrives_like_a_message(empty: InProcess, kind: str) -> None:
    empty.fill_with(threads=thread(CEM, FOX, "accepted", answered=0))
    assert mail(empty, CEM, kind) == "inbox"
    assert texts(empty, CEM, FOX) == ["something new"]


def test_a_mailing_to_a_stranger_is_a_request_that_counts(small: InProcess) -> None:
    assert [mail(small, ANN) for _ in range(4)] == ["requests"] * 3 + ["business_limit"]
    assert requests(small, ANN) == [FOX]
    assert small.send(FOX, ANN) == "business_limit"


@pytest.mark.parametrize("kind", ["follow_ups", "mailings", "sponsored"])
def test_persons_send_nothing_like_a_brand(small: InProcess, kind: str) -> None:
    assert small.say(ANN, "POST", f"threads/{BEN}/{kind}", TEXT) == "not_permitted"


def test_a_reminder_needs_a_conversation_and_its_window(empty: InProcess) -> None:
    empty.fill_with(settings=settings(a2="everyone"))
    assert mail(empty, CEM, "follow_ups") == "no_conversation"
    empty.reply()
    empty.reply_privately()
    assert mail(empty, CEM, "follow_ups") == "outside_window"
    empty.send(CEM, FOX)
    empty.now = 7 * DAY - 1
    assert mail(empty, CEM, "follow_ups") == "inbox", "a human agent reminds"
    assert mail(empty, CEM) == "outside_window", "a machine mails"
    empty.now = 7 * DAY
    assert mail(empty, CEM, "follow_ups") == "outside_window"
    assert mail(empty, CEM, "sponsored") == "inbox", "what is paid for knows no window"


@pytest.mark.parametrize("answer", ["threads/{}/messages", "requests/{}/accept"])
def test_sponsored_messages_go_to_those_who_talked_with_the_brand(
    small: InProcess, answer: str
) -> None:
    assert mail(small, ANN, "sponsored") == "never_talked"
    small.send(FOX, ANN)
    assert mail(small, ANN, "sponsored") == "never_talked", "the brand talked alone"
    small.act(ANN, "POST", answer.format(FOX), {"text": "yes?"})
    assert mail(small, ANN, "sponsored") == "inbox"


def test_mailings_and_sponsored_messages_share_the_limit_of_a_second(empty: InProcess) -> None:
    accepted = thread(CEM, FOX, "accepted", answered=0)
    empty.fill_with(POLICY._replace(mailings_per_second=2), threads=accepted)
    empty.now = SECOND - 1
    assert mail(empty, CEM) == mail(empty, CEM, "sponsored") == "inbox"
    assert mail(empty, CEM) == mail(empty, CEM, "sponsored") == "rate_limited"
    assert mail(empty, CEM, "follow_ups") == "inbox", "reminders are not counted"
    empty.now = SECOND
    assert [mail(empty, CEM) for _ in range(3)] == ["inbox", "inbox", "rate_limited"]


def test_mailings_of_the_second_in_which_the_trace_begins_count(empty: InProcess) -> None:
    empty.fill_with(pages=sent(mailed=299))
    assert [mail(empty, ANN), mail(empty, ANN)] == ["requests", "rate_limited"]


def test_what_is_refused_uses_nothing_up(empty: InProcess) -> None:
    empty.fill_with(POLICY._replace(mailings_per_second=1))
    assert mail(empty, CEM) == "setting"
    assert mail(empty, ANN) == "requests"


def test_a_case_is_resolved_or_handed_off_and_the_log_keeps_it(small: InProcess) -> None:
    resolve, hand_off = f"cases/{CEM}/resolve", f"cases/{CEM}/hand_off"
    assert small.say(FOX, "POST", hand_off, {"comment": COMMENT}) == "no_conversation"
    small.reply()
    small.reply_privately()
    small.now = 5
    assert small.say(FOX, "POST", hand_off, {"comment": COMMENT}) == "done"
    small.now = 6
    assert small.say(FOX, "POST", resolve, {"comment": None}) == "done"
    status, log = small.admin("cases", method="GET")
    ends = {"page": FOX, "person": CEM}
    assert (status, log["next"]) == (200, None)
    assert log["entries"] == [
        {**ends, "id": 1, "action": "resolve", "comment": None, "at": 6},
        {**ends, "id": 0, "action": "hand_off", "comment": COMMENT, "at": 5},
    ]
    assert small.admin("cases?limit=1", method="GET")[1]["next"] == 1


def test_persons_end_no_cases(small: InProcess) -> None:
    for end in ("resolve", "hand_off"):
        path = f"cases/{CEM}/{end}"
        assert small.say(ANN, "POST", path, {"comment": COMMENT}) == "not_permitted"
    assert small.admin("cases", method="GET")[1]["entries"] == []


def test_a_case_ends_where_it_began(empty: InProcess) -> None:
    brands = ["brand", "person", "person", "person", "person", "brand", "person", "staff"]
    empty.fill_with(accounts={**SMALL["accounts"], "kind": brands})
    for actor, person, status in ((ANN, CEM, 403), (FOX, BEN, 400), (FOX, CEM, 200)):
        got, _ = empty.act(actor, "POST", f"cases/{person}/resolve", {"comment": COMMENT})
        assert got == status
    assert empty.act(FOX, "POST", f"cases/{CEM}/resolve", {"comment": COMMENT + 1})[0] == 404
