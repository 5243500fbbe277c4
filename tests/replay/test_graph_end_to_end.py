"""Whole replays over the Graph API's shape, with what it cannot tell over the other interface."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import ExitCode
from dmsim.replay.backend import reference_backend
from dmsim.replay.run import replay
from dmsim.replay.words import mismatch_line
from dmsim.vocabulary import Action, Verdict
from tests.replay.plays import SERVE, TOKEN, Play, careless_teams, play_of, started, stop, url_of

#: What should have come where a comment is answered privately again, and what came instead.
REFUSED = "expected refused (already_replied, code 10900), got "
DELIVERED = "delivered (status 200)"

#: Eight days are replayed in seconds.
SPEED = 100_000.0


@pytest.fixture(scope="module", params=["current", "2016"])
def play(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Few persons and careless care teams, told in the old shape or in the new one."""
    profile = str(request.param)
    return play_of(careless_teams(f"profile={profile}"), tmp_path_factory.mktemp(profile))


@pytest.fixture
def twice(tmp_path: Path) -> Iterator[str]:
    """A backend that does not keep to one private reply per comment."""
    backend = started("-c", SERVE, "replied_twice", str(tmp_path / "twice.db"))
    yield url_of(backend)
    stop(backend)


@pytest.mark.parametrize("adapter", ["reference", "graph"])
def test_a_trace_with_care_teams_matches_over_either_interface(play: Play, adapter: str) -> None:
    with reference_backend(TOKEN) as url:
        record = play.against(url, to_the_end=True, adapter_name=adapter)
    assert [mismatch_line(mismatch) for mismatch in record.worst_mismatches()] == []
    whole = record.tally(record.schedule.seq >= 0)
    assert whole["matches"] == len(play.schedule), whole

    # The one says 201 of whatever was made, the other 200.
    delivered = np.isin(play.schedule.verdict, [Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED])
    replies = (play.schedule.action == Action.PRIVATE_REPLY) & delivered
    assert set(record.statuses[replies].tolist()) == {200 if adapter == "graph" else 201}


def test_a_missing_refusal_is_a_mismatch_that_names_its_code(
    play: Play, twice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    result = replay(play.trace.path, host=twice, adapter="graph", speed=SPEED, out=tmp_path / "out")
    assert result.exit_code == ExitCode.MISMATCH
    told = [mismatch_line(mismatch) for mismatch in result.summary.worst_mismatches]
    assert all(REFUSED in line for line in told), told
    assert sum(line.endswith(REFUSED + DELIVERED) for line in told) > len(told) / 2, told
