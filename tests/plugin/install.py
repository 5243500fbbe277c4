"""A package installed as an installer would leave it."""

import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def install(
    site: Path, package: str, source: str, points: dict[str, str], patch: pytest.MonkeyPatch
) -> None:
    """Put a package of one module where this process, and those that it starts, import from.

    Args:
        site: the folder to install into.
        package: its name, and that of its module.
        source: the text of its module.
        points: its entry points of the group ``dmsim.adapters``.
        patch: takes it away again.
    """
    info = site / f"{package}-1.2.dist-info"
    info.mkdir(parents=True)
    (site / f"{package}.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[dmsim.adapters]", *lines]))
    patch.syspath_prepend(str(site))
    patch.setenv("PYTHONPATH", str(site), prepend=":")


def install_chatline(site: Path, patch: pytest.MonkeyPatch) -> None:
    """Install the example package as its ``pyproject.toml`` says."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    source = (HERE / f"{project['name']}.py").read_text()
    install(site, project["name"], source, project["entry-points"]["dmsim.adapters"], patch)
