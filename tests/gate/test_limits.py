from pathlib import Path

import pytest

from dmsim.errors import ExitCode, UsageError
from dmsim.gate.limits import Check, check_limits, exit_code, parse_limit
from dmsim.gate.run import measure
from dmsim.replay.histogram import Histogram
from dmsim.replay.result import ReplayResult
from dmsim.scenario import Limit
from dmsim.trace.origin import trace_scenario
from tests.samples import summary, write_trace

MS = 1_000_000


def limit(text: str = "response send_message p99 < 250ms") -> Limit:
    return parse_limit(text)


def replayed(*milliseconds: float) -> ReplayResult:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(round(value * MS))
    return ReplayResult(summary=summary(), histograms={"response": {"send_message": histogram}})


@pytest.mark.parametrize(
    ("measured", "passed"), [(249.9, True), (250.0, True), (250.1, False), (0.0, True)]
)
def test_a_limit_is_kept_up_to_its_bound(measured: float, passed: bool) -> None:
    assert Check(limit(), measured).passed is passed


def test_a_limit_without_samples_is_missed_and_says_so() -> None:
    (check,) = check_limits([limit()], lambda _: None)
    assert not check.passed
    assert check.told == "response send_message p99 <= 250 ms: no samples, so it cannot be kept"


def test_a_missed_limit_names_metric_action_percentile_bound_and_measured() -> None:
    told = Check(limit(), 312.5).told
    assert told == "response send_message p99 <= 250 ms: measured 312.5 ms"


def test_delivery_is_limited_like_the_other_times() -> None:
    result = replayed(1, 2, 30)
    probed = ReplayResult(
        summary=result.summary, histograms={"delivery": {"all": Histogram({100: 3}, 100)}}
    )
    assert measure(probed, limit("delivery all max < 1s")) == 100 / MS
    assert measure(result, limit("delivery all max < 1s")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("response send_message p50 < 1s", 2.0),
        ("response send_message p99.9 < 1s", 30.0),
        ("response send_message max < 1s", 30.0),
    ],
)
def test_percentiles_are_read_from_the_histogram_of_metric_and_action(
    text: str, expected: float
) -> None:
    measured = measure(replayed(1, 2, 30), limit(text))
    assert measured == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("subject", ["response all", "service send_message", "response comment"])
def test_what_was_not_measured_has_no_value(subject: str) -> None:
    assert measure(replayed(1, 2, 30), limit(f"{subject} p50 < 1s")) is None
    assert measure(replayed(), limit()) is None


@pytest.mark.parametrize(
    ("mismatches", "valid", "kept", "code"),
    [
        (0, True, True, ExitCode.PASS),
        (0, True, False, ExitCode.LIMIT_MISSED),
        (0, False, True, ExitCode.INVALID_RUN),
        (0, False, False, ExitCode.INVALID_RUN),
        (3, True, True, ExitCode.MISMATCH),
        (3, False, False, ExitCode.MISMATCH),
    ],
)
def test_mismatches_come_before_an_invalid_run_and_that_before_a_missed_limit(
    mismatches: int, valid: bool, kept: bool, code: ExitCode
) -> None:
    assert exit_code(mismatches=mismatches, valid=valid, limits_kept=kept) is code


def test_a_limit_is_parsed_as_people_write_it() -> None:
    parsed = parse_limit("  service all max <= 1.5s ")
    assert (parsed.metric, parsed.action, parsed.percentile, parsed.bound) == (
        "service",
        "all",
        "max",
        1_500_000,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fast please",
        "response send_message p99 250ms",
        "speed send_message p99 < 250ms",
        "response shout p99 < 250ms",
        "response all p0 < 250ms",
        "response all p101 < 250ms",
        "response all p1.2.3 < 250ms",
        "response all p99 < 250",
        "response all p99 < -1s",
    ],
)
def test_what_is_no_limit_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_limit(text)
    assert "--limit" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_trace_of_a_foreign_scenario_is_refused(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", [])
    with pytest.raises(UsageError, match="its scenario cannot be read"):
        trace_scenario(trace)
