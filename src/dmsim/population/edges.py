"""Directed edges as two arrays, and what is done with many millions of them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dmsim.population.model import Ints

#: From whom, and to whom.
Edges = tuple[Ints, Ints]

# Values that are sorted at once before they are looked up: a few megabytes.
_PART = 1 << 18

T = TypeVar("T", np.int64, np.float64)


def distinct(sources: Ints, targets: Ints, n: int) -> Edges:
    """The edges between ``n`` accounts sorted, without duplicates and loops."""
    keep = sources != targets
    # One sort of packed keys: several times faster here than NumPy's own unique, which hashes.
    keys = np.sort(sources[keep] * n + targets[keep])
    keys = keys[np.diff(keys, prepend=-1) != 0]
    return np.divmod(keys, n)


def run_starts(sources: Ints, n: int) -> Ints:
    """Where the edges of each of ``n`` accounts begin, of sorted ones; shape (n + 1,)."""
    counts = np.bincount(sources, minlength=n)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def step_on(rng: np.random.Generator, edges: Edges, starts: Ints, picked: Ints) -> Edges:
    """From the source of each picked edge over its target to one of that one's own targets.

    Args:
        rng: Chooses among the targets.
        edges: Sorted by source.
        starts: Their :func:`run_starts`.
        picked: Numbers of edges; those that lead no further are left out.
    """
    person, friend = edges[0][picked], edges[1][picked]
    degree = np.diff(starts)
    chance = rng.random(len(picked))
    further = degree[friend] > 0
    person, friend, chance = person[further], friend[further], chance[further]
    place = starts[friend] + (chance * degree[friend]).astype(np.int64)
    return person, edges[1][place]


def places(bounds: NDArray[T], values: NDArray[T]) -> Ints:
    """As ``np.searchsorted``, but part by part in order, which keeps the memory's caches warm."""
    found = np.empty(len(values), dtype=np.int64)
    for first in range(0, len(values), _PART):
        part = values[first : first + _PART]
        order = np.argsort(part)
        found[first : first + _PART][order] = np.searchsorted(bounds, part[order])
    return found
