"""Filling a backend: whole chunks or nothing, and ready only once."""

from copy import deepcopy
from pathlib import PurePosixPath
from typing import Any

import pytest

from dmsim.trace.schema import INITIAL
from tests.server.inprocess import ANN, BEN, CEM, FOX, POLICY, POST, SMALL, InProcess

WHOLE: dict[str, dict[str, list[Any]]] = {
    **SMALL,
    "follows": {"follower": [ANN], "followed": [BEN]},
    "contacts": {"account": [CEM], "other": [ANN]},
    "blocks": {"blocker": [ANN], "blocked": [CEM]},
    "threads": {
        "requester": [BEN, CEM, FOX],
        "other": [ANN, BEN, ANN],
        "thread": ["requested", "accepted", "deleted"],
    },
}


def test_every_table_of_a_trace_is_taken_with_all_its_columns(empty: InProcess) -> None:
    assert {PurePosixPath(table.path).stem for table in INITIAL} == set(WHOLE)
    for table in INITIAL:
        columns = WHOLE[PurePosixPath(table.path).stem]
        assert set(columns) == set(table.columns)
    empty.fill(WHOLE)
    _, answer = empty.act(ANN, "GET", "requests")
    assert [entry["peer"] for entry in answer["requests"]] == [BEN]
    assert empty.send(BEN, CEM) == "inbox"
    assert empty.send(CEM, ANN) == "blocked"


def test_health_tells_how_far_provisioning_is(empty: InProcess) -> None:
    def health() -> Any:
        status, content = empty.ask("GET", "/health")
        assert status == 200
        return content

    assert health() == b'{"status":"ok","ready":false,"digest":null,"accounts":0}'
    assert empty.act(ANN, "GET", "inbox") == (503, {"error": "not provisioned"})
    empty.fill()
    assert health() == b'{"status":"ok","ready":true,"digest":"d1","accounts":6}'
    assert empty.admin("reset")[0] == 200
    assert health() == b'{"status":"ok","ready":false,"digest":null,"accounts":0}'


def test_a_reset_backend_can_be_filled_again(small: InProcess) -> None:
    small.send(ANN, BEN)
    small.admin("reset")
    small.fill()
    assert small.act(BEN, "GET", "requests")[1]["requests"] == []
    assert small.send(ANN, BEN) == "requests"


def test_a_ready_backend_takes_no_more_tables(small: InProcess) -> None:
    chunk = {"table": "follows", "columns": WHOLE["follows"]}
    assert small.admin("load", chunk)[0] == 409
    assert small.admin("ready", {"digest": "d2", "policy": POLICY._asdict()})[0] == 409


@pytest.mark.parametrize(
    ("table", "column", "values", "told"),
    [
        ("accounts", "id", [6, 7, 8, 9, 10, 12], "without gaps"),
        ("accounts", "id", [0, 1, 2, 3, 4, 5], "without gaps"),
        ("accounts", "kind", ["robot"] * 6, "person, brand"),
        ("accounts", "age", [300] * 6, "$.age[0]"),
        ("accounts", "registered", [1] * 6, "$.registered[0]"),
        ("accounts", "shoe_size", [1] * 6, "shoe_size"),
        ("posts", "id", [POST], "twice"),
        ("posts", "page", [6], "account 6"),
        ("settings", "setting", ["anybody"], "no_one, friends"),
        ("settings", "account", [0, 1], "unequal"),
        ("follows", "follower", [6], "account 6"),
        ("follows", "follower", [BEN], "itself"),
        ("follows", "follower", [-1], "$.follower[0]"),
        ("follows", "follower", ["0"], "$.follower[0]"),
        ("follows", "follower", 0, "$.follower"),
        ("threads", "thread", ["none"] * 3, "no row"),
        ("threads", "requester", [BEN, CEM, BEN], "twice"),
        ("comments", "post", [POST + 1], "not loaded"),
        ("comments", "author", [2**40], "$.author[0]"),
    ],
)
def test_a_wrong_chunk_is_refused_whole(
    empty: InProcess, table: str, column: str, values: object, told: str
) -> None:
    for before in ("accounts", "posts"):
        empty.admin("load", {"table": before, "columns": SMALL[before]})
    columns: dict[str, Any] = deepcopy(WHOLE[table])
    if table == "accounts":
        columns["id"] = [id_ + 6 for id_ in columns["id"]]
    elif table == "posts":
        columns["id"] = [POST + 1]
    columns[column] = values
    status, answer = empty.admin("load", {"table": table, "columns": columns})
    assert status == 400
    assert told in answer["error"]
    assert not empty.store.changes


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"table": "accounts"},
        {"table": "passwords", "columns": {}},
        {"table": "follows", "columns": {}},
        {"table": "follows", "columns": []},
    ],
)
def test_a_load_without_table_or_columns_is_malformed(empty: InProcess, body: object) -> None:
    assert empty.admin("load", body)[0] == 400


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {**POLICY._asdict(), "gravity": True},
        {**POLICY._asdict(), "minimum_age": "16"},
        {**POLICY._asdict(), "public_reply_first": 1},
    ],
)
def test_a_policy_must_be_whole(empty: InProcess, policy: object) -> None:
    assert empty.admin("ready", {"digest": "d", "policy": policy})[0] == 400
    assert empty.admin("ready", {"digest": "", "policy": POLICY._asdict()})[0] == 400
