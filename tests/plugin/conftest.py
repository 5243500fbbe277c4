"""The example package installed as an installer would leave it, and traffic for its service."""

import sys
import tomllib
from pathlib import Path

import pytest

from dmsim.scenario import load_scenario
from dmsim.simulation import simulate

HERE = Path(__file__).parent


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chatline's adapter is installed, for this process and for those that it starts."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    site = tmp_path / "site"
    info = site / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (site / "chatline.py").write_text((HERE / "chatline.py").read_text())
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    (points,) = project["entry-points"].items()
    lines = [f"{name} = {value}" for name, value in points[1].items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{points[0]}]", *lines]))
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    monkeypatch.delitem(sys.modules, "chatline", raising=False)


@pytest.fixture(scope="session")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes of what people do with Chatline."""
    folder = tmp_path_factory.mktemp("chatline") / "trace"
    return simulate(load_scenario(str(HERE / "chatline.toml")), folder).path
