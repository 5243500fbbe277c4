"""What a follow graph is like: degrees and their tails, reciprocity, triangles, components."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dmsim.fidelity.power_law import PowerLaw, fit_power_law
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, FOLLOWS

Ints = NDArray[np.int64]
Edges = tuple[Ints, Ints]

#: Quantiles that are told of both degrees.
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
#: Persons whose clustering is measured, and pairs of neighbours that are looked up for each.
_SAMPLE = 4000
_PAIRS = 500
#: Most points of a distribution's picture.
_POINTS = 60


class Degrees(msgspec.Struct, frozen=True):
    """How many edges persons have on one side.

    Attributes:
        quantiles: The degree by the share of persons who have at most that: ``"0.1"`` to ``"max"``.
        none: The share of persons without an edge on that side.
        tail: The power law of the largest degrees, where there are enough of them.
        at_least: Degrees, evenly on the logarithm, each with the share of persons who have at least
            that many: the complementary cumulative distribution.
    """

    quantiles: dict[str, int]
    none: float
    tail: PowerLaw | None
    at_least: list[tuple[int, float]]


class GraphMeasures(msgspec.Struct, frozen=True):
    """A directed graph in figures.

    Attributes:
        mean_degree: Edges per person.
        followers: Of the edges that lead to a person.
        follows: Of the edges that lead away.
        reciprocity: The share of edges whose reverse is there too.
        clustering: How many pairs of a person's neighbours, whichever way they are linked, are
            linked themselves; the mean over persons, where those with fewer than two neighbours
            count 0.
        clustering_error: The standard error by which sampling persons makes it inexact.
        clustering_sample: How many persons were measured.
        components: Groups of persons between whom there is a way, whatever the direction.
        largest_component: The share of persons in the largest one.
    """

    persons: int
    edges: int
    mean_degree: float
    followers: Degrees
    follows: Degrees
    reciprocity: float
    clustering: float
    clustering_error: float
    clustering_sample: int
    components: int
    largest_component: float


def trace_graph(trace: Trace, *, seed: int = 1) -> GraphMeasures:
    """The follows between the persons of a trace at its start; those of pages are left out."""
    accounts, follows = trace.table(ACCOUNTS), trace.table(FOLLOWS)
    ids = accounts.filter(accounts["kind"] == "person")["id"].to_numpy()
    # The accounts of all cells are numbered from 0 on.
    number = np.full(accounts.height, -1, dtype=np.int64)
    number[ids] = np.arange(len(ids))
    follower, followed = (number[follows[name].to_numpy()] for name in ("follower", "followed"))
    between = (follower >= 0) & (followed >= 0)
    return measure_graph(follower[between], followed[between], len(ids), seed=seed)


def measure_graph(follower: Ints, followed: Ints, persons: int, *, seed: int = 1) -> GraphMeasures:
    """Measure a directed graph.

    Args:
        follower: From whom each edge leads, 0 to ``persons`` - 1.
        followed: To whom; no edge is there twice, and none leads to where it comes from.
        persons: How many there are, with or without edges.
        seed: Chooses whose clustering is measured, where there are more than 4000 persons.
    """
    pairs = np.sort(np.minimum(follower, followed) * persons + np.maximum(follower, followed))
    first = np.diff(pairs, prepend=-1) != 0
    mutual = len(pairs) - int(first.sum())
    pairs = pairs[first]
    clustering, error, sample = _clustering(np.random.default_rng(seed), pairs, persons)
    components, largest = _components(pairs, persons)
    return GraphMeasures(
        persons=persons,
        edges=len(follower),
        mean_degree=len(follower) / max(persons, 1),
        followers=_degrees(followed, persons),
        follows=_degrees(follower, persons),
        reciprocity=2 * mutual / max(len(follower), 1),
        clustering=clustering,
        clustering_error=error,
        clustering_sample=sample,
        components=components,
        largest_component=largest,
    )


def _degrees(side: Ints, persons: int) -> Degrees:
    if not persons:
        return Degrees({}, 0.0, None, [])
    counts = np.bincount(np.bincount(side, minlength=persons))
    most = len(counts) - 1
    at_most = np.cumsum(counts)
    quantiles = {
        str(share): int(np.searchsorted(at_most, np.ceil(share * persons))) for share in QUANTILES
    }
    points = np.unique(np.round(np.geomspace(1, most, _POINTS)).astype(int)) if most else ()
    return Degrees(
        quantiles=quantiles | {"max": most},
        none=float(counts[0]) / persons,
        tail=fit_power_law(counts),
        at_least=[(int(k), int(persons - at_most[k - 1]) / persons) for k in points],
    )


def _clustering(rng: np.random.Generator, pairs: Ints, persons: int) -> tuple[float, float, int]:
    """The mean local clustering of a sample, its standard error, and the sample's size."""
    size = min(persons, _SAMPLE)
    if not size:
        return 0.0, 0.0, 0
    sample = np.sort(rng.choice(persons, size, replace=False))
    asked: list[Ints] = []
    for neighbours in _neighbours(pairs, persons, sample):
        asked.append(_pairs_of(rng, neighbours, persons))
    queries = np.concatenate(asked)
    order = np.argsort(queries)
    place = np.minimum(np.searchsorted(pairs, queries[order]), max(len(pairs) - 1, 0))
    linked = np.zeros(len(queries))
    if len(queries):
        linked[order] = pairs[place] == queries[order]
    lengths = np.array([len(part) for part in asked])
    owner = np.repeat(np.arange(size), lengths)
    found = np.bincount(owner, linked, minlength=size) / np.maximum(lengths, 1)
    unseen = 1 - size / persons
    error = found.std(ddof=1) / np.sqrt(size) * np.sqrt(unseen) if size > 1 else 0.0
    return float(found.mean()), float(error), size


def _neighbours(pairs: Ints, persons: int, sample: Ints) -> list[Ints]:
    """The neighbours of each person of a sorted sample."""
    chosen = np.zeros(persons, dtype=bool)
    chosen[sample] = True
    low, high = np.divmod(pairs, persons)
    up, down = chosen[low], chosen[high]
    person = np.concatenate([low[up], high[down]])
    other = np.concatenate([high[up], low[down]])
    order = np.argsort(person, kind="stable")
    bounds = np.searchsorted(person[order], sample, side="right")
    return np.split(other[order], bounds[:-1])


def _pairs_of(rng: np.random.Generator, neighbours: Ints, persons: int) -> Ints:
    """All pairs of some neighbours if they are few, else as many drawn ones as may be asked."""
    count = len(neighbours)
    if count * (count - 1) // 2 <= _PAIRS:
        a, b = np.triu_indices(count, 1)
    else:
        a = rng.integers(0, count, _PAIRS)
        b = (a + rng.integers(1, count, _PAIRS)) % count
    one, other = neighbours[a], neighbours[b]
    asked: Ints = np.minimum(one, other) * persons + np.maximum(one, other)
    return asked


def _components(pairs: Ints, persons: int) -> tuple[int, float]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not persons:
        return 0, 0.0
    low, high = (side.astype(np.int32) for side in np.divmod(pairs, persons))
    graph = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(persons, persons))
    count, label = connected_components(graph, directed=False)
    return int(count), float(np.bincount(label).max()) / persons
