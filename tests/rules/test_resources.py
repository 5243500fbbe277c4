"""One table of what actions read and write, held against the rules and against a trace."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy
from dmsim.rules.resources import ACCESS, Resource, reading, touching, writing
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, VIDEOS
from dmsim.vocabulary import Action
from tests.rules.made_up import FACTS, POLICIES
from tests.worlds import everything

State = tuple[str, Any]

#: What never changes, so that nobody has to wait for it.
_FIXED = ("age", "kind", "region")


def test_every_action_is_named() -> None:
    assert set(ACCESS) == set(Action)


def test_the_flags_of_a_resource_are_those_of_the_table() -> None:
    for resource in Resource:
        for action in Action:
            reads, writes = ACCESS[action]
            assert reading(resource)[action] == (resource in reads)
            assert writing(resource)[action] == (resource in writes)
            assert touching(resource)[action] == (resource in {*reads, *writes})


def resting_on(action: Action, facts: Facts, others: Facts) -> Facts:
    """The facts, with others in place of those that the action does not read."""
    reads = ACCESS[action].reads
    for resource, part in ((Resource.ACTOR, "sender"), (Resource.TARGET, "recipient")):
        if resource not in reads:
            fixed = {field: getattr(getattr(facts, part), field) for field in _FIXED}
            facts = facts._replace(**{part: getattr(others, part)._replace(**fixed)})
    if Resource.PAIR not in reads:
        guardian = facts.pair.is_guardian
        facts = facts._replace(pair=others.pair._replace(is_guardian=guardian))
    content, other = facts.content, others.content
    if Resource.ACTOR not in reads:
        content = content._replace(set_added=other.set_added)
    if not {Resource.AUTHOR, Resource.TARGET, Resource.ACTOR} & set(reads):
        content = content._replace(private=other.private, own=other.own)
    around = facts.circumstances
    for resource, fields in (
        (Resource.ACTOR, ("option_available",)),
        (Resource.DEVICE_OF_ACTOR, ("device_banned",)),
        (Resource.PRESENCE_OF_TARGET, ("recently_active",)),
        (Resource.TARGET, ("report_open",)),
        (Resource.COMMENT, ("publicly_replied", "privately_replied", "comment_minutes")),
        (Resource.PAGE, ("private_replies_this_hour", "mailed_this_second")),
    ):
        if resource not in reads:
            changes = {field: getattr(others.circumstances, field) for field in fields}
            around = around._replace(**changes)
    return facts._replace(content=content, circumstances=around)


@given(st.sampled_from(Action), FACTS, FACTS, POLICIES)
def test_a_verdict_rests_on_nothing_but_what_its_action_reads(
    action: Action, facts: Facts, others: Facts, policy: Policy
) -> None:
    assert decide(action, facts, policy) == decide(
        action, resting_on(action, facts, others), policy
    )


def named(
    row: dict[str, Any], devices: dict[int, int], authors: dict[int, int]
) -> dict[Resource, State]:
    """What the resources stand for in a row of a trace."""
    actor, target = row["actor"], row["target"]
    states: dict[Resource, State] = {
        Resource.ACTOR: ("account", actor),
        Resource.PRESENCE_OF_ACTOR: ("presence", actor),
        Resource.DEVICE_OF_ACTOR: ("device", devices[actor]),
        Resource.PAGE: ("page", actor),
    }
    comment = row["binds"] if row["action"] == "comment" else row["uses"]
    if comment is not None:
        states[Resource.COMMENT] = ("comment", comment)
    if target is not None:
        states |= {
            Resource.PAIR: ("pair", frozenset((actor, target))),
            Resource.TARGET: ("account", target),
            Resource.PRESENCE_OF_TARGET: ("presence", target),
            Resource.DEVICE_OF_TARGET: ("device", devices[target]),
        }
    if row["content"] == "video":
        states[Resource.AUTHOR] = ("account", authors[row["uses"]])
    return states


def test_whatever_conflicts_in_a_trace_is_ordered(tmp_path: Path) -> None:
    trace = Trace.open(simulate(everything(), tmp_path / "trace").path)
    devices = dict(trace.table(ACCOUNTS).select("id", "device").iter_rows())
    authors = dict(trace.table(VIDEOS).select("id", "author").iter_rows())
    # Bit n of a row's number: it comes after the row n, directly or by others between them.
    after: dict[int, int] = {}
    places: dict[int, int] = {}
    written: dict[State, int] = {}
    read: dict[State, list[int]] = {}
    unordered = []
    for place, row in enumerate(trace.actions().sort("at", "seq").to_dicts()):
        seq = row["seq"]
        places[seq] = place
        after[place] = 0
        for before in row["after"]:
            after[place] |= after[places[before]] | 1 << places[before]
        states = named(row, devices, authors)
        access = ACCESS[Action[row["action"].upper()]]
        reads = {states[resource] for resource in access.reads if resource in states}
        writes = {states[resource] for resource in access.writes if resource in states}
        needed = {written[state] for state in reads | writes if state in written}
        needed |= {reader for state in writes for reader in read.get(state, ())}
        unordered += [(row["action"], other) for other in needed if not after[place] >> other & 1]
        for state in reads:
            read.setdefault(state, []).append(place)
        for state in writes:
            written[state] = place
            read[state] = []
    assert after
    assert unordered == []
