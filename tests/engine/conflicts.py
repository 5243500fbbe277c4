"""Which actions conflict, found without the kernel: from the rows and the table of resources."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from dmsim.population.model import Population
from dmsim.rules.facts import Policy
from dmsim.rules.resources import ACCESS, Resource
from dmsim.rules.sanctions import bans_device
from dmsim.vocabulary import Action, ContentKind, Kind

Row = dict[str, Any]
Key = tuple[str, int, int]

#: Where readers come one after another as well.
_CHAINED = ("pair", "presence", "device", "comment", "page")


def object_of(row: Row, resource: Resource, population: Population) -> Key | None:
    """The very object that an action means by one of its resources."""
    actor, target, uses = row["actor"], row["target"], row["uses"]
    if resource == Resource.PAIR:
        return ("pair", min(actor, target), max(actor, target)) if target != actor else None
    if resource == Resource.AUTHOR:
        is_video = row["content"] == ContentKind.VIDEO
        return ("account", int(population.video_author[uses]), 0) if is_video else None
    if resource == Resource.PAGE:
        return ("page", actor, 0) if population.kind[actor] == Kind.BRAND else None
    if resource == Resource.COMMENT:
        comment = row["binds"] if row["action"] == Action.COMMENT else uses
        return ("comment", comment, 0) if comment >= 0 else None
    account = actor if resource.name.endswith("ACTOR") else target
    if resource.name.startswith("DEVICE"):
        return "device", int(population.device[account]), 0
    return ("presence" if resource.name.startswith("PRESENCE") else "account"), account, 0


def accesses(row: Row, population: Population, policy: Policy) -> Iterator[tuple[Key, bool]]:
    """What an action touches, and whether it may change that."""
    action = Action(row["action"])
    for resources, writes in ((ACCESS[action].reads, False), (ACCESS[action].writes, True)):
        for resource in resources:
            key = object_of(row, resource, population)
            if key is not None:
                yield key, writes or key[0] in _CHAINED
    whole_device = action == Action.MODERATE and policy.device_ban_stops_other_accounts
    if whole_device and bans_device(row["violation"], policy):
        for account in np.flatnonzero(population.device == population.device[row["target"]]):
            yield ("account", int(account), 0), True


def assert_ordered(rows: list[Row], population: Population, policy: Policy) -> int:
    """Every row comes, directly or not, after all earlier ones that conflict with it.

    A read conflicts with earlier writes, a write with whatever touched the same before. Sets of
    rows are bits of an integer. Returns how many pairs of rows conflict.
    """
    before: dict[int, int] = {}
    touched: dict[Key, int] = defaultdict(int)
    written: dict[Key, int] = defaultdict(int)
    conflicts = 0
    for number, row in enumerate(rows):
        assert row["seq"] == number
        after = row["after"]
        assert len(set(after)) == len(after)
        assert all(0 <= earlier < number for earlier in after)
        known = 0
        for earlier in after:
            known |= before[earlier] | 1 << earlier
        found = list(accesses(row, population, policy))
        needed = 0
        for key, writes in found:
            needed |= touched[key] if writes else written[key]
        missing = needed & ~known
        assert not missing, (row, rows[missing.bit_length() - 1])
        conflicts += needed.bit_count()
        before[number] = known
        for key, writes in found:
            touched[key] |= 1 << number
            if writes:
                written[key] |= 1 << number
    return conflicts
