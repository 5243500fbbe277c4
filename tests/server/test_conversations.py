"""Inboxes, requests and conversations as each side sees them, and what it may do with its own."""

import pytest

from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    COMMENT,
    FOX,
    HOUR,
    MINUTE,
    POLICY,
    PRIVATE_VIDEO,
    VIDEO,
    InProcess,
    accounts,
    settings,
    thread,
)
from tests.server.seen import conversations, entry, messages, requests, texts


def befriend(backend: InProcess, one: int, other: int) -> None:
    backend.act(one, "PUT", f"follows/{other}")
    backend.act(other, "PUT", f"follows/{one}")


@pytest.fixture
def crowd(empty: InProcess) -> InProcess:
    """Account 0 among 25 who have all written to it, the odd ones from long ago."""
    joined = [-400 * 24 * HOUR if n % 2 else 0 for n in range(26)]
    empty.fill({"accounts": accounts(26, joined=joined)})
    for author in range(1, 26):
        empty.send(author, 0)
    return empty


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("requests", list(range(25, 0, -2))),
        ("requests/filtered", list(range(24, 0, -2))),
    ],
)
def test_requests_come_in_pages(crowd: InProcess, path: str, expected: list[int]) -> None:
    found: list[int] = []
    cursor, pages = None, 0
    while True:
        before = "" if cursor is None else f"&before={cursor}"
        _, answer = crowd.act(0, "GET", f"{path}?limit=5{before}")
        assert len(answer["requests"]) <= 5
        found += [entry["peer"] for entry in answer["requests"]]
        cursor, pages = answer["next"], pages + 1
        if cursor is None:
            break
    assert (found, pages) == (expected, 3)


def test_a_page_of_the_inbox_goes_on_where_the_last_one_ended(crowd: InProcess) -> None:
    for peer in range(1, 7):
        crowd.act(0, "POST", f"requests/{peer}/accept")
    _, first = crowd.act(0, "GET", "inbox?limit=2")
    assert [entry["peer"] for entry in first["conversations"]] == [6, 5]
    crowd.send(3, 0)
    crowd.send(7, 0)
    _, second = crowd.act(0, "GET", f"inbox?limit=10&before={first['next']}")
    assert [entry["peer"] for entry in second["conversations"]] == [4, 2, 1]
    assert second["next"] is None
    assert crowd.act(0, "GET", "inbox?before=0")[1]["conversations"] == []


def test_a_list_that_ends_with_its_page_has_no_next(crowd: InProcess) -> None:
    assert crowd.act(0, "GET", "requests?limit=13")[1]["next"] is None
    assert crowd.act(0, "GET", "requests?limit=12")[1]["next"] is not None


def test_a_filtered_request_can_be_accepted(crowd: InProcess) -> None:
    assert crowd.say(0, "POST", "requests/2/accept") == "done"
    assert 2 not in requests(crowd, 0, "requests/filtered")
    assert conversations(crowd, 0) == [(2, 1)]


def test_who_writes_on_may_leave_the_filtered_ones(crowd: InProcess) -> None:
    crowd.now = 7 * 24 * HOUR
    assert crowd.send(2, 0) == "requests"
    assert requests(crowd, 0)[0] == 2
    assert 2 not in requests(crowd, 0, "requests/filtered")


def test_with_the_filter_off_all_are_requests(empty: InProcess) -> None:
    empty.fill({"accounts": accounts(2, joined=[0, 0])})
    assert empty.say(1, "PUT", "settings/request_filter", {"on": False}) == "done"
    assert empty.send(0, 1) == "requests"


def test_a_deleted_conversation_is_gone_for_one_side_alone(small: InProcess) -> None:
    befriend(small, ANN, BEN)
    for text in ("one", "two"):
        small.send(ANN, BEN, text)
    assert small.say(BEN, "DELETE", f"threads/{ANN}") == "done"
    assert conversations(small, BEN) == []
    assert small.say(BEN, "POST", f"threads/{ANN}/read") == "no_conversation"
    assert texts(small, ANN, BEN) == ["two", "one"]
    small.send(ANN, BEN, "three")
    assert conversations(small, BEN) == [(ANN, 1)]
    assert texts(small, BEN, ANN) == ["three"]
    assert texts(small, ANN, BEN) == ["three", "two", "one"]


