"""A replay's result as OpenMetrics text, which Prometheus and its tools read."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from dmsim.errors import UsageError
from dmsim.paths import check_writable, write_whole
from dmsim.replay.measures import BOUNDS_S, COUNTS, TIMES, VALID, counts_of, durations_of
from dmsim.replay.result import ReplayResult

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_BOUNDS = [*(format(bound, "g") for bound in BOUNDS_S), "+Inf"]


def check_openmetrics(file: Path) -> None:
    """Refuse to begin a replay whose file could not be written.

    Raises:
        UsageError: the package is missing, or the place cannot be written to.
    """
    if find_spec("prometheus_client") is None:
        raise UsageError(
            "--openmetrics needs prometheus-client; install it with: pip install 'dmsim[telemetry]'"
        )
    if file.is_dir():
        raise UsageError(f"--openmetrics {file}: is a folder; name a file")
    check_writable(file.parent)


def write_openmetrics(result: ReplayResult, file: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    from prometheus_client import CollectorRegistry
    from prometheus_client.openmetrics.exposition import generate_latest
    from prometheus_client.registry import Collector

    class Finished(Collector):
        def collect(self) -> Iterator["Metric"]:
            return _families(result)

    registry = CollectorRegistry()
    registry.register(Finished())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, generate_latest(registry))
    except OSError as error:
        raise UsageError(
            f"--openmetrics {file}: cannot be written ({error.strerror}); choose another place"
        ) from None


def _families(result: ReplayResult) -> "Iterator[Metric]":
    from prometheus_client.metrics_core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    yield GaugeMetricFamily("dmsim_replay_valid", VALID, value=float(result.summary.valid))
    actions = CounterMetricFamily("dmsim_replay_actions", COUNTS, labels=["action", "judgement"])
    for action, judgement, count in counts_of(result):
        actions.add_metric([action, judgement], count)
    yield actions
    for metric, told in TIMES.items():
        times = HistogramMetricFamily(
            f"dmsim_replay_{metric}_seconds", told, labels=["action"], unit="seconds"
        )
        for action, found in durations_of(result, metric):
            buckets = list(zip(_BOUNDS, accumulate(found.counts), strict=True))
            times.add_metric([action], buckets, sum_value=found.sum_s)
        yield times
