"""The follow graph and the synced contacts."""

import numpy as np
from numpy.typing import NDArray

from dmsim.population.model import Adjacency, Ints

# Shape of the two degree distributions: sigma of the logarithm of the number of accounts that a
# person follows, and the Pareto index of popularity (in-degrees of social networks: 2 to 2.5).
_OUT_SIGMA = 1.0
_POPULARITY_INDEX = 1.3


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
    followed = np.searchsorted(popularity, rng.random(len(follower)) * popularity[-1])
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


def adjacency(edges: tuple[Ints, Ints], accounts: int) -> Adjacency:
    """Sorted runs of targets per account."""
    sources, targets = edges
    counts = np.bincount(sources, minlength=accounts)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    keys = np.sort(sources * accounts + targets)
    return Adjacency(start, (keys % accounts).astype(np.int32))


def _distinct(sources: NDArray[np.int64], targets: NDArray[np.int64], n: int) -> tuple[Ints, Ints]:
    keep = sources != targets
    # One sort of packed keys: several times faster here than NumPy's own unique, which hashes.
    keys = np.sort(sources[keep] * n + targets[keep])
    keys = keys[np.diff(keys, prepend=-1) != 0]
    return keys // n, keys % n
