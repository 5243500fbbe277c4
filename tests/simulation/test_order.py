"""What an action comes after is enough: any order that keeps it gives the same verdicts."""

import random
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters.base import ActionRow, LabelledText
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import OF_COMMENTS, TEXTS
from dmsim.vocabulary import Action, ContentKind, Setting, Verdict, Via, Violation, names
from tests.server.inprocess import MASTER, InProcess, backend
from tests.worlds import everything

#: The columns of a request that hold words.
WORDS: dict[str, type[IntEnum]] = {
    "action": Action,
    "via": Via,
    "setting": Setting,
    "content": ContentKind,
    "violation": Violation,
}


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    path = tmp_path_factory.mktemp("order") / "trace"
    return Trace.open(simulate(everything("time.record=20m"), path).path)


def any_allowed_order(rows: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """A random order in which every action comes after all that it must come after."""
    waiting = {row["seq"]: len(row["after"]) for row in rows}
    followers: dict[int, list[dict[str, Any]]] = {row["seq"]: [] for row in rows}
    for row in rows:
        for seq in row["after"]:
            followers[seq].append(row)
    free = [row for row in rows if not row["after"]]
    order = []
    while free:
        row = free.pop(chance.randrange(len(free)))
        order.append(row)
        for follower in followers[row["seq"]]:
            waiting[follower["seq"]] -= 1
            if waiting[follower["seq"]] == 0:
                free.append(follower)
    assert len(order) == len(rows)
    return order


def asked_for(row: dict[str, Any]) -> ActionRow:
    """The request's columns as codes, at the time of the trace."""
    codes = {}
    for column in ActionRow._fields:
        value = row[column]
        if column in WORDS and value is not None:
            value = WORDS[column][value.upper()].value
        codes[column] = -1 if value is None else int(value)
    return ActionRow(**codes)


def outcomes(
    server: InProcess, trace: Trace, rows: list[dict[str, Any]]
) -> dict[int, tuple[str, str]]:
    """Fill the backend, send it all actions one after another, and note what it answers."""
    adapter = ReferenceAdapter(MASTER)
    for request in adapter.provisioning(trace):
        status, _ = server.ask(request.method, request.path, MASTER, request.body)
        assert status == 200
    columns = trace.table(TEXTS).select("id", "text", "violation", "detected")
    texts = {number: LabelledText(*labelled) for number, *labelled in columns.iter_rows()}
    actors = {row["actor"] for row in rows}
    encode = adapter.encoder("backend", actors, texts, timed=True)
    created: dict[int, bytes] = {}
    found: dict[int, tuple[str, str]] = {}
    for row in rows:
        asked = asked_for(row)
        bound = created.get(row["uses"], b"") if asked.action in OF_COMMENTS else b""
        head, _, body = encode(asked, bound).partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        method, path, _ = first.split()
        headers = {name.lower(): value for name, value in (f.split(": ", 1) for f in fields)}
        answer = adapter.decode(asked.action, *server.ask(method, path, None, body, headers))
        assert not answer.error
        found[row["seq"]] = answer.verdict, answer.reason
        if row["binds"] is not None:
            created[row["binds"]] = answer.bound
    return found


def demanded(rows: list[dict[str, Any]]) -> dict[int, tuple[str, str]]:
    return {
        row["seq"]: (row["verdict"], row["reason"] if row["reason"] != "none" else "")
        for row in rows
    }


def test_the_trace_exercises_what_can_conflict(trace: Trace) -> None:
    assert set(trace.manifest.by_action) == set(names(Action))
    actions = trace.actions()
    assert set(actions["verdict"].unique().to_list()) == set(names(Verdict))
    assert actions["after"].list.len().to_numpy().max() > 8


@pytest.mark.parametrize("seed", range(4))
def test_any_order_that_keeps_the_prerequisites_gives_the_same_verdicts(
    trace: Trace, tmp_path: Path, seed: int
) -> None:
    rows = trace.actions().to_dicts()
    # The first run is in the trace's own order: the simulator and the server agree as they stand.
    order = any_allowed_order(rows, random.Random(seed)) if seed else rows
    with backend(tmp_path / "backend.db") as server:
        assert outcomes(server, trace, order) == demanded(rows)


def test_an_order_that_breaks_the_prerequisites_does_not(trace: Trace, tmp_path: Path) -> None:
    rows = trace.actions().to_dicts()
    messages = [row for row in rows if row["action"] == "send_message"]
    others = [row for row in rows if row["action"] != "send_message"]
    with backend(tmp_path / "backend.db") as server:
        assert outcomes(server, trace, others + messages) != demanded(rows)
