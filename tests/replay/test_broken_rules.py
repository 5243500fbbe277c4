"""The judge against the reference backend itself, with one rule broken on purpose.

A small trace in which everything happens, or one of careless teams, played against one backend
after the other in this process, as fast as they answer, until the first mismatch; the next backends
start meanwhile.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmsim.replay.backend import reference_backend
from tests.replay.plays import (
    SERVE,
    TOKEN,
    Play,
    careless_teams,
    play_of,
    started,
    stop,
    url_of,
)
from tests.server.faults import FAULTS
from tests.worlds import everything

#: What nobody does wrong here; that these faults show themselves to others is tested at the server.
NOBODY_TRIES = {
    "staff_read_everything",
    "page_answered_privately",
    "accepting_is_no_answer",
    "reminder_out_of_nothing",
    "mailings_unlimited",
}

#: What shows itself where care teams are careless for days, may send little and have little time.
OF_CARE = {
    "replied_twice",
    "private_before_public",
    "old_comment_answered",
    "private_replies_unlimited",
    "private_reply_begins_nothing",
    "private_reply_binds_what_was_open",
    "note_missing",
    "note_without_reply",
    "window_ignored",
    "human_window_ignored",
    "machines_are_human",
    "message_is_no_answer",
    "share_is_no_answer",
}
NARROW = (
    "population.persons=200",
    "policy.private_replies_per_hour=3",
    "policy.messaging_window_hours=1",
    "policy.human_agent_hours=48",
    "brands.wallet.messages_per_week=1000",
    "archetypes.fan.share_content=0.1",
    "archetypes.follower.share_content=0.1",
)

#: How many backends start ahead.
AHEAD = 2


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return play_of(everything(), tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return play_of(careless_teams(*NARROW), tmp_path_factory.mktemp("careless"))


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


def test_with_all_rules_in_order_everything_matches(play: Play, careless: Play) -> None:
    for tried in (play, careless):
        with reference_backend(TOKEN) as url:
            record = tried.against(url, to_the_end=True)
        whole = record.tally(record.schedule.seq >= 0)
        assert record.worst_mismatches() == []
        assert whole["matches"] == len(tried.schedule), whole


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
    play: Play, careless: Play, fleet: Fleet, fault: str
) -> None:
    tried = careless if fault in OF_CARE else play
    try:
        record = tried.against(fleet.url(fault), to_the_end=False)
    finally:
        fleet.stop(fault)
    mismatches = record.worst_mismatches()
    assert mismatches, f"{fault}: {record.tally(record.sent)}"
    demanded = tried.trace.actions(["seq", "verdict", "reason"])
    for mismatch in mismatches:
        named = mismatch.seq, mismatch.expected, mismatch.expected_reason
        assert demanded.row(mismatch.row) == named
