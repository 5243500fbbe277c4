"""Whole replays: a trace, a real server in a process of its own, Locust in another."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from dmsim.errors import DmsimError, ExitCode, UsageError
from dmsim.paths import data_path
from dmsim.replay.controls import Controls
from dmsim.replay.judgements import read_judgements
from dmsim.replay.result import ReplayResult, read_result
from dmsim.replay.run import replay
from dmsim.replay.settings import replay_settings
from dmsim.replay.words import origins_lines
from dmsim.trace.schema import TEXTS
from tests.replay.conftest import MakeTrace, Row

LOCUSTFILE = data_path("locustfiles") / "replay.py"


def run(trace: Path, host: str, **more: Any) -> ReplayResult:
    return replay(trace, host=host, out=trace.parent / "out", **more)


def says(*texts: str) -> list[Row]:
    """Messages of different pairs, one after the other, all expected in the inbox."""
    return [
        {"say": text, "actor": 2 * n, "target": 2 * n + 1, "at": 5_000 * n}
        for n, text in enumerate(texts)
    ]


#: A replay that prints the names of its stages as they begin.
TELLING = """
import sys
from contextlib import contextmanager
from pathlib import Path
from dmsim.progress import Silent
from dmsim.replay.run import replay

class Telling(Silent):
    @contextmanager
    def stage(self, name, total, unit, **more):
        print(name, flush=True)
        with super().stage(name, total, unit, **more) as stage:
            yield stage

