"""How often a simulated panel shows everything that the study says, and what checking costs.

    python benchmarks/bench_fidelity.py [SEEDS]

Simulates the scenario ``panel`` with so many seeds (100). A panel holds if every statement of the
study is shown. Of all checks, about one in a thousand may fail by chance. The last line
is one JSON object.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from dmsim.fidelity.measure import Fidelity, measure_fidelity
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace


def measured(seed: int, folder: Path) -> tuple[Fidelity, float, float]:
    """The fidelity of a panel, and seconds to simulate it and to check it."""
    began = time.process_time()
    simulate(load_scenario("panel", seed), folder)
    simulated = time.process_time()
    found = measure_fidelity(Trace.open(folder))
    return found, simulated - began, time.process_time() - simulated


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    verdicts: Counter[str] = Counter()
    holding, simulating, checking = 0, 0.0, 0.0
    for seed in range(1, seeds + 1):
        with TemporaryDirectory() as folder:
            found, simulated, checked = measured(seed, Path(folder) / "trace")
        study = {check.verdict for check in found.checks if check.concern == "study"}
        holding += study == {"pass"}
        verdicts.update(check.verdict for check in found.checks)
        simulating, checking = simulating + simulated, checking + checked
        for check in found.checks:
            if check.verdict == "fail" or (check.concern == "study" and check.verdict != "pass"):
                print(f"seed {seed}: {check.source} {check.property}: {check.because}")
    decided = verdicts["pass"] + verdicts["fail"]
    figures = {
        "panels": seeds,
        "panels_holding": holding,
        "checks_decided": decided,
        "checks_failed": verdicts["fail"],
        "failed_share": round(verdicts["fail"] / decided, 5),
        "checking_over_simulating": round(checking / simulating, 3),
    }
    print(f"{holding} of {seeds} panels show everything that the study says")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
