"""What was answered is in the file; what is not in the file is not told."""

import asyncio
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.adapters.tokens import account_token
from dmsim.errors import UsageError
from dmsim.server.state import World
from dmsim.server.store import Store
from tests.server.inprocess import ANN, BEN, COMMENT, FOX, MASTER, POST, InProcess, backend

PEOPLE = st.integers(0, 5)
TEXT = {"text": "hello"}
STEPS = st.one_of(
    st.tuples(PEOPLE, st.just("POST"), PEOPLE.map("threads/{}/messages".format), st.just(TEXT)),
    st.tuples(PEOPLE, st.just("POST"), PEOPLE.map("threads/{}/read".format), st.none()),
    st.tuples(PEOPLE, st.just("POST"), PEOPLE.map("requests/{}/accept".format), st.none()),
    st.tuples(PEOPLE, st.just("DELETE"), PEOPLE.map("requests/{}".format), st.none()),
    st.tuples(
        PEOPLE,
        st.sampled_from(["PUT", "DELETE"]),
        st.builds("{}/{}".format, st.sampled_from(["blocks", "follows"]), PEOPLE),
        st.none(),
    ),
    st.tuples(
        PEOPLE,
        st.just("PUT"),
        st.just("settings/messages"),
        st.sampled_from(["no_one", "friends", "everyone"]).map(lambda word: {"setting": word}),
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
        st.just(TEXT),
    ),
)


def everything(world: World) -> dict[str, Any]:
    """The world's state with the order of every list."""
    state = dict(vars(world))
    for name in ("inboxes", "requests"):
        lists = state[name].items()
        state[name] = {account: list(entries) for account, entries in lists if entries}
    return state


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=40))
def test_a_restarted_backend_is_where_it_was(steps: list[tuple[int, str, str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "backend.db"
        with backend(database) as first:
            first.fill()
            for step in steps:
                first.act(*step)
            before = everything(first.app._service.world)
        with backend(database) as second:
            service = second.app._service
            assert everything(service.world) == before
            assert (service.digest, service.is_ready) == ("d1", True)


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

    small._runner.run(write_and_read())


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
