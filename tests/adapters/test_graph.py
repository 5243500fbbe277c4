"""The Graph API's shape, as the replay writes and reads it."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dmsim.adapters import adapter_named
from dmsim.adapters.base import Encoder, Outcome, Pages
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.adapters.tokens import account_token, clock_key
from dmsim.replay.judge import same
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict, Via, word
from tests.adapters.requests import HOST, TEXTS, TOKEN, Request, parsed, row

#: Account 1 is a page; of its posts 7 has comment 70, of page 9's 8 has 71.
PAGES = Pages(brands=frozenset({1, 9}), posts={7: 1, 8: 9}, comments={70: 7, 71: 8})
LEGACY = PAGES._replace(profile="2016")
COMMENT = "1_7_70"
FIELDS = (
    "?fields=id,message,from,created_time,parent,can_reply_privately,private_reply_conversation,"
    "comments"
)

#: What pages do over the Graph API, and comments.
TOLD = (
    Action.COMMENT,
    Action.PUBLIC_REPLY,
    Action.PRIVATE_REPLY,
    Action.SEND_MESSAGE,
    Action.MAILING,
    Action.READ_COMMENT,
)
DELIVERED = ("inbox", "requests", "filtered")


def encoder(pages: Pages = PAGES, *, timed: bool = False) -> Encoder:
    return GraphAdapter(TOKEN).encoder(HOST, range(10), TEXTS, timed=timed, pages=pages)


def sent(action: Action, pages: Pages = PAGES, bound: bytes = b"", **columns: int) -> Request:
    text = {} if action == Action.READ_COMMENT else {"text": 0}
    given = {"content": ContentKind.TEXT, **text, **columns}
    return parsed(encoder(pages)(row(action, **given), bound))


def message(text: str, recipient: dict[str, str], kind: str, **more: str) -> dict[str, Any]:
    return {"recipient": recipient, "message": {"text": text}, "messaging_type": kind, **more}


@pytest.mark.parametrize(
    ("action", "columns", "path", "body"),
    [
        (
            Action.COMMENT, {"actor": 2, "target": 1, "uses": 7, "text": 1}, "1_7/comments",
            {"message": TEXTS[1].text},
        ),
        (Action.COMMENT, {"actor": 2, "uses": 8, "text": 2}, "9_8/comments",
            {"message": TEXTS[2].text}),
        (Action.PUBLIC_REPLY, {"text": 1}, f"{COMMENT}/comments", {"message": TEXTS[1].text}),
        (
            Action.PRIVATE_REPLY, {"text": 1, "switch": 1}, "1/messages",
            message(TEXTS[1].text, {"comment_id": COMMENT}, "RESPONSE"),
        ),
        (
            Action.SEND_MESSAGE, {"via": Via.CARE_DESK}, "1/messages",
            message("hello", {"id": "2"}, "MESSAGE_TAG", tag="HUMAN_AGENT"),
        ),
        *(
            (
                Action.SEND_MESSAGE, {"via": via, "text": 1}, "1/messages",
                message(TEXTS[1].text, {"id": "2"}, "RESPONSE"),
            )
            for via in (Via.CHAT, Via.SEARCH, Via.CAMPAIGN, Via.INBOX)
        ),
        (
            Action.MAILING, {"via": Via.CAMPAIGN}, "1/messages",
            message("hello", {"id": "2"}, "UPDATE"),
        ),
        (Action.READ_COMMENT, {"target": 1}, COMMENT + FIELDS, None),
        (Action.READ_COMMENT, {"target": -1}, COMMENT + FIELDS, None),
    ],
)  # fmt: skip
def test_what_a_page_does_has_its_path_and_body(
    action: Action, columns: dict[str, int], path: str, body: Any
) -> None:
    request = sent(action, PAGES, b"", **columns)
    assert request.path == f"/v23.0/{path}"
    assert request.method == ("GET" if body is None else "POST")
    assert request.body == body


@pytest.mark.parametrize(
    ("action", "path"),
    [
        (Action.PRIVATE_REPLY, f"{COMMENT}/private_replies"),
        (Action.PUBLIC_REPLY, f"{COMMENT}/comments"),
    ],
)
def test_in_2016_a_private_reply_was_written_to_the_comment(action: Action, path: str) -> None:
    request = sent(action, LEGACY, text=1)
    assert (request.method, request.path) == ("POST", f"/v2.5/{path}")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.body == {"message": TEXTS[1].text}


@pytest.mark.parametrize("pages", [PAGES, LEGACY])
def test_a_comment_made_in_the_replay_has_the_id_that_the_backend_gave(pages: Pages) -> None:
    made = GraphAdapter(TOKEN).decode(Action.COMMENT, 200, b'{"id":"1_7_905"}')
    assert made == Outcome("done", bound=b"1_7_905")
    reply = sent(Action.PUBLIC_REPLY, pages, made.bound)
    assert reply.path.endswith("/1_7_905/comments")
    private = sent(Action.PRIVATE_REPLY, pages, made.bound)
    assert "1_7_905" in private.path + json.dumps(private.body)
    look = sent(Action.READ_COMMENT, pages, made.bound, target=1)
    assert look.path.endswith("/1_7_905" + FIELDS)


def test_the_other_interface_knows_a_new_comment_by_the_last_part_of_its_id() -> None:
    read = sent(Action.READ_COMMENT, bound=b"1_7_905", actor=2, target=1)
    assert (read.method, read.path) == ("GET", "/v1/comments/905")
    resolved = sent(Action.RESOLVE, bound=b"1_7_905")
    assert (resolved.path, resolved.body) == ("/v1/cases/2/resolve", {"comment": 905})


@pytest.mark.parametrize(
    ("action", "columns"),
    [
        *((action, {}) for action in Action if action not in TOLD),
        # Persons, and what somebody else's page sees.
        (Action.SEND_MESSAGE, {"actor": 2, "target": 1}),
        (Action.READ_COMMENT, {"actor": 2, "target": 1}),
        (Action.READ_COMMENT, {"actor": 1, "target": 9, "uses": 71}),
        # What a text's label says, which content it is, and by which path it came.
        (Action.SEND_MESSAGE, {"text": 2}),
        (Action.PRIVATE_REPLY, {"text": 3}),
        (Action.MAILING, {"text": 4}),
        (Action.SEND_MESSAGE, {"content": ContentKind.GIF}),
        (Action.SEND_MESSAGE, {"content": ContentKind.STICKER}),
        (Action.SEND_MESSAGE, {"via": Via.PROFILE}),
        (Action.SEND_MESSAGE, {"via": Via.NEW_CHAT}),
        # A post that the trace does not have.
        (Action.COMMENT, {"actor": 2, "uses": 6}),
    ],
)
def test_what_the_graph_api_cannot_tell_goes_over_the_other_interface(
    action: Action, columns: dict[str, int]
) -> None:
    asked = row(action, **{"text": 0, "setting": 0, "content": ContentKind.TEXT, **columns})
    reference = ReferenceAdapter(TOKEN).encoder(HOST, range(10), TEXTS)
    assert encoder()(asked, b"") == reference(asked, b"")
    assert all(encoder().sign(asked, word(reason)) == "" for reason in Reason)


@pytest.mark.parametrize("action", [Action.PUBLIC_REPLY, Action.PRIVATE_REPLY])
def test_a_comment_that_nobody_wrote_gets_an_id_that_nobody_has(action: Action) -> None:
    request = sent(action, uses=72)
    assert "0_0_72" in request.path + json.dumps(request.body)


@pytest.mark.parametrize("action", TOLD)
@pytest.mark.parametrize("pages", [PAGES, LEGACY])
def test_every_request_speaks_for_its_actor_and_tells_the_time(
    action: Action, pages: Pages
) -> None:
    told = {"uses": 7} if action == Action.COMMENT else {"target": 1}
    asked = row(action, **{"at": 77, "text": 0, "content": ContentKind.TEXT, **told})
    for timed in (False, True):
        headers = parsed(encoder(pages, timed=timed)(asked, b"")).headers
        assert headers.get_all("Host") == [HOST]
        assert headers.get_all("Authorization") == [f"Bearer {account_token(TOKEN, 1)}"]
        told_times = headers.get_all("X-Dmsim-Time")
        assert told_times == ([f"77.{clock_key(TOKEN)}"] if timed else None)
        assert "Connection" not in headers


@given(st.sampled_from(Action), st.sampled_from([PAGES, LEGACY, Pages()]), st.data())
def test_whatever_the_columns_hold_a_request_is_one_request(
    action: Action, pages: Pages, data: Any
) -> None:
    ids = st.integers(-1, 1 << 62)
    columns = {
        "actor": st.sampled_from([1, 2, 9]), "target": ids, "at": st.integers(0, 1 << 62),
        "uses": st.sampled_from([7, 8, 70, 71]) | ids, "until": ids, "fanout": ids,
        "text": st.sampled_from([-1, *TEXTS]), "setting": st.integers(0, 3),
        "content": st.sampled_from(ContentKind), "switch": st.integers(-1, 1),
        "via": st.sampled_from(Via),
    }  # fmt: skip
    drawn = {name: int(data.draw(values)) for name, values in columns.items()}
    bound = data.draw(st.sampled_from([b"", b"1_7_905"]))
    request = parsed(encoder(pages, timed=True)(row(action, **drawn), bound))
    assert request.path.startswith("/v")
    assert "%b" not in request.path
    assert "%d" not in request.path


def decoded(action: Action, status: int, body: object) -> Outcome:
    return GraphAdapter(TOKEN).decode(action, status, json.dumps(body).encode())


def refused(code: int, subcode: int | None = None, status: int = 400) -> Outcome:
    """What the envelope of an error says."""
    error = {"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "x"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return decoded(Action.PRIVATE_REPLY, status, {"error": error})


@pytest.mark.parametrize(
    ("action", "body", "outcome"),
    [
        (Action.COMMENT, {"id": "1_7_905"}, Outcome("done", bound=b"1_7_905")),
        (Action.PUBLIC_REPLY, {"id": "1_7_905_3"}, Outcome("done")),
        (Action.READ_COMMENT, {"id": COMMENT}, Outcome("hidden", "no_private_reply")),
        (
            Action.READ_COMMENT,
            {"id": COMMENT, "message": "?", "private_reply_conversation": {"id": "t_2"}},
            Outcome("shown"),
        ),
    ],
)
def test_an_answer_says_what_was_done(action: Action, body: object, outcome: Outcome) -> None:
    assert decoded(action, 200, body) == outcome


@pytest.mark.parametrize(
    ("action", "body"),
    [
        (Action.PRIVATE_REPLY, {"id": "m_5"}),
        (Action.PRIVATE_REPLY, {"recipient_id": "2", "message_id": "m_5"}),
        (Action.SEND_MESSAGE, {"recipient_id": "2", "message_id": "m_5"}),
        (Action.MAILING, {"recipient_id": "2", "message_id": "m_5"}),
    ],
)
def test_a_delivery_does_not_say_where_it_landed(action: Action, body: object) -> None:
    outcome = decoded(action, 200, body)
    assert (outcome.verdict, outcome.reason, outcome.sign, outcome.error) == ("delivered",) + 3 * (
        "",
    )
    for verdict in Verdict:
        assert same(outcome, verdict, Reason.NONE) == (word(verdict) in DELIVERED)
        assert not same(outcome, verdict, Reason.BLOCKED)


#: Each code with the reasons that it may stand for; all others are told by the last.
CODES: dict[tuple[int, int | None, int], tuple[str, set[Reason]]] = {
    (10900, None, 400): ("already_replied", {Reason.ALREADY_REPLIED}),
    (10903, None, 400): ("not_a_person", {Reason.NOT_A_PERSON}),
    (613, None, 400): ("rate_limited", {Reason.RATE_LIMITED}),
    (10, 2018278, 400): (
        "window_closed",
        {Reason.COMMENT_TOO_OLD, Reason.OUTSIDE_WINDOW, Reason.BUSINESS_LIMIT},
    ),
    (200, None, 403): ("no_permission", {Reason.NOT_ANSWERED_PUBLICLY, Reason.NOT_PERMITTED}),
    (368, None, 400): ("against_policy", {Reason.SENDER_SANCTIONED}),
    (551, 1545041, 400): (
        "unreachable",
        {
            Reason.NOT_REGISTERED, Reason.UNDER_AGE, Reason.FAMILY_RESTRICTED,
            Reason.RECIPIENT_SANCTIONED, Reason.BLOCKED, Reason.BLOCKING, Reason.NO_ONE,
            Reason.STRANGER_LIMIT, Reason.SETTING, Reason.REQUEST_DELETED, Reason.NOT_FRIENDS,
            Reason.NO_CONVERSATION, Reason.NEVER_TALKED,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_code_stands_for_its_reasons_and_no_others(code: tuple[int, int | None, int]) -> None:
    number, subcode, status = code
    told, reasons = CODES[code]
    outcome = refused(number, subcode, status)
    assert (outcome.verdict, outcome.reason, outcome.error) == ("refused", told, "")
    assert outcome.sign == f"code {number}" + (f"/{subcode}" if subcode else "")
    for reason in set[Reason]().union(*(known for _, known in CODES.values())):
        assert same(outcome, Verdict.REFUSED, reason) == (reason in reasons), reason
        assert not same(outcome, Verdict.INBOX, reason)


def test_what_moderation_takes_away_has_the_code_of_a_penalty() -> None:
    assert same(refused(368), Verdict.REMOVED, Reason.REMOVED)
    assert not same(refused(368), Verdict.REFUSED, Reason.REMOVED)
    assert not same(refused(551, 1545041), Verdict.REMOVED, Reason.REMOVED)


@pytest.mark.parametrize("code", CODES)
def test_the_backends_sign_for_a_reason_is_that_of_its_code(
    code: tuple[int, int | None, int],
) -> None:
    number, subcode, _ = code
    reply = row(Action.PRIVATE_REPLY, text=0)
    for reason in CODES[code][1]:
        sign = encoder().sign(reply, word(reason))
        assert sign == f"code {number}" + (f"/{subcode}" if subcode else "")
    assert encoder().sign(reply, "none") == ""
    assert encoder().sign(row(Action.READ_COMMENT, target=1), "no_private_reply") == ""


@pytest.mark.parametrize(
    ("status", "code", "subcode", "outcome"),
    [
        (404, 100, 33, Outcome("status_404", sign="code 100/33")),
        (400, 100, None, Outcome("status_400", sign="code 100")),
        (400, 100, 2018292, Outcome("status_400", sign="code 100/2018292")),
        (400, 2500, None, Outcome("status_400", sign="code 2500")),
        (400, 10, None, Outcome("status_400", sign="code 10")),
    ],
)
def test_a_request_that_is_refused_as_such_is_an_outcome_that_no_rule_demands(
    status: int, code: int, subcode: int | None, outcome: Outcome
) -> None:
    assert refused(code, subcode, status) == outcome


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, 190, "code 190"),
        (400, 190, "code 190"),
        (503, 2, "status 503"),
        (500, 10900, "status 500"),
        (429, 4, "status 429"),
        (200, 10900, "status 200 with a body that is no answer"),
    ],
)
def test_a_refused_token_and_a_failing_backend_say_nothing_about_the_rules(
    status: int, code: int, error: str
) -> None:
    assert refused(code, None, status) == Outcome("", error=error)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"outcome": "requests", "id": 9}),
        (201, {"outcome": "done", "id": 70}),
        (403, {"outcome": "refused", "reason": "blocked"}),
        (200, {"outcome": "hidden", "reason": "no_private_reply", "comment": {"id": 5}}),
        (404, {"error": "no such comment"}),
        (503, {"error": "not ready"}),
        (403, {"error": "only the page that was commented on may answer"}),
    ],
)
def test_answers_of_the_other_interface_are_understood_as_they_are_there(
    action: Action, status: int, body: object
) -> None:
    written = json.dumps(body).encode()
    assert decoded(action, status, body) == ReferenceAdapter(TOKEN).decode(action, status, written)


@pytest.mark.parametrize("action", TOLD)
@pytest.mark.parametrize("body", [{}, [], {"data": []}, {"id": None}, {"error": {}}, {"id": [1]}])
def test_an_answer_without_what_it_should_tell_says_nothing(action: Action, body: object) -> None:
    outcome = decoded(action, 200, body)
    assert outcome == Outcome("", error="status 200 with a body that is no answer")


@pytest.mark.parametrize("made", ["7", 7, "1_7", "1_7_9_3", "1_7_", "1_7_x", "1_7_9\r\nX: y", "a"])
def test_a_new_comment_needs_an_id_of_three_numbers(made: object) -> None:
    assert decoded(Action.COMMENT, 200, {"id": made}).error


@given(st.sampled_from(Action), st.integers(100, 599), st.binary() | st.text().map(str.encode))
@example(Action.PRIVATE_REPLY, 400, b'{"error":{"code":' + b"9" * 5000 + b"}}")
@example(Action.READ_COMMENT, 200, b'{"id":"1","comments":' + b"[" * 100_000)
def test_decoding_never_raises(action: Action, status: int, body: bytes) -> None:
    assert isinstance(GraphAdapter(TOKEN).decode(action, status, body), Outcome)


_NAMES = st.sampled_from(
    ["id", "error", "code", "error_subcode", "outcome", "reason", "message_id",
     "private_reply_conversation"]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(
    st.sampled_from(Action), st.integers(100, 599), st.dictionaries(_NAMES, _JSON, max_size=4)
)  # fmt: skip
def test_whatever_an_answer_holds_it_is_an_outcome_or_an_error(
    action: Action, status: int, body: dict[str, Any]
) -> None:
    outcome = decoded(action, status, body)
    assert bool(outcome.error) != bool(outcome.verdict) or body.get("outcome") == ""


def test_the_adapter_is_known_by_its_name_and_fills_the_backend_as_the_other_does() -> None:
    adapter = adapter_named("graph", TOKEN)
    assert adapter.name == "graph"
    assert all(adapter.supports(action) for action in Action)
    assert adapter.health == "/health"
    assert adapter.takes_time(b'{"simulated_time":true}')
