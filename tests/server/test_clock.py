"""What time it is: the wall's, moved to the trace; or what requests tell."""

from pathlib import Path

import pytest

from dmsim.adapters.tokens import account_code, clock_key
from tests.server.inprocess import (
    ANN,
    BEN,
    DAY,
    HOUR,
    MASTER,
    MINUTE,
    InProcess,
    accounts,
    backend,
    record,
)
from tests.server.seen import messages

BANNED = record(ANN, standing="dm_banned", until=DAY)


def test_the_key_of_the_clock_is_no_key_of_an_account() -> None:
    assert clock_key(MASTER) == clock_key(MASTER)
    assert len(clock_key(MASTER)) == 32
    assert clock_key(MASTER) != clock_key("another master")
    assert clock_key(MASTER) not in {account_code(MASTER.encode(), n) for n in range(100)}


def test_a_ban_ends_at_its_simulated_time(empty: InProcess) -> None:
    empty.fill_with(standings=BANNED)
    for now, outcome in (
        (0, "sender_sanctioned"),
        (DAY - 1, "sender_sanctioned"),
        (DAY, "filtered"),
    ):
        empty.now = now
        assert empty.send(ANN, BEN) == outcome
    assert [message["at"] for message in messages(empty, BEN, ANN)] == [DAY]


@pytest.mark.parametrize(("now", "outcome"), [(DAY - HOUR, "sender_sanctioned"), (DAY, "filtered")])
def test_without_simulated_time_the_wall_goes_on_from_the_trace(
    tmp_path: Path, now: int, outcome: str
) -> None:
    with backend(tmp_path / "backend.db", simulated_time=False) as real:
        real.fill({"accounts": accounts(2), "standings": BANNED}, now=now)
        real.now = 5 * DAY
        assert real.send(ANN, BEN) == outcome
    with backend(tmp_path / "backend.db", simulated_time=False) as again:
        assert again.send(ANN, BEN) == outcome
        for message in messages(again, BEN, ANN):
            assert now <= message["at"] < now + 10 * MINUTE
