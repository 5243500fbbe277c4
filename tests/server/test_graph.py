"""Comments, replies and messages in the Graph API's shape."""

import json
from urllib.parse import urlencode, urlsplit

import pytest

from dmsim.adapters.tokens import account_token
from tests.server.graph_client import (
    COMMENT_ID,
    FORM,
    JSON,
    PAGE_ID,
    POST_ID,
    answer_publicly,
    code,
    comment,
    graph,
    made,
    to_author,
    to_person,
)
from tests.server.inprocess import ANN, BEN, CEM, COMMENT, FOX, HOUR, MASTER, InProcess
from tests.server.seen import messages, texts

PAGE_FIELDS = "id,can_reply_privately,private_reply_conversation"
TOKEN = account_token(MASTER, FOX)


def test_a_private_reply_in_the_shape_of_2016_reaches_the_author(small: InProcess) -> None:
    answer_publicly(small)
    private = f"{COMMENT_ID}/private_replies"
    sent = made(graph(small, FOX, "POST", private, message="Your order?"))
    (seen,) = messages(small, CEM, FOX)
    assert (f"m_{seen['id']}", seen["text"], seen["author"]) == (sent, "Your order?", FOX)
    assert code(graph(small, FOX, "POST", private, message="Again?")) == (400, 10900)


def test_a_private_reply_in_the_shape_of_today_reaches_the_author(small: InProcess) -> None:
    answer_publicly(small)
    status, answer = graph(small, FOX, "POST", f"{PAGE_ID}/messages", **to_author(COMMENT_ID))
    (seen,) = messages(small, CEM, FOX)
    assert (status, answer) == (200, {"recipient_id": str(CEM), "message_id": f"m_{seen['id']}"})
    again = graph(small, FOX, "POST", f"{PAGE_ID}/messages", **to_author(COMMENT_ID))
    assert code(again) == (400, 10900)


def test_the_page_sees_that_it_may_reply_and_that_it_did(small: InProcess) -> None:
    def seen(account: int) -> object:
        return graph(small, account, "GET", COMMENT_ID, fields=PAGE_FIELDS)[1]

    assert seen(FOX) == {"id": COMMENT_ID, "can_reply_privately": False}  # not publicly yet
    answer_publicly(small)
    assert seen(FOX) == {"id": COMMENT_ID, "can_reply_privately": True}
    graph(small, FOX, "POST", f"{COMMENT_ID}/private_replies", message="Your order?")
    told = {"can_reply_privately": False, "private_reply_conversation": {"id": f"t_{CEM}"}}
    assert seen(FOX) == {"id": COMMENT_ID, **told}
    assert seen(ANN) == {"id": COMMENT_ID}


def test_a_comment_is_a_node_with_its_answers(small: InProcess) -> None:
    small.now = 36 * HOUR
    asked = comment(small, ANN)
    assert asked == f"{POST_ID}_{COMMENT + 1}"
    small.now = 37 * HOUR
    reply = answer_publicly(small, asked)
    assert reply == f"{asked}_0"
    by_default = {
        "id": asked,
        "created_time": "1970-01-02T12:00:00+0000",
        "from": {"id": str(ANN), "name": "Ann Ash"},
        "message": "Where is it?",
    }
    assert graph(small, BEN, "GET", asked) == (200, by_default)
    answered = {
        "id": reply,
        "from": {"id": PAGE_ID, "name": "Fox"},
        "created_time": "1970-01-02T13:00:00+0000",
        "parent": {"id": asked},
    }
    fields = "message,comments{from,created_time,parent}"
    status, shown = graph(small, BEN, "GET", asked, fields=fields)
    assert (status, shown["message"]) == (200, "Where is it?")
    assert shown["comments"]["data"] == [answered]
    _, listed = graph(small, BEN, "GET", f"{asked}/comments", fields="from,created_time,parent")
    assert listed["data"] == [answered]
    only = graph(small, BEN, "GET", reply, fields="message")
    assert only == (200, {"id": reply, "message": "On its way, @Cem!"})
    assert code(graph(small, BEN, "GET", f"{asked}_7")) == (404, 100, 33)


