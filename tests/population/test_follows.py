"""The follow graph that is made: each key of ``[population.graph]`` moves what it names."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.fidelity.graph import GraphMeasures, measure_graph
from dmsim.population.edges import Edges
from dmsim.population.follows import follow_edges
from dmsim.scenario import Graph

PERSONS = 20_000


def made(persons: int = PERSONS, seed: int = 1, **keys: float) -> Edges:
    return follow_edges(np.random.default_rng(seed), persons, Graph.model_validate(keys))


def in_tail(graph: GraphMeasures) -> float:
    assert graph.followers.tail is not None
    return graph.followers.tail.exponent


def spread(graph: GraphMeasures) -> float:
    return graph.follows.quantiles["0.99"] / graph.follows.quantiles["0.5"]


@pytest.mark.parametrize(
    ("key", "low", "high", "measure", "least"),
    [
        ("follows_mean", 5, 10, lambda graph: graph.mean_degree, 4.5),
        ("reciprocity", 0.2, 0.6, lambda graph: graph.reciprocity, 0.38),
        ("followers_exponent", 2.0, 2.6, in_tail, 0.3),
        ("follows_sigma", 0.3, 1.3, spread, 3),
        ("within_community", 0.1, 0.8, lambda graph: graph.clustering, 0.05),
        ("closure", 0.1, 0.6, lambda graph: graph.clustering, 0.03),
    ],
)
def test_a_key_moves_what_it_names(
    key: str, low: Any, high: Any, measure: Callable[[GraphMeasures], float], least: float
) -> None:
    below, above = (measure(measure_graph(*made(**{key: value}), PERSONS)) for value in (low, high))
    assert above - below > least


def test_a_community_is_as_large_as_told() -> None:
    # Persons of a community have neighbouring numbers.
    follower, followed = made(community_size=50, within_community=0.6, closure=0, follows_mean=5)
    assert (np.abs(follower - followed) < 75).mean() > 0.5
    follower, followed = made(community_size=1000, within_community=0.6, closure=0, follows_mean=5)
    assert (np.abs(follower - followed) < 75).mean() < 0.15


def test_follows_stay_within_communities_as_often_as_told() -> None:
    for within in (0.0, 0.6):
        follower, followed = made(within_community=within, closure=0, follows_mean=5)
        near = (np.abs(follower - followed) < 150).mean()
        assert near == pytest.approx(within, abs=0.06)


def share_of_the_most_followed(edges: Edges, count: int) -> float:
    degrees = np.sort(np.bincount(edges[1], minlength=PERSONS))
    return float(degrees[-count:].sum() / len(edges[1]))


def test_celebrities_get_the_follows_that_are_told() -> None:
    # Nobody else is followed by many here.
    none: dict[str, Any] = {"within_community": 0, "closure": 0, "reciprocity": 0}
    told = {"celebrities": 0.01, "followers_exponent": 5, "follows_mean": 5, **none}
    for share in (0.3, 0.6):
        edges = made(celebrity_follows=share, **told)
        assert share_of_the_most_followed(edges, 200) == pytest.approx(share, abs=0.05)


def test_fewer_celebrities_have_more_followers_each() -> None:
    few, many = (made(celebrities=share, followers_exponent=5) for share in (0.0005, 0.01))
    assert np.bincount(few[1]).max() > 2 * np.bincount(many[1]).max()


def test_celebrities_follow_back_less_than_others() -> None:
    follower, followed = made(celebrities=0.001)
    keys = follower * PERSONS + followed
    back = np.isin(followed * PERSONS + follower, keys)
    famous = np.argsort(np.bincount(followed, minlength=PERSONS))[-20:]
    to_famous = np.isin(followed, famous)
    assert back[to_famous].mean() < 0.3 * back[~to_famous].mean()


def test_where_all_follow_back_celebrities_do_as_well() -> None:
    follower, followed = made(reciprocity=1, celebrities=0.01)
    forth, back = follower * PERSONS + followed, followed * PERSONS + follower
    assert np.array_equal(forth, np.sort(back))


def test_nobody_is_followed_by_everybody() -> None:
    followers = np.bincount(made(2000, celebrities=0.001, celebrity_follows=1.0)[1])
    assert followers.max() < 0.75 * 2000


def test_low_numbers_follow_no_more_than_high_ones() -> None:
    # In small communities many pairs are drawn in both directions, of which one stays.
    follower, followed = made(2000, community_size=20, within_community=1, closure=0, reciprocity=0)
    assert (follower < followed).mean() == pytest.approx(0.5, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(2, 60))
def test_however_few_persons_each_follow_is_there_once(
    persons: int, dense: float, reciprocity: float, closure: float, size: int
) -> None:
    mean = dense * (persons - 1)
    keys: dict[str, Any] = {"closure": closure, "community_size": size, "reciprocity": reciprocity}
    follower, followed = made(persons, follows_mean=mean, **keys)
    pairs = set(zip(follower.tolist(), followed.tolist(), strict=True))
    assert len(pairs) == len(follower)
    assert all(a != b and 0 <= a < persons and 0 <= b < persons for a, b in pairs)
    # Each pair is followed back or not by chance, within five sigma of at most half of them.
    assert abs(len(pairs) - mean * persons) <= 5 * np.sqrt(persons * mean) / 2 + 2


@pytest.mark.parametrize("persons", [2, 3, 10, 30])
def test_everybody_may_follow_everybody(persons: int) -> None:
    assert len(made(persons, follows_mean=persons - 1)[0]) == persons * (persons - 1)


def test_the_same_stream_makes_the_same_graph() -> None:
    one, same, other = made(seed=1), made(seed=1), made(seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[1][:1000], other[1][:1000])


def test_nobody_follows_where_none_are_told() -> None:
    assert [len(side) for side in made(follows_mean=0)] == [0, 0]
