"""Users who listen: when messages arrive, and which ones should not have."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dmsim.errors import UsageError
from dmsim.replay.controls import Controls
from dmsim.replay.job import Job
from dmsim.replay.plan import open_trace, plan_of
from dmsim.replay.result import ARRIVAL, ListeningSummary, ReplayResult, read_result
from dmsim.replay.run import replay
from dmsim.replay.transport import Transport
from dmsim.trace.schema import FOLLOWS
from tests.replay.conftest import MakeTrace, Row
from tests.replay.listening_service import Service, serving

MS = 1000
FRIENDS = {FOLLOWS: [{"follower": a, "followed": a ^ 1} for a in range(8)]}

ADAPTER = """
[auth]
kind = "header"
name = "X-User"
value = "{{actor}}"

[listen]
{listen}

[actions.open_inbox]
request = "GET /health"
[[actions.open_inbox.outcomes]]
status = 200
outcome = "done"

[actions.send_message]
request = "POST /messages/{{target}}"
raw = "{{text}}"
capture.message = {{ json = "id", keep = "object" }}

[[outcomes]]
status = 201
outcome = "inbox"
[[outcomes]]
status = 403
outcome = "refused:blocked"
"""

LONG_POLL = """
kind = "long_poll"
first.request = "GET /poll"
request = "GET /poll?since={since}"
capture.since = { json = "next" }
message = "rooms.join.*.events[].id"
text = "rooms.join.*.events[].text"
"""
WEBSOCKET = 'kind = "websocket"\nrequest = "GET /frames"\nmessage = "id"\ntext = "text"'
SSE = 'kind = "sse"\nrequest = "GET /events"\nmessage = "id"\ntext = "text"'


def visits(*actors: int, begin: int = 0, end: int = 1500) -> list[Row]:
    """Somebody opens the inbox twice and is online in between; times in ms."""
    inbox = {"action": "open_inbox", "target": None, "verdict": "done"}
    return [{**inbox, "actor": a, "at": at * MS} for a in actors for at in (begin, end)]


def says(*texts: str, at: int = 400, **more: Any) -> list[Row]:
    return [{"say": text, "at": (at + n) * MS, **more} for n, text in enumerate(texts)]


def heard(result: ReplayResult) -> ListeningSummary:
    assert result.summary.listening is not None
    return result.summary.listening


def messages(listening: ListeningSummary) -> dict[str, int]:
    """The counts of messages that are not 0."""
    counts = ("expected", "seen", "never_seen", "unknown", "unidentified", "unexplained", "leaked")
    return {name: n for name in counts if (n := getattr(listening, name))}


def connections(listening: ListeningSummary) -> dict[str, int]:
    counts = ("sessions", "opened", "refused", "unopened", "dropped", "broken", "garbled")
    return {name: n for name in counts if (n := getattr(listening, name))}


@pytest.fixture
def adapter(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    file = tmp_path / "adapter.toml"
    file.write_text(ADAPTER.format(listen=request.param))
    return str(file)


@pytest.mark.parametrize("workers", [1, 2])
def test_messages_of_friends_arrive_over_server_sent_events(
    make_trace: MakeTrace, tmp_path: Path, workers: int
) -> None:
    rows = [*visits(*range(8))]
    rows += [{"say": "hello", "actor": n, "target": n ^ 1, "at": (400 + n) * MS} for n in range(8)]
    # Nobody listens yet, or any more.
    rows += [*says("early", actor=4, target=5, at=-1), *says("late", actor=4, target=5, at=1900)]
    rows = [{**row, "at": row["at"] + 10 * MS} for row in rows]
    trace = make_trace(rows, FRIENDS)
    result = replay(trace, out=tmp_path / "out", workers=workers, listen=True)
    assert result.exit_code == 0, result.summary.invalid_because
    listening = heard(result)
    # Who sends the late message is online until then.
    assert connections(listening) == {"sessions": 8, "opened": 8}
    assert listening.most_at_once == 8
    assert messages(listening) == {"expected": 8, "seen": 8}
    assert listening.arrival_ms.p50 is not None
    assert 0 < listening.arrival_ms.p50 <= (listening.arrival_from_intended_ms.p50 or 0)
    assert len(read_result(tmp_path / "out").histograms[ARRIVAL]["send_message"]) == 8


@pytest.mark.parametrize("adapter", [LONG_POLL, WEBSOCKET], indirect=True)
def test_messages_arrive_lost_ones_are_missed_and_leaks_named(
    make_trace: MakeTrace, tmp_path: Path, adapter: str
) -> None:
    rows = [*visits(1, 2, end=2600), *says("one", "two", "lost")]
    rows += says("leak", verdict="refused", reason="blocked", at=600)
    rows += says("three", target=2, at=700)
    service = Service()
    with serving(service) as url:
        result = replay(
            make_trace(rows), out=tmp_path / "out", host=url, adapter=adapter, listen=True
        )
    listening = heard(result)
    # Who writes is online, too.
    assert connections(listening) == {"sessions": 3, "opened": 3}, listening.troubles
    assert messages(listening) == {"expected": 4, "seen": 3, "never_seen": 1, "leaked": 1}
    (leak,) = listening.worst_leaks
    assert (leak.seq, leak.expected_reason, leak.got) == (7, "blocked", "arrived")
    assert result.summary.mismatches == 0
    assert result.exit_code == 1
    assert service.polls < 30


@pytest.mark.parametrize("adapter", [SSE], indirect=True)
def test_a_connection_that_the_backend_ends_is_broken_and_not_opened_anew(
    make_trace: MakeTrace, tmp_path: Path, adapter: str
) -> None:
    rows = [*visits(1), *says("first"), *says("second", at=700)]
    with serving(Service()) as url:
        result = replay(
            make_trace(rows), out=tmp_path / "out", host=url, adapter=adapter, listen=True
        )
    listening = heard(result)
    assert connections(listening) == {"sessions": 2, "opened": 2, "broken": 1}
    assert listening.troubles == {"ended by the backend": 1}
    # The second message came when nobody listened any more.
    assert messages(listening) == {"expected": 1, "seen": 1}


@pytest.mark.parametrize("adapter", [SSE.replace("/events", "/nowhere")], indirect=True)
def test_who_may_not_listen_is_refused(make_trace: MakeTrace, tmp_path: Path, adapter: str) -> None:
    with serving(Service()) as url:
        result = replay(
            make_trace([*visits(1), *says("hello")]),
            out=tmp_path / "out", host=url, adapter=adapter, listen=True,
        )  # fmt: skip
    listening = heard(result)
    assert connections(listening) == {"sessions": 1, "refused": 1}
    assert listening.troubles == {"status 404": 1}
    assert messages(listening) == {}
    assert result.exit_code == 0


def test_no_more_connections_are_held_than_allowed(make_trace: MakeTrace, tmp_path: Path) -> None:
    trace = make_trace(visits(*range(8)), listeners=3, listen=True)
    listening = heard(replay(trace, out=tmp_path / "out"))
    assert connections(listening) == {"sessions": 8, "opened": 3, "dropped": 5}
    assert listening.most_at_once == 3


def test_repeated_replays_add_up(make_trace: MakeTrace, tmp_path: Path) -> None:
    trace = make_trace([*visits(0, 1, end=800), *says("hello")], FRIENDS)
    result = replay(trace, out=tmp_path / "out", listen=True, controls=Controls(repeat=2))
    listening = heard(result)
    assert connections(listening) == {"sessions": 4, "opened": 4}
    assert messages(listening) == {"expected": 2, "seen": 2}
    assert listening.most_at_once == 2


def test_nobody_listens_unless_asked_to(make_trace: MakeTrace, tmp_path: Path) -> None:
    result = replay(make_trace(visits(1, end=100)), out=tmp_path / "out")
    assert result.summary.listening is None
    assert ARRIVAL not in result.histograms


@pytest.mark.parametrize(
    ("adapter_name", "proxy", "complaint"),
    [
        ("graph", "", "--listen: graph says nothing of held connections; leave it out"),
        ("reference", "http://127.0.0.1:1", "--listen: connections are not held through a proxy"),
    ],
)
def test_what_cannot_listen_is_refused_before_anything_is_sent(
    make_trace: MakeTrace, adapter_name: str, proxy: str, complaint: str
) -> None:
    trace = make_trace(visits(1))
    job = Job(
        trace=str(trace), host="http://127.0.0.1:1", out="", adapter=adapter_name, listen=True,
        transport=Transport(proxy=proxy),
    )  # fmt: skip
    with pytest.raises(UsageError, match=complaint):
        plan_of(job, open_trace(job), "token")


#: A replay that tells when it replays, and listens.
LISTENING = """
import sys
from contextlib import contextmanager
import signal
import subprocess
import sys
import time
from pathlib import Path
from dmsim.progress import Silent
from dmsim.replay.run import replay

