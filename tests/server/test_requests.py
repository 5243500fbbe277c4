"""Requests that are wrong get a clean answer, whatever is wrong with them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmsim.adapters.tokens import account_token, new_master_token
from dmsim.server.actions import TEXT_LENGTH
from dmsim.server.http import ACTION_BODY
from tests.server.inprocess import ANN, BEN, COMMENT, MASTER, POST, InProcess, backend

TEXT = {"text": "hello"}


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
        ("PUT", "settings/messages", {"setting": "nobody"}, 400),
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


WORDS = [
    *("v1", "admin", "load", "ready", "health", "inbox", "requests", "threads", "messages"),
    *("read", "accept", "blocks", "follows", "settings", "posts", "comments", "replies"),
    *("private_reply", "0", "1", "5", "70", "900", "-1", "99999999999999999999", "", "%", "\u0661"),
]
PATHS = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=6).map(
    lambda words: "/" + "/".join(words)
)
SHAPES = [
    "/v1/threads/{}/messages",
    "/v1/threads/{}/read",
    "/v1/posts/{}/comments",
    "/v1/comments/{}/replies",
    "/v1/comments/{}/private_reply",
    "/v1/follows/{}",
    "/v1/requests/{}/accept",
]
ID_PATHS = st.builds(
    str.format, st.sampled_from(SHAPES), st.integers(-5, 1000) | st.text(max_size=3)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "setting", "table", "columns", "digest", "policy", "id"]),
            inner,
        )
    ),
    max_leaves=8,
)
BODIES = st.binary(max_size=50) | VALUES.map(lambda value: json.dumps(value).encode())
TOKENS = st.sampled_from([None, MASTER, *(account_token(MASTER, id_) for id_ in (0, 1, 5, 99))])
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=METHODS, path=PATHS | ID_PATHS, token=TOKENS, body=BODIES)
def test_no_request_upsets_the_backend(
    fuzzed: InProcess, method: str, path: str, token: str | None, body: bytes
) -> None:
    status, content = fuzzed.ask(method, path, token, body)
    assert status in {200, 201, 400, 401, 403, 404, 405, 409, 413, 503}
    assert isinstance(json.loads(content), dict)