def test_a_deleted_message_is_gone_for_one_side_alone(small: InProcess) -> None:
    befriend(small, ANN, BEN)
    for text in ("one", "two", "three"):
        small.send(ANN, BEN, text)
    assert small.say(BEN, "DELETE", f"threads/{ANN}/messages") == "done"
    assert entry(small, BEN, ANN)["unread"] == 2
    assert entry(small, BEN, ANN)["newest"]["text"] == "two"
    assert small.say(BEN, "DELETE", f"threads/{ANN}/messages") == "done"
    assert texts(small, BEN, ANN) == ["one"]
    assert texts(small, ANN, BEN) == ["three", "two", "one"]
    small.send(BEN, ANN, "four")
    assert texts(small, BEN, ANN) == ["four", "one"]
    for _ in range(2):
        assert small.say(BEN, "DELETE", f"threads/{ANN}/messages") == "done"
    assert small.say(BEN, "DELETE", f"threads/{ANN}/messages") == "no_conversation"
    assert conversations(small, BEN) == []


def test_messages_from_before_the_trace_can_be_deleted_though_nobody_knows_them(
    empty: InProcess,
) -> None:
    empty.fill_with(threads=thread(ANN, BEN, "accepted", other_unread=2, other_visible=2))
    assert entry(empty, BEN, ANN)["newest"] is None
    assert empty.say(BEN, "DELETE", f"threads/{ANN}/messages") == "done"
    assert conversations(empty, BEN) == [(ANN, 1)]
    assert empty.say(BEN, "DELETE", f"threads/{ANN}/messages") == "done"
    assert empty.say(BEN, "DELETE", f"threads/{ANN}/messages") == "no_conversation"
    assert conversations(empty, ANN) == [(BEN, 0)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "threads/{}/read"),
        ("GET", "threads/{}/read"),
        ("PUT", "threads/{}/mute"),
        ("DELETE", "threads/{}/mute"),
        ("DELETE", "threads/{}/messages"),
        ("DELETE", "threads/{}"),
        ("POST", "threads/{}/messages/report"),
        ("POST", "threads/{}/report"),
    ],
)
def test_a_conversation_must_be_there(small: InProcess, method: str, path: str) -> None:
    assert small.say(ANN, method, path.format(BEN)) == "no_conversation"


def test_a_muted_conversation_is_delivered_and_marked(small: InProcess) -> None:
    befriend(small, ANN, BEN)
    small.send(ANN, BEN)
    assert small.say(BEN, "PUT", f"threads/{ANN}/mute") == "done"
    assert small.send(ANN, BEN) == "inbox"
    seen = entry(small, BEN, ANN)
    assert (seen["muted"], seen["unread"]) == (True, 2)
    assert not entry(small, ANN, BEN)["muted"]
    assert small.say(BEN, "DELETE", f"threads/{ANN}/mute") == "done"
    assert not entry(small, BEN, ANN)["muted"]


def test_a_blocked_conversation_is_marked_for_the_blocker(small: InProcess) -> None:
    small.send(ANN, BEN)
    small.act(BEN, "PUT", f"blocks/{ANN}")
    _, answer = small.act(BEN, "GET", "requests")
    assert [entry["blocked"] for entry in answer["requests"]] == [True]
    assert small.act(BEN, "POST", f"threads/{ANN}/read")[1]["blocked"]
    assert not entry(small, ANN, BEN)["blocked"]
    small.act(BEN, "DELETE", f"blocks/{ANN}")
    _, answer = small.act(BEN, "GET", "requests")
    assert [entry["blocked"] for entry in answer["requests"]] == [False]


def test_reading_is_told_if_both_show_it(small: InProcess) -> None:
    path = f"threads/{BEN}/read"
    small.send(ANN, BEN)
    assert small.say(ANN, "GET", path) == "not_read"
    small.act(BEN, "POST", f"threads/{ANN}/read")
    assert small.say(ANN, "GET", path) == "shown"
    for account in (ANN, BEN):
        assert small.say(account, "PUT", "settings/read_status", {"on": False}) == "done"
        assert small.say(ANN, "GET", path) == "receipts_off"
        small.act(account, "PUT", "settings/read_status", {"on": True})
    small.send(ANN, BEN)
    assert small.say(ANN, "GET", path) == "not_read"


def test_opening_the_inbox_is_being_active_for_an_hour(small: InProcess) -> None:
    path = f"accounts/{BEN}/presence"
    assert small.say(ANN, "GET", path) == "not_active"
    small.act(BEN, "GET", "inbox")
    small.now = 60 * MINUTE
    assert small.say(ANN, "GET", path) == "shown"
    small.now += 1
    assert small.say(ANN, "GET", path) == "not_active"
    assert small.say(ANN, "GET", f"accounts/{CEM}/presence") == "not_active"


