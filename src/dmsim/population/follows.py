"""Who follows whom: a directed graph with the statistics of measured follow graphs.

Persons are drawn in three steps: whom one chooses (in one's community, or by fame anywhere), whom
one finds through those whom one follows (triangles), and who follows back (reciprocity). The first
two make *pairs*, each once and in one direction, so that the third decides on reciprocity alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dmsim.population.edges import Edges, distinct, places, run_starts, step_on
from dmsim.population.model import Bools, Floats, Ints
from dmsim.scenario import Graph

#: How much less likely a celebrity follows back than others do.
_CELEBRITY_ANSWERS = 0.1
#: The most of all persons that one may expect as followers, and of a community that one chooses.
_MOST = 0.5
#: How often lost draws (known pairs, loops) are made up for; each round loses a fraction again.
_ROUNDS = 6
_ENOUGH = 0.002
#: Up to so many possible pairs for each wanted one, the missing ones are found by listing all.
_DENSE = 16

_Draw = Callable[[int], Edges]


def follow_edges(rng: np.random.Generator, persons: int, graph: Graph) -> Edges:
    """Directed edges between persons: heavy tails, communities, triangles, celebrities.

    Communities are runs of consecutive persons, from half to one and a half times
    ``community_size`` long. Where ``follows_mean`` leaves no room for one-sided follows (more than
    half of all others), more are followed back than ``reciprocity`` says. Time and memory grow with
    the number of edges.

    Returns:
        (follower, followed), sorted, without duplicates or loops.
    """
    others = max(0, persons - 1)
    mean = min(graph.follows_mean, others)
    # A pair answered with probability q gives two of 1 + q edges to friends (R5).
    answered = graph.reciprocity / (2 - graph.reciprocity)
    answered = max(answered, 2 * mean / others - 1) if others else 0.0
    wanted = round(persons * mean / (1 + answered))
    if not wanted:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    crowd = _crowd(rng, persons, graph, wanted)
    pairs = np.zeros(0, dtype=np.int64)

    def choose(count: int) -> Edges:
        return _chosen(rng, crowd, count)

    pairs = _filled(pairs, round(wanted * (1 - graph.closure)), persons, choose)
    known = distinct(*_edges(pairs, persons), persons)
    pairs = _filled(pairs, wanted, persons, lambda count: _through_others(rng, known, crowd, count))
    pairs = _filled(pairs, wanted, persons, choose)
    pairs = _whole(rng, pairs, wanted, persons)
    return _with_answers(rng, _edges(pairs, persons), crowd.celebrity, answered)


@dataclass(frozen=True)
class _Crowd:
    """The persons by how they choose and are chosen.

    ``fame`` and ``charm`` are running sums of the weights by which persons are chosen anywhere and
    within their communities; ``low`` and ``high`` bound each one's community.
    """

    activity: Floats
    fame: Floats
    charm: Floats
    low: Ints
    high: Ints
    celebrity: Bools
    within: float


def _crowd(rng: np.random.Generator, persons: int, graph: Graph, wanted: int) -> _Crowd:
    activity = rng.lognormal(0, graph.follows_sigma, persons)
    popularity = rng.pareto(graph.followers_exponent - 1, persons) + 1
    # Within a community a celebrity is chosen like others who are found as often.
    charm = _running(popularity)
    celebrity = np.zeros(persons, dtype=bool)
    count = round(graph.celebrities * persons)
    if 0 < count < persons:
        celebrity[np.argpartition(popularity, -count)[-count:]] = True
        share = min(graph.celebrity_follows, 0.99)
        rest = popularity[~celebrity].sum()
        popularity[celebrity] *= share / (1 - share) * rest / popularity[celebrity].sum()
    # Of the sum of others alone: it stays what it is when the greatest weights are cut.
    most = popularity[~celebrity].sum() * persons * _MOST / wanted
    low, high = _communities(rng, persons, graph.community_size)
    return _Crowd(
        activity=activity,
        fame=_running(np.minimum(popularity, most)),
        charm=charm,
        low=low,
        high=high,
        celebrity=celebrity,
        within=graph.within_community,
    )


def _running(weights: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(weights)])


def _communities(rng: np.random.Generator, persons: int, size: int) -> tuple[Ints, Ints]:
    """For each person, the first of the community and the first of the next one."""
    sizes = rng.integers((size + 1) // 2, size + size // 2 + 1, 2 * persons // size + 2)
    ends = np.minimum(np.cumsum(sizes), persons)
    ends[-1] = persons
    place = np.searchsorted(ends, np.arange(persons), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    return starts[place], ends[place]


def _chosen(rng: np.random.Generator, crowd: _Crowd, count: int) -> Edges:
    """About so many follows, as many for each person as its activity says."""
    persons = len(crowd.activity)
    running = np.cumsum(crowd.activity)
    stubs = np.diff(np.round(running / running[-1] * count), prepend=0).astype(np.int64)
    stubs = np.minimum(stubs, persons)
    follower = np.repeat(np.arange(persons), stubs)
    room = _MOST * (crowd.high - crowd.low - 1)
    nearby = np.minimum(crowd.within, room / np.maximum(stubs, 1))
    near = rng.random(len(follower)) < nearby[follower]
    followed = np.empty(len(follower), dtype=np.int64)
    local = follower[near]
    from_, to = crowd.charm[crowd.low[local]], crowd.charm[crowd.high[local]]
    followed[near] = places(crowd.charm, from_ + rng.random(len(local)) * (to - from_)) - 1
    anywhere = rng.random(len(follower) - len(local)) * crowd.fame[-1]
    followed[~near] = places(crowd.fame, anywhere) - 1
    return follower, np.clip(followed, 0, persons - 1)


def _through_others(rng: np.random.Generator, known: Edges, crowd: _Crowd, count: int) -> Edges:
    """Follows of persons whom somebody follows whom one follows: each closes a triangle."""
    persons = len(crowd.activity)
    if not len(known[0]):
        return known
    # Sorted, so that neighbours in memory are read one after another.
    picked = np.sort(rng.integers(0, len(known[0]), count))
    return step_on(rng, known, run_starts(known[0], persons), picked)


def _filled(pairs: Ints, wanted: int, persons: int, draw: _Draw) -> Ints:
    """Sorted codes of as many pairs as are wanted, nearly; drawn ones come to those given."""
    for _ in range(_ROUNDS):
        missing = wanted - len(pairs)
        if missing <= _ENOUGH * wanted:
            break
        follower, followed = draw(missing)
        pairs = np.sort(np.concatenate([pairs, _codes(follower, followed, persons)]))
        pairs = pairs[np.diff(pairs >> 1, prepend=-1) != 0]
    return pairs


def _codes(follower: Ints, followed: Ints, persons: int) -> Ints:
    """Pairs as numbers; the lowest bit is the direction.

    Of the two directions of a pair the one with the lower code stays. Which one that is hangs on
    the sum of both persons, so that low ids do not follow more than high ones.
    """
    low, high = np.minimum(follower, followed), np.maximum(follower, followed)
    turned = (follower > followed) ^ ((low + high) % 2 == 1)
    codes = ((low * persons + high) << 1) | turned
    kept: Ints = codes[low != high]
    return kept


def _edges(pairs: Ints, persons: int) -> Edges:
    """Follower and followed of pairs; the reverse of :func:`_codes`."""
    low, high = np.divmod(pairs >> 1, persons)
    turned = ((pairs & 1) == 1) ^ ((low + high) % 2 == 1)
    return np.where(turned, high, low), np.where(turned, low, high)


def _whole(rng: np.random.Generator, pairs: Ints, wanted: int, persons: int) -> Ints:
    """Where nearly everybody is linked, draws hardly find who is not; add some of the others."""
    possible = persons * (persons - 1) // 2
    missing = wanted - len(pairs)
    if missing <= 0 or possible > _DENSE * wanted:
        return pairs
    low, high = np.triu_indices(persons, 1)
    unlinked = np.flatnonzero(~np.isin(low * persons + high, pairs >> 1))
    added = rng.choice(unlinked, min(missing, len(unlinked)), replace=False)
    codes = (low[added] * persons + high[added]) << 1
    return np.sort(np.concatenate([pairs, codes | rng.integers(0, 2, len(added))]))


def _with_answers(
    rng: np.random.Generator, edges: Edges, celebrity: Bools, answered: float
) -> Edges:
    """The edges with the reverse of a share of them; celebrities answer less than others."""
    follower, followed = edges
    famous = celebrity[followed]
    often, seldom = _chances(len(famous), int(famous.sum()), answered)
    back = rng.random(len(famous)) < np.where(famous, seldom, often)
    sources = np.concatenate([follower, followed[back]])
    targets = np.concatenate([followed, follower[back]])
    return distinct(sources, targets, len(celebrity))


def _chances(edges: int, to_celebrities: int, answered: float) -> tuple[float, float]:
    """How likely others and celebrities follow back, so that of all edges a share is answered."""
    due, to_others = answered * edges, edges - to_celebrities
    often = min(1.0, due / (to_others + _CELEBRITY_ANSWERS * to_celebrities))
    seldom = (due - often * to_others) / to_celebrities if to_celebrities else 0.0
    return often, min(1.0, seldom)
