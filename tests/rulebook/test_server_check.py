"""A running reference backend held to the same tables as the rules."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.replay.backend import reference_backend
from dmsim.replay.target import resolve_target
from dmsim.rulebook.client import connect
from dmsim.rulebook.rows import Row
from dmsim.rulebook.server_check import NEEDS_TIME, NO_ACTION, check_server
from dmsim.rulebook.table import read_table
from dmsim.scenario import default_policy
from tests.rules.requirements import ROWS, what

TOKEN = "token-of-the-test"
STORIES = [row for row in ROWS if row.needs_a_backend]

#: A reference backend that forgets who has blocked whom.
FORGETFUL = """
import sys
from dataclasses import replace
from pathlib import Path
from dmsim.rules.decide import decide
from dmsim.server.decisions import RULES
from dmsim.server.run import Options, run

def forget_blocks(action, facts, policy):
    pair = facts.pair._replace(sender_blocks=False, recipient_blocks=False)
    return decide(action, facts._replace(pair=pair), policy)

run(
    Options(port=0, database=Path(sys.argv[1]), json=True, until_eof=True),
    decisions=replace(RULES, decide=forget_blocks),
)
"""


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with reference_backend(TOKEN) as url:
        yield url


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)


@contextmanager
def forgetful_backend(folder: Path) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-c", FORGETFUL, str(folder / "backend.db")],
        env={**os.environ, TOKEN_VARIABLE: TOKEN},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def rows_of(folder: Path, text: str) -> list[Row]:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def test_the_backend_decides_as_the_requirements_say(backend: str) -> None:
    results = check_server(ROWS, backend)
    assert [result.row for result in results] == ROWS
    assert [(result.row.place, result.got) for result in results if result.fails] == []
    left_out = [result for result in results if result.got is None]
    assert {result.row.kind for result in left_out if result.why_not == NO_ACTION} == {
        "ladder",
        "read_status",
        "standing_now",
        "thread",
        "unsafe",
    }
    # A private reply's text carries no label, so no backend knows that it breaks the guidelines.
    impossible = [result.row.what for result in left_out if result.why_not != NO_ACTION]
    assert impossible == ["one that breaks the guidelines is removed"]


@pytest.mark.parametrize("row", [row for row in STORIES if row.changes], ids=what)
def test_another_reading_of_a_story_does_not_hold_by_default(row: Row, backend: str) -> None:
    (result,) = check_server([replace(row, policy=default_policy(), changes={})], backend)
    assert result.fails


def test_a_backend_that_breaks_a_rule_fails_its_rows_alone(tmp_path: Path) -> None:
    with forgetful_backend(tmp_path) as url:
        failing = [result.row for result in check_server(ROWS, url) if result.fails]
    assert failing
    assert all({"R91", "R92"} & set(row.rules) for row in failing)


def test_a_row_that_demands_too_much_says_what_came(backend: str, tmp_path: Path) -> None:
    text = 'rules = ["R63"]\nwhat = "strangers reach the inbox"\nverdict = "inbox"\n'
    (result,) = check_server(rows_of(tmp_path, f"[[row]]\n{text}"), backend)
    assert (result.fails, result.got) == (True, {"verdict": "requests"})


def test_a_step_that_is_refused_is_told(backend: str, tmp_path: Path) -> None:
    text = """
[[story]]
rules = ["R64"]
what = "whoever was not asked accepts"
before = [{ by = "recipient", action = "accept_request" }]
verdict = "inbox"
"""
    (result,) = check_server(rows_of(tmp_path, text), backend)
    assert result.got == {"verdict": "step 1 (accept_request): refused, no_request"}


@pytest.mark.parametrize(
    ("facts", "why_not"),
    [
        ("by_private_reply = true, sender_kind = 'brand'", "by_private_reply = true"),
        ('sender_standing = "warned"', "sender_unsafe = false"),
        ('content_kind = "video"', "a message carries no video: that is share_content"),
        ("requested_count = 3, sender_kind = 'brand'", "requested_count = 3"),
    ],
)
def test_facts_that_cannot_be_true_at_once_are_not_asked_but_told(
    facts: str, why_not: str, backend: str, tmp_path: Path
) -> None:
    text = f"""
[[row]]
rules = ["R54"]
what = "so"
facts = {{ {facts} }}
verdict = "requests"
"""
    (result,) = check_server(rows_of(tmp_path, text), backend)
    assert result.got is None
    assert why_not in result.why_not


def test_a_comment_stands_on_the_page_of_one_of_the_two(backend: str, tmp_path: Path) -> None:
    text = """
[[story]]
rules = ["R149"]
what = "both are the page"
action = "private_reply"
before = [{ by = "recipient", action = "public_reply" }]
verdict = "requests"
"""
    (result,) = check_server(rows_of(tmp_path, text), backend)
    assert (result.got, result.why_not[:23]) == (None, "both answer the comment")


def test_where_the_backend_has_a_clock_of_its_own_no_time_passes(tmp_path: Path) -> None:
    text = """
[[row]]
rules = ["R121"]
what = "300 mailings in a second are enough"
action = "mailing"
facts = { mailed_this_second = 300 }
verdict = "refused"

[[row]]
rules = ["R129"]
what = "750 private replies in an hour are enough"
action = "private_reply"
facts = { private_replies_this_hour = 750 }
verdict = "refused"

[[story]]
rules = ["R129"]
what = "a week is too long"
action = "private_reply"
state = { minutes_later = 10080 }
verdict = "refused"

[[story]]
rules = ["R121"]
what = "two mailings in a second"
action = "mailing"
before = [{ by = "sender", action = "mailing" }]
verdict = "requests"
"""
    with forgetful_backend(tmp_path) as url:
        results = check_server(rows_of(tmp_path, text), url)
    assert [result.why_not for result in results] == [NEEDS_TIME, "", NEEDS_TIME, NEEDS_TIME]
    assert results[1].holds


def test_a_backend_that_holds_something_is_not_emptied_unasked(backend: str) -> None:
    target = resolve_target(backend)
    policy = default_policy()._asdict()
    with connect(target, TOKEN) as client:
        client.provision("reset", {})
        client.provision("ready", {"digest": "mine", "policy": policy})
    with pytest.raises(UsageError, match="would throw away; add --reset"):
        check_server(ROWS[:1], backend)
    (result,) = check_server(ROWS[:1], backend, reset=True)
    assert result.holds
    with connect(target, TOKEN) as client:
        health = client.health()
    assert (health["ready"], health["accounts"]) == (False, 0)


def test_only_this_machine_is_asked_unless_another_is_named() -> None:
    with pytest.raises(UsageError, match="not this machine"):
        check_server(ROWS[:1], "http://192.0.2.1:8000")


def test_a_wrong_master_token_is_told(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "wrong")
    with pytest.raises(UsageError, match=r"answered 401 .* check DMSIM_TOKEN"):
        check_server(ROWS[:1], backend)
    monkeypatch.delenv(TOKEN_VARIABLE)
    with pytest.raises(UsageError, match="DMSIM_TOKEN is not set"):
        check_server(ROWS[:1], backend)


def test_what_is_no_backend_is_told() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        with pytest.raises(UsageError, match="no reference backend answers there"):
            check_server(ROWS[:1], f"http://127.0.0.1:{other.server_port}")
        port = other.server_port
    with pytest.raises(UsageError, match="nothing listens there"):
        check_server(ROWS[:1], f"http://127.0.0.1:{port}")
