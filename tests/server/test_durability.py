"""What was answered is in the file; what is not in the file is not told."""

import asyncio
import sqlite3
import tempfile
import threading
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.adapters.tokens import account_token
from dmsim.errors import UsageError
from dmsim.server.state.world import World
from dmsim.server.store import Store
from tests.server.inprocess import (
    ACCOUNTS,
    ANN,
    BEN,
    CEM,
    COMMENT,
    EVE,
    FOX,
    GIL,
    HOUR,
    MASTER,
    MOD,
    POST,
    SMALL,
    VIDEO,
    InProcess,
    backend,
    sent,
    thread,
)

PEOPLE = st.integers(0, MOD)
TEXT = {"text": "hello"}
NOTHING = st.none()
ON = st.booleans().map(lambda on: {"on": on})


def steps_of(
    methods: list[str], shapes: list[str], bodies: st.SearchStrategy[Any] = NOTHING
) -> st.SearchStrategy[tuple[int, str, str, Any]]:
    """What anybody does to anybody."""
    paths = st.builds(str.format, st.sampled_from(shapes), PEOPLE)
    return st.tuples(PEOPLE, st.sampled_from(methods), paths, bodies)


STEPS = st.one_of(
    steps_of(["POST"], ["threads/{}/messages"], st.just(TEXT)),
    steps_of(["POST"], ["threads/{}/messages"], st.just({**TEXT, "detected": True})),
    steps_of(["POST"], ["threads/{}/shares"], st.just({"content": "video", "id": VIDEO})),
    steps_of(["POST"], ["threads/{}/read", "requests/{}/accept", "requests/{}/report"]),
    steps_of(["POST"], ["threads/{}/report", "threads/{}/messages/report", "accounts/{}/report"]),
    steps_of(["DELETE"], ["requests/{}", "threads/{}", "threads/{}/messages", "threads/{}/mute"]),
    steps_of(["PUT"], ["threads/{}/mute"]),
    steps_of(["PUT", "DELETE"], ["blocks/{}", "follows/{}", "sticker_sets/{}"]),
    steps_of(["POST"], ["sticker_sets/{}/front"]),
    steps_of(["GET"], ["inbox"]),
    steps_of(["POST"], ["accounts"]),
    steps_of(
        ["PUT"],
        ["settings/messages"],
        st.sampled_from(["no_one", "friends", "everyone"]).map(lambda word: {"setting": word}),
    ),
    steps_of(["PUT"], ["settings/read_status", "settings/request_filter"], ON),
    steps_of(["PUT"], ["settings/business_messages", "settings/notifications"], ON),
    st.tuples(st.just(ANN), st.just("PUT"), st.just(f"family/{GIL}/restriction"), ON),
    st.tuples(
        st.just(BEN),
        st.just("PUT"),
        st.just(f"videos/{VIDEO}/privacy"),
        st.booleans().map(lambda private: {"private": private}),
    ),
    st.tuples(PEOPLE, st.just("POST"), st.just(f"posts/{POST}/comments"), st.just(TEXT)),
    st.tuples(
        st.just(FOX),
        st.just("POST"),
        st.builds(
            "comments/{}/{}".format,
            st.integers(COMMENT, COMMENT + 3),
            st.sampled_from(["replies", "private_reply"]),
        ),
        st.just({**TEXT, "announces": True, "personal": True}),
    ),
    st.tuples(
        st.just(FOX),
        st.just("POST"),
        st.builds(
            "threads/{}/{}".format,
            PEOPLE,
            st.sampled_from(["follow_ups", "mailings", "sponsored"]),
        ),
        st.just(TEXT),
    ),
    st.tuples(
        st.just(FOX),
        st.just("POST"),
        st.builds("cases/{}/{}".format, PEOPLE, st.sampled_from(["resolve", "hand_off"])),
        st.sampled_from([None, COMMENT, COMMENT + 1]).map(lambda comment: {"comment": comment}),
    ),
    st.tuples(
        st.just(MOD),
        st.just("POST"),
        PEOPLE.map("staff/accounts/{}/decisions".format),
        st.builds(
            lambda violation, until, closes: {
                "violation": violation,
                "until": until,
                "closes_report": closes,
            },
            st.sampled_from(["none", "minor", "severe", "zero_tolerance"]),
            st.none() | st.integers(0, 10**12),
            st.booleans(),
        ),
    ),
    st.tuples(
        st.just(MOD), st.just("GET"), PEOPLE.map("staff/accounts/{}/reports".format), st.none()
    ),
)


