"""Simulator and backend read every policy alike, whichever reading of the sources it chooses.

Both gather facts and apply effects by themselves; only the rules are shared. So each switch of the
policy is turned over, and the backend must come to the verdict of every row.
"""

from pathlib import Path

import pytest

from dmsim.rulebook.mirror import mirror_of
from dmsim.rulebook.steps import Step, steps
from dmsim.scenario import default_policy
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Verdict
from tests.worlds import everything

#: Limits whose other reading is not "none"; the rest are turned over or set to 0.
OTHER = {
    "minimum_age": 17,
    "family_age_until": 17,
    "stranger_message_limit": 2,
    "dm_ban_hours_most": 24,
    "view_only_hours_most": 72,
    "dm_ban_from": 3,
    "view_only_from": 2,
}


def other_reading(key: str) -> bool | int:
    default = getattr(default_policy(), key)
    if isinstance(default, bool):
        return not default
    return OTHER.get(key, 0)


def lived(folder: Path, *overrides: str) -> list[Step]:
    """A lively half of an hour under some policy, done again by the backend."""
    trace = Trace.open(simulate(everything("time.record=15m", *overrides), folder / "trace").path)
    with mirror_of(trace) as mirror:
        return list(steps(trace, mirror))


@pytest.mark.parametrize("key", default_policy()._fields)
def test_simulator_and_backend_agree_under_the_other_reading(key: str, tmp_path: Path) -> None:
    told = f"policy.{key}={other_reading(key)}".lower()
    assert [step for step in lived(tmp_path, told) if not step.agrees] == []


def test_accepting_follows_back_only_where_the_policy_says_so(tmp_path: Path) -> None:
    """Q6: the next message of whoever accepted goes to somebody he follows."""
    for follows_back in (False, True):
        told = f"policy.accepting_follows_back={follows_back}".lower()
        folder = tmp_path / str(follows_back)
        accepted: set[tuple[int, int]] = set()
        since: list[bool] = []
        for step in lived(folder, told, "archetypes.curious.accept_request=0.6"):
            pair = step.row.actor, step.row.target
            if step.action == Action.ACCEPT_REQUEST and step.verdict == Verdict.DONE:
                if not step.facts.pair.sender_follows:
                    accepted.add(pair)
            elif step.action in (Action.FOLLOW, Action.UNFOLLOW):
                accepted.discard(pair)
            elif pair in accepted:
                since.append(step.facts.pair.sender_follows)
        assert len(since) > 5
        assert set(since) == {follows_back}
