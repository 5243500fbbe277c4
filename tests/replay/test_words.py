"""What a replay found, in words and in the report."""

from pathlib import Path

from dmsim.replay.histogram import Histogram
from dmsim.replay.result import Origin, ReplayResult
from dmsim.replay.words import mismatch_line, origins_line, time_line
from dmsim.report.html import render
from tests.samples import mismatch, summary, write_trace, wrong_summary

COMMENT = Origin(
    seq=8, cell=0, row=7, action="comment", judgement="unsupported", unjudged=4, skipped=0,
    unsupported=2,
)  # fmt: skip
MESSAGE = Origin(
    seq=3, cell=0, row=2, action="send_message", judgement="error", unjudged=0, skipped=1,
    unsupported=0,
)  # fmt: skip


def line(*origins: Origin) -> str:
    found = summary(worst_origins=list(origins))
    return origins_line(ReplayResult(summary=found, histograms={"response": {"all": Histogram()}}))


def test_the_worst_origin_is_told_in_one_line() -> None:
    assert line(COMMENT, MESSAGE) == (
        "origin: cell=0 row 7 (seq 8): comment, unsupported; "
        "because of it 4 unjudged, 2 unsupported; 1 more in the results"
    )
    assert line(MESSAGE).endswith("send_message, error; because of it 1 skipped")
    assert line() == ""


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
        found = summary(**changes)
        return time_line(ReplayResult(summary=found, histograms={"response": {"all": Histogram()}}))

    assert told(time_promised=False, unjudged_by_time=12, speed=600.0) == (
        "time: at --speed 600 this backend's clock is not the trace's, so 12 differences that may "
        "come from elapsed time are unjudged; to judge them, replay at --speed 1, or against "
        "dmsim serve --simulated-time"
    )
    assert told() == ""
