"""A comment as it is read, its answers in public and in private, and what the window allows."""

from pathlib import Path
from typing import Any

import pytest

from dmsim.server.state.conversation import NEVER
from tests.server.faults import FAULTS
from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    COMMENT,
    DAY,
    DOT,
    EVE,
    FOX,
    HOUR,
    MINUTE,
    POLICY,
    POST,
    SMALL,
    Columns,
    InProcess,
    backend,
    record,
    sent,
    settings,
    thread,
)
from tests.server.seen import messages, requests

PATH = f"comments/{COMMENT}"
OPEN_TO_ALL = settings(a2="everyone")


def read(opened: InProcess, account: int, comment: int = COMMENT) -> dict[str, Any]:
    """A comment as somebody reads it."""
    status, answer = opened.act(account, "GET", f"comments/{comment}")
    assert status == 200
    return dict(answer["comment"])


def write(opened: InProcess, author: int, text: str = "when?") -> int:
    """Comment and return the comment's number."""
    status, made = opened.act(author, "POST", f"posts/{POST}/comments", {"text": text})
    assert status == 201
    return int(made["id"])


def begun(opened: InProcess, **tables: Columns) -> InProcess:
    """A world in which Fox has just answered Cem's comment, in public and in private."""
    opened.fill_with(**{"settings": OPEN_TO_ALL, **tables})
    opened.reply(announces=True)
    assert opened.reply_privately() == "requests"
    return opened


@pytest.mark.parametrize("reader", [ANN, CEM, FOX, DOT])
def test_every_reader_sees_the_note_that_the_page_answered_privately(
    small: InProcess, reader: int
) -> None:
    for note, happens in ((False, small.reply), (False, small.reply_privately), (True, None)):
        outcome = "shown" if note else "no_private_reply"
        assert small.say(reader, "GET", PATH) == outcome
        assert read(small, reader)["answered_privately"] is note
        if happens is not None:
            happens()


def test_the_note_stays_when_the_conversation_is_deleted(empty: InProcess) -> None:
    begun(empty)
    assert empty.say(CEM, "DELETE", f"requests/{FOX}") == "done"
    assert empty.say(ANN, "GET", PATH) == "shown"


def test_a_private_reply_that_was_refused_leaves_no_note(empty: InProcess) -> None:
    empty.fill_with(settings=settings(a2="no_one"))
    empty.reply()
    assert empty.reply_privately() == "no_one"
    assert empty.say(ANN, "GET", PATH) == "no_private_reply"


def test_the_note_is_what_the_rules_say_of_it(tmp_path: Path) -> None:
    with backend(tmp_path / "backend.db", FAULTS["note_without_reply"]()) as wrong:
        wrong.fill()
        assert read(wrong, ANN)["answered_privately"]


def test_who_has_no_account_or_may_not_act_reads_no_comment(empty: InProcess) -> None:
    empty.fill_with(standings=record(BEN, standing="view_only", until=DAY))
    assert empty.say(EVE, "GET", PATH) == "not_registered"
    assert empty.say(BEN, "GET", PATH) == "sender_sanctioned"


def test_a_comment_is_shown_with_the_answers_that_mention_its_author(small: InProcess) -> None:
    small.now = MINUTE
    new = write(small, ANN, "Is it in stock?")
    assert read(small, CEM, new) == {
        "id": new,
        "post": POST,
        "author": ANN,
        "text": "Is it in stock?",
        "at": MINUTE,
        "replies": [],
        "answered_privately": False,
    }
    small.now = 2 * MINUTE
    first = small.reply(new, announces=True)
    small.now = 3 * MINUTE
    second = small.reply(new)
    shown = read(small, CEM, new)["replies"]
    assert [(reply["id"], reply["at"], reply["announces"]) for reply in shown] == [
        (first, 2 * MINUTE, True),
        (second, 3 * MINUTE, False),
    ]
    assert {(reply["text"], reply["mentions"]) for reply in shown} == {("we look into it", ANN)}


def test_a_comment_from_before_provisioning_has_no_text(small: InProcess) -> None:
    shown = read(small, ANN)
    assert (shown["text"], shown["at"], shown["author"]) == (None, 0, CEM)


def test_a_comment_shows_its_newest_answers(small: InProcess) -> None:
    made = [small.reply() for _ in range(55)]
    assert [reply["id"] for reply in read(small, ANN)["replies"]] == made[5:]


