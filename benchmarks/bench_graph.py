"""How long a follow graph takes to make, and what it is like.

Makes the graph of a tenth of the persons and of all of them, each in a process of its own, with
what hangs on it: contacts, acquaintances and the sorted runs of each; then measures it. The last
line is one JSON object; ``growth`` is how many times the time per edge is that of the tenth.

    python benchmarks/bench_graph.py [--persons 1000000] [--follows 20]
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import numpy as np

from dmsim.fidelity.graph import measure_graph
from dmsim.population.follows import follow_edges
from dmsim.population.graph import acquaintance_edges, adjacency, contact_edges
from dmsim.scenario import Graph

_MIB_KIB = 1024

T = TypeVar("T")


def made(persons: int, follows: float) -> dict[str, Any]:
    """One graph: seconds by stage, peak memory in MiB, and its measures."""
    told = Graph(follows_mean=follows)
    seconds: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        done = work()
        seconds[stage] = round(time.perf_counter() - started, 2)
        return done

    rng = np.random.default_rng(1)
    edges = timed("follows", lambda: follow_edges(rng, persons, told))
    follows_peak = peak()
    timed("adjacency", lambda: adjacency(edges, persons))
    contacts = timed("contacts", lambda: contact_edges(rng, persons, told.contacts_mean, edges))
    timed("contacts' adjacency", lambda: adjacency(contacts, persons))
    timed(
        "acquaintances",
        lambda: acquaintance_edges(rng, persons, told.acquaintances_mean, edges),
    )
    all_peak = peak()
    measures = timed("measures", lambda: measure_graph(*edges, persons))
    return {
        "persons": persons,
        "edges": len(edges[0]),
        "edges_per_second": round(len(edges[0]) / seconds["follows"]),
        "seconds": seconds,
        "peak_mib": {"follows": follows_peak, "all": all_peak, "measures": peak()},
        "measures": msgspec.to_builtins(measures),
    }


def peak() -> int:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MIB_KIB


def in_a_process(persons: int, follows: float) -> dict[str, Any]:
    """As :func:`made`, so that memory of one graph does not count for the next."""
    command = [sys.executable, __file__, "--one", str(persons), "--follows", str(follows)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--follows", type=float, default=20)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.one:
        print(json.dumps(made(told.one, told.follows)))
        return
    small, large = (in_a_process(n, told.follows) for n in (told.persons // 10, told.persons))
    for found in (small, large):
        print(f"{found['persons']:,} persons, {found['edges']:,} edges")
        for stage, seconds in found["seconds"].items():
            print(f"  {stage:20} {seconds:6.2f} s")
        print(f"  {found['edges_per_second']:,} edges/s, peak {found['peak_mib']} MiB")
    growth = small["edges_per_second"] / large["edges_per_second"]
    print(json.dumps({"growth": round(growth, 2), "small": small, "large": large}))


if __name__ == "__main__":
    main()
