"""Compiled and ordinary Python are the same program, and compiled code is never stale."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import dmsim
from dmsim.paths import data_path
from dmsim.vocabulary import Action, Verdict, names

ROOT = Path(__file__).parents[2]

#: Of every world the digest, and what happened in it; told by a process of its own.
SIMULATE = """
from pathlib import Path
import json
import sys
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.worlds import everything
told = {}
for name, changes in json.loads(sys.argv[2]).items():
    made = simulate(everything(*changes), Path(sys.argv[1]) / name)
    verdicts = Trace.open(made.path).actions()["verdict"].unique().to_list()
    told[name] = [made.digest, sorted(made.by_action), sorted(verdicts)]
print(json.dumps(told))
"""
#: Two sets of rules, so that more of them decide something.
WORLDS = {
    "default": ["time.warm_up=10m", "time.record=20m"],
    "other": [
        "time.warm_up=5m",
        "time.record=10m",
        "policy.accepting_follows_back=true",
        "policy.contacts_to_inbox=true",
        "policy.deleted_request_may_be_repeated=false",
        "policy.deleting_resets_business_limit=true",
        "policy.device_ban_stops_other_accounts=true",
        "policy.friends_are_mutual=false",
        "policy.no_one_may_send=false",
        "policy.settings_hold_in_conversations=false",
        "policy.followed_to_inbox=false",
        "policy.start_needs_friendship=true",
        "policy.stranger_message_limit=1",
        "policy.view_only_from=2",
        "policy.dm_ban_from=3",
    ],
}
#: An entry point in a file that never changes, which is all that Numba itself would watch.
PROBE = """
from dmsim.engine.compiled import entry_point
from dmsim.rules.messaging import is_old_enough

@entry_point
def old_enough(side, policy):
    return is_old_enough(side, policy)
"""
DECIDE = """
import dmsim
from dmsim.probe import old_enough
from dmsim.rules.facts import Side
from dmsim.scenario import default_policy
sides = [Side(True, age, False, 0, 0, 0, False, True, True, 0, True) for age in range(100)]
print(dmsim.__file__, sum(old_enough(side, default_policy()) for side in sides))
"""


def run(code: str, *arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_interpreted_and_compiled_kernel_write_the_same_trace(tmp_path: Path) -> None:
    worlds = json.dumps(WORLDS)
    compiled = run(SIMULATE, tmp_path / "compiled", worlds)
    interpreted = run(SIMULATE, tmp_path / "interpreted", worlds, NUMBA_DISABLE_JIT="1")
    assert compiled == interpreted
    # Nothing is left out of the comparison.
    _, actions, verdicts = json.loads(compiled)["default"]
    assert actions == sorted(names(Action))
    assert verdicts == sorted(names(Verdict))


def test_a_rule_that_was_changed_is_what_runs_next(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(Path(dmsim.__file__).parent, copy / "dmsim")
    for room in ("seeds", "scenarios"):
        shutil.copytree(data_path(room), copy / "dmsim" / "data" / room)
    (copy / "dmsim" / "probe.py").write_text(PROBE)
    world = {"PYTHONPATH": str(copy), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def decide() -> int:
        file, admitted = run(DECIDE, **world).rsplit(" ", 1)
        assert file.startswith(str(copy))
        return int(admitted)

    def kept() -> int:
        return len(list((tmp_path / "cache").rglob("*.nbc")))

    assert (decide(), kept()) == (84, 1)
    assert (decide(), kept()) == (84, 1)
    rule = copy / "dmsim" / "rules" / "messaging.py"
    text = rule.read_text()
    changed = text.replace("side.age >= policy.minimum_age", "side.age > policy.minimum_age")
    assert changed != text
    rule.write_text(changed)
    assert (decide(), kept()) == (83, 2)
