"""What the runs of a scenario depend on that stands in files it only names."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from dmsim.scenario import Scenario


def named_files(scenarios: Sequence[Scenario]) -> list[list[str]]:
    """For each scenario the digests of the edges and the routing functions that it names.

    Modules of routing functions are known once the scenarios are checked, which imports them.
    """
    found: dict[Path, str] = {}

    def digest(path: Path) -> str:
        if path not in found:
            data = path.read_bytes() if path.is_file() else b""  # the run says what is missing
            found[path] = hashlib.blake2b(data, digest_size=16).hexdigest()
        return found[path]

    return [[digest(path) for path in _paths(scenario)] for scenario in scenarios]


def _paths(scenario: Scenario) -> list[Path]:
    edges = scenario.population.graph.edges
    routings = (team.routing.partition(":")[0] for team in scenario.care.teams.values())
    modules = (getattr(sys.modules.get(name), "__file__", None) for name in routings)
    return [Path(told) for told in (edges, *modules) if told]
