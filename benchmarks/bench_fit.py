"""How near fitted curves come to the truth, with the raw hourly means beside them, and how fast.

    python benchmarks/bench_fit.py

Logs of 2 000 events a week whose curve is known, of single events and of bursts; then a whole
``dmsim fit`` of a generated log of a million rows. The last line is one JSON object.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from dmsim.fit.curve import fit_curve

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.data.make_log import write  # noqa: E402
from tests.fit.made_up import sampled, squared_error, truth  # noqa: E402

REPLICATIONS = 20
ROWS = 1_000_000


def errors(name: str, weeks: int, dispersion: float) -> tuple[float, float, float]:
    """Mean relative squared error of fits and of raw means, and how often bands cover."""
    rng, true = np.random.default_rng(1), truth(name)
    found = [fit_curve(sampled(rng, true, weeks, dispersion)) for _ in range(REPLICATIONS)]
    return (
        float(np.mean([squared_error(curve.rate, true) for curve in found])),
        float(np.mean([squared_error(curve.raw, true) for curve in found])),
        float(np.mean([(curve.low <= true) & (true <= curve.high) for curve in found])),
    )


def whole_command() -> tuple[int, float]:
    """Rows of a large log, and the seconds that ``dmsim fit`` takes over it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.csv"
        rows = write(log, ROWS)
        began = time.perf_counter()
        words = ["fit", str(log), "--time-zone", "+03:00", "--out", str(Path(folder) / "fit")]
        subprocess.run([sys.executable, "-m", "dmsim", *words], check=True, capture_output=True)
        return rows, time.perf_counter() - began


def main() -> None:
    worst = 0.0
    covers: list[float] = []
    print("curve     weeks  dispersion  error of fit  of raw means  band covers")
    for name in ("messages", "comments"):
        for weeks in (4, 6, 10):
            for dispersion in (1.0, 2.0):
                fit, raw, cover = errors(name, weeks, dispersion)
                worst = max(worst, fit)
                covers.append(cover)
                told = f"{weeks:5}  {dispersion:10.0f}  {fit:12.4f}  {raw:12.4f}  {cover:11.1%}"
                print(f"{name:8}  {told}")
    rows, seconds = whole_command()
    print(f"dmsim fit of {rows:,} rows: {seconds:.1f} s")
    figures = {
        "worst_error": round(worst, 4),
        "band_covers": round(float(np.mean(covers)), 3),
        "rows": rows,
        "seconds": round(seconds, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
