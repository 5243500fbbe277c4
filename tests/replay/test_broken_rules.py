"""The judge against the reference backend itself, with one rule broken on purpose.

One small trace in which everything happens, played against one backend after the other in this
process, as fast as they answer, until the first mismatch; the next backends start meanwhile.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gevent
import msgspec
import polars as pl
import pytest

from dmsim.adapters import adapter_named
from dmsim.adapters.base import LabelledText
from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.progress import Silent
from dmsim.replay.backend import reference_backend
from dmsim.replay.job import bank_of
from dmsim.replay.judge import Judge
from dmsim.replay.owners import Owners, owners_of
from dmsim.replay.player import Player
from dmsim.replay.provision import provision, takes_time
from dmsim.replay.record import Record
from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.target import resolve_target
from dmsim.rules.facts import Policy
from dmsim.scenario import Scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.server.faults import FAULTS
from tests.worlds import everything

TOKEN = "token-of-the-test"

#: What only care teams and moderators could do wrong, who keep to the rules; that these faults show
#: themselves to others is tested at the server.
NOBODY_TRIES = {"staff_read_everything", "replied_twice", "private_before_public"}

#: How many actions are under way at once, and how many backends start ahead.
UNDER_WAY = 64
AHEAD = 2

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

    def against(self, url: str, *, to_the_end: bool) -> Record:
        """Fill the backend and play, to the end or to the first mismatch."""
        adapter, target = adapter_named("reference", TOKEN), resolve_target(url)
        provision(self.trace, adapter, target, Silent())
        timed = takes_time(adapter, target)
        actors = set(self.schedule.actor.tolist())

        def look(_: str, __: float, ___: int, problem: str) -> None:
            if problem.startswith("expected") and not to_the_end:
                player.stop("seen")

        player = Player(
            self.schedule,
            adapter,
            adapter.encoder(target.authority, actors, self.texts, timed=timed),
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


def play_of(scenario: Scenario, folder: Path) -> Play:
    """Simulate a scenario into ``folder``."""
    trace = Trace.open(simulate(scenario, folder / "trace").path)
    # Each waits also for the one that far before it: a closed loop, whose pace the backend sets.
    earlier = pl.col("seq").shift(UNDER_WAY)
    after = pl.concat_list("after", earlier).list.drop_nulls()
    actions = trace.actions(COLUMNS).with_columns(after=after)
    schedule = make_schedule(actions, trace.manifest.from_us, speed=1e9)
    return Play(trace, schedule, owners_of(trace, schedule), bank_of(trace))


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return play_of(everything(), tmp_path_factory.mktemp("everything"))


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


class Fleet:
    """Backends with one fault each, started in the order of the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = list(FAULTS)
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def url(self, fault: str) -> str:
        """Where the backend with that fault listens; the next ones begin to start."""
        first = self._left.index(fault)
        for name in self._left[first : first + 1 + AHEAD]:
            if name not in self._started:
                database = str(self._folder / f"{name}.db")
                self._started[name] = started("-c", SERVE, name, database)
        return url_of(self._started[fault])

    def stop(self, fault: str) -> None:
        """End a backend; it is not needed again."""
        self._left.remove(fault)
        stop(self._started.pop(fault))

    def close(self) -> None:
        """End all that are left."""
        for fault in [*self._started]:
            self.stop(fault)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path_factory.mktemp("broken"))
    yield fleet
    fleet.close()


def test_with_all_rules_in_order_everything_matches(play: Play) -> None:
    with reference_backend(TOKEN) as url:
        record = play.against(url, to_the_end=True)
    whole = record.tally(record.schedule.seq >= 0)
    assert record.worst_mismatches() == []
    assert whole["matches"] == len(play.schedule), whole


def test_a_backend_with_a_clock_of_its_own_is_not_held_to_elapsed_time(tmp_path: Path) -> None:
    days = ["time.record=30h", "population.persons=40", "policy.active_minutes=20"]
    play = play_of(everything(*days, "archetypes.curious.sessions_per_week=60"), tmp_path)
    serve = ("-m", "dmsim", "serve", "--json", "--port", "0", "--until-eof")
    backend = started(*serve, "--db", str(tmp_path / "backend.db"))
    try:
        record = play.against(url_of(backend), to_the_end=True)
    finally:
        stop(backend)
    assert record.worst_mismatches() == []
    assert record.unjudged_by_time >= len(record.untimed) > 0


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in NOBODY_TRIES])
def test_a_broken_rule_is_caught_and_names_its_trace_line(
    play: Play, fleet: Fleet, fault: str
) -> None:
    try:
        record = play.against(fleet.url(fault), to_the_end=False)
    finally:
        fleet.stop(fault)
    mismatches = record.worst_mismatches()
    assert mismatches, f"{fault}: {record.tally(record.sent)}"
    demanded = play.trace.actions(["seq", "verdict", "reason"])
    for mismatch in mismatches:
        named = mismatch.seq, mismatch.expected, mismatch.expected_reason
        assert demanded.row(mismatch.row) == named
