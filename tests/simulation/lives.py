"""Lives of small populations: told by overrides of a scenario, and looked at row by row."""

from collections import defaultdict
from typing import Any

import numpy as np

from dmsim.population.build import build_population, plan_cells
from dmsim.population.model import Population
from dmsim.scenario import PER_STEP
from dmsim.scenario.behaviour import PER_REQUEST
from dmsim.simulation.world import World
from dmsim.vocabulary import Action
from tests.worlds import Rows, everybody, small

Row = dict[str, Any]

THINK_US = 10_000_000
CARE = {Action.PUBLIC_REPLY, Action.PRIVATE_REPLY}


#: Nobody does anything that is not told.
_IDLE = dict.fromkeys(
    (*PER_STEP, *PER_REQUEST, "reply", "violation", "report_message", "try_again", "register",
     "young", "prior_violations", "videos", "comments_per_week"), 0
)  # fmt: skip
#: Few persons, all recorded from the first moment, with a pause that is constant; all may write to
#: all, and what they write is text.
BUSY = [
    "time.warm_up=0s",
    "time.record=1h",
    "population.registered=1",
    "population.ages={under_16=0, teens=0.2, adults=0.8}",
    "population.settings.adults={everyone=1, suggested=0, friends=0, no_one=0}",
    "population.settings.teens={everyone=1, suggested=0, friends=0, no_one=0}",
    "population.restricted=0",
    "population.changed_defaults=0",
    "behaviour.content={text=1, emoji=0, gif=0, sticker=0}",
    f"behaviour.think_time_median={THINK_US}us",
    "behaviour.think_time_sigma=0",
    "behaviour.burst=1",
    *[f"brands.{name}.messages_per_week=0" for name in small().brands],
    *everybody(**_IDLE, fanout=1, sessions_per_week=80, actions_per_session=20),
]
#: People who talk to each other, and decide on requests.
SOCIABLE = [
    *BUSY,
    *everybody(
        new_conversation=0.4,
        reply=0.5,
        accept_request=0.45,
        delete_request=0.15,
        block_requester=0.03,
    ),
]


def addressees(**shares: float) -> list[str]:
    """Whom people write to unprompted; what is left out is nobody."""
    kinds = ("followed", "contacts", "acquaintances", "strangers")
    told = ", ".join(f"{kind}={shares.get(kind, 0)}" for kind in kinds)
    return everybody(addressees=f"{{{told}}}")


def lived(*overrides: str) -> tuple[Population, list[Row]]:
    """A population and all that it did."""
    scenario = small(*overrides)
    population = build_population(scenario, plan_cells(scenario)[0])
    rows = Rows()
    world = World(scenario, population, rows)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    return population, rows.rows()


def by_person(population: Population, rows: list[Row]) -> dict[int, list[Row]]:
    """What each person did in sessions, in order; comments are made between them."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["actor"] < population.persons and row["action"] != Action.COMMENT:
            found[row["actor"]].append(row)
    return found


def of(rows: list[Row], *actions: Action) -> list[Row]:
    """The rows of some actions."""
    return [row for row in rows if row["action"] in actions]


def count(rows: list[Row], action: Action, persons: int | None = None) -> int:
    """How many rows there are of an action, of the first ``persons`` accounts only."""
    return sum(persons is None or row["actor"] < persons for row in of(rows, action))


def assert_share(hits: int, of: int, share: float) -> None:
    """A share within 5 sigma, of enough that this says something."""
    assert of > 100
    assert abs(hits / of - share) <= 5 * np.sqrt(share * (1 - share) / of)