def test_accepting_follows_back_where_the_policy_says_so(empty: InProcess) -> None:
    empty.fill(policy=POLICY._replace(accepting_follows_back=True))
    empty.send(ANN, BEN)
    empty.act(BEN, "POST", f"requests/{ANN}/accept")
    empty.act(BEN, "DELETE", f"threads/{ANN}")
    empty.act(ANN, "PUT", f"follows/{BEN}")
    empty.act(BEN, "PUT", "settings/messages", {"setting": "friends"})
    assert empty.send(ANN, BEN) == "inbox"


def test_a_brand_has_three_messages_until_it_is_accepted(small: InProcess) -> None:
    for _ in range(2):
        assert small.send(FOX, ANN) == "requests"
    small.act(ANN, "DELETE", f"requests/{FOX}")
    assert small.send(FOX, ANN) == "requests", "a deleted request does not begin anew"
    assert small.send(FOX, ANN) == "business_limit"
    small.act(ANN, "POST", f"requests/{FOX}/accept")
    for _ in range(4):
        assert small.send(FOX, ANN) == "inbox"


def test_a_deleted_request_begins_anew_where_the_policy_says_so(empty: InProcess) -> None:
    empty.fill(policy=POLICY._replace(deleting_resets_business_limit=True))
    for _ in range(3):
        for _ in range(3):
            assert empty.send(FOX, ANN) == "requests"
        assert empty.send(FOX, ANN) == "business_limit"
        empty.act(ANN, "DELETE", f"requests/{FOX}")


def test_allowing_business_messages_lets_brands_ask(empty: InProcess) -> None:
    empty.fill_with(settings=settings(a0="friends"))
    assert empty.send(FOX, ANN) == "setting"
    assert empty.say(ANN, "PUT", "settings/business_messages", {"on": True}) == "done"
    assert empty.send(FOX, ANN) == "requests"


def test_what_moderation_detects_never_arrives(small: InProcess) -> None:
    assert small.send(ANN, BEN, violation="severe", detected=True) == "removed"
    assert (requests(small, BEN), conversations(small, ANN)) == ([], [])
    assert small.send(ANN, BEN, violation="severe") == "requests"


def test_messages_tell_what_they_carry(small: InProcess) -> None:
    befriend(small, ANN, BEN)
    small.send(ANN, BEN, "ha", content="gif")
    small.send(ANN, BEN, "wave", content="sticker", sticker_set=3)
    share = {"content": "hashtag", "id": 12, "fanout": 4}
    assert small.say(ANN, "POST", f"threads/{BEN}/shares", share) == "inbox"
    shown = [(m["content"], m.get("uses"), m["text"]) for m in messages(small, BEN, ANN)]
    assert shown == [("hashtag", 12, ""), ("sticker", 3, "wave"), ("gif", None, "ha")]


def test_stickers_need_their_set(small: InProcess) -> None:
    sticker: dict[str, object] = {"content": "sticker", "sticker_set": 3}
    assert small.send(ANN, BEN, **sticker) == "requests"
    assert small.send(CEM, BEN, **sticker) == "sticker_set_missing"
    assert small.send(CEM, BEN, content="sticker") == "sticker_set_missing"
    small.act(CEM, "PUT", "sticker_sets/3")
    assert small.send(CEM, BEN, **sticker) == "requests"


def test_the_panel_keeps_the_order_that_its_owner_gives_it(small: InProcess) -> None:
    def panel() -> list[int]:
        return list(small.act(ANN, "GET", "sticker_sets")[1]["sticker_sets"])

    assert panel() == [3, 7]
    for added in (11, 5, 3):
        assert small.say(ANN, "PUT", f"sticker_sets/{added}") == "done"
    assert panel() == [3, 7, 11, 5]
    assert small.say(ANN, "POST", "sticker_sets/11/front") == "done"
    assert panel() == [11, 3, 7, 5]
    assert small.say(ANN, "DELETE", "sticker_sets/3") == "done"
    assert panel() == [11, 7, 5]
    assert small.say(ANN, "DELETE", "sticker_sets/3") == "sticker_set_missing"
    assert small.say(ANN, "POST", "sticker_sets/3/front") == "sticker_set_missing"


