"""Who is linked to whom: follows, synced contacts, acquaintances, guardians."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dmsim.population.model import Adjacency, Ints

# Shape of the two degree distributions: sigma of the logarithm of the number of accounts that a
# person follows, and the Pareto index of popularity (in-degrees of social networks: 2 to 2.5).
_OUT_SIGMA = 1.0
_POPULARITY_INDEX = 1.3
# The youngest who may be guardians of a 16-year-old.
_GUARDIAN_AGE = 35
# Values that are sorted at once before they are looked up: a few megabytes.
_PART = 1 << 18

T = TypeVar("T", np.int64, np.float64)


def follow_edges(
    rng: np.random.Generator, persons: int, follows_mean: float, reciprocity: float
) -> tuple[Ints, Ints]:
    """Directed edges between persons with heavy-tailed degrees on both sides.

    A share of the edges is answered by its reverse, so that about ``reciprocity`` of all edges
    belong to friends (R5). Returns (follower, followed) without duplicates or loops.
    """
    # An edge answered with probability q makes 2q of 1 + q edges mutual.
    answered = reciprocity / (2 - reciprocity)
    mean = follows_mean / (1 + answered)
    out = rng.lognormal(np.log(mean) - _OUT_SIGMA**2 / 2, _OUT_SIGMA, persons)
    degrees = np.minimum(rng.poisson(out), max(0, persons - 1))
    popularity = np.cumsum(rng.pareto(_POPULARITY_INDEX, persons) + 1)
    follower = np.repeat(np.arange(persons), degrees)
    followed = _places(popularity, rng.random(len(follower)) * popularity[-1])
    back = rng.random(len(follower)) < answered
    sources = np.concatenate([follower, followed[back]])
    targets = np.concatenate([followed, follower[back]])
    return _distinct(sources, targets, persons)


def page_edges(rng: np.random.Generator, persons: int, shares: list[float]) -> tuple[Ints, Ints]:
    """Who follows which page: each page is followed by its share of all persons."""
    sources = [np.flatnonzero(rng.random(persons) < share) for share in shares]
    targets = [np.full(len(found), persons + page) for page, found in enumerate(sources)]
    if not sources:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(sources), np.concatenate(targets)


def contact_edges(
    rng: np.random.Generator, persons: int, contacts_mean: float, edges: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Synced contacts (R66), symmetric: half of them among followed people, half elsewhere."""
    wanted = round(persons * contacts_mean / 2)
    follower, followed = edges
    known = rng.integers(0, len(follower), wanted // 2) if len(follower) else np.zeros(0, np.int64)
    others = rng.integers(0, persons, (2, wanted - len(known)))
    a = np.concatenate([follower[known], others[0]])
    b = np.concatenate([followed[known], others[1]])
    return _distinct(np.concatenate([a, b]), np.concatenate([b, a]), persons)


def acquaintance_edges(
    rng: np.random.Generator, persons: int, acquaintances_mean: float, edges: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """People one may know (R4, Q21), symmetric: followed by somebody followed, not by oneself.

    ``edges`` are sorted and distinct, as :func:`follow_edges` gives them.
    """
    follower, followed = edges
    wanted = round(persons * acquaintances_mean / 2) if len(follower) else 0
    picked = rng.integers(0, max(1, len(follower)), wanted)
    person, friend = follower[picked], followed[picked]
    degree = np.bincount(follower, minlength=persons)
    first = np.cumsum(degree) - degree
    further = rng.random(wanted)
    follows_any = degree[friend] > 0
    person, friend, further = person[follows_any], friend[follows_any], further[follows_any]
    other = followed[first[friend] + (further * degree[friend]).astype(np.int64)]
    keys, asked = follower * persons + followed, person * persons + other
    at = np.minimum(_places(keys, asked), len(keys) - 1)
    unknown = keys[at] != asked
    a, b = person[unknown], other[unknown]
    return _distinct(np.concatenate([a, b]), np.concatenate([b, a]), persons)


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


def adjacency(edges: tuple[Ints, Ints], accounts: int) -> Adjacency:
    """Sorted runs of targets per account."""
    sources, targets = edges
    counts = np.bincount(sources, minlength=accounts)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    keys = np.sort(sources * accounts + targets)
    return Adjacency(start, (keys % accounts).astype(np.int32))


def _places(bounds: NDArray[T], values: NDArray[T]) -> Ints:
    """As ``np.searchsorted``, but part by part in order, which keeps the memory's caches warm."""
    places = np.empty(len(values), dtype=np.int64)
    for first in range(0, len(values), _PART):
        part = values[first : first + _PART]
        order = np.argsort(part)
        places[first : first + _PART][order] = np.searchsorted(bounds, part[order])
    return places


def _distinct(sources: NDArray[np.int64], targets: NDArray[np.int64], n: int) -> tuple[Ints, Ints]:
    keep = sources != targets
    # One sort of packed keys: several times faster here than NumPy's own unique, which hashes.
    keys = np.sort(sources[keep] * n + targets[keep])
    keys = keys[np.diff(keys, prepend=-1) != 0]
    return keys // n, keys % n
