"""What held connections cost a replay: ``python benchmarks/bench_listen.py``.

A replay sends 500 messages a second to a thousand accounts while nobody, 1 000 or 5 000 users
listen by server-sent events in the same process; each message is told where its recipient listens.
Against a backend on loopback that does next to nothing (see ``listen_backend.py``). Figures are
medians of interleaved rounds, every measurement is a process of its own:

- **core**: the share of a core that the process uses, over the run and while all are held.
- **lateness** of the actions while all are held, also as a ratio to nobody listening; and over the
  whole run, in whose first five seconds they are opened.
- **arrival** of the messages that are told.
- **bytes** of memory for each held connection.

The last line is one JSON object.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

LISTENERS = (0, 1_000, 5_000)
ROUNDS = 3
_LIMIT_S = 120

Figures = dict[str, float]


def main() -> None:
    found: Figures = {"load_average": os.getloadavg()[0]}
    rounds = [{count: _measured(count) for count in LISTENERS} for _ in range(ROUNDS)]
    for count in LISTENERS:
        runs = [one[count] for one in rounds]
        found |= {f"{name}_{count}": _median(runs, name) for name in runs[0]}
        if count:
            found |= _compared(rounds, count)
    for name, value in found.items():
        print(f"{name:36} {value:.4g}")
    print(json.dumps({name: float(f"{value:.4g}") for name, value in found.items()}))


def _compared(rounds: list[dict[int, Figures]], count: int) -> Figures:
    """What listening adds, as the median over the rounds."""

    def ratio(name: str) -> float:
        return statistics.median(one[count][name] / one[0][name] for one in rounds)

    added = statistics.median(one[count]["peak"] - one[0]["peak"] for one in rounds)
    return {
        f"ratio_lateness_p50_{count}": ratio("lateness_p50_ms"),
        f"ratio_lateness_p99_{count}": ratio("lateness_p99_ms"),
        f"ratio_core_{count}": ratio("core_held"),
        f"bytes_per_listener_{count}": added / count,
    }


def _median(runs: list[Figures], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _measured(listeners: int) -> Figures:
    here = Path(__file__)
    backend = [sys.executable, str(here.with_name("listen_backend.py"))]
    with subprocess.Popen(backend, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        port = serving.stdout.readline().decode().strip()
        try:
            done = subprocess.run(
                [sys.executable, str(here.with_name("replay_listening.py")), str(listeners), port],
                capture_output=True,
                text=True,
                check=False,
                timeout=_LIMIT_S,
            )
        finally:
            serving.kill()
    if done.returncode:
        sys.exit(f"{listeners} listeners failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