class Telling(Silent):
    @contextmanager
    def stage(self, name, total, unit="", **_):
        print(name, flush=True)
        with super().stage(name, total, unit) as stage:
            yield stage

trace, out, workers = sys.argv[1:]
replay(Path(trace), out=Path(out), workers=int(workers), listen=True, progress=Telling())
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_replay_lets_go_of_what_it_held(
    make_trace: MakeTrace, tmp_path: Path, workers: str
) -> None:
    trace = make_trace([*visits(*range(8), end=60_000), *says("hello")], FRIENDS)
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING, str(trace), str(out), workers],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"replay\n":
            pass
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=40)
    assert b"KeyboardInterrupt" in stderr
    summary = read_result(out).summary
    assert summary.invalid_because == ["stopped before its end: interrupted"]
    assert summary.listening is not None
    assert connections(summary.listening) == {"sessions": 8, "opened": 8}
    assert messages(summary.listening) == {"expected": 1, "seen": 1}
    assert not (out / "parts").exists()


@pytest.mark.parametrize("adapter", [WEBSOCKET], indirect=True)
def test_a_client_that_keeps_cookies_holds_no_connections(
    make_trace: MakeTrace, adapter: str
) -> None:
    text = Path(adapter).read_text()
    Path(adapter).write_text('client = "session"\n' + text)
    trace = make_trace(visits(1))
    job = Job(trace=str(trace), host="http://127.0.0.1:1", out="", adapter=adapter, listen=True)
    with pytest.raises(UsageError, match='capture the cookie instead, with client = "wire"'):
        plan_of(job, open_trace(job), "token")
