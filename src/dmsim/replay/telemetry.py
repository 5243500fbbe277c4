"""A replay's result as OpenTelemetry metrics, sent to a collector by OTLP over HTTP."""

import logging
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dmsim.errors import UsageError
from dmsim.replay.measures import BOUNDS_S, COUNTS, TIMES, VALID, counts_of, durations_of
from dmsim.replay.result import ReplayResult
from dmsim.replay.target import allowed_addresses

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import Metric, MetricsData

_PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_EXAMPLE = "give it as http://127.0.0.1:4318"
_TIMEOUT_S = 10.0


def otlp_endpoint(url: str, allow_hosts: Sequence[str] = ()) -> str:
    """Where metrics go at a collector; refuses one that may not be sent anything.

    Args:
        url: of the collector (``http://127.0.0.1:4318``) or of its metrics.
        allow_hosts: hosts that may be sent something although they are not loopback.

    Raises:
        UsageError: a package is missing, the URL cannot be used, or its host is not allowed.
    """
    if not all(map(_installed, _PACKAGES)):
        raise UsageError(
            "--otlp needs opentelemetry-sdk and its OTLP exporter; install them with: pip install "
            "'dmsim[telemetry]'"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"--otlp {url}: {error}; {_EXAMPLE}") from None
    if "@" in parts.netloc:
        raise UsageError(
            "--otlp: a user and a password do not belong there; put what the collector wants into "
            "OTEL_EXPORTER_OTLP_HEADERS"
        )
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise UsageError(f"--otlp {url}: not usable; {_EXAMPLE}")
    usual = 443 if parts.scheme == "https" else 80
    allowed_addresses("--otlp", url, host, port or usual, allow_hosts)
    return url if parts.path.strip("/") else f"{url.rstrip('/')}/v1/metrics"


def export_otlp(result: ReplayResult, endpoint: str) -> None:
    """Send the result of a replay that has just ended.

    Args:
        result: what it found.
        endpoint: what :func:`otlp_endpoint` said.

    Raises:
        UsageError: the collector did not take it.
    """
    import requests
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import MetricExportResult

    # What it logs is said below, in one line.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
    with requests.Session() as session:
        session.max_redirects = 0  # would lead to hosts that nobody allowed
        session.trust_env = False  # as would a proxy
        exporter = OTLPMetricExporter(endpoint=endpoint, timeout=_TIMEOUT_S, session=session)
        try:
            sent = exporter.export(_data(result)) == MetricExportResult.SUCCESS
        except requests.RequestException:
            sent = False
        finally:
            exporter.shutdown()
    if not sent:
        raise UsageError(
            f"--otlp {endpoint}: the collector did not take the metrics; look at its log, or use "
            "--openmetrics"
        )


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _data(result: ReplayResult) -> "MetricsData":
    from opentelemetry.sdk.metrics.export import MetricsData, ResourceMetrics, ScopeMetrics
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    summary, release = result.summary, version("dmsim")
    resource = Resource(
        {
            "service.name": "dmsim",
            "service.version": release,
            "dmsim.trace.digest": summary.digest,
            "dmsim.host": summary.host,
            "dmsim.adapter": summary.adapter,
            "dmsim.speed": summary.speed,
        }
    )
    scope = InstrumentationScope("dmsim.replay", release)
    metrics = ScopeMetrics(scope, list(_metrics(result)), "")
    return MetricsData([ResourceMetrics(resource, [metrics], "")])


def _metrics(result: ReplayResult) -> "Iterator[Metric]":
    from opentelemetry.sdk.metrics.export import (
        AggregationTemporality,
        Gauge,
        Histogram,
        HistogramDataPoint,
        Metric,
        NumberDataPoint,
        Sum,
    )

    ended = time.time_ns()
    began = ended - round(result.summary.seconds.get("replay", 0.0) * 1e9)
    cumulative = AggregationTemporality.CUMULATIVE
    valid = NumberDataPoint({}, began, ended, int(result.summary.valid))
    yield Metric("dmsim.replay.valid", VALID, "1", Gauge([valid]))
    counts = [
        NumberDataPoint({"action": action, "judgement": judgement}, began, ended, count)
        for action, judgement, count in counts_of(result)
    ]
    yield Metric("dmsim.replay.actions", COUNTS, "{action}", Sum(counts, cumulative, True))
    for metric, told in TIMES.items():
        points = [
            HistogramDataPoint(
                attributes={"action": action},
                start_time_unix_nano=began,
                time_unix_nano=ended,
                count=sum(found.counts),
                sum=found.sum_s,
                bucket_counts=found.counts,
                explicit_bounds=BOUNDS_S,
                min=found.min_s,
                max=found.max_s,
            )
            for action, found in durations_of(result, metric)
        ]
        yield Metric(f"dmsim.replay.{metric}", told, "s", Histogram(points, cumulative))
