"""Every failure of the Graph API's shape by its code."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.adapters.tokens import account_token
from dmsim.server.decisions import RULES
from dmsim.server.graph.failures import OF_REASON, GraphError
from dmsim.server.graph.ids import parse
from dmsim.server.graph.parameters import parse as parse_body
from dmsim.vocabulary import Reason, Verdict
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
    to_author,
    to_person,
)
from tests.server.inprocess import (
    ACCOUNTS,
    ANN,
    COMMENT,
    DAY,
    EVE,
    FOX,
    MASTER,
    POLICY,
    POST,
    SMALL,
    InProcess,
    accounts,
    backend,
    record,
    thread,
)
from tests.server.inprocess import (
    settings as chosen,
)
from tests.server.test_process import served

PRIVATE = f"{COMMENT_ID}/private_replies"
MESSAGES = f"{PAGE_ID}/messages"
HELLO = {"message": "Hello!"}

#: What the platform's clients know by number.
CODES = {
    Reason.ALREADY_REPLIED: (400, 10900),
    Reason.NOT_A_PERSON: (400, 10903),
    Reason.COMMENT_TOO_OLD: (400, 10, 2018278),
    Reason.OUTSIDE_WINDOW: (400, 10, 2018278),
    Reason.BUSINESS_LIMIT: (400, 10, 2018278),
    Reason.RATE_LIMITED: (400, 613),
    Reason.SENDER_SANCTIONED: (400, 368),
    Reason.REMOVED: (400, 368),
    Reason.NOT_ANSWERED_PUBLICLY: (403, 200),
    Reason.NOT_PERMITTED: (403, 200),
}
UNREACHABLE = (400, 551, 1545041)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason != Reason.NONE])
def test_every_reason_has_its_code_in_both_shapes(tmp_path: Path, reason: Reason) -> None:
    verdict = Verdict.REMOVED if reason == Reason.REMOVED else Verdict.REFUSED
    ruled = replace(RULES, decide=lambda *_: (verdict, reason))
    with backend(tmp_path / "backend.db", ruled) as opened:
        opened.fill()
        expected = CODES.get(reason, UNREACHABLE)
        assert code(graph(opened, FOX, "POST", PRIVATE, **HELLO)) == expected
        assert code(graph(opened, FOX, "POST", MESSAGES, **to_author(COMMENT_ID))) == expected
        assert code(graph(opened, FOX, "POST", MESSAGES, **to_person(ANN))) == expected
    assert set(OF_REASON) == set(Reason)


def test_the_rules_themselves_lead_to_the_codes(empty: InProcess) -> None:
    brand = FOX + 3
    kinds = ["person"] * 5 + ["brand", "person", "staff", "brand"]
    empty.fill_with(
        POLICY._replace(private_replies_per_hour=2),
        accounts=accounts(ACCOUNTS + 1, kind=kinds, registered=[n != EVE for n in range(9)]),
        settings=chosen(a0="no_one"),
    )
    by_ann, by_brand, late = comment(empty, ANN), comment(empty, brand), comment(empty)
    assert code(graph(empty, FOX, "POST", PRIVATE, **HELLO)) == (403, 200)
    for comment_id in (COMMENT_ID, by_ann, by_brand, late):
        answer_publicly(empty, comment_id)
    assert code(graph(empty, FOX, "POST", f"{by_ann}/private_replies", **HELLO)) == UNREACHABLE
    assert code(graph(empty, FOX, "POST", f"{by_brand}/private_replies", **HELLO)) == (400, 10903)
    assert graph(empty, FOX, "POST", PRIVATE, **HELLO)[0] == 200
    assert code(graph(empty, FOX, "POST", PRIVATE, **HELLO)) == (400, 10900)
    empty.now = 7 * DAY
    assert code(graph(empty, FOX, "POST", f"{late}/private_replies", **HELLO)) == (
        400,
        10,
        2018278,
    )
    new = [comment(empty) for _ in range(3)]
    for comment_id in new:
        answer_publicly(empty, comment_id)
    codes = [graph(empty, FOX, "POST", f"{one}/private_replies", **HELLO) for one in new]
    assert [status for status, _ in codes] == [200, 200, 400]
    assert code(codes[2]) == (400, 613)


def test_a_page_under_a_penalty_and_one_that_asked_too_often_are_told_so(empty: InProcess) -> None:
    requested = thread(FOX, ANN, "requested", requested_count=3)
    empty.fill_with(standings=record(FOX, standing="banned"), threads=requested)
    assert code(graph(empty, FOX, "POST", MESSAGES, **to_person(ANN))) == (400, 368)
    assert empty.admin("reset")[0] == 200
    empty.fill_with(threads=requested)
    assert code(graph(empty, FOX, "POST", MESSAGES, **to_person(ANN))) == (400, 10, 2018278)


@pytest.mark.parametrize("token", ["", "x", f"{FOX}.", f"{FOX}.{'0' * 32}", "9" * 30 + ".1", "é"])
def test_a_wrong_token_is_told_wherever_it_stands(small: InProcess, token: str) -> None:
    path = f"/v2.5/{PAGE_ID}"
    answers = [
        small.ask("GET", f"{path}?access_token={quote(token)}"),
        small.ask("POST", path, body=json.dumps({"access_token": token}).encode()),
        small.ask("GET", path, headers={"authorization": f"OAuth {token}"}),
    ]
    if token.isascii():
        answers.append(small.ask("GET", path, token))
    for status, content in answers[2:]:
        assert code((status, json.loads(content))) == (401, 190)
    assert code((answers[0][0], json.loads(answers[0][1]))) == (401, 190)


def test_the_token_of_an_account_that_is_not_there_is_wrong(small: InProcess) -> None:
    assert code(graph(small, ACCOUNTS, "GET", PAGE_ID)) == (401, 190)
    assert code(graph(small, 10**17, "GET", PAGE_ID)) == (401, 190)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{ANN}", (404, 100, 33)),
        ("99", (404, 100, 33)),
        (f"{ANN}_{POST}", (404, 100, 33)),
        (f"{FOX}_71", (404, 100, 33)),
        (f"{POST_ID}_{COMMENT + 1}", (404, 100, 33)),
        (f"{FOX}_71_{COMMENT}", (404, 100, 33)),
        (f"{COMMENT_ID}_0", (404, 100, 33)),
        ("me", (400, 100)),
        ("05", (400, 100)),
        ("5_", (400, 100)),
        (f"{COMMENT_ID}_0_0", (400, 100)),
        ("-5", (400, 100)),
        ("٥", (400, 100)),
        ("9" * 19, (400, 100)),
        ("", (400, 2500)),
        (f"{PAGE_ID}//", (400, 2500)),
        (f"{PAGE_ID}/likes", (400, 2500)),
        (f"{PAGE_ID}/private_replies", (400, 2500)),
        (f"{PAGE_ID}/feed/more", (400, 2500)),
        (PRIVATE, (400, 100)),
    ],
)
def test_a_wrong_id_or_path_is_told(small: InProcess, path: str, expected: tuple[int, ...]) -> None:
    assert code(graph(small, FOX, "GET", path)) == expected


@pytest.mark.parametrize("written", ["x", "", PAGE_ID, POST_ID, f"{POST_ID}_1", 900, None, [], {}])
def test_a_wrong_comment_in_a_message_is_told(small: InProcess, written: object) -> None:
    reply = graph(small, FOX, "POST", MESSAGES, **to_author(written))
    assert code(reply) == (400, 100, 2018292)


def test_another_page_may_not(small: InProcess) -> None:
    answer_publicly(small)
    assert code(graph(small, ANN, "POST", PRIVATE, **HELLO)) == (403, 200)
    assert code(graph(small, ANN, "POST", f"{COMMENT_ID}/comments", **HELLO)) == (403, 200)
    assert code(graph(small, ANN, "POST", MESSAGES, **to_author(COMMENT_ID))) == (403, 200)


def test_a_backend_that_is_not_filled_is_unavailable(empty: InProcess) -> None:
    assert code(graph(empty, FOX, "GET", PAGE_ID)) == (503, 2)


def test_texts_that_are_missing_or_too_long_are_wrong_parameters(small: InProcess) -> None:
    wrong: tuple[object, ...] = ("", None, 5, {}, "x" * 10_001)
    for text in wrong:
        assert code(graph(small, FOX, "POST", PRIVATE, message=text)) == (400, 100)
    assert code(graph(small, FOX, "POST", PRIVATE)) == (400, 100)


def test_codes_and_statuses_come_over_a_real_connection(tmp_path: Path) -> None:
    with served(tmp_path / "backend.db") as opened:
        opened.fill()
        token = account_token(MASTER, FOX)

        def post(path: str, body: object, with_token: str = token) -> tuple[int, Any]:
            told = {"Content-Type": JSON}
            status, answer = opened.ask("POST", f"/v2.5/{path}", with_token, body, told)
            return status, answer

        assert code(post(PRIVATE, HELLO)) == (403, 200)
        assert code(post(PRIVATE, HELLO, "wrong")) == (401, 190)
        assert code(post(f"{POST_ID}_5/private_replies", HELLO)) == (404, 100, 33)
        assert code(post(MESSAGES, to_author("5"))) == (400, 100, 2018292)
        assert code(post(MESSAGES, to_person(EVE))) == UNREACHABLE
        assert post(f"{COMMENT_ID}/comments", HELLO)[0] == 200
        assert post(PRIVATE, HELLO)[0] == 200
        assert code(post(PRIVATE, HELLO)) == (400, 10900)
        asked = post(f"{POST_ID}/comments", HELLO, account_token(MASTER, ANN))[1]["id"]
        assert post(f"{asked}/comments", HELLO)[0] == 200
        assert post(MESSAGES, to_author(asked))[0] == 200
        assert code(post(MESSAGES, to_person(ANN))) == (400, 10, 2018278)


@given(st.text() | st.from_regex(r"[0-9_]{0,40}"))
def test_an_id_is_read_back_as_it_was_written_or_refused(text: str) -> None:
    try:
        ids = parse(text)
    except GraphError:
        return
    assert "_".join(map(str, ids)) == text


KINDS = st.sampled_from([b"", FORM.encode(), JSON.encode(), b"text/plain"])
PARTS = st.builds(b"multipart/form-data; boundary=%b".__mod__, st.sampled_from([b"b", b"", b'"b"']))
PIECES = st.sampled_from(
    [
        *(
            b"--b",
            b"--b--",
            b"\r\n",
            b"\r\n\r\n",
            b'content-disposition: form-data; name="message"',
        ),
        *(b'{"message":', b'"a"', b"}", b"[", b"message=", b"%ff", b"\xff", b"&", b"\\ud800"),
    ]
)
BODIES = st.binary() | st.lists(PIECES, max_size=12).map(b"".join)


@given(KINDS | PARTS | st.binary(max_size=40), BODIES)
def test_a_body_gives_parameters_or_a_failure(kind: bytes, body: bytes) -> None:
    try:
        params = parse_body(kind, body)
    except GraphError:
        return
    assert all(isinstance(name, str) for name in params)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with backend(tmp_path_factory.mktemp("fuzzed") / "backend.db") as opened:
        opened.fill(SMALL)
        yield opened


SEGMENTS = st.sampled_from([PAGE_ID, POST_ID, COMMENT_ID, f"{COMMENT_ID}_0", "0"]) | st.text()
EDGES = st.sampled_from(["", "/feed", "/comments", "/messages", "/private_replies"])
APPS = st.just("/subscribed_apps")
WRITTEN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        *("message", "recipient", "messaging_type", "tag", "subscribed_fields", "fields", "limit"),
        *("after", "before"),
    ]
)
OBJECTS = st.sampled_from(['{"comment_id": "5_70_900"}', '{"id": "0"}', '{"text": "x"}', "[", "{"])


@settings(max_examples=300)
@given(
    st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    SEGMENTS,
    EDGES | APPS,
    st.dictionaries(NAMES, WRITTEN | OBJECTS),
    st.sampled_from([ANN, FOX]),
)
def test_whatever_is_asked_the_answer_is_one_of_the_api(
    fuzzed: InProcess, method: str, segment: str, edge: str, params: dict[str, Any], account: int
) -> None:
    token = account_token(MASTER, account)
    body = json.dumps(params).encode()
    path = f"/v2.5/{segment}{edge}"
    bare = path.partition("?")[0]
    status, content = fuzzed.ask(method, bare, token, body, {"content-type": JSON})
    answer = json.loads(content)
    assert status in {200, 400, 401, 403, 404}
    assert ("error" in answer) == (status != 200)
