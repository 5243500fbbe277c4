"""Simulator and backend read every policy alike, whichever reading of the sources it chooses.

Both gather facts and apply effects by themselves; only the rules are shared. So each switch of the
policy is turned over, and the backend must come to the verdict of every row.
"""

from collections import Counter
from pathlib import Path

import pytest

from dmsim.rulebook.mirror import mirror_of
from dmsim.rulebook.steps import Step, steps
from dmsim.scenario import Scenario, default_policy, load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Reason, Verdict
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
    "private_reply_days": 1,
    "private_replies_per_hour": 3,
    "human_agent_hours": 3,
    "mailings_per_second": 2,
}

#: Other readings that take hours or days to show, and what they then forbid or let through.
SLOW = {
    "one_private_reply_per_comment": Reason.ALREADY_REPLIED,
    "public_reply_first": Reason.NOT_ANSWERED_PUBLICLY,
    "private_reply_days": Reason.COMMENT_TOO_OLD,
    "private_replies_per_hour": Reason.RATE_LIMITED,
    "messaging_window_hours": Reason.OUTSIDE_WINDOW,
    "human_agent_hours": Reason.OUTSIDE_WINDOW,
    "window_everywhere": Reason.OUTSIDE_WINDOW,
    "mailings_per_second": Reason.RATE_LIMITED,
    "sponsored_need_conversation": Reason.NEVER_TALKED,
}

#: Friday and Saturday, with a hasty campaign, many slips, and a window shorter than a night.
TWO_DAYS = (
    "time.start=thu 12:00",
    "time.record=2d",
    "policy.messaging_window_hours=4",
    "campaigns.friday-bot.lasts=20s",
    "care.teams.wallet.slips=0.2",
    "care.teams.eyewear.slips=0.2",
)


def other_reading(key: str) -> bool | int:
    default = getattr(default_policy(), key)
    if isinstance(default, bool):
        return not default
    return OTHER.get(key, 0)


def lived(folder: Path, *overrides: str) -> list[Step]:
    """A lively half of an hour under some policy, done again by the backend."""
    return done_again(everything("time.record=15m", *overrides), folder)


def done_again(scenario: Scenario, folder: Path) -> list[Step]:
    trace = Trace.open(simulate(scenario, folder / "trace").path)
    with mirror_of(trace) as mirror:
        return list(steps(trace, mirror))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Counter[Reason]:
    """How often what was forbidden for which reason in the two days."""
    scenario = load_scenario("private-replies", None, TWO_DAYS)
    return Counter(step.reason for step in done_again(scenario, tmp_path_factory.mktemp("usual")))


@pytest.mark.parametrize("key", default_policy()._fields)
def test_simulator_and_backend_agree_under_the_other_reading(key: str, tmp_path: Path) -> None:
    told = f"policy.{key}={other_reading(key)}".lower()
    assert [step for step in lived(tmp_path, told) if not step.agrees] == []


@pytest.mark.parametrize("key", SLOW)
def test_they_agree_over_days_and_another_reading_shows(
    key: str, usual: Counter[Reason], tmp_path: Path
) -> None:
    told = f"policy.{key}={other_reading(key)}".lower()
    found = done_again(load_scenario("private-replies", None, (*TWO_DAYS, told)), tmp_path)
    assert [step for step in found if not step.agrees] == []
    assert Counter(step.reason for step in found)[SLOW[key]] != usual[SLOW[key]]


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
