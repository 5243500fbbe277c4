"""A service that speaks no HTTP is replayed against by an adapter of another package."""

from pathlib import Path
from typing import Any

import gevent
import pytest

from dmsim.adapters import Trouble, WireError
from dmsim.cli.main import main
from dmsim.errors import UsageError
from dmsim.replay.own import OwnClient
from dmsim.replay.result import ReplaySummary
from dmsim.replay.run import replay
from dmsim.replay.target import Target, resolve_target
from dmsim.replay.transport import Transport
from tests.plugin.chatline import ChatlineAdapter
from tests.plugin.service import Chatline, serving

SPEED = 1200.0


def run(trace: Path, out: Path, url: str, **more: Any) -> ReplaySummary:
    return replay(trace, out=out, host=url, adapter="chatline", speed=SPEED, **more).summary


@pytest.mark.usefixtures("installed")
def test_another_protocol_is_filled_replayed_and_judged(trace: Path, tmp_path: Path) -> None:
    with serving(Chatline()) as url:
        summary = run(trace, tmp_path / "out", url, workers=2)
    assert (summary.mismatches, summary.errors, summary.dropped) == (0, 0, 0)
    assert summary.by_verdict["send_message"]["refused"].matches > 0
    assert summary.by_verdict["send_message"]["requests"].matches > 0
    assert summary.unsupported == summary.by_action["check_presence"].unsupported > 0
    assert summary.matches > 0.9 * summary.sent


@pytest.mark.usefixtures("installed")
def test_a_rule_that_such_a_service_forgets_is_a_mismatch(trace: Path, tmp_path: Path) -> None:
    with serving(Chatline("blocks")) as url:
        summary = run(trace, tmp_path / "out", url)
    assert summary.mismatches > 0
    assert {one.expected_reason for one in summary.worst_mismatches} == {"blocked"}


@pytest.mark.usefixtures("installed")
def test_what_does_not_answer_such_a_protocol_is_told_before_the_replay(
    trace: Path, tmp_path: Path
) -> None:
    with serving(Chatline()) as url:
        pass
    with pytest.raises(UsageError, match="nothing listens there"):
        run(trace, tmp_path / "out", url)
    with serving(Chatline()) as url, pytest.raises(UsageError, match="needs a backend of its own"):
        replay(trace, out=tmp_path / "out", adapter="chatline")


@pytest.mark.usefixtures("installed")
def test_there_is_no_way_through_a_proxy_and_no_har(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Chatline()) as url, serving(Chatline()) as proxy:
        through = Transport(proxy=proxy.replace("tcp", "http"))
        with pytest.raises(UsageError, match="client of its own, which knows of no proxy"):
            run(trace, tmp_path / "out", url, transport=through)
    out = str(tmp_path / "har")
    har = ["export", str(trace), "--as", "har", "--adapter", "chatline", "--host", url]
    assert main([*har, "--out", out]) == 5
    assert "speaks no HTTP" in capsys.readouterr().err


class Stubborn:
    """A connection that does not come to an end, or not to a good one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.closed = False

    def open(self) -> None:
        self.exchange(b"", 0)

    def exchange(self, request: bytes, actor: int) -> tuple[int, bytes]:
        if self.error is None:
            gevent.sleep(60)
        else:
            raise self.error
        return 200, b""

    def close(self) -> None:
        self.closed = True


class StubbornAdapter(ChatlineAdapter):
    def __init__(self, made: Stubborn) -> None:
        self.made = made

    def connection(self, endpoint: object, timeout_s: float) -> Any:
        return self.made


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (None, Trouble.TIMEOUT),
        (TimeoutError(), Trouble.TIMEOUT),
        (ConnectionRefusedError(111, "refused"), Trouble.REFUSED),
        (ConnectionResetError(104, "reset"), Trouble.LOST),
        (OSError("gone"), Trouble.LOST),
        (WireError(Trouble.UNREADABLE, "what?"), Trouble.UNREADABLE),
    ],
)
@pytest.mark.parametrize("what", ["open", "exchange"])
def test_what_goes_wrong_on_an_own_connection_is_told_in_our_words(
    error: BaseException | None, trouble: Trouble, what: str
) -> None:
    target = Target("tcp://127.0.0.1:9", "127.0.0.1", 9, "127.0.0.1")
    made = Stubborn(error)
    connection = OwnClient(StubbornAdapter(made), target, 0.05).connection()
    with pytest.raises(WireError) as raised:
        connection.open() if what == "open" else connection.exchange(b"", 1)
    assert raised.value.trouble == trouble
    assert made.closed


def test_what_is_no_trouble_of_the_connection_stays_what_it_is() -> None:
    target = Target("tcp://127.0.0.1:9", "127.0.0.1", 9, "127.0.0.1")
    connection = OwnClient(StubbornAdapter(Stubborn(KeyError("x"))), target, 1.0).connection()
    with pytest.raises(KeyError):
        connection.exchange(b"", 1)


@pytest.mark.parametrize("broken", ["silent", "garbage"])
def test_a_service_that_hangs_up_or_talks_nonsense_gives_no_answer(broken: str) -> None:
    adapter = ChatlineAdapter("")
    with serving(Chatline(broken)) as url:
        connection = OwnClient(adapter, resolve_target(url), 5.0).connection()
        assert connection.exchange(b"1 FOLLOW 2 \n", 1) == (200, b"done")
        with pytest.raises(WireError) as raised:
            connection.exchange(b'1 SAY 2 "hi"\n', 1)
        connection.close()
    expected = {"silent": Trouble.LOST, "garbage": Trouble.UNREADABLE}
    assert raised.value.trouble == expected[broken]


def test_a_url_of_another_protocol_names_its_port() -> None:
    with pytest.raises(UsageError, match="not usable"):
        resolve_target("tcp://127.0.0.1")
