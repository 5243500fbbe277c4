"""One draw decides one thing: two decisions that shared a number would not be independent."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: In plain Python, who asks for each draw can be noted.
NOTE = """
import json, sys
from collections import defaultdict
from dmsim import draws
from dmsim.engine import streams
from dmsim.population.build import build_population, plan_cells
from dmsim.simulation.world import World
from tests.worlds import Rows, everything

purposes = {value: name for name, value in vars(draws).items() if name.isupper()}
asked = defaultdict(set)
draw = streams.draw

def noted(key, actor, purpose, step):
    asked[actor, step, purpose].add(sys._getframe(2).f_code.co_name)
    return draw(key, actor, purpose, step)

streams.draw = noted
# Much to read that is filtered or shared, and much to write besides.
told = ["time.warm_up=0s", "time.record=25m", "moderation.recall=0.1"]
told += [f"archetypes.{name}.share_content=0.1" for name in ("curious", "unruly")]
for name in ("curious", "unruly"):
    told += [f"archetypes.{name}.{what}=0" for what in ("block", "unblock", "delete_message")]
scenario = everything(*told)
world = World(scenario, build_population(scenario, plan_cells(scenario)[0]), Rows())
world.run(scenario.time.until_us)
shared = {(purposes[key[2]], *sorted(who)) for key, who in asked.items() if len(who) > 1}
print(json.dumps({"draws": len(asked), "shared": sorted(shared)}))
"""


def test_no_two_decisions_of_a_step_rest_on_the_same_draw() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOTE],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["draws"] > 10_000
    assert found["shared"] == []