def test_an_answer_in_public_is_told_in_the_commenters_inbox(small: InProcess) -> None:
    def mentions(account: int) -> list[dict[str, int]]:
        return list(small.act(account, "GET", "inbox")[1]["mentions"])

    small.now = HOUR
    answers = [{"page": FOX, "comment": COMMENT, "reply": small.reply(), "at": HOUR}]
    assert (mentions(CEM), mentions(ANN), mentions(FOX)) == (answers, [], [])
    numbers = [small.reply() for _ in range(12)]
    assert [mention["reply"] for mention in mentions(CEM)] == numbers[:-11:-1]


def test_a_page_that_answers_itself_is_not_told_of_it(small: InProcess) -> None:
    small.reply(write(small, FOX))
    assert small.act(FOX, "GET", "inbox")[1]["mentions"] == []


def test_a_private_reply_links_the_comment(empty: InProcess) -> None:
    begun(empty)
    new = write(empty, ANN)
    empty.reply(new)
    assert empty.reply_privately(new, personal=True) == "requests"
    (to_cem,), (to_ann,) = messages(empty, CEM, FOX), messages(empty, ANN, FOX)
    assert (to_cem["comment"], to_cem.get("personal"), to_cem.get("uses")) == (COMMENT, None, None)
    assert (to_ann["comment"], to_ann["personal"]) == (new, True)
    assert "personal" not in str(read(empty, BEN, new)), "what is asked in private stays there"


def test_only_a_private_reply_links_a_comment(small: InProcess) -> None:
    small.send(ANN, BEN, sticker_set=3)
    (message,) = messages(small, BEN, ANN)
    assert "comment" not in message
    assert "uses" not in message


@pytest.mark.parametrize(
    ("written", "now", "outcome"),
    [
        (0, 7 * DAY - 1, "requests"),
        (0, 7 * DAY, "comment_too_old"),
        (-HOUR, 7 * DAY - HOUR, "comment_too_old"),
        (-HOUR, 7 * DAY - HOUR - 1, "requests"),
    ],
)
def test_a_comment_can_be_answered_privately_for_seven_days(
    empty: InProcess, written: int, now: int, outcome: str
) -> None:
    empty.fill_with(comments={**SMALL["comments"], "at": [written]})
    empty.reply()
    empty.now = now
    assert empty.reply_privately() == outcome


def test_the_comment_of_another_page_is_not_answered_privately(empty: InProcess) -> None:
    kinds = ["person", "person", "brand", "person", "person", "brand", "person", "staff"]
    empty.fill_with(accounts={**SMALL["accounts"], "kind": kinds})
    empty.reply()
    assert empty.reply_privately() == "not_a_person"


def test_private_replies_are_limited_by_the_hour_of_the_clock(empty: InProcess) -> None:
    empty.fill_with(POLICY._replace(private_replies_per_hour=2))

    def answer() -> str:
        comment = write(empty, ANN)
        empty.reply(comment)
        return empty.reply_privately(comment)

    empty.now = HOUR - 1
    assert [answer() for _ in range(3)] == ["requests", "requests", "rate_limited"]
    empty.now = HOUR
    assert [answer() for _ in range(3)] == ["requests", "requests", "rate_limited"]


def test_what_is_refused_is_not_counted_as_sent(empty: InProcess) -> None:
    empty.fill_with(POLICY._replace(private_replies_per_hour=1))
    assert empty.reply_privately() == "not_answered_publicly"
    empty.reply()
    assert empty.reply_privately() == "requests"


def test_what_a_page_had_sent_before_the_trace_counts(empty: InProcess) -> None:
    empty.fill_with(pages=sent(private_replies=749))
    empty.reply()
    assert empty.reply_privately() == "requests"
    new = write(empty, ANN)
    empty.reply(new)
    assert empty.reply_privately(new) == "rate_limited"
    empty.now = HOUR
    assert empty.reply_privately(new) == "requests"


