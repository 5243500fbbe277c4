"""Requests that are wrong get a clean answer, whatever is wrong with them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dmsim.adapters.tokens import account_token, clock_key, new_master_token
from dmsim.server.bodies import TEXT_LENGTH, WORD_LENGTH
from dmsim.server.http import ACTION_BODY
from dmsim.server.openapi import document
from tests.server.inprocess import (
    ANN,
    BEN,
    COMMENT,
    FOX,
    MASTER,
    MOD,
    POST,
    VIDEO,
    InProcess,
    backend,
)

TEXT = {"text": "hello"}
MESSAGES = f"threads/{BEN}/messages"
SHARES = f"threads/{BEN}/shares"
DECISIONS = f"staff/accounts/{BEN}/decisions"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nowhere", None, 404),
        ("POST", "threads", None, 404),
        ("POST", f"threads/{BEN}/messages/", TEXT, 404),
        ("POST", f"threads/{BEN}/messages/x", TEXT, 404),
        ("GET", f"threads/{BEN}/messages", None, 405),
        ("PATCH", "inbox", None, 405),
        ("POST", "threads/99/messages", TEXT, 404),
        ("POST", f"threads/{2**31}/messages", TEXT, 404),
        ("POST", f"threads/{'9' * 5000}/messages", TEXT, 404),
        ("POST", "threads/-1/messages", TEXT, 400),
        ("POST", "threads/1.0/messages", TEXT, 400),
        ("POST", "threads/٣/messages", TEXT, 400),
        ("POST", "threads//messages", TEXT, 400),
        ("POST", f"threads/{ANN}/messages", TEXT, 400),
        ("PUT", f"blocks/{ANN}", None, 400),
        ("POST", f"threads/{BEN}/messages", {}, 400),
        ("POST", f"threads/{BEN}/messages", [], 400),
        ("POST", f"threads/{BEN}/messages", {"text": 5}, 400),
        ("POST", f"threads/{BEN}/messages", {"text": ""}, 400),
        ("POST", f"threads/{BEN}/messages", {"text": "x" * (TEXT_LENGTH + 1)}, 413),
        ("POST", f"threads/{BEN}/messages", {"text": "x" * ACTION_BODY}, 413),
        ("POST", f"posts/{POST + 1}/comments", TEXT, 404),
        ("POST", f"comments/{COMMENT + 1}/replies", TEXT, 404),
        ("POST", f"comments/{COMMENT}/replies", {**TEXT, "announces": 1}, 400),
        ("POST", f"comments/{COMMENT}/private_reply", {**TEXT, "personal": "yes"}, 400),
        ("GET", f"comments/{COMMENT + 1}", None, 404),
        ("GET", "comments/x", None, 400),
        ("DELETE", f"comments/{COMMENT}", None, 405),
        ("POST", f"cases/{ANN}/resolve", {}, 400),
        ("POST", "cases/99/resolve", {}, 404),
        ("POST", f"cases/{BEN}/resolve", {"comment": COMMENT + 1}, 404),
        ("POST", f"cases/{BEN}/hand_off", {"comment": -1}, 400),
        ("POST", f"cases/{BEN}/hand_off", None, 400),
        ("POST", f"threads/{BEN}/mailings", {}, 400),
        ("POST", f"threads/{ANN}/sponsored", TEXT, 400),
        ("POST", "threads/99/follow_ups", TEXT, 404),
        ("POST", f"threads/{BEN}/mailings", {"text": "x" * (TEXT_LENGTH + 1)}, 413),
        ("PUT", "settings/messages", {"setting": "nobody"}, 400),
        ("PUT", "settings/read_status", {"on": 1}, 400),
        ("PUT", "settings/read_status", {}, 400),
        ("PUT", "settings/shoe_size", {"on": True}, 404),
        ("GET", "settings/messages", None, 405),
        ("POST", MESSAGES, {**TEXT, "content": "video"}, 400),
        ("POST", MESSAGES, {**TEXT, "content": "sticker", "sticker_set": 24}, 400),
        ("POST", MESSAGES, {**TEXT, "content": "sticker", "sticker_set": -1}, 400),
        ("POST", MESSAGES, {**TEXT, "sticker_set": "1"}, 400),
        ("POST", MESSAGES, {**TEXT, "via": "carrier_pigeon"}, 400),
        ("POST", MESSAGES, {**TEXT, "violation": "mortal"}, 400),
        ("POST", MESSAGES, {**TEXT, "detected": None}, 400),
        ("POST", SHARES, TEXT, 400),
        ("POST", SHARES, {"content": "text", "id": 1}, 400),
        ("POST", SHARES, {"content": "video", "id": VIDEO + 9}, 404),
        ("POST", SHARES, {"content": "sound", "id": -1}, 400),
        ("POST", SHARES, {"content": "sound", "id": 2**70}, 400),
        ("POST", SHARES, {"content": "sound", "id": 1, "fanout": "x"}, 400),
        ("POST", SHARES, {"content": "sound", "id": 1, "text": "x" * (TEXT_LENGTH + 1)}, 413),
        ("POST", f"videos/{VIDEO + 9}/watch", None, 404),
        ("POST", f"videos/{VIDEO + 9}/report", None, 404),
        ("PUT", f"videos/{VIDEO + 9}/privacy", {"private": True}, 404),
        ("PUT", f"videos/{VIDEO}/privacy", {"private": "yes"}, 400),
        ("PUT", "sticker_sets/24", None, 404),
        ("PUT", f"sticker_sets/{'9' * 30}", None, 404),
        ("DELETE", "sticker_sets/24", None, 404),
        ("POST", "sticker_sets/24/front", None, 404),
        ("POST", "sticker_sets/x/front", None, 400),
        ("GET", f"accounts/{ANN}/presence", None, 400),
        ("POST", "accounts/99/report", None, 404),
        ("PUT", "family/99/restriction", {"on": True}, 404),
        ("PUT", f"family/{ANN}/restriction", {"on": True}, 400),
        ("POST", DECISIONS, {}, 400),
        ("POST", DECISIONS, {"violation": "rude"}, 400),
        ("POST", DECISIONS, {"violation": "minor", "until": "soon"}, 400),
        ("POST", DECISIONS, {"violation": "minor", "until": 2**80}, 400),
        ("POST", DECISIONS, {"violation": "minor", "closes_report": 1}, 400),
        ("GET", "staff/accounts/99/reports", None, 404),
        ("GET", "staff/accounts//reports", None, 400),
        ("GET", "inbox?limit=0", None, 400),
        ("GET", "inbox?limit=51", None, 400),
        ("GET", "inbox?limit=-1", None, 400),
        ("GET", "inbox?limit=", None, 400),
        ("GET", "inbox?limit=%D9%A3", None, 400),
        ("GET", "inbox?before=x", None, 400),
        ("GET", f"inbox?before={'9' * 5000}", None, 400),
        ("GET", "inbox?limit=%ff", None, 400),
        ("GET", "search", None, 400),
        ("GET", "search?q=", None, 400),
        ("GET", "search?q=%20", None, 400),
        ("GET", f"search?q={'x' * (WORD_LENGTH + 1)}", None, 400),
        ("POST", "openapi.json", None, 404),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    small: InProcess, method: str, path: str, body: object, status: int
) -> None:
    got, answer = small.act(ANN, method, path, body)
    assert got == status
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("5", 401),
        (f"5.{'0' * 32}", 401),
        (f"5.{clock_key('another master')}", 401),
        (f".{clock_key(MASTER)}", 400),
        (f"-5.{clock_key(MASTER)}", 400),
        (f"5e3.{clock_key(MASTER)}", 400),
        (f"{'9' * 5000}.{clock_key(MASTER)}", 400),
        (f"5.{clock_key(MASTER)}", 200),
    ],
)
def test_the_time_of_a_request_needs_its_key(small: InProcess, told: str, status: int) -> None:
    token = account_token(MASTER, ANN)
    assert small.ask("GET", "/v1/inbox", token, headers={"x-dmsim-time": told})[0] == status


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b'{"text":' + b"[" * 100_000],
)
def test_a_body_that_is_no_json_is_malformed(small: InProcess, body: bytes) -> None:
    path = f"/v1/threads/{BEN}/messages"
    assert small.ask("POST", path, account_token(MASTER, ANN), body)[0] == 400


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        MASTER,
        str(ANN),
        f"{ANN}.",
        f"{ANN}.{'0' * 32}",
        account_token("another master", ANN),
        f"{BEN}.{account_token(MASTER, ANN).partition('.')[2]}",
        f"{'9' * 5000}.{'0' * 32}",
    ],
)
def test_a_wrong_token_opens_nothing(small: InProcess, token: str | None) -> None:
    assert small.ask("GET", "/v1/inbox", token)[0] == 401
    if token != MASTER:
        assert small.ask("POST", "/v1/admin/reset", token)[0] == 401


def test_a_token_of_an_account_that_does_not_exist_finds_nothing(small: InProcess) -> None:
    assert small.act(99, "GET", "inbox")[0] == 404


def test_master_tokens_are_long_and_never_the_same() -> None:
    assert len({new_master_token() for _ in range(100)}) == 100
    assert min(len(new_master_token()) for _ in range(100)) >= 43


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    database: Path = tmp_path_factory.mktemp("fuzz") / "backend.db"
    with backend(database) as opened:
        opened.fill()
        yield opened


DOCUMENT = json.loads(document())
WORDS = [
    *sorted({word for path in DOCUMENT["paths"] for word in path.split("/")}),
    *("0", "1", "5", "70", "500", "900", "-1", "99999999999999999999", "%", "\u0661"),
]
PATHS = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=6).map(
    lambda words: "/" + "/".join(words)
)
IDS = st.sampled_from([0, 1, 5, 7, POST, VIDEO, COMMENT, 99]) | st.integers(-5, 1000)


@st.composite
def id_paths(draw: st.DrawFn) -> str:
    path: str = draw(st.sampled_from(sorted(DOCUMENT["paths"])))
    before, brace, after = path.partition("{")
    if not brace:
        return path + draw(st.sampled_from(["", "?limit=3", "?q=ash&before=2", "?%ff", "?limit"]))
    return f"{before}{draw(IDS | st.text(max_size=3))}{after.partition('}')[2]}"


KEYS = sorted(
    {
        name
        for schema in DOCUMENT["components"]["schemas"].values()
        for name in schema.get("properties", {})
    }
)
WORDS_OF_BODIES = ["none", "minor", "video", "sticker", "no_one", "inbox", "follows", "threads"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(WORDS_OF_BODIES)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=8,
)
BODIES = st.binary(max_size=50) | VALUES.map(lambda value: json.dumps(value).encode())
TOKENS = st.sampled_from(
    [None, MASTER, *(account_token(MASTER, id_) for id_ in (ANN, BEN, FOX, MOD, 99))]
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=METHODS, path=PATHS | id_paths(), token=TOKENS, body=BODIES)
def test_no_request_upsets_the_backend(
    fuzzed: InProcess, method: str, path: str, token: str | None, body: bytes
) -> None:
    # A stream of events has no answer that ends.
    assume(path.partition("?")[0] != "/v1/events")
    status, content = fuzzed.ask(method, path, token, body)
    assert status in {200, 201, 400, 401, 403, 404, 405, 409, 413, 503}
    assert isinstance(json.loads(content), dict)


def bodies(operation: dict[str, object]) -> st.SearchStrategy[object]:
    """Bodies that nearly are what an operation takes: some of its keys with any value."""
    text = json.dumps(operation.get("requestBody", {}))
    names = [name for name in DOCUMENT["components"]["schemas"] if f'/{name}"' in text]
    properties = [DOCUMENT["components"]["schemas"][name].get("properties", {}) for name in names]
    keys = sorted({key for found in properties for key in found}) or ["text"]
    return st.dictionaries(st.sampled_from(keys), VALUES, max_size=len(keys))


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (path, method)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        # A stream of events has no answer that ends.
        if path.startswith("/v1")
        and not path.startswith("/v1/admin")
        and "text/event-stream" not in str(operation)
    ],
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_status_is_one_that_the_document_names(
    fuzzed: InProcess, path: str, method: str, data: st.DataObject
) -> None:
    operation = DOCUMENT["paths"][path][method]
    before, brace, after = path.partition("{")
    filled = f"{before}{data.draw(IDS)}{after.partition('}')[2]}" if brace else path
    account = data.draw(st.sampled_from([ANN, BEN, FOX, MOD]))
    body = json.dumps(data.draw(bodies(operation))).encode()
    status, content = fuzzed.ask(method.upper(), filled, account_token(MASTER, account), body)
    assert str(status) in operation["responses"], content
