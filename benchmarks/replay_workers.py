"""One trace by one, two and four processes, against the reference backend: is it the same replay?

``python benchmarks/replay_workers.py`` prints one JSON object: whether the outcomes, judgement by
judgement, and the counts by verdict were the same, how far the merged percentiles of the four times
lie from those of the raw rows, and what each number of processes costs in lateness.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from dmsim.replay.judgements import read_judgements
from dmsim.replay.raw import RAW
from dmsim.replay.result import METRICS, ReplayResult
from dmsim.replay.run import replay
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate

COUNTS = (1, 2, 4)
PERCENTS = (50.0, 90.0, 95.0, 99.0)
SPEED = 600.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dmsim-bench-") as folder:
        patient = ["population.persons=800", "replay.lateness_p99_budget=5s"]
        trace = simulate(load_scenario("quickstart", None, patient), Path(folder) / "trace").path
        outs = {count: Path(folder) / str(count) for count in COUNTS}
        results = {
            count: replay(trace, out=out, speed=SPEED, workers=count, rows=True)
            for count, out in outs.items()
        }
        print(json.dumps(figures(results, outs)))


def figures(results: dict[int, ReplayResult], outs: dict[int, Path]) -> dict[str, float]:
    """What the replays say of each other; 1 for yes, shares for errors."""
    first = COUNTS[0]
    judged = {count: read_judgements(out) for count, out in outs.items()}
    verdicts = {count: result.summary.by_verdict for count, result in results.items()}
    found: dict[str, float] = {
        "workers_same_outcomes": all(judged[n].equals(judged[first]) for n in COUNTS),
        "workers_same_verdict_counts": all(verdicts[n] == verdicts[first] for n in COUNTS),
        "workers_mismatches": sum(result.summary.mismatches for result in results.values()),
        "workers_unordered": sum(result.summary.unordered for result in results.values()),
        "workers_merged_percentile_error": max(
            merged_error(results[count], pl.read_parquet(outs[count] / RAW)) for count in COUNTS
        ),
    }
    for count, result in results.items():
        late = result.summary.lateness_ms
        found |= {f"workers_{count}_lateness_p50_ms": late.p50 or 0.0}
        found |= {f"workers_{count}_lateness_p99_ms": late.p99 or 0.0}
    return found


def merged_error(result: ReplayResult, rows: pl.DataFrame) -> float:
    """The greatest error of a merged percentile, of any kind of action, as a share of the raw."""
    worst = 0.0
    for metric in METRICS:
        for action, histogram in result.histograms[metric].items():
            of_kind = rows if action == "all" else rows.filter(pl.col("action") == action)
            values = of_kind[f"{metric}_ns"].drop_nulls().to_numpy()
            for percent in PERCENTS:
                raw = float(np.percentile(values, percent, method="inverted_cdf"))
                merged = histogram.percentile(percent)
                assert merged is not None
                if raw > 0:
                    worst = max(worst, abs(merged / raw - 1))
    return worst


if __name__ == "__main__":
    main()
