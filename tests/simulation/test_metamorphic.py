"""What must not get worse when one thing gets better, all other chances being the same."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dmsim.engine import kernel
from dmsim.engine.facts import facts_of
from dmsim.engine.intentions import Intention, intend
from dmsim.engine.pairs import pair_of
from dmsim.engine.state import State, grown
from dmsim.population.build import build_population, plan_cells
from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts
from dmsim.simulation.world import World
from dmsim.vocabulary import Action, ContentKind, Setting, Verdict, Via
from tests.simulation.lives import of
from tests.worlds import Rows, everything

DELIVERED = {Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED, Verdict.REMOVED}
REPORTS = {
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
    Action.REPORT_REQUEST,
    Action.REPORT_ACCOUNT,
    Action.REPORT_CONTENT,
}


def waits(moderators: int) -> list[int]:
    """How long each report waited for somebody to read it, in µs, in the order of the reports.

    Penalties do not hold: what people do does not depend on how soon moderators decide.
    """
    scenario = everything(
        "policy.sanctions_hold=false",
        "policy.unsafe_with_penalty=false",
        "policy.zero_tolerance_bans_device=false",
        "moderation.review=3m",
        f"moderation.moderators={moderators}",
    )
    rows = Rows()
    world = World(scenario, build_population(scenario, plan_cells(scenario)[0]), rows)
    world.engine.start_recording()
    world.run(scenario.time.until_us)
    world.engine.flush()
    reports = [row for row in of(rows.rows(), *REPORTS) if row["verdict"] == Verdict.DONE]
    staff = world.engine.population.staff
    read = [row for row in of(rows.rows(), Action.STAFF_ACCESS) if row["actor"] == staff]
    # First come, first served: the n-th that is read is the n-th that came in.
    for report, access in zip(reports, read, strict=False):
        assert access["target"] == report["target"]
    still = scenario.time.until_us
    begun = [row["at"] for row in read] + [still] * (len(reports) - len(read))
    return [at - report["at"] for at, report in zip(begun, reports, strict=True)]


def test_more_moderators_let_no_report_wait_longer() -> None:
    teams = [waits(moderators) for moderators in (1, 2, 4, 16)]
    assert len(teams[0]) > 100
    for fewer, more in pairwise(teams):
        assert len(fewer) == len(more)
        assert all(longer >= shorter for longer, shorter in zip(fewer, more, strict=True))
        assert sum(fewer) >= sum(more)
    assert sum(teams[0]) > sum(teams[-1])


@pytest.fixture(scope="module")
def lived_in() -> tuple[State, list[tuple[int, Intention]]]:
    """A world after half an hour, and what people might write there next."""
    scenario = everything("time.warm_up=30m")
    population = build_population(scenario, plan_cells(scenario)[0])
    world = World(scenario, population, Rows())
    world.run(scenario.time.from_us)
    people = range(0, population.persons, 7)
    message = {"content": ContentKind.TEXT, "violation": 0, "detected": 0}
    tried = [
        (sender, intend(Action.SEND_MESSAGE, Via.CHAT, target, **message))
        for sender in [*people, *range(population.persons, population.staff)]
        for target in people
        if sender != target
    ]
    return with_room(world.engine.state, len(tried)), tried


def with_room(state: State, pairs: int) -> State:
    """The same state with room for so many more pairs, which the kernel would have made."""
    known = len(state.pairs) + pairs
    slots = np.full(1 << (2 * known).bit_length(), -1, dtype=np.int32)
    state = replace(state, pairs=grown(state.pairs, known), slots=slots)
    kernel.rebuild_index(state)
    return state


def facts_under(state: State, setting: Setting, sender: int, intention: Intention) -> Facts:
    """The facts of this very moment, but for everybody's setting."""
    known = facts_of(state, sender, intention, pair_of(state, sender, intention.target))
    return known._replace(
        sender=known.sender._replace(setting=setting),
        recipient=known.recipient._replace(setting=setting),
    )


def test_a_stricter_setting_for_everybody_never_delivers_more(
    lived_in: tuple[State, list[tuple[int, Intention]]],
) -> None:
    state, tried = lived_in
    delivered = dict.fromkeys(Setting, 0)
    for sender, intention in tried:
        through = []
        for setting in Setting:
            facts = facts_under(state, setting, sender, intention)
            verdict, _ = decide(intention.action, facts, state.policy)
            through.append(verdict in DELIVERED)
            delivered[setting] += through[-1]
        # From the strictest setting to the laxest.
        assert through == sorted(through)
    assert 0 == delivered[Setting.NO_ONE] < delivered[Setting.FRIENDS]
    assert delivered[Setting.FRIENDS] < delivered[Setting.SUGGESTED] < delivered[Setting.EVERYONE]
