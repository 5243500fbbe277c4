"""The reference backend's interface, as the replay writes and reads it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import Encoder, Outcome
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.adapters.tokens import account_token, clock_key
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Kind,
    Reason,
    Setting,
    Standing,
    Verdict,
    Via,
    Violation,
    names,
    word,
)
from tests.adapters.requests import HOST, TEXTS, TOKEN, Request, parsed, row
from tests.samples import write_trace


def encoder(*, timed: bool = False, authority: str = HOST) -> Encoder:
    return ReferenceAdapter(TOKEN).encoder(authority, range(3), TEXTS, timed=timed)


def sent(action: Action, **columns: int) -> Request:
    request = parsed(encoder()(row(action, **columns), b""))
    assert request.headers["Content-Type"] == ("application/json" if request.body else None)
    return request


#: Method and path of each action.
INTERFACE: dict[Action, tuple[str, str]] = {
    Action.OPEN_INBOX: ("GET", "/v1/inbox"),
    Action.LIST_REQUESTS: ("GET", "/v1/requests"),
    Action.LIST_FILTERED: ("GET", "/v1/requests/filtered"),
    Action.READ_THREAD: ("POST", "/v1/threads/2/read"),
    Action.SEND_MESSAGE: ("POST", "/v1/threads/2/messages"),
    Action.SHARE_CONTENT: ("POST", "/v1/threads/2/shares"),
    Action.ACCEPT_REQUEST: ("POST", "/v1/requests/2/accept"),
    Action.DELETE_REQUEST: ("DELETE", "/v1/requests/2"),
    Action.REPORT_REQUEST: ("POST", "/v1/requests/2/report"),
    Action.REPORT_MESSAGE: ("POST", "/v1/threads/2/messages/report"),
    Action.REPORT_CONVERSATION: ("POST", "/v1/threads/2/report"),
    Action.REPORT_ACCOUNT: ("POST", "/v1/accounts/2/report"),
    Action.REPORT_CONTENT: ("POST", "/v1/videos/70/report"),
    Action.MUTE_CONVERSATION: ("PUT", "/v1/threads/2/mute"),
    Action.UNMUTE_CONVERSATION: ("DELETE", "/v1/threads/2/mute"),
    Action.DELETE_MESSAGE: ("DELETE", "/v1/threads/2/messages"),
    Action.DELETE_CONVERSATION: ("DELETE", "/v1/threads/2"),
    Action.CHECK_READ: ("GET", "/v1/threads/2/read"),
    Action.CHECK_PRESENCE: ("GET", "/v1/accounts/2/presence"),
    Action.BLOCK_USER: ("PUT", "/v1/blocks/2"),
    Action.UNBLOCK_USER: ("DELETE", "/v1/blocks/2"),
    Action.FOLLOW: ("PUT", "/v1/follows/2"),
    Action.UNFOLLOW: ("DELETE", "/v1/follows/2"),
    Action.SEARCH_CONTENT: ("GET", "/v1/search?q=dance"),
    Action.WATCH_VIDEO: ("POST", "/v1/videos/70/watch"),
    Action.CHANGE_VIDEO_PRIVACY: ("PUT", "/v1/videos/70/privacy"),
    Action.LIST_STICKER_SETS: ("GET", "/v1/sticker_sets"),
    Action.ADD_STICKER_SET: ("PUT", "/v1/sticker_sets/70"),
    Action.REMOVE_STICKER_SET: ("DELETE", "/v1/sticker_sets/70"),
    Action.REORDER_STICKER_SETS: ("POST", "/v1/sticker_sets/70/front"),
    Action.CHANGE_SETTING: ("PUT", "/v1/settings/messages"),
    Action.CHANGE_READ_STATUS: ("PUT", "/v1/settings/read_status"),
    Action.CHANGE_REQUEST_FILTER: ("PUT", "/v1/settings/request_filter"),
    Action.CHANGE_BUSINESS_MESSAGES: ("PUT", "/v1/settings/business_messages"),
    Action.CHANGE_NOTIFICATIONS: ("PUT", "/v1/settings/notifications"),
    Action.REGISTER: ("POST", "/v1/accounts"),
    Action.RESTRICT_TEEN: ("PUT", "/v1/family/2/restriction"),
    Action.MODERATE: ("POST", "/v1/staff/accounts/2/decisions"),
    Action.STAFF_ACCESS: ("GET", "/v1/staff/accounts/2/reports"),
    Action.COMMENT: ("POST", "/v1/posts/70/comments"),
    Action.PUBLIC_REPLY: ("POST", "/v1/comments/70/replies"),
    Action.PRIVATE_REPLY: ("POST", "/v1/comments/70/private_reply"),
    Action.READ_COMMENT: ("GET", "/v1/comments/70"),
    Action.RESOLVE: ("POST", "/v1/cases/2/resolve"),
    Action.HAND_OFF: ("POST", "/v1/cases/2/hand_off"),
    Action.FOLLOW_UP: ("POST", "/v1/threads/2/follow_ups"),
    Action.MAILING: ("POST", "/v1/threads/2/mailings"),
    Action.SPONSORED_MESSAGE: ("POST", "/v1/threads/2/sponsored"),
}

#: What each body says, by the columns that make it.
BODIES: list[tuple[Action, dict[str, int], dict[str, Any]]] = [
    (Action.SEND_MESSAGE, {"text": 0}, {"text": "hello", "via": "chat"}),
    (
        Action.SEND_MESSAGE,
        {"text": 1, "content": ContentKind.TEXT, "via": Via.NEW_CHAT},
        {"text": TEXTS[1].text, "via": "new_chat"},
    ),
    (
        Action.SEND_MESSAGE,
        {"text": 2, "content": ContentKind.EMOJI},
        {"text": TEXTS[2].text, "violation": "minor", "content": "emoji", "via": "chat"},
    ),
    (
        Action.SEND_MESSAGE,
        {"text": 3, "content": ContentKind.GIF},
        {
            "text": TEXTS[3].text, "violation": "severe", "detected": True, "content": "gif",
            "via": "chat",
        },
    ),
    (
        Action.SEND_MESSAGE,
        {"text": 0, "content": ContentKind.STICKER, "uses": 23, "via": Via.STICKER_PANEL},
        {"text": "hello", "content": "sticker", "sticker_set": 23, "via": "sticker_panel"},
    ),
    (
        Action.SEND_MESSAGE,
        {"text": 0, "content": ContentKind.STICKER, "uses": 0},
        {"text": "hello", "content": "sticker", "sticker_set": 0, "via": "chat"},
    ),
    (
        Action.SHARE_CONTENT,
        {"content": ContentKind.VIDEO, "uses": 3 << 40 | 9, "via": Via.SHARE_SHEET},
        {"content": "video", "id": 3 << 40 | 9, "via": "share_sheet"},
    ),
    (
        Action.SHARE_CONTENT,
        {"content": ContentKind.SOUND, "text": 4, "fanout": 1 << 40},
        {
            "content": "sound", "id": 70, "text": TEXTS[4].text, "detected": True, "via": "chat",
            "fanout": 1 << 40,
        },
    ),
    (
        Action.SHARE_CONTENT,
        {"content": ContentKind.HASHTAG, "text": 3},
        {
            "content": "hashtag", "id": 70, "text": TEXTS[3].text, "violation": "severe",
            "detected": True, "via": "chat",
        },
    ),
    (
        Action.SHARE_CONTENT,
        {"content": ContentKind.EFFECT, "fanout": 0},
        {"content": "effect", "id": 70, "via": "chat", "fanout": 0},
    ),
    (Action.COMMENT, {"text": 1}, {"text": TEXTS[1].text}),
    (Action.FOLLOW_UP, {"text": 0}, {"text": "hello"}),
    (Action.MAILING, {"text": 1}, {"text": TEXTS[1].text}),
    (Action.SPONSORED_MESSAGE, {"text": 0}, {"text": "hello"}),
    *(
        (action, {"text": 0, "switch": switch}, {"text": "hello", member: bool(switch)})
        for switch in (0, 1)
        for action, member in (
            (Action.PUBLIC_REPLY, "announces"),
            (Action.PRIVATE_REPLY, "personal"),
        )
    ),
    *((action, {}, {"comment": 70}) for action in (Action.RESOLVE, Action.HAND_OFF)),
    *((action, {"uses": -1}, {"comment": None}) for action in (Action.RESOLVE, Action.HAND_OFF)),
    *((Action.CHANGE_SETTING, {"setting": int(s)}, {"setting": word(s)}) for s in Setting),
    *(
        (action, {"switch": switch}, {member: bool(switch)})
        for switch in (0, 1)
        for action, member in (
            (Action.CHANGE_VIDEO_PRIVACY, "private"),
            (Action.CHANGE_READ_STATUS, "on"),
            (Action.CHANGE_REQUEST_FILTER, "on"),
            (Action.CHANGE_BUSINESS_MESSAGES, "on"),
            (Action.CHANGE_NOTIFICATIONS, "on"),
            (Action.RESTRICT_TEEN, "on"),
        )
    ),
    (
        Action.MODERATE,
        {"violation": Violation.SEVERE, "until": 10**13, "switch": 1},
        {"violation": "severe", "until": 10**13, "closes_report": True},
    ),
    (
        Action.MODERATE,
        {"violation": Violation.NONE, "switch": 0},
        {"violation": "none", "until": None, "closes_report": False},
    ),
    (Action.MODERATE, {}, {"violation": "none", "until": None, "closes_report": False}),
]  # fmt: skip
WITH_BODY = {action for action, _, _ in BODIES}


def test_the_tables_here_hold_every_action() -> None:
    assert set(INTERFACE) == set(Action)
    assert all(ReferenceAdapter(TOKEN).supports(action) for action in Action)


@pytest.mark.parametrize("action", Action)
def test_an_action_has_its_method_and_path(action: Action) -> None:
    request = sent(action, text=0, setting=0, content=0)
    assert (request.method, request.path) == INTERFACE[action]
    assert (request.body is not None) == (action in WITH_BODY)


@pytest.mark.parametrize(("action", "columns", "body"), BODIES)
def test_a_body_is_made_of_the_columns(
    action: Action, columns: dict[str, int], body: dict[str, Any]
) -> None:
    assert sent(action, **columns).body == body


@pytest.mark.parametrize("action", Action)
def test_every_request_speaks_for_its_actor_and_keeps_the_connection(action: Action) -> None:
    for timed in (False, True):
        request = parsed(encoder(timed=timed)(row(action, text=0, setting=0, content=0), b""))
        assert request.headers.get_all("Host") == [HOST]
        token = account_token(TOKEN, 1)
        assert request.headers.get_all("Authorization") == [f"Bearer {token}"]
        assert "Connection" not in request.headers


@pytest.mark.parametrize("action", Action)
def test_a_request_carries_the_traces_time_where_the_backend_takes_it(action: Action) -> None:
    asked = row(action, at=1_209_600_000_123, text=0, setting=0, content=0)
    told = parsed(encoder(timed=True)(asked, b"")).headers.get_all("X-Dmsim-Time")
    assert told == [f"1209600000123.{clock_key(TOKEN)}"]
    assert "X-Dmsim-Time" not in parsed(encoder()(asked, b"")).headers


@given(st.sampled_from(Action), st.data())
def test_whatever_the_columns_hold_a_request_is_one_request(action: Action, data: Any) -> None:
    ids = st.integers(0, 1 << 62)
    columns = {
        "target": ids, "uses": ids, "at": ids, "until": st.integers(-1, 1 << 62),
        "fanout": st.integers(-1, 1 << 62), "text": st.sampled_from([-1, *TEXTS]),
        "setting": st.sampled_from(Setting), "content": st.sampled_from(ContentKind),
        "switch": st.integers(-1, 1), "violation": st.sampled_from([-1, *Violation]),
        "via": st.sampled_from(Via),
    }  # fmt: skip
    drawn = {name: int(data.draw(values)) for name, values in columns.items()}
    request = parsed(encoder(timed=True)(row(action, **drawn), b""))
    assert request.method == INTERFACE[action][0]


def test_a_zone_in_the_address_is_left_as_it_is() -> None:
    request = parsed(encoder(authority="[fe80::1%25eth0]:80")(row(Action.OPEN_INBOX), b""))
    assert request.headers["Host"] == "[fe80::1%25eth0]:80"


@pytest.mark.parametrize(
    ("created", "path"),
    [
        (b"7", "/v1/comments/7/replies"),
        (b'"c-7"', "/v1/comments/c-7/replies"),
        (b'"7/../8"', "/v1/comments/7%2F..%2F8/replies"),
        (b'"7 HTTP/1.1\\r\\nX: y"', "/v1/comments/7%20HTTP%2F1.1%0D%0AX%3A%20y/replies"),
    ],
)
def test_an_id_that_the_backend_made_up_stays_one_part_of_a_path(created: bytes, path: str) -> None:
    adapter = ReferenceAdapter(TOKEN)
    outcome = adapter.decode(Action.COMMENT, 201, b'{"outcome":"done","id":%b}' % created)
    assert parsed(encoder()(row(Action.PUBLIC_REPLY, text=0), outcome.bound)).path == path


@pytest.mark.parametrize(
    ("created", "comment"),
    [
        (b"7", 7),
        (b'"c-7"', "c-7"),
        (b'"7/\\u00fc\\"}"', '7/ü"}'),
        (b'"%b"' % (b"9" * 5000), "9" * 5000),
    ],
)
@pytest.mark.parametrize("action", [Action.RESOLVE, Action.HAND_OFF])
def test_the_end_of_a_case_names_its_comment_as_the_backend_called_it(
    action: Action, created: bytes, comment: object
) -> None:
    adapter = ReferenceAdapter(TOKEN)
    outcome = adapter.decode(Action.COMMENT, 201, b'{"outcome":"done","id":%b}' % created)
    request = parsed(encoder()(row(action), outcome.bound))
    assert (request.path, request.body) == (INTERFACE[action][1], {"comment": comment})


def test_the_backend_writes_reasons_themselves() -> None:
    assert encoder().sign(row(Action.PRIVATE_REPLY), "already_replied") == ""


def decoded(status: int, body: bytes) -> Outcome:
    return ReferenceAdapter(TOKEN).decode(Action.SEND_MESSAGE, status, body)


@pytest.mark.parametrize("verdict", names(Verdict))
def test_an_answer_carries_the_outcome(verdict: str) -> None:
    assert decoded(200, b'{"outcome":"%b"}' % verdict.encode()) == Outcome(verdict)
    assert decoded(201, b'{"outcome":"%b","id":9}' % verdict.encode()) == Outcome(verdict, "", b"9")


@pytest.mark.parametrize(
    ("status", "verdict"), [(403, "refused"), (200, "removed"), (200, "hidden"), (200, "shown")]
)
@pytest.mark.parametrize("reason", names(Reason))
def test_an_answer_may_carry_a_reason(status: int, verdict: str, reason: str) -> None:
    body = json.dumps({"reason": reason, "outcome": verdict, "more": [1, {"a": None}]}).encode()
    assert decoded(status, body) == Outcome(verdict, reason)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 422])
def test_a_request_that_is_refused_as_such_is_an_outcome_that_no_rule_demands(status: int) -> None:
    assert decoded(status, b'{"error":"no"}') == Outcome(f"status_{status}")


@pytest.mark.parametrize("status", [301, 401, 408, 429, 500, 503])
def test_other_statuses_say_nothing_about_the_rules(status: int) -> None:
    assert decoded(status, b'{"outcome":"inbox"}') == Outcome("", error=f"status {status}")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b"ok", b"\xff", b'{"outcome":7}', b'{"outcome":"inbox"',
        b'{"outcome":"\xff"}', b'{"outcome":"\\ud800"}', b'{"outcome":"done","id":{}}',
        b'{"outcome":"done","id":' + b"9" * 5000 + b"}",
        b'{"outcome":"done","deep":' + b"[" * 100_000,
        b'{"error":"only the page may answer"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 403])
def test_garbage_says_nothing_about_the_rules(status: int, body: bytes) -> None:
    assert decoded(status, body) == Outcome(
        "", error=f"status {status} with a body that is no answer"
    )


@given(st.integers(100, 599), st.binary() | st.text().map(str.encode))
def test_decoding_never_raises(status: int, body: bytes) -> None:
    assert isinstance(decoded(status, body), Outcome)


@pytest.mark.parametrize(
    ("body", "takes"),
    [
        (b'{"status":"ok","simulated_time":true}', True),
        (b'{"status":"ok","simulated_time":false}', False),
        (b'{"status":"ok"}', False),
        (b'{"simulated_time":"yes"}', False),
        (b"", False),
        (b"[" * 100_000, False),
    ],
)
def test_a_backend_says_whether_it_takes_simulated_time(body: bytes, takes: bool) -> None:
    assert ReferenceAdapter(TOKEN).takes_time(body) is takes


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    record = {"account": 1, "standing": word(Standing.DM_BANNED), "worst": "minor"}
    return write_trace(tmp_path / "trace", [], standings=[record])


def test_provisioning_loads_every_table_of_the_initial_state_and_tells_the_time(
    trace: Trace,
) -> None:
    first, *loads, last = ReferenceAdapter(TOKEN).provisioning(trace)
    assert first.path == "/v1/admin/reset"
    assert {load.path for load in loads} == {"/v1/admin/load"}
    loaded = {(body := json.loads(load.body))["table"]: body["columns"] for load in loads}
    filled = {table for table in INITIAL if trace.table(table).height}
    assert set(loaded) == {Path(table.path).stem for table in filled}
    for table in filled:
        assert list(loaded[Path(table.path).stem]) == list(table.columns)
    assert set(loaded["accounts"]["kind"]) == {word(Kind.PERSON), word(Kind.BRAND)}
    assert loaded["standings"]["standing"] == ["dm_banned"]
    assert last.path == "/v1/admin/ready"
    assert json.loads(last.body) == {
        "digest": trace.manifest.digest,
        "policy": trace.manifest.policy,
        "now": trace.manifest.from_us,
    }


def test_provisioning_counts_its_rows(trace: Trace) -> None:
    requests = list(ReferenceAdapter(TOKEN).provisioning(trace))
    rows = sum(trace.table(table).height for table in INITIAL)
    assert sum(request.rows for request in requests) == rows
