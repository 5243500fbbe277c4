import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.population.build import build_population, plan_cells
from dmsim.population.graph import adjacency, contact_edges, follow_edges, page_edges
from dmsim.population.model import Adjacency, Population
from tests.worlds import small

PERSONS = 20_000
Edges = tuple[NDArray[np.int64], NDArray[np.int64]]


@pytest.fixture(scope="module")
def follows() -> Edges:
    return follow_edges(np.random.default_rng(1), PERSONS, follows_mean=8, reciprocity=0.4)


@pytest.fixture(scope="module")
def contacts(follows: Edges) -> Edges:
    return contact_edges(np.random.default_rng(2), PERSONS, 6, follows)


@pytest.fixture(scope="module")
def population() -> Population:
    scenario = small("population.persons=2000")
    return build_population(scenario, plan_cells(scenario)[0])


def keys(edges: Edges) -> NDArray[np.int64]:
    return edges[0] * PERSONS + edges[1]


def runs(graph: Adjacency) -> list[list[int]]:
    return [part.tolist() for part in np.split(graph.targets, graph.start[1:-1])]


def test_persons_follow_as_many_as_asked_on_average(follows: Edges) -> None:
    # 5 sigma of a lognormal mean, and a few per cent that meet somebody followed already.
    assert len(follows[0]) / PERSONS == pytest.approx(8, rel=0.06)


@pytest.mark.parametrize("reciprocity", [0.0, 0.4, 1.0])
def test_the_asked_share_of_follows_is_followed_back(reciprocity: float) -> None:
    edges = follow_edges(np.random.default_rng(1), PERSONS, 8, reciprocity)
    mutual = np.isin(keys((edges[1], edges[0])), keys(edges)).mean()
    assert mutual == pytest.approx(reciprocity, abs=0.02)


def test_few_are_followed_by_many_and_few_follow_many() -> None:
    # Without answered follows, which would carry the tail of one side over to the other.
    edges = follow_edges(np.random.default_rng(1), PERSONS, 8, reciprocity=0)
    for side, times in zip(edges, (8, 100), strict=True):
        degrees = np.bincount(side, minlength=PERSONS)
        assert degrees.max() > times * np.median(degrees)


def test_nobody_is_linked_to_oneself_or_twice(follows: Edges, contacts: Edges) -> None:
    for edges in (follows, contacts):
        assert np.all(edges[0] != edges[1])
        assert len(np.unique(keys(edges))) == len(edges[0])
        assert min(edges[0].min(), edges[1].min()) >= 0
        assert max(edges[0].max(), edges[1].max()) < PERSONS


def test_contacts_are_mutual_and_as_many_as_asked(contacts: Edges) -> None:
    assert set(keys(contacts).tolist()) == set(keys((contacts[1], contacts[0])).tolist())
    # Some are drawn twice, such as both directions of a friendship.
    assert len(contacts[0]) / PERSONS == pytest.approx(6, rel=0.08)


def test_half_of_the_contacts_are_linked_by_a_follow(follows: Edges, contacts: Edges) -> None:
    linked = np.isin(keys(contacts), np.append(keys(follows), keys((follows[1], follows[0]))))
    assert linked.mean() == pytest.approx(0.5, abs=0.04)


def test_one_person_alone_follows_nobody() -> None:
    alone = follow_edges(np.random.default_rng(1), 1, 0.5, 0.5)
    assert [len(side) for side in alone] == [0, 0]
    assert [len(side) for side in contact_edges(np.random.default_rng(1), 1, 4, alone)] == [0, 0]


def test_a_page_is_followed_by_its_share_of_persons() -> None:
    shares = [0.0, 0.3, 1.0]
    sources, targets = page_edges(np.random.default_rng(1), PERSONS, shares)
    for page, share in enumerate(shares):
        followers = sources[targets == PERSONS + page]
        sigma = np.sqrt(share * (1 - share) / PERSONS)
        assert abs(len(followers) / PERSONS - share) <= 5 * sigma
        assert len(np.unique(followers)) == len(followers)


def test_an_adjacency_holds_the_sorted_targets_of_each_account() -> None:
    graph = adjacency((np.array([2, 0, 2, 2]), np.array([4, 1, 0, 3])), 5)
    assert runs(graph) == [[1], [], [0, 3, 4], [], []]


def test_a_population_holds_sorted_runs_without_loops_or_repetitions(
    population: Population,
) -> None:
    for graph in (population.follows, population.contacts):
        assert len(graph.start) == population.accounts + 1
        assert graph.start[-1] == len(graph.targets) > 0
        for account, run in enumerate(runs(graph)):
            assert run == sorted(set(run) - {account})


def test_pages_follow_nobody_and_have_no_contacts(population: Population) -> None:
    assert not any(runs(population.follows)[population.persons :])
    assert not any(runs(population.contacts)[population.persons :])
    assert population.contacts.targets.max() < population.persons
    assert population.follows.targets.max() == population.accounts - 1