def test_there_are_regions_without_stickers(empty: InProcess) -> None:
    empty.fill({"accounts": accounts(2, region=["without_stickers", "with_stickers"])})
    assert empty.say(0, "PUT", "sticker_sets/1") == "stickers_unavailable"
    assert empty.send(0, 1, content="sticker", sticker_set=1) == "stickers_unavailable"
    assert empty.say(1, "PUT", "sticker_sets/1") == "done"


def test_a_shared_video_becomes_unavailable_once_it_is_private(small: InProcess) -> None:
    share = {"content": "video", "id": VIDEO, "text": "look"}
    assert small.say(ANN, "POST", f"threads/{BEN}/shares", share) == "requests"
    assert small.say(ANN, "POST", f"threads/{CEM}/shares", share) == "setting"
    small.act(ANN, "PUT", f"follows/{CEM}")
    small.act(CEM, "PUT", f"follows/{ANN}")
    assert small.say(ANN, "POST", f"threads/{CEM}/shares", share) == "inbox"

    def available(account: int, peer: int) -> bool:
        (message,) = messages(small, account, peer)
        assert (message["content"], message["uses"]) == ("video", VIDEO)
        return bool(message["available"])

    assert available(CEM, ANN)
    private = f"videos/{VIDEO}/privacy"
    assert small.say(ANN, "PUT", private, {"private": True}) == "not_author"
    assert small.say(BEN, "PUT", private, {"private": True}) == "done"
    assert not available(CEM, ANN)
    assert not available(ANN, BEN)
    assert available(BEN, ANN), "its author can still watch it"
    assert not entry(small, CEM, ANN)["newest"]["available"]
    assert small.say(ANN, "POST", f"threads/{CEM}/shares", share) == "content_private"
    assert small.say(ANN, "POST", f"videos/{VIDEO}/watch") == "content_private"
    assert small.say(BEN, "POST", f"videos/{VIDEO}/watch") == "done"
    small.act(BEN, "PUT", private, {"private": False})
    assert available(CEM, ANN)


def test_who_is_blocked_cannot_watch(small: InProcess) -> None:
    assert small.say(ANN, "POST", f"videos/{VIDEO}/watch") == "done"
    small.act(BEN, "PUT", f"blocks/{ANN}")
    assert small.say(ANN, "POST", f"videos/{VIDEO}/watch") == "blocked"


def test_a_search_finds_names_and_public_videos(small: InProcess) -> None:
    _, found = small.act(CEM, "GET", "search?q=ASH")
    assert (found["accounts"], found["videos"]) == ([0, 1, 6], [VIDEO])
    assert PRIVATE_VIDEO not in found["videos"]
    assert small.act(ANN, "GET", "search?q=nobody")[1]["accounts"] == []


def test_a_private_reply_opens_a_request_once(small: InProcess) -> None:
    small.act(FOX, "POST", f"comments/{COMMENT}/replies", {"text": "see your messages"})
    small.act(FOX, "POST", f"comments/{COMMENT}/private_reply", {"text": "we look into it"})
    assert texts(small, CEM, FOX) == ["we look into it"]
    assert small.send(FOX, CEM) == "setting"


def test_each_requester_has_a_count_of_his_own(empty: InProcess) -> None:
    empty.fill(policy=POLICY._replace(stranger_message_limit=2))
    assert [empty.send(BEN, ANN) for _ in range(3)] == ["requests", "requests", "stranger_limit"]
    empty.act(ANN, "DELETE", f"requests/{BEN}")
    assert [empty.send(ANN, BEN) for _ in range(3)] == ["requests", "requests", "stranger_limit"]


def test_looking_at_a_conversation_from_outside_changes_nothing(small: InProcess) -> None:
    befriend(small, ANN, BEN)
    assert small.act(BEN, "GET", f"threads/{ANN}") == (200, {"outcome": "done", "id": None})
    _, sent = small.act(ANN, "POST", f"threads/{BEN}/messages", {"text": "hello"})
    assert small.act(BEN, "GET", f"threads/{ANN}") == (200, {"outcome": "done", "id": sent["id"]})
    assert conversations(small, BEN) == [(ANN, 1)]
    small.act(BEN, "DELETE", f"threads/{ANN}/messages")
    assert small.act(BEN, "GET", f"threads/{ANN}")[1]["id"] is None
    assert small.act(ANN, "GET", f"threads/{BEN}")[1]["id"] == sent["id"]
