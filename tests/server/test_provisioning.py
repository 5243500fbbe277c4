"""Filling a backend: whole chunks or nothing, and ready only once."""

import json
from copy import deepcopy
from pathlib import PurePosixPath
from typing import Any

import pytest

from dmsim.trace.schema import INITIAL
from tests.server.inprocess import (
    ACCOUNTS,
    ANN,
    BEN,
    CEM,
    DOT,
    EVE,
    FOX,
    GIL,
    POLICY,
    POST,
    SMALL,
    InProcess,
    Tables,
    record,
    thread,
)
from tests.server.seen import conversations, entry, requests

THREADS = [
    thread(BEN, ANN, "requested", other_unread=2, other_visible=2),
    thread(CEM, BEN, "accepted", requester_unread=3, requester_visible=4, requester_muted=True),
    thread(FOX, ANN, "deleted", requested_count=2, other_visible=0),
    thread(CEM, ANN, "requested", filtered=True, requested_count=1),
]

WHOLE: Tables = {
    **SMALL,
    "acquaintances": {"account": [CEM], "other": [GIL]},
    "standings": record(DOT, standing="warned", violations=1, worst="minor"),
    "presence": {"account": [BEN], "active": [-5]},
    "follows": {"follower": [ANN], "followed": [BEN]},
    "contacts": {"account": [CEM], "other": [ANN]},
    "blocks": {"blocker": [ANN], "blocked": [CEM]},
    "threads": {name: [row[name][0] for row in THREADS] for name in THREADS[0]},
    "pages": {
        "page": [FOX],
        "hour": [3],
        "private_replies": [2],
        "second": [-1],
        "mailed": [0],
    },
}


IN_ORDER = [PurePosixPath(table.path).stem for table in INITIAL]


def test_every_table_of_a_trace_is_taken_with_all_its_columns(empty: InProcess) -> None:
    assert set(IN_ORDER) == set(WHOLE)
    for name, table in zip(IN_ORDER, INITIAL, strict=True):
        assert set(WHOLE[name]) == set(table.columns)
    empty.fill(
        {PurePosixPath(table.path).stem: WHOLE[PurePosixPath(table.path).stem] for table in INITIAL}
    )
    assert requests(empty, ANN) == [BEN]
    assert requests(empty, ANN, "requests/filtered") == [CEM]
    assert conversations(empty, CEM) == [(ANN, 0), (BEN, 3)]
    assert entry(empty, CEM, BEN)["muted"]
    assert conversations(empty, FOX) == [(ANN, 0)]
    assert empty.send(BEN, CEM) == "inbox"
    assert empty.send(CEM, ANN) == "blocked"


def test_what_a_trace_says_of_accounts_counts(empty: InProcess) -> None:
    empty.fill_with(
        standings=record(CEM, standing="dm_banned", until=50, device_banned=True),
        presence={"account": [BEN], "active": [-5]},
        acquaintances={"account": [ANN], "other": [CEM]},
        threads=thread(FOX, ANN, "requested", requested_count=3),
    )
    assert empty.send(CEM, ANN) == "sender_sanctioned"
    assert empty.say(ANN, "GET", f"accounts/{BEN}/presence") == "shown"
    assert empty.say(ANN, "GET", f"accounts/{CEM}/presence") == "not_active"
    assert empty.act(ANN, "GET", "sticker_sets")[1]["sticker_sets"] == [3, 7]
    assert empty.send(FOX, ANN) == "business_limit"
    assert empty.say(ANN, "PUT", f"family/{GIL}/restriction", {"on": True}) == "done"
    assert empty.say(ANN, "PUT", f"family/{BEN}/restriction", {"on": True}) == "not_guardian"


def test_a_device_that_is_banned_in_the_trace_registers_nobody(empty: InProcess) -> None:
    empty.fill_with(standings=record(BEN, device_banned=True))
    assert empty.say(EVE, "POST", "accounts") == "device_banned"


