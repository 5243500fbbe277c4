"""Who else is linked to whom: pages and their followers, contacts, acquaintances, guardians."""

import numpy as np
from numpy.typing import NDArray

from dmsim.population.edges import Edges, distinct, places, run_starts, step_on
from dmsim.population.model import Adjacency, Ints

# The youngest who may be guardians of a 16-year-old.
_GUARDIAN_AGE = 35


def page_edges(rng: np.random.Generator, persons: int, shares: list[float]) -> Edges:
    """Who follows which page: each page is followed by its share of all persons."""
    sources = [np.flatnonzero(rng.random(persons) < share) for share in shares]
    targets = [np.full(len(found), persons + page) for page, found in enumerate(sources)]
    if not sources:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(sources), np.concatenate(targets)


def contact_edges(
    rng: np.random.Generator, persons: int, contacts_mean: float, edges: Edges
) -> Edges:
    """Synced contacts (R66), symmetric: half of them among followed people, half elsewhere."""
    wanted = round(persons * contacts_mean / 2)
    follower, followed = edges
    known = rng.integers(0, len(follower), wanted // 2) if len(follower) else np.zeros(0, np.int64)
    others = rng.integers(0, persons, (2, wanted - len(known)))
    a = np.concatenate([follower[known], others[0]])
    b = np.concatenate([followed[known], others[1]])
    return distinct(np.concatenate([a, b]), np.concatenate([b, a]), persons)


def acquaintance_edges(
    rng: np.random.Generator, persons: int, acquaintances_mean: float, edges: Edges
) -> Edges:
    """People one may know (R4, Q21), symmetric: followed by somebody followed, not by oneself.

    ``edges`` are sorted and distinct, as :func:`~dmsim.population.follows.follow_edges` gives them.
    """
    follower, followed = edges
    wanted = round(persons * acquaintances_mean / 2) if len(follower) else 0
    picked = rng.integers(0, max(1, len(follower)), wanted)
    person, other = step_on(rng, edges, run_starts(follower, persons), picked)
    keys, asked = follower * persons + followed, person * persons + other
    at = np.minimum(places(keys, asked), len(keys) - 1)
    unknown = keys[at] != asked
    a, b = person[unknown], other[unknown]
    return distinct(np.concatenate([a, b]), np.concatenate([b, a]), persons)


def wards(rng: np.random.Generator, age: Ints, registered: NDArray[np.bool_], share: float) -> Ints:
    """Whose guardian each person is (R14), -1 for nobody's.

    A share of the registered 16- and 17-year-olds has one: a registered person a generation older,
    who has no other ward.
    """
    teens = np.flatnonzero(registered & (age >= 16) & (age < 18) & (rng.random(len(age)) < share))
    elders = rng.permutation(np.flatnonzero(registered & (age >= _GUARDIAN_AGE)))
    linked = min(len(teens), len(elders))
    ward = np.full(len(age), -1, dtype=np.int64)
    ward[elders[:linked]] = teens[:linked]
    return ward


def adjacency(edges: Edges, accounts: int) -> Adjacency:
    """Sorted runs of targets per account."""
    sources, targets = edges
    start = run_starts(sources, accounts)
    keys = np.sort(sources * accounts + targets)
    return Adjacency(start, (keys % accounts).astype(np.int32))
