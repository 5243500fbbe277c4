"""One table of what actions read and write, held against what the simulator orders by it."""

from pathlib import Path
from typing import Any

import pytest

from dmsim.rules.resources import ACCESS, Resource, own_setting_counts, read_by
from dmsim.scenario import default_policy
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action
from tests.worlds import LIVELY, small

State = tuple[object, ...]

POLICY = default_policy()


def states(row: dict[str, Any], resources: tuple[Resource, ...]) -> set[State]:
    """What the resources stand for in a row of a trace."""
    comment = row["binds"] if row["action"] == "comment" else row["uses"]
    named: dict[Resource, State] = {
        Resource.PAIR: ("pair", frozenset((row["actor"], row["target"]))),
        Resource.TARGET_SETTING: ("setting", row["target"]),
        Resource.ACTOR_SETTING: ("setting", row["actor"]),
        Resource.COMMENT: ("comment", comment),
    }
    return {named[resource] for resource in resources}


def test_every_action_is_named() -> None:
    assert set(ACCESS) == set(Action)


def test_the_senders_own_setting_counts_only_where_the_policy_says_so() -> None:
    strict = POLICY._replace(no_one_may_send=False)
    lax = POLICY._replace(no_one_may_send=True)
    assert own_setting_counts(strict)
    assert not own_setting_counts(lax)
    assert Resource.ACTOR_SETTING in read_by(Action.SEND_MESSAGE, strict)
    assert Resource.ACTOR_SETTING not in read_by(Action.SEND_MESSAGE, lax)


@pytest.mark.parametrize("no_one_may_send", ["true", "false"])
def test_what_comes_after_another_shares_what_one_of_them_writes(
    tmp_path: Path, no_one_may_send: str
) -> None:
    world = small(*LIVELY, f"policy.no_one_may_send={no_one_may_send}")
    trace = Trace.open(simulate(world, tmp_path / "trace").path)
    policy = world.rule_policy()
    reads: dict[int, set[State]] = {}
    writes: dict[int, set[State]] = {}
    by_pair: dict[State, set[State]] = {}
    grounds = set()
    for row in trace.actions().to_dicts():
        action = Action[row["action"].upper()]
        seq = row["seq"]
        reads[seq] = states(row, read_by(action, policy))
        writes[seq] = states(row, ACCESS[action].writes)
        for pair in (state for state in reads[seq] | writes[seq] if state[0] == "pair"):
            # A pair's actions are kept in order whether they write it or not, so its last stands
            # for all that it has read.
            writes[seq].add(pair)
            reads[seq] |= by_pair.get(pair, set())
            by_pair[pair] = set(reads[seq])
        for before in row["after"]:
            shared = (writes[before] & (reads[seq] | writes[seq])) | (reads[before] & writes[seq])
            assert shared, (before, row)
            grounds |= {state[0] for state in shared}
    assert grounds == {"pair", "setting", "comment"}