def test_health_tells_how_far_provisioning_is(empty: InProcess) -> None:
    def health() -> dict[str, Any]:
        status, content = empty.ask("GET", "/health")
        assert status == 200
        return dict(json.loads(content))

    listening = {"events": {"open": 0, "slow": 0}}
    nothing = {"status": "ok", "ready": False, "digest": None, "accounts": 0, **listening}
    assert health() == {**nothing, "simulated_time": True}
    assert empty.act(ANN, "GET", "inbox") == (503, {"error": "not provisioned"})
    empty.fill()
    filled = {"status": "ok", "ready": True, "digest": "d1", "accounts": ACCOUNTS, **listening}
    assert health() == {**filled, "simulated_time": True}
    assert empty.admin("reset")[0] == 200
    assert health() == {**nothing, "simulated_time": True}


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
        ("accounts", "id", [8, 9, 10, 11, 12, 13, 14, 16], "accounts.id must go on from 8"),
        ("accounts", "id", list(range(8)), "accounts.id must go on from 8"),
        ("accounts", "kind", ["robot"] * 8, "accounts.kind: unknown word; one of person, brand"),
        ("accounts", "age", [300] * 8, "accounts: Expected `int` <= 255 - at `$.age[0]`"),
        ("accounts", "registered", [1] * 8, "$.registered[0]"),
        ("accounts", "region", ["mars"] * 8, "accounts.region: unknown word"),
        ("accounts", "device", [-1] * 8, "$.device[0]"),
        ("accounts", "joined", ["x"] * 8, "$.joined[0]"),
        ("accounts", "everyone_offered", None, "$.everyone_offered"),
        ("accounts", "name", [None] * 8, "$.name[0]"),
        ("accounts", "shoe_size", [1] * 8, "shoe_size"),
        ("posts", "id", [POST], "posts.id comes twice"),
        ("posts", "page", [8], "posts.page names account 8"),
        ("guardians", "teen", [ANN], "guardians.teen: an account is paired with itself"),
        ("acquaintances", "other", [8], "acquaintances.other names account 8"),
        ("settings", "setting", ["anybody"], "settings.setting: unknown word; one of no_one"),
        ("settings", "account", [0, 1], "settings: columns of unequal length: account 2"),
        ("settings", "account", [8], "settings.account names account 8"),
        ("settings", "read_status", ["on"], "$.read_status[0]"),
        ("standings", "standing", ["bad"], "standings.standing: unknown word"),
        ("standings", "worst", ["awful"], "standings.worst: unknown word"),
        ("standings", "until", [2**63], "$.until[0]"),
        ("standings", "violations", [-1], "$.violations[0]"),
        ("standings", "account", [8], "standings.account names account 8"),
        ("presence", "account", [8], "presence.account names account 8"),
        ("presence", "active", [None], "$.active[0]"),
        ("follows", "follower", [8], "follows.follower names account 8"),
        ("follows", "follower", [BEN], "itself"),
        ("follows", "follower", [-1], "$.follower[0]"),
        ("follows", "follower", ["0"], "$.follower[0]"),
        ("follows", "follower", 0, "$.follower"),
        ("threads", "thread", ["none"] * 4, "threads.thread: a pair without"),
        ("threads", "requester", [BEN, CEM, BEN, CEM], "twice"),
        ("threads", "other_unread", [-1] * 4, "$.other_unread[0]"),
        ("threads", "filtered", [0] * 4, "$.filtered[0]"),
        ("comments", "post", [POST + 1], "comments.post names a post that is not loaded"),
        ("comments", "author", [2**40], "$.author[0]"),
        ("comments", "at", ["x"], "$.at[0]"),
        ("threads", "answered", [-2] * 4, "$.answered[0]"),
        ("threads", "by_private_reply", [0] * 4, "$.by_private_reply[0]"),
        ("pages", "page", [8], "pages.page names account 8"),
        ("pages", "hour", [-2], "$.hour[0]"),
        ("pages", "mailed", [-1], "$.mailed[0]"),
        ("videos", "author", [8, 8], "videos.author names account 8"),
        ("videos", "id", [9, 9], "videos.id comes twice"),
        ("videos", "private", [1, 1], "$.private[0]"),
        ("sticker_sets", "sticker_set", [1, 24], "sticker_sets.sticker_set must be less than 24"),
        ("sticker_sets", "sticker_set", [1, 1], "sticker_sets.sticker_set comes twice"),
        ("sticker_sets", "place", [1, 1], "sticker_sets.place comes twice"),
        ("sticker_sets", "account", [8, 8], "sticker_sets.account names account 8"),
    ],
)
def test_a_wrong_chunk_is_refused_whole(
    empty: InProcess, table: str, column: str, values: object, told: str
) -> None:
    for before in ("accounts", "posts"):
        empty.admin("load", {"table": before, "columns": SMALL[before]})
    columns: dict[str, Any] = deepcopy(WHOLE[table])
    if table == "accounts":
        columns["id"] = [id_ + ACCOUNTS for id_ in columns["id"]]
    elif table == "posts":
        columns["id"] = [POST + 1]
    columns[column] = values
    status, answer = empty.admin("load", {"table": table, "columns": columns})
    assert status == 400
    assert told in answer["error"]
    assert not empty.store.changes


