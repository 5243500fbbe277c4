"""Compiled and ordinary Python are the same program, and compiled code is never stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dmsim
from dmsim.paths import data_path

SIMULATE = """
from pathlib import Path
import sys
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
changes = ["population.persons=150", "population.graph.follows_mean=8", "time.warm_up=10m"]
changes += ["time.record=15m"]
print(simulate(load_scenario("quickstart", None, changes), Path(sys.argv[1])).digest)
"""
DECIDE = """
from pathlib import Path
import sys
import polars as pl
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
import dmsim
changes = ["population.persons=100", "population.graph.follows_mean=8", "time.record=20m"]
path = simulate(load_scenario("quickstart", None, changes), Path(sys.argv[1])).path
refused = Trace.open(path).actions().filter(pl.col("reason") == "setting")
print(dmsim.__file__, refused.height)
"""


def run(code: str, *arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_interpreted_and_compiled_kernel_write_the_same_trace(tmp_path: Path) -> None:
    compiled = run(SIMULATE, tmp_path / "compiled")
    interpreted = run(SIMULATE, tmp_path / "interpreted", NUMBA_DISABLE_JIT="1")
    assert compiled == interpreted


def test_a_rule_that_was_changed_is_what_runs_next(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(Path(dmsim.__file__).parent, copy / "dmsim")
    for room in ("seeds", "scenarios"):
        shutil.copytree(data_path(room), copy / "dmsim" / "data" / room)
    world = {"PYTHONPATH": str(copy), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    file, refused = run(DECIDE, tmp_path / "before", **world).rsplit(" ", 1)
    assert file.startswith(str(copy))
    assert int(refused) > 0

    rule = copy / "dmsim" / "rules" / "messaging.py"
    text = rule.read_text()
    changed = text.replace(
        "Setting.EVERYONE:\n        return True", "Setting.EVERYONE:\n        return False"
    )
    assert changed != text
    rule.write_text(changed)
    _, more = run(DECIDE, tmp_path / "after", **world).rsplit(" ", 1)
    assert int(more) > int(refused)
