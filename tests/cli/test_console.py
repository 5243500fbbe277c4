import io
import re
import time

import pytest

from dmsim.cli import console
from dmsim.cli.console import compact, console_progress, duration, print_json
from dmsim.replay.result import Percentiles


def test_without_a_terminal_a_stage_ends_with_one_plain_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console_progress() as progress, progress.stage("simulate", 100, "actions") as stage:
        for _ in range(100):
            stage.advance(1)
    told = capsys.readouterr()
    assert re.fullmatch(r"simulate: 100 actions in \S+ s \(\S+/s\)\n", told.err)
    assert told.out == ""


def test_lines_come_now_and_then_with_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    with console_progress() as progress, progress.stage("replay", 200, "actions") as stage:
        stage.advance(50)
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"replay: 50 of 200 actions, \S+/s, \S+ s left", first)
    assert last.startswith("replay: 50 of 200 actions in ")


def test_of_a_total_that_may_be_too_high_it_is_said_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    with console_progress() as progress, progress.stage("runs", 40, "runs", at_most=True) as stage:
        stage.advance(12)
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"runs: 12 of at most 40 runs, \S+/s, at most \S+ s left", first)
    assert last.startswith("runs: 12 runs in ")
    with console_progress() as progress, progress.stage("runs", 40, "runs", at_most=True):
        pass
    assert capsys.readouterr().err.startswith("runs: done in ")


def test_what_is_slow_has_a_rate_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with console_progress() as progress, progress.stage("runs", 20, "runs") as stage:
        started = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: started + 400)
        stage.advance(20)
    assert "(0.05/s)" in capsys.readouterr().err


def test_a_handful_has_no_rate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    with console_progress() as progress, progress.stage("roster", 4, "weeks") as stage:
        stage.advance(1)
        stage.advance(3)
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"roster: 1 of 4 weeks, \S+ s left", first)
    assert re.fullmatch(r"roster: 4 weeks in \S+ s", last)


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with console_progress() as progress, progress.stage("simulate", 10, "actions") as stage:
        stage.advance(10)
    assert "simulate" in terminal.getvalue()
    assert "10 actions in" in terminal.getvalue()


def test_one_of_a_unit_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    with console_progress() as progress:
        for name, unit in (("roster", "weeks"), ("care", "h")):
            with progress.stage(name, 1, unit) as stage:
                stage.advance(1)
    told = [line.rpartition(" in ")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["roster: 1 week", "care: 1 h"]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with console_progress(quiet=True) as progress, progress.stage("replay", 1, "actions") as stage:
        stage.advance(1)
    assert capsys.readouterr().err == ""


def test_json_is_one_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(Percentiles(p50=1.5, p90=None, p95=None, p99=None, max=None))
    assert '"p50": 1.5' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "told"), [(7, "7"), (9_999, "9,999"), (12_340, "12.3k"), (4_560_000, "4.56M")]
)
def test_counts_are_compact(number: int, told: str) -> None:
    assert compact(number) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.31, "0.3 s"), (42, "42 s"), (185, "3 min 05 s"), (7_380, "2 h 03 min")]
)
def test_durations_are_said_as_people_say_them(seconds: float, told: str) -> None:
    assert duration(seconds) == told