@pytest.mark.parametrize("table", sorted(WHOLE))
def test_a_column_that_is_missing_is_named(empty: InProcess, table: str) -> None:
    for column in WHOLE[table]:
        columns = {name: values for name, values in WHOLE[table].items() if name != column}
        status, answer = empty.admin("load", {"table": table, "columns": columns})
        if column in {"locale", "platform", "archetype", "utc_offset"}:
            assert status == 200
            empty.admin("reset")
        else:
            assert status == 400
            assert answer["error"].startswith(f"{table}: ")
            assert f"`{column}`" in answer["error"]


def test_panels_may_come_in_pieces_but_not_twice(small: InProcess) -> None:
    small.admin("reset")
    small.admin("load", {"table": "accounts", "columns": SMALL["accounts"]})

    def load(sticker_set: int, place: int) -> int:
        row = {"account": [BEN], "sticker_set": [sticker_set], "place": [place]}
        return small.admin("load", {"table": "sticker_sets", "columns": row})[0]

    assert [load(1, 5), load(2, 0), load(1, 9), load(3, 5)] == [200, 200, 400, 400]


def test_a_device_must_be_an_account(empty: InProcess) -> None:
    columns = {**SMALL["accounts"], "device": [0, 1, 2, 3, 99, 5, 6, 7]}
    assert empty.admin("load", {"table": "accounts", "columns": columns})[0] == 200
    status, answer = empty.admin("ready", {"digest": "d", "policy": POLICY._asdict()})
    assert (status, answer["error"]) == (
        400,
        "accounts.device names account 99, which is not loaded",
    )


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
        {**POLICY._asdict(), "dm_ban_hours_least": -1},
        {**POLICY._asdict(), "dm_ban_hours_least": 10**9},
        {**POLICY._asdict(), "dm_ban_hours_least": True},
    ],
)
def test_a_policy_must_be_whole(empty: InProcess, policy: object) -> None:
    assert empty.admin("ready", {"digest": "d", "policy": policy})[0] == 400
    assert empty.admin("ready", {"digest": "", "policy": POLICY._asdict()})[0] == 400


def test_a_policy_may_count_in_hours(empty: InProcess) -> None:
    policy = POLICY._replace(view_only_hours_most=8760)._asdict()
    assert empty.admin("ready", {"digest": "d", "policy": policy})[0] == 200


@pytest.mark.parametrize("now", ["0", 1.5, None, 2**70])
def test_the_time_of_a_trace_is_a_whole_number(empty: InProcess, now: object) -> None:
    ready = {"digest": "d", "policy": POLICY._asdict(), "now": now}
    assert empty.admin("ready", ready)[0] == 400
