"""Traces played in this process as fast as a backend answers, and backends to play against."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import gevent
import msgspec
import polars as pl

from dmsim.adapters import adapter_named
from dmsim.adapters.base import LabelledText, Pages
from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.progress import Silent
from dmsim.replay.judge import Judge
from dmsim.replay.owners import Owners, owners_of
from dmsim.replay.pages import pages_of
from dmsim.replay.plan import bank_of
from dmsim.replay.player import Player
from dmsim.replay.provision import provision, takes_time
from dmsim.replay.record import Record
from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.target import resolve_target
from dmsim.rules.facts import Policy
from dmsim.scenario import Scenario, load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace

TOKEN = "token-of-the-test"

#: How many actions are under way at once.
UNDER_WAY = 64

#: No play comes near it.
LIMIT_S = 60.0

#: Serves with the fault that is named; ends with whoever started it.
SERVE = """
import sys
from pathlib import Path
from dmsim.server.run import Options, run
from tests.server.faults import FAULTS

database = Path(sys.argv[2])
options = Options(port=0, database=database, json=True, until_eof=True, simulated_time=True)
run(options, decisions=FAULTS[sys.argv[1]]())
"""


@dataclass(frozen=True)
class Play:
    """A trace that is ready to be played any number of times."""

    trace: Trace
    schedule: Schedule
    owners: Owners
    texts: dict[int, LabelledText]
    pages: Pages

    def against(self, url: str, *, to_the_end: bool, adapter_name: str = "reference") -> Record:
        """Fill the backend and play, to the end or to the first mismatch."""
        adapter, target = adapter_named(adapter_name, TOKEN), resolve_target(url)
        provision(self.trace, adapter, target, Silent())
        timed = takes_time(adapter, target)
        actors = set(self.schedule.actor.tolist())

        def look(_: str, __: float, ___: int, problem: str) -> None:
            if problem.startswith("expected") and not to_the_end:
                player.stop("seen")

        player = Player(
            self.schedule,
            adapter,
            adapter.encoder(target.authority, actors, self.texts, timed=timed, pages=self.pages),
            target,
            Judge(self.schedule, policy_of(self.trace), self.owners, time_promised=timed),
            msgspec.structs.replace(replay_settings({}), connections=4 * UNDER_WAY),
            listener=look,
        )
        watch = gevent.spawn_later(LIMIT_S, player.stop, "too slow")
        player.run()
        watch.kill()
        return player.record()


def policy_of(trace: Trace) -> Policy:
    return Policy(**trace.manifest.policy)  # type: ignore[arg-type]


def careless_teams(*overrides: str) -> Scenario:
    """Eight days of few persons, and of care teams that slip over every comment."""
    slips = [f"care.teams.{team}.slips=1.0" for team in ("beauty", "eyewear", "wallet")]
    few = "population.persons=150"
    return load_scenario("private-replies", None, [few, *slips, *overrides])


def play_of(scenario: Scenario, folder: Path) -> Play:
    """Simulate a scenario into ``folder``."""
    return play_of_trace(Trace.open(simulate(scenario, folder / "trace").path))


def play_of_trace(trace: Trace, actions: pl.DataFrame | None = None) -> Play:
    """Lay a trace, or some of its actions, out to be played as fast as a backend answers."""
    # Each waits also for the one that far before it: a closed loop, whose pace the backend sets.
    earlier = pl.col("seq").shift(UNDER_WAY)
    after = pl.concat_list("after", earlier).list.drop_nulls()
    actions = trace.actions(COLUMNS) if actions is None else actions
    actions = actions.with_columns(after=after)
    schedule = make_schedule(actions, trace.manifest.from_us, speed=1e9)
    owners, pages = owners_of(trace, schedule), pages_of(trace, schedule)
    return Play(trace, schedule, owners, bank_of(trace), pages)


def started(*arguments: str) -> "subprocess.Popen[bytes]":
    """A backend as a process that ends with this one."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env={**os.environ, TOKEN_VARIABLE: TOKEN},
    )


def url_of(process: "subprocess.Popen[bytes]") -> str:
    """Where it listens; waits until it does."""
    assert process.stdout is not None
    return str(msgspec.json.decode(process.stdout.readline())["url"])


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()
