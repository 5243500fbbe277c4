"""The platform's own client library, which knows nothing of this backend, pointed at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi, FacebookSession
from facebook_business.exceptions import FacebookRequestError

from dmsim.adapters.tokens import account_token
from tests.server.graph_client import COMMENT_ID, PAGE_ID, POST_ID
from tests.server.inprocess import ANN, CEM, FOX, MASTER
from tests.server.test_process import Served, served

LIMIT_S = 20.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "backend.db") as opened:
        opened.fill()
        yield opened


def client(running: Served, account: int) -> Any:
    token = account_token(MASTER, account)
    session = FacebookSession(app_secret="unused", access_token=token, timeout=LIMIT_S)
    session.GRAPH = f"http://{running.address}"
    return FacebookAdsApi(session)


def answered_publicly(api: Any, comment_id: str = COMMENT_ID) -> str:
    made = api.call("POST", (comment_id, "comments"), {"message": "On its way!"}).json()
    assert made["id"].startswith(f"{comment_id}_")
    return comment_id


def in_the_shape_of_2016(api: Any, comment_id: str) -> str:
    params = {"message": "Your order number?"}
    return str(api.call("POST", (comment_id, "private_replies"), params).json()["id"])


def in_the_shape_of_today(api: Any, comment_id: str) -> str:
    params = {"recipient": {"comment_id": comment_id}, "message": {"text": "Your order number?"}}
    sent = Page(PAGE_ID, api=api).create_message(params=params)
    assert sent["recipient_id"] == str(CEM)
    return str(sent["message_id"])


@pytest.mark.parametrize("send", [in_the_shape_of_2016, in_the_shape_of_today])
def test_it_sends_one_private_reply_and_reads_the_comment(running: Served, send: Any) -> None:
    api = client(running, FOX)
    fields = [
        Comment.Field.message,
        Comment.Field.field_from,
        Comment.Field.can_reply_privately,
        Comment.Field.private_reply_conversation,
    ]
    answered_publicly(api)
    before = Comment(COMMENT_ID, api=api).api_get(fields=fields)
    assert before[Comment.Field.field_from] == {"id": str(CEM), "name": "Cem Oak"}
    assert before[Comment.Field.can_reply_privately] is True
    assert Comment.Field.private_reply_conversation not in before

    assert send(api, COMMENT_ID).startswith("m_")

    after = Comment(COMMENT_ID, api=api).api_get(fields=fields)
    assert after[Comment.Field.can_reply_privately] is False
    assert after[Comment.Field.private_reply_conversation] == {"id": f"t_{CEM}"}

    with pytest.raises(FacebookRequestError) as refusal:
        send(api, COMMENT_ID)
    assert refusal.value.http_status() == 400
    assert refusal.value.api_error_code() == 10900
    assert refusal.value.api_error_type() == "OAuthException"
    assert refusal.value.api_error_message() == "(#10900) Activity already replied to"


def test_it_walks_along_the_comments_and_subscribes(running: Served) -> None:
    person = client(running, ANN)
    for number in range(7):
        person.call("POST", (POST_ID, "comments"), {"message": f"number {number}"})
    api = client(running, FOX)
    (post,) = Page(PAGE_ID, api=api).get_feed()
    found = list(post.get_comments(fields=["id", "message"], params={"limit": 3}))
    assert found[0]["id"] == COMMENT_ID
    assert [comment["message"] for comment in found[1:]] == [f"number {n}" for n in range(7)]

    page = Page(PAGE_ID, api=api)
    page.create_subscribed_app(params={"subscribed_fields": ["feed", "messages"]})
    (app,) = page.get_subscribed_apps()
    assert app["subscribed_fields"] == ["feed", "messages"]
    page.delete_subscribed_apps()
    assert not list(page.get_subscribed_apps())


def test_it_tells_a_wrong_token_from_a_wrong_page(running: Served) -> None:
    for account, code, status in ((10**6, 190, 401), (ANN, 200, 403)):
        with pytest.raises(FacebookRequestError) as refusal:
            answered_publicly(client(running, account))
        assert (refusal.value.api_error_code(), refusal.value.http_status()) == (code, status)