def test_after_a_private_reply_the_page_waits_for_an_answer(empty: InProcess) -> None:
    begun(empty)
    assert empty.send(FOX, CEM) == "outside_window"
    assert empty.send(FOX, CEM, via="care_desk") == "outside_window"
    assert empty.say(CEM, "POST", f"threads/{FOX}/read") == "done"
    assert empty.send(FOX, CEM) == "outside_window", "reading is no answer"
    assert empty.send(CEM, FOX) == "inbox"
    assert empty.send(FOX, CEM) == "inbox"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"requests/{FOX}/accept", None),
        ("POST", f"threads/{FOX}/messages", {"text": "hello"}),
        ("POST", f"threads/{FOX}/shares", {"content": "hashtag", "id": 1}),
    ],
)
def test_an_answer_opens_a_window_of_a_day_and_for_humans_of_a_week(
    empty: InProcess, method: str, path: str, body: object
) -> None:
    begun(empty)
    empty.now = HOUR
    assert empty.say(CEM, method, path, body) in {"done", "inbox"}
    for later, via, outcome in (
        (DAY - 1, "chat", "inbox"),
        (DAY, "chat", "outside_window"),
        (DAY, "care_desk", "inbox"),
        (7 * DAY - 1, "care_desk", "inbox"),
        (7 * DAY, "care_desk", "outside_window"),
    ):
        empty.now = HOUR + later
        assert empty.send(FOX, CEM, via=via) == outcome
    assert empty.send(CEM, FOX) == "inbox", "the person writes when he likes"
    assert empty.send(FOX, CEM) == "inbox"


def test_an_answer_that_moderation_removed_opens_nothing(empty: InProcess) -> None:
    begun(empty)
    assert empty.send(CEM, FOX, violation="minor", detected=True) == "removed"
    assert empty.send(FOX, CEM) == "outside_window"


def test_only_what_a_person_tells_a_brand_is_an_answer(empty: InProcess) -> None:
    kinds = ["person", "person", "brand", "person", "person", "brand", "person", "staff"]
    empty.fill_with(accounts={**SMALL["accounts"], "kind": kinds}, settings=settings(a2="everyone"))
    for author, peer in ((ANN, BEN), (BEN, ANN), (FOX, ANN), (CEM, FOX), (FOX, CEM)):
        assert empty.send(author, peer) in {"requests", "inbox"}
    for account, peer in ((ANN, BEN), (FOX, ANN), (FOX, CEM)):
        conversation = empty.app._service.world.conversation(account, peer)
        assert conversation is not None
        assert conversation.answered == NEVER
    sponsored = f"threads/{CEM}/sponsored"
    assert empty.say(FOX, "POST", sponsored, {"text": "new"}) == "never_talked"


def test_a_private_reply_in_an_open_conversation_changes_nothing(empty: InProcess) -> None:
    empty.fill_with(threads=thread(CEM, FOX, "accepted"))
    empty.reply()
    assert empty.reply_privately() == "inbox"
    assert empty.send(FOX, CEM) == "inbox"


def test_a_person_who_asked_first_is_answered_in_an_open_conversation(empty: InProcess) -> None:
    empty.fill_with(threads=thread(CEM, FOX, "requested"))
    empty.reply()
    assert empty.reply_privately() == "inbox"
    empty.now = 30 * DAY
    assert empty.send(FOX, CEM) == "inbox"


def test_who_follows_the_page_gets_the_reply_in_the_inbox_and_the_window_all_the_same(
    empty: InProcess,
) -> None:
    empty.fill_with(follows={"follower": [CEM], "followed": [FOX]})
    empty.reply()
    assert empty.reply_privately() == "inbox"
    assert requests(empty, CEM) == []
    assert empty.send(FOX, CEM) == "outside_window"


def test_the_window_of_a_trace_goes_on(empty: InProcess) -> None:
    opened = thread(FOX, CEM, "accepted", by_private_reply=True, answered=-1)
    empty.fill_with(threads=opened)
    assert empty.send(FOX, CEM) == "outside_window"
    empty.admin("reset")
    empty.fill_with(threads={**opened, "answered": [0]})
    empty.now = DAY - 1
    assert empty.send(FOX, CEM) == "inbox"
    empty.now = DAY
    assert empty.send(FOX, CEM) == "outside_window"


def test_the_window_may_hold_for_every_conversation_of_a_brand(empty: InProcess) -> None:
    everywhere = POLICY._replace(window_everywhere=True)
    empty.fill_with(everywhere, threads=thread(CEM, FOX, "accepted", answered=0))
    assert empty.send(FOX, CEM) == "inbox"
    assert empty.send(FOX, ANN) == "outside_window"
    empty.now = DAY
    assert empty.send(FOX, CEM) == "outside_window"
    assert empty.send(ANN, BEN) == "requests", "persons have no window"
