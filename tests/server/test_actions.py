"""What accounts can do to each other, as they see it through the backend."""

import pytest

from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    COMMENT,
    DOT,
    EVE,
    FOX,
    POLICY,
    POST,
    SMALL,
    InProcess,
    accounts,
    told,
)
from tests.server.seen import conversations, requests, texts


def test_a_stranger_lands_in_the_requests(small: InProcess) -> None:
    assert small.send(ANN, BEN) == "requests"
    assert requests(small, BEN) == [ANN]
    assert conversations(small, BEN) == []
    assert conversations(small, ANN) == [(BEN, 0)]


def test_an_accepted_request_becomes_a_conversation(small: InProcess) -> None:
    small.send(ANN, BEN)
    assert told(small.act(BEN, "POST", f"requests/{ANN}/accept")) == "done"
    assert (requests(small, BEN), conversations(small, BEN)) == ([], [(ANN, 1)])
    assert small.send(ANN, BEN) == "inbox"
    assert small.send(BEN, ANN) == "inbox"


def test_answering_a_request_opens_it(small: InProcess) -> None:
    small.send(ANN, BEN)
    assert small.send(BEN, ANN) == "inbox"
    assert requests(small, BEN) == []


def test_a_deleted_request_is_gone_for_its_recipient_alone(small: InProcess) -> None:
    small.send(ANN, BEN)
    assert told(small.act(BEN, "DELETE", f"requests/{ANN}")) == "done"
    assert (requests(small, BEN), conversations(small, BEN)) == ([], [])
    assert conversations(small, ANN) == [(BEN, 0)]
    assert small.send(ANN, BEN, "once more") == "requests"
    assert requests(small, BEN) == [ANN]


def test_who_deleted_a_request_starts_anew_when_writing(small: InProcess) -> None:
    small.send(ANN, BEN)
    small.act(BEN, "DELETE", f"requests/{ANN}")
    assert small.send(BEN, ANN) == "requests"
    assert (requests(small, ANN), conversations(small, BEN)) == ([BEN], [(ANN, 0)])


def test_a_deleted_request_may_be_final(empty: InProcess) -> None:
    empty.fill(policy=POLICY._replace(deleted_request_may_be_repeated=False))
    empty.send(ANN, BEN)
    empty.act(BEN, "DELETE", f"requests/{ANN}")
    assert empty.send(ANN, BEN) == "request_deleted"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "requests/{}/accept"), ("DELETE", "requests/{}")]
)
def test_only_the_recipient_of_an_open_request_decides_on_it(
    small: InProcess, method: str, path: str
) -> None:
    assert told(small.act(BEN, method, path.format(ANN))) == "no_request"
    small.send(ANN, BEN)
    assert told(small.act(ANN, method, path.format(BEN))) == "no_request"


def test_following_brings_into_the_inbox(small: InProcess) -> None:
    assert told(small.act(BEN, "PUT", f"follows/{ANN}")) == "done"
    assert small.send(ANN, BEN) == "inbox"


def test_only_friends_pass_the_setting_friends(small: InProcess) -> None:
    assert small.send(ANN, CEM) == "setting"
    small.act(ANN, "PUT", f"follows/{CEM}")
    assert small.send(ANN, CEM) == "setting"
    small.act(CEM, "PUT", f"follows/{ANN}")
    assert small.send(ANN, CEM) == "inbox"
    small.act(ANN, "DELETE", f"follows/{CEM}")
    assert small.send(ANN, CEM) == "inbox", "an accepted thread stays open"


def test_contacts_count_for_both_sides_of_the_row(empty: InProcess) -> None:
    empty.fill({**SMALL, "contacts": {"account": [ANN], "other": [BEN]}})
    for account in (ANN, BEN):
        empty.act(account, "PUT", "settings/messages", {"setting": "suggested"})
    assert empty.send(ANN, BEN) == "requests"
    assert empty.send(CEM, BEN) == "setting"
    assert empty.send(CEM, ANN) == "setting"


