"""What the replay costs its own machine, and whether its figures are true: ``make bench-replay``.

Against a backend on loopback that does next to nothing (see ``replay_backends.py``), in one run:

- **CPU**: µs of client CPU per action of the replay without and with Locust's event, and per
  request of Locust's FastHttpUser, ``wrk`` and ``k6`` (null where not installed), all with 50
  requests always under way. Rounds are interleaved; every figure is the median of its rounds, and
  every ratio the median of the ratios of a round.
- **Pace**: the same at 4 000 actions a second, where the process also pays for falling asleep and
  waking up twice per action, beside what a bare wake costs on this machine.
- **Lateness** at 500 to 4 000 actions a second.
- **Growth**: CPU and memory per action of schedules of 10 thousand to a million actions.
- **Stall**: at 500 a second the backend is stopped for a second; errors of the reported response
  as shares of the truth that ``stall_truth.py`` computes, of dmsim and of Locust as people use it.
- **Workers**: one trace by one, two and four processes against the reference backend.

Every measurement is a process of its own, bounded in count and time; a busy machine shows in
``load_average``. The last line is one JSON object.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from replay_backends import Backend, backend
from replay_load import RATES, SIZES
from replay_tools import k6, wrk
from stall_truth import errors

ROUNDS = 3
_LIMIT_S = 120

Figures = Mapping[str, float]
Found = dict[str, float | None]


def main() -> None:
    # A benchmark that is told to end takes its backend along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    found: dict[str, object] = {"load_average": os.getloadavg()[0]}
    with backend() as against:
        found["backend"] = against.name
        for measurement in (cpu, lateness, growth, stall, workers):
            figures = measurement(against)
            for name, value in figures.items():
                print(f"{name:32} {'not installed' if value is None else f'{value:.4g}'}")
            found |= {n: v if v is None else float(f"{v:.4g}") for n, v in figures.items()}
    print(json.dumps(found))


def cpu(against: Backend) -> Found:
    """CPU per action, and how many times more the others take."""
    parts: dict[str, Callable[[], float | None]] = {
        "action": lambda: _dmsim("bare", against)["us"],
        "action_with_events": lambda: _dmsim("event", against)["us"],
        "request_fasthttpuser": lambda: _fasthttpuser("cost", against)["us"],
        "request_wrk": lambda: wrk(against.port),
        "request_k6": lambda: k6(against.port),
        "action_paced_4000": lambda: _dmsim("paced", against)["us"],
        "wake": lambda: _wake(4_000, 8_000),
    }
    rounds = [{name: measure() for name, measure in parts.items()} for _ in range(ROUNDS)]
    found = {f"us_per_{name}": _median([costs[name] for costs in rounds]) for name in parts}
    for name in ("fasthttpuser", "wrk", "k6"):
        ratios = [_ratio(costs[f"request_{name}"], costs["action"]) for costs in rounds]
        found[f"ratio_{name}"] = _median(ratios)
    return found


def _wake(rate: int, count: int) -> float:
    """CPU that this machine charges for falling asleep and waking up, without any work."""
    before, instant = time.process_time(), time.monotonic()
    for _ in range(count):
        instant += 1 / rate
        time.sleep(max(0.0, instant - time.monotonic()))
    return (time.process_time() - before) / count * 1e6


def _ratio(other: float | None, own: float | None) -> float | None:
    return None if other is None or own is None else other / own


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def lateness(against: Backend) -> Found:
    """How late the replay itself begins actions, at several paces."""
    found: Found = {}
    for rate in RATES:
        figures = _dmsim(f"lateness_{rate}", against)
        found |= {f"lateness_{name}_ms_{rate}": figures[name] for name in ("p50", "p99")}
    return found


def growth(against: Backend) -> Found:
    """Whether a longer schedule costs more per action, and what it holds in memory."""
    runs = {size: _dmsim(f"growth_{size}", against) for size in SIZES}
    small, large = runs[SIZES[0]], runs[SIZES[-1]]
    found: Found = {f"us_per_action_of_{size}": run["us"] for size, run in runs.items()}
    found["peak_bytes_per_action"] = (large["peak"] - small["peak"]) / (SIZES[-1] - SIZES[0])
    return found


def stall(against: Backend) -> Found:
    """What is reported of a backend that stands still for a second."""
    runs = {
        "": _dmsim("stall", against),
        "_locust": _fasthttpuser("stall", against),
    }
    found: Found = {f"stall_true_{p}_ms": runs[""][f"true_{p}"] for p in ("p95", "p99")}
    for whose, run in runs.items():
        reported, true = (run["p95"], run["p99"]), (run["true_p95"], run["true_p99"])
        for percentile, value, error in zip(
            ("p95", "p99"), reported, errors(reported, true), strict=True
        ):
            found[f"stall_{percentile}_ms{whose}"] = value
            found[f"stall_{percentile}_error{whose}"] = error
    return found


def workers(_: Backend) -> Found:
    """Whether several processes do the same as one; against the reference backend."""
    return dict(_figures(["replay_workers.py"]))


def _dmsim(part: str, against: Backend) -> Figures:
    return _measured("replay_dmsim.py", part, against)


def _fasthttpuser(part: str, against: Backend) -> Figures:
    return _measured("replay_fasthttpuser.py", part, against)


def _measured(script: str, part: str, against: Backend) -> Figures:
    """The figures of one part, from a process of its own."""
    return _figures([script, part, str(against.port), str(against.pid)])


def _figures(command: list[str]) -> Figures:
    script, *arguments = command
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
