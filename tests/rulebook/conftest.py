"""The traces of the shipped scenarios, simulated once for all tests of the folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dmsim.scenario import load_scenario
from dmsim.simulation import simulate

Shipped = Callable[[str], Path]


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    folder = tmp_path_factory.mktemp("shipped")

    def trace_of(name: str) -> Path:
        path = folder / name
        return path if path.exists() else simulate(load_scenario(name), path).path

    return trace_of