replay(Path(sys.argv[1]), host=sys.argv[2], out=Path(sys.argv[3]), progress=Telling())
"""


def test_a_backend_that_obeys_matches_everywhere(make_trace: MakeTrace, backend: str) -> None:
    rows = says(*["inbox"] * 60)
    rows += [{"action": "open_inbox", "verdict": "done", "at": 50_000}]
    rows += [{"say": "refused:blocked", "verdict": "refused", "reason": "blocked"}]
    result = run(make_trace(rows), backend)
    assert result.exit_code == 0, result.summary.invalid_because
    assert result.summary.matches == result.summary.sent == 62
    assert result.summary.by_verdict["send_message"]["refused"].matches == 1
    assert result.summary.by_action["open_inbox"].matches == 1
    assert read_result(Path(result.summary.trace).parent / "out").summary == result.summary


def test_a_broken_rule_is_found_and_names_its_trace_line(
    make_trace: MakeTrace, backend: str
) -> None:
    rows = says("inbox", "refused:blocked", "inbox")
    rows += [{"say": "inbox", "actor": 2, "target": 3, "at": 50_000, "after": [1]}]
    result = run(make_trace(rows), backend)
    assert result.exit_code == 1
    summary = result.summary
    assert (summary.matches, summary.mismatches, summary.unjudged) == (2, 1, 1)
    (origin,) = summary.worst_origins
    assert (origin.seq, origin.judgement, origin.unjudged) == (1, "mismatch", 1)
    (mismatch,) = summary.worst_mismatches
    assert (mismatch.seq, mismatch.cell, mismatch.row, mismatch.status) == (1, 0, 1, 200)
    assert (mismatch.expected, mismatch.got, mismatch.got_reason) == ("inbox", "refused", "blocked")


def test_a_reply_names_the_comment_as_the_backend_called_it(
    make_trace: MakeTrace, backend: str
) -> None:
    rows: list[Row] = [
        {"action": "comment", "uses": 1, "binds": 70, "verdict": "done", "say": "done"},
        {"action": "public_reply", "uses": 70, "verdict": "done", "say": "done", "after": [0]},
        {"action": "private_reply", "uses": 70, "say": "inbox", "after": [0, 1]},
    ]
    result = run(make_trace(rows), backend)
    assert (result.exit_code, result.summary.matches) == (0, 3)


def test_every_actions_judgement_is_written_for_whoever_counts_them(
    make_trace: MakeTrace, backend: str
) -> None:
    rows = says("inbox", "refused:blocked", "status:404", "requests", "status:503")
    rows += [{"say": "requests", "actor": 2, "target": 3, "at": 50_000, "after": [1]}]
    rows += [{"say": "inbox", "actor": 8, "target": 9, "at": 60_000, "after": [4]}]
    trace = make_trace(rows, errors_budget=1.0)
    result = run(trace, backend)
    frame = read_judgements(trace.parent / "out")
    assert frame.rows() == [
        (0, "match", "inbox", "none", 200),
        (1, "mismatch", "refused", "blocked", 200),
        (2, "mismatch", "status_404", "none", 404),
        (3, "mismatch", "requests", "none", 200),
        (4, "none", None, None, 503),
        (5, "unjudged", "requests", "none", 200),
        (6, "skipped", None, None, None),
    ]
    assert result.summary.mismatches == 3


#: What a penalty stops in the trace goes through where it is over already.
OF_TIME: list[Row] = [
    {"say": "inbox", "verdict": "refused", "reason": "sender_sanctioned"},
    {"say": "inbox", "after": [0], "at": 2_000},
    {"say": "refused:blocked", "actor": 4, "target": 5},
]


@pytest.mark.parametrize(("speed", "promised"), [(600.0, False), (1.0, True)])
def test_at_another_speed_elapsed_time_is_not_judged(
    make_trace: MakeTrace, backend: str, speed: float, promised: bool
) -> None:
    summary = run(make_trace(OF_TIME, unjudged_budget=1.0), backend, speed=speed).summary
    assert summary.time_promised is promised
    assert summary.unjudged_by_time == (0 if promised else 2)
    assert summary.mismatches == (2 if promised else 1)


def test_in_a_ramp_elapsed_time_is_not_judged(make_trace: MakeTrace, backend: str) -> None:
    trace = make_trace(OF_TIME, unjudged_budget=1.0)
    controls = Controls(ramp_us=100_000)
    summary = run(trace, backend, speed=1.0, controls=controls).summary
    assert (summary.time_promised, summary.unjudged_by_time) == (False, 2)


def test_at_any_speed_elapsed_time_is_judged_if_the_backend_takes_simulated_time(
    make_trace: MakeTrace, timed_backend: str
) -> None:
    trace = make_trace(OF_TIME, unjudged_budget=1.0)
    summary = run(trace, timed_backend, speed=600.0).summary
    assert (summary.time_promised, summary.mismatches, summary.unjudged_by_time) == (True, 2, 0)


@pytest.mark.parametrize(("fixture", "told"), [("backend", "untimed"), ("timed_backend", "77000")])
def test_requests_carry_the_traces_time_only_where_the_backend_takes_it(
    make_trace: MakeTrace, request: pytest.FixtureRequest, fixture: str, told: str
) -> None:
    trace = make_trace([{"say": "time", "at": 77_000}])
    run(trace, request.getfixturevalue(fixture))
    assert read_judgements(trace.parent / "out")["outcome"].to_list() == [told]


def test_an_answer_is_timed_from_its_intended_start_and_waiting_is_told_apart(
    make_trace: MakeTrace, backend: str
) -> None:
    rows = says("slow:0.3:inbox")
    rows += [{"say": "inbox", "actor": 1, "target": 0, "at": 100_000, "after": [0]}]
    summary = run(make_trace(rows), backend).summary
    assert summary.blocked_ms.max is not None
    assert summary.blocked_ms.max > 195
    assert summary.service_ms.max is not None
    assert summary.service_ms.max >= 300


@pytest.mark.parametrize("seconds", [(0.5, 0.2), (0.2, 0.5)])
def test_an_action_waits_for_the_last_of_its_prerequisites_whichever_that_is(
    make_trace: MakeTrace, backend: str, seconds: tuple[float, float]
) -> None:
    rows = says(*(f"slow:{s}:inbox" for s in seconds))
    rows += [
        {"action": "comment", "say": "done", "verdict": "done", "uses": 1, "binds": 70,
         "actor": 4, "target": 5, "at": 10_000, "after": [0, 1]},
    ]  # fmt: skip
    summary = run(make_trace(rows), backend).summary
    assert (summary.matches, summary.unordered) == (3, 0)
    blocked = summary.by_action["comment"].blocked_ms
    assert blocked.max is not None
    assert blocked.max > 485


def test_whatever_lies_between_the_first_cause_of_a_chain_is_named(
    make_trace: MakeTrace, backend: str
) -> None:
    def chain(first: int, actor: int, *texts: str) -> list[Row]:
        return [
            {"say": text, "actor": actor, "target": actor + 1, "at": 10_000 * (first + n),
             "after": [first + n - 1] if n else []}
            for n, text in enumerate(texts)
        ]  # fmt: skip

    rows = chain(0, 0, "status:503", "inbox", "inbox", "inbox")
    rows += chain(4, 2, "refused:blocked", "inbox", "requests", "inbox", "inbox")
    result = run(make_trace(rows, errors_budget=1.0, dropped_budget=1.0), backend)
    unjudged, skipped = result.summary.worst_origins
    assert (unjudged.seq, unjudged.judgement, unjudged.unjudged) == (4, "mismatch", 4)
    assert (skipped.seq, skipped.judgement, skipped.skipped) == (0, "error", 3)
    assert [line.split(":")[1] for line in origins_lines(result)] == [
        " cell=0 row 4 (seq 4)", " cell=0 row 0 (seq 0)",
    ]  # fmt: skip


def test_without_a_free_connection_actions_are_dropped_and_the_run_is_invalid(
    make_trace: MakeTrace, backend: str
) -> None:
    rows = says("slow:0.3:inbox", "inbox")
    rows += [{"say": "inbox", "actor": 2, "target": 3, "at": 900_000, "after": [1]}]
    result = run(make_trace(rows, connections=1), backend)
    assert (result.summary.dropped, result.summary.skipped, result.exit_code) == (1, 1, 4)
    dropped, skipped = result.summary.invalid_because
    assert dropped.startswith("1 actions dropped")
    assert dropped.endswith("larger replay.connections")
    assert skipped.startswith("1 actions skipped")
    assert skipped.endswith("most because of cell=0 row 1 (seq 1): send_message, dropped")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("garbage", "not HTTP"),
        ("nonsense", "status 200 with a body that is no answer"),
        ("status:503", "status 503"),
        ("close", "connection lost"),
        ("hang", "timeout"),
        ("huge", "answer too large"),
    ],
)
def test_an_answer_that_says_nothing_is_an_error_and_voids_the_run(
    make_trace: MakeTrace, backend: str, text: str, kind: str
) -> None:
    rows = says("inbox", text, "inbox")
    rows += [{"say": "inbox", "actor": 2, "target": 3, "at": 20_000, "after": [1]}]
    result = run(make_trace(rows, timeout="400ms"), backend)
    summary = result.summary
    assert (summary.matches, summary.errors, summary.skipped, result.exit_code) == (2, 1, 1, 4)
    assert summary.error_kinds == {kind: 1}


def test_a_backend_that_dies_ends_the_run_soon_and_keeps_what_had_finished(
    make_trace: MakeTrace, backend: str
) -> None:
    rows = says("inbox", "inbox", "die")
    rows += [{"say": "inbox", "actor": n, "at": 20_000 * n} for n in range(10, 3000)]
    began = time.monotonic()
    result = run(make_trace(rows), backend)
    assert time.monotonic() - began < 30
    assert result.exit_code == 4
    assert result.summary.matches == 2
    assert "the backend stopped answering" in result.summary.invalid_because[0]


def test_a_backend_that_is_down_is_a_usage_error(make_trace: MakeTrace, backend: str) -> None:
    with pytest.raises(UsageError, match="nothing listens there"):
        run(make_trace(says("inbox")), "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"adapter": "smoke"}, "no such adapter; known are: graph, matrix, reference"),
        ({"speed": 0.0}, "--speed 0: must be above 0"),
        ({"host": "http://192.0.2.1"}, "--allow-host 192.0.2.1"),
    ],
)
def test_what_cannot_be_used_is_refused(
    make_trace: MakeTrace, backend: str, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        run(make_trace(says("inbox")), **{"host": backend, **options})


def test_a_trace_without_actions_is_an_invalid_run(make_trace: MakeTrace, backend: str) -> None:
    result = run(make_trace([]), backend)
    assert (result.exit_code, result.summary.actions) == (4, 0)
    assert result.summary.invalid_because == [
        "the trace holds no actions; simulate more persons or record longer"
    ]


def test_an_interrupted_replay_keeps_what_had_finished(make_trace: MakeTrace, backend: str) -> None:
    rows = says("inbox")
    rows += [{"say": "inbox", "at": 60_000_000}]
    trace = make_trace(rows)
    out = trace.parent / "out"
    with subprocess.Popen(
        [sys.executable, "-c", TELLING, str(trace), backend, str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != b"replay\n":
            assert line, process.stderr and process.stderr.read()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in stderr
    summary = read_result(out).summary
    assert (summary.matches, summary.valid) == (1, False)
    assert summary.invalid_because == ["stopped before its end: interrupted"]


def test_a_replaying_process_that_dies_is_an_invalid_run_and_what_had_finished_is_kept(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace([*says("inbox", "requests"), {"say": "inbox", "at": 60_000_000}])

    def kill_worker() -> None:
        while not (trace.parent / "out" / "parts" / "run.json").exists():
            time.sleep(0.05)
        time.sleep(2)
        me = os.getpid()
        for child in Path(f"/proc/{me}/task/{me}/children").read_text().split():
            if b"dmsim.replay.process" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)

    killer = threading.Thread(target=kill_worker)
    killer.start()
    summary = run(trace, backend).summary
    killer.join()
    assert (summary.matches, summary.mismatches, summary.valid) == (1, 1, False)
    assert "the replaying process died" in summary.invalid_because[0]


def test_an_error_of_ours_is_told_as_such(make_trace: MakeTrace, backend: str) -> None:
    impossible = msgspec.structs.replace(replay_settings({}), speed=0.0)
    with pytest.raises(DmsimError, match="internal error: ZeroDivisionError") as caught:
        run(make_trace(says("inbox")), backend, settings=impossible)
    assert caught.value.exit_code == ExitCode.INTERNAL


def test_results_that_cannot_be_written_are_told_as_such(
    make_trace: MakeTrace, backend: str
) -> None:
    with pytest.raises(UsageError, match="the results cannot be written"):
        replay(make_trace(says("inbox")), host=backend, out=Path("/proc/nowhere"))


def test_an_altered_trace_is_refused_before_the_backend_hears_of_it(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace(says("inbox"))
    texts = trace / TEXTS.path
    pl.read_parquet(texts).with_columns(text=pl.lit("refused:blocked")).write_parquet(texts)
    with pytest.raises(UsageError, match="do not match its manifest"):
        run(trace, backend)
    assert not (trace.parent / "out").exists()


def test_a_worker_that_cannot_read_its_job_says_so_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dmsim.replay.process", "alone"],
        input="nonsense",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == ExitCode.INTERNAL
    assert "internal error: DecodeError" in json.loads(done.stdout)["error"]
    assert done.stderr == ""


def locust(
    trace: Path, *arguments: str, file: Path = LOCUSTFILE
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "locust", "-f", str(file)]
    return subprocess.run(
        [*command, "--headless", "--trace", str(trace), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ,
    )


def test_plain_locust_replays_and_shows_response_times_by_action(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace(says("inbox", "slow:0.2:inbox", "inbox"))
    done = locust(trace, "--host", backend, "--json")
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads(done.stdout)
    assert (entry["name"], entry["num_requests"], entry["num_failures"]) == ("send_message", 3, 0)
    assert entry["max_response_time"] >= 200
    assert read_result(trace / "replay").summary.matches == 3
    again = locust(trace, "--host", backend)
    assert again.returncode == 5
    assert "--force" in again.stderr


def test_plain_locust_exits_with_the_verdict_on_the_run(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace(says("inbox", "requests"))
    done = locust(trace, "--host", backend, "-u", "3")
    assert done.returncode == 1
    assert "mismatch: cell=0 row 1 (seq 1): send_message of 2 to 3" in done.stderr
    assert read_result(trace / "replay").summary.limits.connections == 3


def test_plain_locust_takes_the_controls(make_trace: MakeTrace, backend: str) -> None:
    trace = make_trace([*says("inbox", "inbox"), {"action": "follow", "at": 60_000_000}])
    done = locust(trace, "--host", backend, "--for", "1m", "--max-rps", "100", "--ramp", "10ms")
    assert done.returncode == 0, done.stderr
    summary = read_result(trace / "replay").summary
    assert (summary.actions, summary.sent) == (2, 2)
    assert (summary.controls.for_us, summary.controls.ramp_us) == (60_000_000, 10_000)


@pytest.mark.parametrize("part", ["user.ReplayAlone", "locust_options.resolve_target"])
def test_an_error_of_ours_ends_plain_locust_with_70_and_one_line(
    make_trace: MakeTrace, backend: str, tmp_path: Path, part: str
) -> None:
    broken = tmp_path / "broken.py"
    module, name = part.split(".")
    broken.write_text(f"from dmsim.replay import {module}\n{module}.{name} = None\n")
    with broken.open("a") as file:
        file.write(LOCUSTFILE.read_text())
    done = locust(make_trace(says("inbox")), "--host", backend, file=broken)
    assert done.returncode == ExitCode.INTERNAL, done.stderr
    assert done.stderr.count("internal error: TypeError: 'NoneType' object is not callable") == 1
    assert "Traceback" not in done.stderr


def test_a_run_time_that_ends_the_replay_early_voids_it(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace([*says("inbox"), {"say": "inbox", "at": 60_000_000}])
    done = locust(trace, "--host", backend, "--run-time", "2s")
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert read_result(trace / "replay").summary.matches == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--host is missing"),
        (("--host", "http://192.0.2.1"), "--allow-host 192.0.2.1"),
        (("--host", "http://127.0.0.1:1"), "nothing listens there"),
        (("--host", "http://127.0.0.1:1", "--speed", "fast"), "not a number"),
        (("--host", "http://127.0.0.1:1", "--max-rps", "1.5"), "not a whole number"),
        (("--host", "http://127.0.0.1:1", "--from", "1h"), "dmsim slice"),
        (("--host", "http://127.0.0.1:1", "--except", "folow"), "did you mean follow"),
    ],
)
def test_plain_locust_refuses_what_cannot_be_used(
    make_trace: MakeTrace, backend: str, arguments: tuple[str, ...], complaint: str
) -> None:
    done = locust(make_trace(says("inbox")), *arguments)
    assert done.returncode == 5
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