def test_a_page_and_its_feed_are_nodes(small: InProcess) -> None:
    assert graph(small, ANN, "GET", PAGE_ID) == (200, {"id": PAGE_ID, "name": "Fox"})
    assert graph(small, ANN, "GET", POST_ID, fields="from{name}") == (
        200,
        {"id": POST_ID, "from": {"id": PAGE_ID, "name": "Fox"}},
    )
    answer_publicly(small)
    fields = "comments{can_reply_privately}"
    _, feed = graph(small, FOX, "GET", f"{PAGE_ID}/feed", fields=fields)
    (post,) = feed["data"]
    assert post["id"] == POST_ID
    assert post["comments"]["data"] == [{"id": COMMENT_ID, "can_reply_privately": True}]


def test_a_message_is_sent_as_it_is_meant(small: InProcess) -> None:
    path = f"{PAGE_ID}/messages"
    for more in (
        {},
        {"messaging_type": "RESPONSE"},
        {"messaging_type": "UPDATE"},
    ):
        status, answer = graph(small, FOX, "POST", path, **to_person(ANN, **more))
        assert status == 200, answer
        assert answer["recipient_id"] == str(ANN)
    tagged = to_person(BEN, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    assert graph(small, FOX, "POST", path, **tagged)[0] == 200
    assert len(texts(small, ANN, FOX)) == 3
    assert texts(small, BEN, FOX) == ["Hello!"]
    for wrong in (
        to_person(ANN, messaging_type="MESSAGE_TAG", tag="ACCOUNT_UPDATE"),
        to_person(ANN, messaging_type="MESSAGE_TAG"),
        to_person(ANN, messaging_type=["RESPONSE"]),
        to_person(ANN, messaging_type="RESPONSE", tag="HUMAN_AGENT"),
        {"recipient": {"id": str(ANN)}},
        {"recipient": {"id": str(ANN)}, "message": {"attachment": {}}},
        {"recipient": str(ANN), "message": {"text": "Hello!"}},
    ):
        assert code(graph(small, FOX, "POST", path, **wrong)) == (400, 100)


def test_only_a_human_agent_may_write_a_day_after_the_answer(small: InProcess) -> None:
    asked = comment(small, ANN)
    answer_publicly(small, asked)
    path = f"{PAGE_ID}/messages"
    assert graph(small, FOX, "POST", path, **to_author(asked))[0] == 200
    # The private reply opened the conversation, but not the window.
    assert code(graph(small, FOX, "POST", path, **to_person(ANN))) == (400, 10, 2018278)
    assert small.send(ANN, FOX) == "inbox"
    assert graph(small, FOX, "POST", path, **to_person(ANN))[0] == 200
    small.now = 25 * HOUR
    assert code(graph(small, FOX, "POST", path, **to_person(ANN))) == (400, 10, 2018278)
    tagged = to_person(ANN, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    assert graph(small, FOX, "POST", path, **tagged)[0] == 200


@pytest.mark.parametrize("place", ["header", "address", "form", "json", "parts"])
def test_a_token_and_a_text_may_stand_in_any_place(small: InProcess, place: str) -> None:
    answer_publicly(small)
    path, params = f"/v21.0/{COMMENT_ID}/private_replies", {"message": "Häuser & <b>\r\n", "x": ""}
    with_token = {**params, "access_token": TOKEN}
    token, body, kind = None, b"", ""
    if place == "header":
        token, body, kind = TOKEN, urlencode(params).encode(), FORM
    elif place == "address":
        path += "?" + urlencode(with_token)
    elif place == "form":
        body, kind = urlencode(with_token).encode(), FORM
    elif place == "json":
        body, kind = json.dumps(with_token).encode(), f"{JSON}; charset=utf-8"
    else:
        head = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}'
        parts = [head.format(*item) for item in with_token.items()]
        body = "".join(f"--b-7\r\n{part}\r\n" for part in parts).encode() + b"--b-7--\r\n"
        kind = 'multipart/form-data; boundary="b-7"'
    status, _ = small.ask("POST", path, token, body, {"content-type": kind} if kind else {})
    assert status == 200
    assert texts(small, CEM, FOX) == ["Häuser & <b>\r\n"]


def test_objects_in_a_form_are_json(small: InProcess) -> None:
    answer_publicly(small)
    params = {name: json.dumps(value) for name, value in to_author(COMMENT_ID).items()}
    body = urlencode(params).encode()
    path = f"/v21.0/{PAGE_ID}/messages"
    assert small.ask("POST", path, TOKEN, body, {"content-type": FORM})[0] == 200


def test_a_list_is_walked_to_its_end_along_its_links(small: InProcess) -> None:
    new = [comment(small, ANN, f"number {number}") for number in range(249)]
    link = f"/v2.5/{POST_ID}/comments?" + urlencode({"access_token": TOKEN, "limit": "100"})
    seen, sizes = [], []
    while link:
        status, content = small.ask("GET", link, headers={"host": "127.0.0.1:8000"})
        assert status == 200
        page = json.loads(content)
        seen += [entry["id"] for entry in page["data"]]
        sizes.append(len(page["data"]))
        following = urlsplit(page["paging"].get("next", ""))
        assert not following.netloc or following.netloc == "127.0.0.1:8000"
        link = f"{following.path}?{following.query}" if following.path else ""
    assert sizes == [100, 100, 50]
    assert seen == [COMMENT_ID, *new]


def test_cursors_lead_on_and_back(small: InProcess) -> None:
    for number in range(5):
        comment(small, ANN, f"number {number}")

    def listed(**params: object) -> tuple[list[int], dict[str, str]]:
        status, page = graph(small, ANN, "GET", f"{POST_ID}/comments", **params)
        assert status == 200
        found = [int(entry["id"].rpartition("_")[2]) - COMMENT for entry in page["data"]]
        return found, page.get("paging", {}).get("cursors", {})

    first, around_first = listed(limit=2)
    second, around_second = listed(limit=2, after=around_first["after"])
    assert (first, second) == ([0, 1], [2, 3])
    assert listed(limit=3, after=around_second["after"])[0] == [4, 5]
    assert listed(limit=2, before=around_second["before"])[0] == [0, 1]
    assert listed(limit=1, before=around_second["before"])[0] == [1]
    _, around_last = listed()
    assert listed(after=around_last["after"]) == ([], {})


def test_a_link_tells_no_token_that_came_in_the_header(small: InProcess) -> None:
    comment(small)
    _, page = graph(small, ANN, "GET", f"{POST_ID}/comments", limit=1)
    assert "after=" in page["paging"]["next"]
    assert "token" not in page["paging"]["next"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "ten"},
        {"limit": -1},
        {"after": "x"},
        {"after": "YXQ6MDE"},
        {"before": "é"},
        {"fields": "id,,message"},
        {"fields": "comments{"},
        {"fields": "comments{}"},
        {"fields": "id}"},
        {"fields": "{id}"},
        {"fields": "likes"},
        {"fields": "comments{comments}"},
    ],
)
def test_a_list_that_is_asked_for_wrongly_is_a_wrong_parameter(
    small: InProcess, wrong: dict[str, object]
) -> None:
    answer_publicly(small)
    assert code(graph(small, FOX, "GET", f"{POST_ID}/comments", **wrong)) == (400, 100)


def test_pages_subscribe_to_what_happens_to_them(small: InProcess) -> None:
    path = f"{PAGE_ID}/subscribed_apps"

    def subscribed() -> object:
        status, answer = graph(small, FOX, "GET", path)
        assert status == 200
        return [app["subscribed_fields"] for app in answer["data"]]

    assert subscribed() == []
    right: tuple[object, ...] = ("messages,feed", ["messages", "feed"], '["messages","feed"]')
    for fields in right:
        done = graph(small, FOX, "POST", path, subscribed_fields=fields)
        assert done == (200, {"success": True})
        assert subscribed() == [["feed", "messages"]]
    wrong: tuple[object, ...] = ("", "likes", "feed,", [], [1], "[", {}, None)
    for fields in wrong:
        assert code(graph(small, FOX, "POST", path, subscribed_fields=fields)) == (400, 100)
    assert code(graph(small, ANN, "POST", path, subscribed_fields="feed")) == (403, 200)
    for _ in range(2):
        assert graph(small, FOX, "DELETE", path) == (200, {"success": True})
        assert subscribed() == []
