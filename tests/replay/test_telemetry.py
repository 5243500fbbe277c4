"""What monitoring systems are told of a replay: OTLP and OpenMetrics."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dmsim.errors import UsageError
from dmsim.replay.histogram import Histogram
from dmsim.replay.measures import BOUNDS_S, counts_of, durations
from dmsim.replay.openmetrics import check_openmetrics, write_openmetrics
from dmsim.replay.result import METRICS, ActionSummary, ReplayResult, Tally
from dmsim.replay.telemetry import export_otlp, otlp_endpoint
from tests.replay.collector import collector
from tests.replay.conftest import MakeTrace
from tests.replay.test_command import dmsim
from tests.replay.test_end_to_end import says
from tests.samples import action_summary, summary

MS = 1_000_000


def result() -> ReplayResult:
    """Three messages that took 1, 2 and 300 ms, and a folder that was opened in 20 ms."""
    histograms = {}
    for metric in METRICS:
        send, opened = Histogram(), Histogram()
        send.record_all(np.array([MS, 2 * MS, 300 * MS]))
        opened.record(20 * MS)
        histograms[metric] = {"all": Histogram(), "send_message": send, "open_inbox": opened}
    return ReplayResult(summary=summary(), histograms=histograms)


@given(st.lists(st.integers(0, 20_000 * MS), min_size=1, max_size=50))
def test_buckets_count_what_lies_below_their_bounds(values: list[int]) -> None:
    histogram = Histogram()
    histogram.record_all(np.array(values))
    found = durations(histogram)
    assert sum(found.counts) == len(values)
    assert found.sum_s == pytest.approx(sum(values) / 1e9, rel=0.004)
    assert found.min_s == pytest.approx(min(values) / 1e9, rel=0.004)
    assert found.max_s == max(values) / 1e9
    below = 0
    for bound, count in zip(BOUNDS_S, found.counts[:-1], strict=True):
        below += count
        surely = sum(value / 1e9 < bound * 0.99 for value in values)
        perhaps = sum(value / 1e9 < bound * 1.01 for value in values)
        assert surely <= below <= perhaps


def test_whatever_came_of_an_action_is_told() -> None:
    came = [field.name for field in structs.fields(Tally) if field.name != "sent"]
    counts = {name: 10**place for place, name in enumerate(came)}
    kind: ActionSummary = structs.replace(action_summary(1), **counts)
    told = counts_of(ReplayResult(summary=summary(by_action={"comment": kind}), histograms={}))
    assert sum(count for _, _, count in told) == sum(counts.values())


def test_prometheus_reads_the_openmetrics_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "replay.om"
    write_openmetrics(result(), file)
    text = file.read_text()
    assert text.endswith("# EOF\n")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert [sample.value for sample in families["dmsim_replay_valid"].samples] == [1]
    matches = {
        sample.labels["action"]: sample.value
        for sample in families["dmsim_replay_actions"].samples
        if sample.labels["judgement"] == "match"
    }
    assert matches == {"send_message": 3100, "open_inbox": 2100}
    buckets = {
        sample.labels["le"]: sample.value
        for sample in families["dmsim_replay_response_seconds"].samples
        if sample.name.endswith("_bucket") and sample.labels["action"] == "send_message"
    }
    assert (buckets["0.0025"], buckets["0.25"], buckets["0.5"], buckets["+Inf"]) == (2, 2, 3, 3)


def test_a_collector_is_sent_counts_times_and_validity() -> None:
    with collector() as server:
        export_otlp(result(), otlp_endpoint(server.url))
    assert server.paths == ["/v1/metrics"]
    (request,) = server.requests
    (resource,) = request.resource_metrics
    told = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert (told["service.name"], told["dmsim.adapter"]) == ("dmsim", "reference")
    metrics = {metric.name: metric for metric in resource.scope_metrics[0].metrics}
    assert metrics["dmsim.replay.valid"].gauge.data_points[0].as_int == 1
    counts = {
        tuple(sorted((item.key, item.value.string_value) for item in point.attributes)): point
        for point in metrics["dmsim.replay.actions"].sum.data_points
    }
    matches = counts[("action", "send_message"), ("judgement", "match")]
    assert matches.as_int == 3100
    assert 29 < (matches.time_unix_nano - matches.start_time_unix_nano) / 1e9 < 31
    for metric in METRICS:
        points = metrics[f"dmsim.replay.{metric}"].histogram.data_points
        sent = next(p for p in points if p.attributes[0].value.string_value == "send_message")
        assert (sent.count, sum(sent.bucket_counts)) == (3, 3)
        assert sent.sum == pytest.approx(0.303, rel=0.004)
        assert sent.max == 0.3


@pytest.mark.parametrize("status", [307, 400])
def test_a_collector_that_does_not_take_it_is_an_error(status: int) -> None:
    with collector(status) as server, pytest.raises(UsageError, match="did not take the metrics"):
        export_otlp(result(), otlp_endpoint(server.url))
    assert server.paths == ["/v1/metrics"]  # and followed nowhere


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://192.0.2.1:4318", "--allow-host 192.0.2.1"),
        ("http://user:secret@127.0.0.1:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("127.0.0.1:4318", "not usable"),
        ("http://127.0.0.1:x", "http://127.0.0.1:4318"),
        ("grpc://127.0.0.1:4317", "not usable"),
    ],
)
def test_an_endpoint_that_cannot_be_used_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        otlp_endpoint(url)
    assert "secret" not in str(refused.value)


def test_an_endpoint_elsewhere_may_be_allowed_and_may_name_its_path() -> None:
    url = "https://192.0.2.1/collect/v1/metrics"
    assert otlp_endpoint(url, ["192.0.2.1"]) == url


_MISSING = r"pip install 'dmsim\[telemetry\]'"


def test_without_opentelemetry_no_endpoint_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(UsageError, match=_MISSING):
        otlp_endpoint("http://127.0.0.1:4318")


def test_without_its_package_no_openmetrics_file_is_promised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UsageError, match=_MISSING):
        check_openmetrics(tmp_path / "file")


@pytest.mark.parametrize("place", [".", "file/metrics"])
def test_a_place_that_cannot_hold_the_file_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"choose another|name a file"):
        check_openmetrics(tmp_path / place)


def test_a_replay_tells_its_metrics_at_its_end(make_trace: MakeTrace, backend: str) -> None:
    trace = make_trace(says("inbox", "inbox"))
    file = trace.parent / "metrics.om"
    arguments: list[Any] = [trace, "--host", backend, "--openmetrics", file]
    with collector() as server:
        done = dmsim(*arguments, "--otlp", server.url)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == 1
    told = 'dmsim_replay_actions_total{action="send_message",judgement="match"} 2.0'
    assert told in file.read_text()