def everything(world: World) -> dict[str, Any]:
    """The world's state with the order of every list."""
    state = dict(vars(world))
    for name in ("inboxes", "requests", "filtered", "reports"):
        lists = state[name].items()
        state[name] = {account: list(entries) for account, entries in lists if entries}
    state["sticker_sets"] = {account: world.panel(account) for account in range(ACCOUNTS)}
    return state


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=40))
def test_a_restarted_backend_is_where_it_was(steps: list[tuple[int, str, str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "backend.db"
        with backend(database) as first:
            first.fill()
            for step in steps:
                assert first.act(*step)[0] < 500
                first.now += HOUR
            before = everything(first.app._service.world)
            offset = first.app._service.clock.offset
        with backend(database) as second:
            service = second.app._service
            assert everything(service.world) == before
            assert (service.digest, service.is_ready) == ("d1", True)
            assert service.clock.offset == offset


def decided(violation: str, until: int | None = None, *, closes: bool = False) -> dict[str, Any]:
    """A moderator's decision."""
    return {"violation": violation, "until": until, "closes_report": closes}


#: Something of every kind that changes state.
EVERYTHING: list[tuple[int, str, str, Any]] = [
    (ANN, "GET", "inbox", None),
    (ANN, "POST", f"threads/{BEN}/messages", TEXT),
    (BEN, "DELETE", f"threads/{ANN}", None),
    (ANN, "POST", f"threads/{BEN}/messages", TEXT),
    (ANN, "POST", f"threads/{BEN}/shares", {"content": "video", "id": VIDEO}),
    (ANN, "DELETE", f"threads/{BEN}/messages", None),
    (BEN, "PUT", f"threads/{ANN}/mute", None),
    (BEN, "POST", f"requests/{ANN}/report", None),
    (BEN, "PUT", f"videos/{VIDEO}/privacy", {"private": True}),
    (FOX, "POST", f"threads/{ANN}/messages", TEXT),
    (ANN, "DELETE", f"requests/{FOX}", None),
    (ANN, "PUT", "sticker_sets/9", None),
    (ANN, "POST", "sticker_sets/9/front", None),
    (ANN, "DELETE", "sticker_sets/7", None),
    (ANN, "PUT", f"family/{GIL}/restriction", {"on": True}),
    (ANN, "PUT", "settings/messages", {"setting": "suggested"}),
    (ANN, "PUT", "settings/read_status", {"on": False}),
    (ANN, "PUT", "settings/request_filter", {"on": False}),
    (ANN, "PUT", "settings/business_messages", {"on": True}),
    (ANN, "PUT", "settings/notifications", {"on": False}),
    (EVE, "POST", "accounts", None),
    (CEM, "POST", f"accounts/{ANN}/report", None),
    (MOD, "GET", f"staff/accounts/{ANN}/reports", None),
    (MOD, "POST", f"staff/accounts/{ANN}/decisions", decided("minor", closes=True)),
    (MOD, "POST", f"staff/accounts/{ANN}/decisions", decided("severe", 5 * HOUR)),
    (MOD, "POST", f"staff/accounts/{BEN}/decisions", decided("zero_tolerance")),
    (CEM, "PUT", f"blocks/{ANN}", None),
    (CEM, "PUT", f"follows/{ANN}", None),
    (CEM, "POST", f"posts/{POST}/comments", TEXT),
    (FOX, "POST", f"comments/{COMMENT}/replies", {**TEXT, "announces": True}),
    (FOX, "POST", f"comments/{COMMENT}/private_reply", {**TEXT, "personal": True}),
    (CEM, "POST", f"requests/{FOX}/accept", None),
    (CEM, "POST", f"threads/{FOX}/messages", TEXT),
    (FOX, "POST", f"threads/{CEM}/follow_ups", TEXT),
    (FOX, "POST", f"threads/{CEM}/mailings", TEXT),
    (FOX, "POST", f"threads/{CEM}/sponsored", TEXT),
    (FOX, "POST", f"cases/{CEM}/resolve", {"comment": COMMENT}),
    (FOX, "POST", f"cases/{CEM}/hand_off", {"comment": None}),
]


def test_every_piece_of_state_survives_a_restart_after_every_step(tmp_path: Path) -> None:
    database = tmp_path / "backend.db"
    with backend(database) as first:
        first.fill()
    for number, step in enumerate(EVERYTHING):
        with backend(database) as opened:
            before = deepcopy(everything(opened.app._service.world))
            opened.now = number * HOUR
            assert opened.act(*step)[1]["outcome"] in {"done", "inbox", "requests", "filtered"}
            after = everything(opened.app._service.world)
            assert after != before, step
        with backend(database) as again:
            assert everything(again.app._service.world) == after, step


def test_what_a_trace_says_of_comments_and_pages_survives_a_restart(tmp_path: Path) -> None:
    comments = SMALL["comments"]
    twice = {name: [*values, *values] for name, values in comments.items()}
    with backend(tmp_path / "backend.db") as first:
        first.fill_with(
            # Not in the order of their ids.
            comments={**twice, "id": [COMMENT, 5], "at": [HOUR, -HOUR]},
            threads=thread(FOX, CEM, "requested", by_private_reply=True, answered=HOUR),
            pages=sent(private_replies=3, mailed=4),
        )
        before = everything(first.app._service.world)
    assert before["comments_of"] == {POST: [5, COMMENT]}
    with backend(tmp_path / "backend.db") as second:
        assert everything(second.app._service.world) == before


def test_a_reset_empties_the_file_too(tmp_path: Path) -> None:
    with backend(tmp_path / "backend.db") as first:
        first.fill()
        first.send(ANN, BEN)
        first.admin("reset")
    with backend(tmp_path / "backend.db") as second:
        assert everything(second.app._service.world) == everything(World())
        assert not second.app._service.is_ready


def message(author: int, peer: int) -> tuple[str, str, str, bytes]:
    path = f"/v1/threads/{peer}/messages"
    return "POST", path, account_token(MASTER, author), b'{"text": "hello"}'


def test_neither_a_write_nor_a_read_that_saw_it_is_answered_before_the_commit(
    small: InProcess,
) -> None:
    disk = threading.Event()
    small.store.connection.set_trace_callback(
        lambda statement: disk.wait(10) if statement == "COMMIT" else None
    )

    async def write_and_read() -> None:
        write = asyncio.create_task(small.request(*message(ANN, BEN)))
        await asyncio.sleep(0.02)
        token = account_token(MASTER, BEN)
        read = asyncio.create_task(small.request("GET", "/v1/requests", token, b""))
        done, _ = await asyncio.wait([write, read], timeout=0.1)
        assert not done
        disk.set()
        assert (await write)[0] == 201
        assert b'"peer":0' in (await read)[1]

    small.run(write_and_read())


def test_writes_of_one_moment_share_a_commit(small: InProcess) -> None:
    commits: list[str] = []
    small.store.connection.set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )
    answers = small.all_at_once(*[message(ANN, BEN)] * 50)
    assert {status for status, _ in answers} == {201}
    assert len(commits) == 1


def test_a_store_that_fails_fails_everything_from_then_on(small: InProcess) -> None:
    (pages,) = small.store.connection.execute("PRAGMA page_count").fetchone()
    small.store.connection.execute(f"PRAGMA max_page_count = {pages}")
    stopped: list[bool] = []
    small.store.on_failure = lambda: stopped.append(True)
    long = b'{"text": "' + b"x" * 9000 + b'"}'
    wide = ("POST", f"/v1/threads/{BEN}/messages", account_token(MASTER, ANN), long)
    answers = small.all_at_once(*[wide] * 20)
    assert {status for status, _ in answers} == {503}
    assert stopped == [True]
    assert "full" in str(small.store.failed())
    assert small.act(ANN, "GET", "inbox") == (503, {"error": "the store failed"})
    assert small.ask("GET", "/health")[0] == 503


def test_a_database_has_one_backend(tmp_path: Path) -> None:
    first = Store(tmp_path / "backend.db")
    with pytest.raises(UsageError, match=r"another process holds"):
        Store(tmp_path / "backend.db")
    first.close()
    Store(tmp_path / "backend.db").close()


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all, and long enough to be seen as none" * 20)
    with pytest.raises(UsageError, match=r"not a database; choose another --db"):
        Store(text)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE kept (x)")
    connection.commit()
    connection.close()
    with pytest.raises(UsageError, match=r"not a database of this backend"):
        Store(other)
    with pytest.raises(UsageError, match=r"unable to open"):
        Store(tmp_path / "missing" / "backend.db")


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "backend.db"
    Store(database).close()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with pytest.raises(UsageError, match=r"another version of dmsim .*; choose another --db"):
        Store(database)
