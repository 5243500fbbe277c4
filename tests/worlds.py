"""Small scenarios that are simulated quickly."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmsim.engine.state import ROW, Records
from dmsim.scenario import Scenario, load_scenario

_EVERYTHING = Path(__file__).with_name("everything.toml")

#: Changes that make few persons meet often, block each other and change their settings.
LIVELY = [
    "population.persons=120",
    "population.settings.adults={everyone=0.4, suggested=0.2, friends=0.3, no_one=0.1}",
    "archetypes.ordinary.change_setting=0.15",
    "archetypes.ordinary.new_conversation=0.3",
    "archetypes.ordinary.block=0.08",
    "archetypes.ordinary.unblock=0.1",
    "archetypes.ordinary.comments_per_week=60",
    "archetypes.ordinary.sessions_per_week=60",
]


def small(*overrides: str, seed: int | None = None) -> Scenario:
    """The quickstart scenario with few persons and half an hour, further changed."""
    shrink = ["population.persons=200", "population.graph.follows_mean=8", "time.record=30m"]
    return load_scenario("quickstart", seed, [*shrink, *overrides])


def everything(*overrides: str, seed: int | None = None) -> Scenario:
    """A small world in which each action, verdict and rung of the ladder occurs often."""
    return load_scenario(str(_EVERYTHING), seed, overrides)


def everybody(**values: float | str) -> list[str]:
    """Overrides of :func:`small` by which all archetypes have the same chances."""
    return [
        f"archetypes.{name}.{key}={value}"
        for name in small().archetypes
        for key, value in values.items()
    ]


class Rows:
    """A sink that keeps all rows, with what each comes after."""

    def __init__(self) -> None:
        self._parts: list[tuple[Records, NDArray[np.int64], int]] = []

    def __call__(self, rows: Records, afters: NDArray[np.int64], first: int) -> None:
        self._parts.append((rows.copy(), afters.copy(), first))

    def rows(self) -> list[dict[str, Any]]:
        """Every row as a dictionary."""
        names = [name for name in ROW.names or () if name != "afters_end"]
        found: list[dict[str, Any]] = []
        for rows, afters, first in self._parts:
            begin = 0
            for number, row in enumerate(rows):
                end = int(row["afters_end"])
                fields = {name: int(row[name]) for name in names}
                found.append({"seq": first + number, "after": afters[begin:end].tolist(), **fields})
                begin = end
        return found
