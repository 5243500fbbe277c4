"""What a replay found, in words and in the report."""

from pathlib import Path

from dmsim.replay.histogram import Histogram
from dmsim.replay.result import Generator, Origin, ReplayResult, Validity
from dmsim.replay.words import (
    listening_lines,
    mismatch_line,
    origins_lines,
    time_line,
    validity_lines,
)
from dmsim.report.html import render
from tests.samples import listening, mismatch, summary, write_trace, wrong_summary

COMMENT = Origin(
    seq=8, cell=0, row=7, action="comment", judgement="unsupported", unjudged=4, skipped=0,
    unsupported=2,
)  # fmt: skip
MESSAGE = Origin(
    seq=3, cell=0, row=2, action="send_message", judgement="error", unjudged=0, skipped=1,
    unsupported=0,
)  # fmt: skip


def result_of(**changes: object) -> ReplayResult:
    return ReplayResult(summary=summary(**changes), histograms={"response": {"all": Histogram()}})


def test_the_worst_origins_are_told_first_each_in_one_line() -> None:
    found = result_of(worst_origins=[COMMENT, MESSAGE, COMMENT, COMMENT, MESSAGE])
    first, second, _, more = origins_lines(found)
    assert first == (
        "origin: cell=0 row 7 (seq 8): comment, unsupported; "
        "because of it 4 unjudged, 2 unsupported"
    )
    assert second.endswith("send_message, error; because of it 1 skipped")
    assert more == "origin: and 2 more, see the results"
    assert origins_lines(result_of()) == []


BUDGETS = [
    Validity(what="lateness p99", measured=2.2, budget=250, unit="ms", ok=True, remedy=""),
    Validity(
        what="generator core", measured=0.9512, budget=0.8, unit="share", ok=False,
        remedy="lower --speed",
    ),
    Validity(what="unordered", measured=None, budget=0.05, unit="share", ok=True, remedy=""),
]  # fmt: skip


def test_each_budget_is_told_with_what_was_measured() -> None:
    assert validity_lines(result_of(validity=BUDGETS)) == [
        "validity: lateness p99    2.2 ms of 250 ms, ok",
        "validity: generator core   95.1% of 80%, OVER",
        "validity: unordered            - of 5%, ok",
    ]
    assert validity_lines(result_of()) == []


def test_the_report_shows_each_budget_and_how_busy_the_generator_was(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", [])
    core = Generator(
        core_p50=0.5, core_p95=0.9, core_max=1.0, core_busiest=0.951, seconds_over_budget=3
    )
    page = render(summary(validity=BUDGETS, generator=core), trace)
    assert "1 of 3 over." in page
    assert "<th>generator core</th><td>95.1%</td><td>80%</td>" in page
    assert "<td>lower --speed</td>" in page
    assert "95% over its busiest five seconds" in page
    assert "All kept." in render(summary(validity=BUDGETS[:1]), trace)
    assert "Validity" not in render(summary(), trace)


def test_a_mismatch_tells_what_was_demanded_and_what_came() -> None:
    assert mismatch_line(mismatch()).endswith(
        "send_message of 3 to 1204: expected refused (blocked), got inbox (status 201)"
    )


def test_a_mismatch_names_how_the_backend_writes_its_refusals(tmp_path: Path) -> None:
    wrong = mismatch(
        expected_reason="already_replied",
        expected_sign="code 10900",
        got="delivered",
        got_reason="",
    )
    demanded = "refused (already_replied, code 10900)"
    assert mismatch_line(wrong).endswith(f"expected {demanded}, got delivered (status 201)")
    page = render(wrong_summary([wrong]), write_trace(tmp_path / "trace", []))
    assert demanded in page

    got = mismatch(got="status_404", got_reason="", got_sign="code 100/33", status=404)
    assert mismatch_line(got).endswith("got status_404 (code 100/33) (status 404)")


def test_the_report_names_origins_only_where_there_are_any(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", [])
    page = render(summary(worst_origins=[COMMENT]), trace)
    assert "Origins" in page
    assert "<th>comment</th><td>unsupported</td><td>4</td>" in page
    assert "Origins" not in render(summary(), trace)


def test_a_time_that_was_not_promised_is_told_in_one_line() -> None:
    def told(**changes: object) -> str:
        return time_line(result_of(**changes))

    assert told(time_promised=False, unjudged_by_time=12, speed=600.0) == (
        "time: at --speed 600 this backend's clock is not the trace's, so 12 differences that may "
        "come from elapsed time are unjudged; to judge them, replay at --speed 1, or against "
        "dmsim serve --simulated-time"
    )
    assert told() == ""


def test_what_was_heard_is_told_with_every_leak() -> None:
    assert listening_lines(result_of()) == []
    held, arrival = listening_lines(result_of(listening=listening(never_seen=3, expected=43)))
    assert held == (
        "listening: 48 of 50 connections held, 31 at once, 2 refused, 0 dropped, 0 unopened, "
        "0 broken; status 401: 2"
    )
    assert arrival.startswith("arrival of 40 of 43 expected messages, 3 never seen, 0 unknown, ms:")
    leaks = [mismatch(n, got="arrived") for n in range(12)]
    told = listening_lines(result_of(listening=listening(leaked=12, worst_leaks=leaks)))
    assert told[2].startswith("leaked: cell=0 row 16 (seq 17): send_message of 3 to 1204: ")
    assert told[-1] == "leaked: and 2 more, see the results"


def test_a_leak_ends_a_replay_like_a_mismatch() -> None:
    assert result_of(listening=listening()).exit_code == 0
    assert result_of(listening=listening(leaked=1)).exit_code == 1
    assert result_of(listening=listening(leaked=1), valid=False).exit_code == 1
