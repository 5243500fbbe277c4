import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.population.build import build_population, plan_cells
from dmsim.population.follows import follow_edges
from dmsim.population.graph import (
    acquaintance_edges,
    adjacency,
    contact_edges,
    page_edges,
    wards,
)
from dmsim.population.model import Adjacency, Population
from dmsim.scenario import Graph
from tests.worlds import small

PERSONS = 20_000
Edges = tuple[NDArray[np.int64], NDArray[np.int64]]


@pytest.fixture(scope="module")
def follows() -> Edges:
    return follow_edges(np.random.default_rng(1), PERSONS, Graph(follows_mean=8, reciprocity=0.4))


@pytest.fixture(scope="module")
def contacts(follows: Edges) -> Edges:
    return contact_edges(np.random.default_rng(2), PERSONS, 6, follows)


@pytest.fixture(scope="module")
def acquaintances(follows: Edges) -> Edges:
    return acquaintance_edges(np.random.default_rng(3), PERSONS, 4, follows)


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
    edges = follow_edges(
        np.random.default_rng(1), PERSONS, Graph(follows_mean=8, reciprocity=reciprocity)
    )
    mutual = np.isin(keys((edges[1], edges[0])), keys(edges)).mean()
    assert mutual == pytest.approx(reciprocity, abs=0.02)


def test_few_are_followed_by_many_and_few_follow_many() -> None:
    # Without answered follows, which would carry the tail of one side over to the other.
    edges = follow_edges(np.random.default_rng(1), PERSONS, Graph(follows_mean=8, reciprocity=0))
    for side, times in zip(edges, (8, 100), strict=True):
        degrees = np.bincount(side, minlength=PERSONS)
        assert degrees.max() > times * np.median(degrees)


def test_nobody_is_linked_to_oneself_or_twice(
    follows: Edges, contacts: Edges, acquaintances: Edges
) -> None:
    for edges in (follows, contacts, acquaintances):
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


def test_acquaintances_are_mutual(acquaintances: Edges) -> None:
    assert set(keys(acquaintances).tolist()) == set(keys(acquaintances[::-1]).tolist())
    # Popular ones are drawn twice, and some are known already.
    assert 2.5 < len(acquaintances[0]) / PERSONS <= 4


def test_acquaintances_are_followed_by_somebody_whom_one_follows(
    follows: Edges, acquaintances: Edges
) -> None:
    followed: dict[int, set[int]] = {person: set() for person in range(PERSONS)}
    for follower, target in zip(*(side.tolist() for side in follows), strict=True):
        followed[follower].add(target)

    def suggested(person: int, other: int) -> bool:
        """Over a friend, and not followed yet."""
        return other not in followed[person] and any(
            other in followed[friend] for friend in followed[person]
        )

    pairs = zip(*(side.tolist() for side in acquaintances), strict=True)
    assert all(suggested(a, b) or suggested(b, a) for a, b in pairs)


def test_where_nobody_follows_nobody_is_suggested() -> None:
    nobody = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    assert [len(side) for side in acquaintance_edges(np.random.default_rng(1), 9, 4, nobody)] == [
        0,
        0,
    ]


def test_a_guardian_is_an_adult_with_one_ward_of_16_or_17() -> None:
    rng = np.random.default_rng(1)
    age, registered = rng.integers(13, 66, PERSONS), rng.random(PERSONS) < 0.9
    ward = wards(rng, age, registered, share=0.5)
    guardians = np.flatnonzero(ward >= 0)
    linked = ward[guardians]
    assert len(np.unique(linked)) == len(linked)
    assert age[guardians].min() >= 35
    assert set(age[linked].tolist()) == {16, 17}
    assert registered[guardians].all()
    assert registered[linked].all()
    teens = np.count_nonzero(registered & (age >= 16) & (age < 18))
    assert abs(len(linked) - teens / 2) <= 5 * np.sqrt(teens / 4)


def test_where_there_are_few_adults_not_every_teenager_has_a_guardian() -> None:
    age = np.array([16] * 50 + [40] * 3)
    ward = wards(np.random.default_rng(1), age, np.ones(53, dtype=bool), share=1.0)
    assert np.count_nonzero(ward >= 0) == 3


def test_one_person_alone_follows_nobody() -> None:
    alone = follow_edges(np.random.default_rng(1), 1, Graph(follows_mean=0.5))
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
    for graph in (population.follows, population.contacts, population.acquaintances):
        assert len(graph.start) == population.accounts + 1
        assert graph.start[-1] == len(graph.targets) > 0
        for account, run in enumerate(runs(graph)):
            assert run == sorted(set(run) - {account})


def test_pages_and_staff_follow_nobody_and_have_no_contacts(population: Population) -> None:
    assert not any(runs(population.follows)[population.persons :])
    assert not any(runs(population.contacts)[population.persons :])
    assert not any(runs(population.acquaintances)[population.persons :])
    assert population.contacts.targets.max() < population.persons
    assert population.acquaintances.targets.max() < population.persons
    assert population.follows.targets.max() == population.staff - 1
