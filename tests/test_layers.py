"""The layers of the house: who may import whom, and what a light install does without."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dmsim

PACKAGE = Path(dmsim.__file__).parent
CONTRIBUTING = PACKAGE.parents[1] / "CONTRIBUTING.md"
#: The ground that belongs to no package, lowest of all; and the door, highest of all.
GROUND = {"dmsim", "csv_columns", "csv_rows", "descriptors", "draws", "errors", "paths", "progress"}
DOOR = "__main__"
LIGHT = (
    "rules",
    "scenario",
    "trace",
    "adapters",
    "replay",
    "server",
    "slicing",
    "exporting",
    "rulebook",
    "gate",
    "fidelity",
    "importing",
    "report",
)
HEAVY = ("numba", "scipy", "simpy", "faker")
#: One name per module that imports something heavy for the first time, with what it is.
PROBE = f"""
import importlib, sys
seen = set()
for name in sys.argv[1:]:
    importlib.import_module(name)
    found = {set(HEAVY)!r} & set(sys.modules)
    if found - seen:
        print(name, *sorted(found - seen))
    seen |= found
"""


def told_layers() -> dict[str, int]:
    """The packages of the table in CONTRIBUTING with their height; those of a row are level."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", CONTRIBUTING.read_text("utf-8"), re.MULTILINE)
    return {name: height for height, row in enumerate(rows) for name in re.findall(r"\w+", row)}


def package_of(module: str) -> str:
    """The package (or module) right below ``dmsim`` to which a dotted name belongs."""
    _, *below = module.split(".")
    return "dmsim" if below in ([], ["__version__"]) else below[0]


def modules() -> dict[str, Path]:
    """Every module of dmsim by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(source: str) -> set[str]:
    """The dotted names of dmsim that a module imports, wherever in its text."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            whole = node.module == "dmsim"
            names |= {f"dmsim.{a.name}" for a in node.names} if whole else {node.module}
    return {name for name in names if name.split(".")[0] == "dmsim"}


def package_imports() -> set[tuple[str, str]]:
    """Which package imports from which other one."""
    pairs = {
        (package_of(module), package_of(name))
        for module, path in modules().items()
        for name in imports(path.read_text("utf-8"))
    }
    return {(importer, imported) for importer, imported in pairs if importer != imported}


def test_every_package_has_its_place_in_the_table() -> None:
    packages = {package_of(module) for module in modules()} - GROUND - {DOOR}
    assert packages == set(told_layers())


def test_a_package_imports_only_from_packages_above_it_in_the_table() -> None:
    height = told_layers() | dict.fromkeys(GROUND, -1) | {DOOR: 1000}
    climbing = {
        (importer, imported)
        for importer, imported in package_imports()
        if height[imported] >= height[importer] and not {importer, imported} <= GROUND
    }
    assert climbing == set()


def test_replay_and_server_do_not_import_each_other() -> None:
    assert not {("replay", "server"), ("server", "replay")} & package_imports()


def test_imports_are_found_wherever_they_stand() -> None:
    source = """
import dmsim.rules.facts, os
from dmsim import __version__
def late():
    from dmsim import trace, vocabulary
    if True:
        from dmsim.cli.app import app
"""
    found = {package_of(name) for name in imports(source)}
    assert found == {"dmsim", "rules", "trace", "vocabulary", "cli"}


@pytest.mark.parametrize("package", LIGHT)
def test_the_light_packages_exist(package: str) -> None:
    assert any(package_of(module) == package for module in modules())


def test_sending_serving_and_judging_import_nothing_that_simulates() -> None:
    light = [module for module in modules() if package_of(module) in LIGHT]
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *light],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
