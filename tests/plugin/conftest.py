"""The example package, installed, and traffic for its service."""

from pathlib import Path

import pytest

from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from tests.plugin.install import HERE, install_chatline


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chatline's adapter is installed, for this process and for those that it starts."""
    install_chatline(tmp_path / "site", monkeypatch)


@pytest.fixture(scope="session")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five minutes of what people do with Chatline."""
    folder = tmp_path_factory.mktemp("chatline") / "trace"
    return simulate(load_scenario(str(HERE / "chatline.toml")), folder).path
