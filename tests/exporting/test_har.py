"""The requests of a trace as an HTTP archive, sent by a client that knows no dmsim."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError
from dmsim.exporting.write import export_requests
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action
from tests.samples import FRIDAY_14, comment, reply, write_trace
from tests.worlds import everything

URL = "http://127.0.0.1:8000"


def entries(trace: Trace, out: Path, adapter: Any = None) -> list[dict[str, Any]]:
    export_requests(trace, out, adapter or ReferenceAdapter("secret"), URL)
    log = json.loads((out / "trace.har").read_text("utf-8"))["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "dmsim")
    found: list[dict[str, Any]] = log["entries"]
    return found


def test_an_entry_is_the_request_that_a_replay_would_send(tmp_path: Path) -> None:
    text = 'O\'Brien "no"\n👩‍👩‍👧 \u202eשלום \0'
    action = {"action": "send_message", "actor": 3, "target": 1, "text": 0, "content": "text"}
    trace = write_trace(tmp_path / "trace", [action], texts=[{"text": text}])
    (entry,) = entries(trace, tmp_path / "out")
    request = entry["request"]
    assert (request["method"], request["url"]) == ("POST", f"{URL}/v1/threads/1/messages")
    assert json.loads(request["postData"]["text"])["text"] == text
    assert request["postData"]["mimeType"] == "application/json"
    headers = {header["name"]: header["value"] for header in request["headers"]}
    assert headers["Host"] == "127.0.0.1:8000"
    assert headers["Authorization"].startswith("Bearer 3.")
    assert request["bodySize"] == len(request["postData"]["text"].encode())
    assert (entry["_action"], entry["_actor"], entry["_verdict"]) == ("send_message", 3, "done")
    moment = datetime.fromisoformat(entry["startedDateTime"])
    assert moment.strftime("%a %H:%M") == "Fri 14:00"


def test_an_entry_without_a_known_verdict_has_none(tmp_path: Path) -> None:
    (entry,) = entries(write_trace(tmp_path / "trace", [{"verdict": None}]), tmp_path / "out")
    assert entry["_verdict"] is None


def test_a_har_holds_every_action_in_the_order_of_time(tmp_path: Path) -> None:
    trace = Trace.open(simulate(everything(), tmp_path / "trace").path)
    found = entries(trace, tmp_path / "out")
    assert [entry["_seq"] for entry in found] == trace.actions()["seq"].to_list()
    moments = [datetime.fromisoformat(entry["startedDateTime"]) for entry in found]
    assert moments == sorted(moments)
    needed = {"request", "response", "cache", "timings", "time", "startedDateTime"}
    assert all(needed <= entry.keys() for entry in found)


class WithoutComments(ReferenceAdapter):
    """Of a backend on which nobody comments."""

    def supports(self, action: Action) -> bool:
        return action != Action.COMMENT


def test_what_an_adapter_cannot_express_is_left_out_with_what_names_it(tmp_path: Path) -> None:
    actions = [comment(0, 5), {"at": FRIDAY_14 + 1}, reply("public_reply", 1, 5)]
    trace = write_trace(tmp_path / "trace", actions)
    facts = export_requests(trace, tmp_path / "out", WithoutComments("secret"), URL)
    log = json.loads((tmp_path / "out" / "trace.har").read_text("utf-8"))["log"]
    assert [entry["_action"] for entry in log["entries"]] == ["open_inbox"]
    assert (facts.rows["requests"], facts.unsupported) == (1, 2)


def test_an_unusable_url_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", [])
    with pytest.raises(UsageError, match="--host ftp://x: not usable"):
        export_requests(trace, tmp_path / "out", ReferenceAdapter("secret"), "ftp://x")
    assert not (tmp_path / "out").exists()


def test_a_trace_without_actions_is_an_archive_without_entries(tmp_path: Path) -> None:
    assert entries(write_trace(tmp_path / "trace", []), tmp_path / "out") == []