def test_no_one_closes_an_open_thread_but_keeps_its_history(small: InProcess) -> None:
    small.send(ANN, BEN)
    small.act(BEN, "POST", f"requests/{ANN}/accept")
    assert told(small.act(BEN, "PUT", "settings/messages", {"setting": "no_one"})) == "done"
    assert small.send(ANN, BEN) == "no_one"
    assert texts(small, BEN, ANN) == ["hello"]


def test_blocks_hold_in_both_directions_until_taken_back(small: InProcess) -> None:
    for _ in range(2):
        assert told(small.act(BEN, "PUT", f"blocks/{ANN}")) == "done"
    assert small.send(ANN, BEN) == "blocked"
    assert small.send(BEN, ANN) == "blocking"
    for _ in range(2):
        assert told(small.act(BEN, "DELETE", f"blocks/{ANN}")) == "done"
    assert small.send(ANN, BEN) == "requests"


def test_children_and_the_unregistered_have_no_messages(small: InProcess) -> None:
    assert small.send(DOT, ANN) == small.send(ANN, DOT) == "under_age"
    assert small.send(EVE, ANN) == small.send(ANN, EVE) == "not_registered"
    assert small.say(DOT, "GET", "inbox") == "under_age"
    assert small.say(EVE, "GET", "inbox") == "not_registered"
    assert conversations(small, ANN) == []


def test_reading_leaves_nothing_unread(small: InProcess) -> None:
    for text in ("one", "two"):
        small.send(ANN, BEN, text)
    small.act(BEN, "POST", f"requests/{ANN}/accept")
    assert conversations(small, BEN) == [(ANN, 2)]
    assert texts(small, BEN, ANN) == ["two", "one"]
    assert conversations(small, BEN) == [(ANN, 0)]
    assert small.say(BEN, "POST", f"threads/{CEM}/read") == "no_conversation"


def test_lists_show_the_newest_fifty_first(empty: InProcess) -> None:
    people = 60
    empty.fill({"accounts": accounts(people)})
    for author in range(1, people):
        empty.send(author, 0)
    assert requests(empty, 0) == list(range(59, 9, -1))
    empty.send(5, 0, "again")
    assert requests(empty, 0)[:2] == [5, 59]
    for peer in range(1, people):
        empty.act(0, "POST", f"requests/{peer}/accept")
    assert [peer for peer, _ in conversations(empty, 0)] == list(range(59, 9, -1))
    for n in range(130):
        empty.send(1, 0, str(n))
    assert texts(empty, 0, 1) == [str(n) for n in range(129, 79, -1)]


def test_a_page_answers_publicly_then_privately_and_once(small: InProcess) -> None:
    text = {"text": "we look into it"}
    private = f"comments/{COMMENT}/private_reply"
    assert told(small.act(FOX, "POST", private, text)) == "not_answered_publicly"
    assert told(small.act(FOX, "POST", f"comments/{COMMENT}/replies", text)) == "done"
    assert told(small.act(FOX, "POST", private, text)) == "requests"
    assert requests(small, CEM) == [FOX], "the setting 'friends' does not hold the answer back"
    assert told(small.act(FOX, "POST", private, text)) == "already_replied"


def test_a_new_comment_can_be_answered_by_its_id(small: InProcess) -> None:
    status, made = small.act(ANN, "POST", f"posts/{POST}/comments", {"text": "when?"})
    assert (status, made["outcome"]) == (201, "done")
    assert made["id"] > COMMENT
    status, _ = small.act(FOX, "POST", f"comments/{made['id']}/replies", {"text": "soon"})
    assert status == 201


def test_only_the_page_answers_its_comments(small: InProcess) -> None:
    for path in ("replies", "private_reply"):
        status, answer = small.act(BEN, "POST", f"comments/{COMMENT}/{path}", {"text": "me"})
        assert status == 403
        assert "only the page" in answer["error"]
