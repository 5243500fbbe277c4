"""What a declared adapter costs beside the built-in one that makes the same requests.

``python benchmarks/bench_declared.py`` prints one JSON object: µs of CPU for a request and for an
answer, then for a whole action of a replay against the reference backend, by each adapter. The two
take turns, and the least of their runs counts, since other work on the machine only ever adds.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dmsim.adapters.base import ActionRow
from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.paths import data_path
from dmsim.progress import Silent
from dmsim.replay.backend import reference_backend
from dmsim.replay.job import Job
from dmsim.replay.plan import Plan, bank_of, master_token, open_trace, plan_of
from dmsim.replay.stages import fill
from dmsim.replay.target import resolve_target
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.vocabulary import Action

ADAPTERS = {
    "built_in": "reference",
    "declared": str(data_path("seeds") / "adapters/reference.toml"),
}
TURNS = 7
SPEED = 3000.0
ANSWER = b'{"outcome":"inbox","reason":null,"id":12345}'


def main() -> None:
    token = os.environ[TOKEN_VARIABLE] = secrets.token_hex(16)
    with (
        tempfile.TemporaryDirectory(prefix="dmsim-bench-") as folder,
        reference_backend(token) as url,
    ):
        trace = Path(folder) / "trace"
        simulate(load_scenario("quickstart"), trace)
        found: dict[str, float] = {}
        for name, adapter in ADAPTERS.items():
            plan = planned(trace, url, adapter)
            found |= {f"{name}_request_us": request_us(plan), f"{name}_answer_us": answer_us(plan)}
        costs: dict[str, list[float]] = {name: [] for name in ADAPTERS}
        for _ in range(TURNS):
            for name, adapter in ADAPTERS.items():
                arguments = [sys.executable, __file__, str(trace), url, adapter]
                costs[name].append(float(subprocess.check_output(arguments)))
        least = {name: min(values) for name, values in costs.items()}
        found |= {f"{name}_action_us": round(cost, 2) for name, cost in least.items()}
        found["declared_over_built_in"] = round(least["declared"] / least["built_in"], 3)
        print(json.dumps(found))


def planned(trace: Path, url: str, adapter: str) -> Plan:
    job = Job(trace=str(trace), host=url, out=str(trace.parent), adapter=adapter, speed=SPEED)
    return plan_of(job, open_trace(job), master_token(adapter))


def request_us(plan: Plan) -> float:
    """CPU for each request of the trace, in µs."""
    schedule = plan.schedule
    columns = [getattr(schedule, name).tolist() for name in ActionRow._fields]
    rows = list(map(ActionRow, *columns))
    actors = sorted(set(schedule.actor.tolist()))
    encoder = plan.adapter.encoder("127.0.0.1:80", actors, bank_of(plan.trace), timed=True)
    best = float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        for row in rows:
            encoder(row, b"")
        best = min(best, time.process_time() - began)
    return round(best / len(rows) * 1e6, 2)


def answer_us(plan: Plan) -> float:
    """CPU for an answer to a message, in µs."""
    decode, count, best = plan.adapter.decode, 10_000, float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        for _ in range(count):
            decode(Action.SEND_MESSAGE, 200, ANSWER)
        best = min(best, time.process_time() - began)
    return round(best / count * 1e6, 2)


def one_replay(trace: str, url: str, adapter: str) -> None:
    """Print the CPU that an action takes in this process, in µs."""
    plan, target = planned(Path(trace), url, adapter), resolve_target(url)
    player = plan.player(target, timed=fill(plan, target, Silent()))
    began = 0.0

    def begin() -> int:
        # What comes before T0 is no cost of an action: connecting, and collecting garbage, of
        # which an adapter that was read from a file leaves more.
        nonlocal began
        began = time.process_time()
        return time.monotonic_ns() + 20_000_000

    player.run(begin)
    print((time.process_time() - began) / player.finished * 1e6)


if __name__ == "__main__":
    one_replay(*sys.argv[1:]) if len(sys.argv) > 1 else main()
