"""Measures of follow graphs, against graphs worked out by hand and a slow, obvious way."""

from itertools import combinations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dmsim.fidelity import graph as measured
from dmsim.fidelity.graph import GraphMeasures, measure_graph
from dmsim.fidelity.power_law import fit_power_law

Pairs = list[tuple[int, int]]


def measure(pairs: Pairs, persons: int, seed: int = 1) -> GraphMeasures:
    sides = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return measure_graph(sides[:, 0], sides[:, 1], persons, seed=seed)


def test_a_small_graph_is_as_worked_out_by_hand() -> None:
    # 0 and 1 are friends, both follow 2, who follows 3; 4 is alone.
    found = measure([(0, 1), (1, 0), (0, 2), (1, 2), (2, 3)], 5)
    assert (found.persons, found.edges, found.mean_degree) == (5, 5, 1)
    assert found.reciprocity == pytest.approx(2 / 5)
    # 0 and 1: their two neighbours are linked; 2: of three pairs of neighbours one; 3, 4: none.
    assert found.clustering == pytest.approx((1 + 1 + 1 / 3) / 5)
    assert (found.clustering_error, found.clustering_sample) == (0, 5)
    assert (found.components, found.largest_component) == (2, 4 / 5)
    assert found.followers.none == pytest.approx(1 / 5)
    assert found.follows.none == pytest.approx(2 / 5)
    # Followers: 1, 1, 2, 1, 0. Follows: 2, 2, 1, 0, 0.
    assert found.followers.quantiles["0.5"] == 1
    assert found.follows.quantiles == {
        "0.1": 0, "0.25": 0, "0.5": 1, "0.75": 2, "0.9": 2, "0.99": 2, "0.999": 2, "max": 2,
    }  # fmt: skip
    assert found.follows.at_least == [(1, 3 / 5), (2, 2 / 5)]
    assert found.follows.tail is None


@pytest.mark.parametrize("persons", [0, 1, 3])
def test_where_nobody_follows_there_is_little_to_measure(persons: int) -> None:
    found = measure([], persons)
    assert (found.edges, found.reciprocity, found.clustering) == (0, 0, 0)
    assert found.components == persons
    assert found.followers.at_least == []
    msgspec.json.encode(found)


def slowly(pairs: Pairs, persons: int) -> tuple[float, float, int]:
    """Reciprocity, clustering and components, the obvious way."""
    known = set(pairs)
    near: list[set[int]] = [set() for _ in range(persons)]
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    mutual = sum((b, a) in known for a, b in pairs) / max(len(pairs), 1)
    local = []
    for friends in near:
        asked = list(combinations(friends, 2))
        local.append(sum(b in near[a] for a, b in asked) / max(len(asked), 1))
    groups = [{person} for person in range(persons)]
    for a, b in pairs:
        one, other = (next(group for group in groups if person in group) for person in (a, b))
        if one is not other:
            groups.remove(other)
            one |= other
    return mutual, sum(local) / persons, len(groups)


@given(st.integers(2, 12), st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_every_small_graph_is_as_the_obvious_way_says(
    persons: int, drawn: set[tuple[int, int]]
) -> None:
    pairs = sorted((a, b) for a, b in drawn if a != b and max(a, b) < persons)
    found = measure(pairs, persons)
    expected = slowly(pairs, persons)
    assert (found.reciprocity, found.clustering) == pytest.approx(expected[:2])
    assert found.components == expected[2]


def random_pairs(persons: int, count: int) -> Pairs:
    sides = np.random.default_rng(5).integers(0, persons, (count, 2))
    return sorted({(int(a), int(b)) for a, b in sides if a != b})


def test_a_sample_comes_near_the_whole_within_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # Circles of neighbours, with long-range follows among them.
    circles = {(a, (a + step) % 600) for a in range(600) for step in (1, 2, 3)}
    pairs = sorted(circles | set(random_pairs(600, 900)))
    whole = measure(pairs, 600).clustering
    monkeypatch.setattr(measured, "_SAMPLE", 150)
    parts = [measure(pairs, 600, seed) for seed in range(40)]
    off = [(part.clustering - whole) / part.clustering_error for part in parts]
    assert parts[0].clustering_sample == 150
    assert max(map(abs, off)) < 4
    assert 0.6 < np.std(off) < 1.5


def test_of_many_neighbours_a_part_of_the_pairs_is_asked() -> None:
    # One follows 300, each of whom follows the next: of 44850 pairs 299 are linked.
    pairs = [(0, n) for n in range(1, 301)] + [(n, n + 1) for n in range(1, 300)]
    found = measure(pairs, 301).clustering
    of_others = (298 * 2 / 3 + 2) / 301
    assert found == pytest.approx(of_others + 299 / 44850 / 301, abs=0.02 / 301 + 1e-9)


def test_nobody_is_asked_about_with_himself() -> None:
    everybody = [(a, b) for a in range(40) for b in range(40) if a != b]
    assert measure(everybody, 40).clustering == 1


def discrete(exponent: float, xmin: int, count: int, seed: int = 1) -> NDArray[np.int64]:
    """Degrees from the discrete power law, by inverting its distribution."""
    degrees = np.arange(xmin, 1_000_000)
    chances = np.cumsum(degrees**-exponent)
    drawn = np.random.default_rng(seed).random(count) * chances[-1]
    found: NDArray[np.int64] = degrees[np.searchsorted(chances, drawn)]
    return found


@pytest.mark.parametrize(("exponent", "xmin"), [(2.2, 1), (2.5, 5), (3.5, 10)])
def test_the_exponent_of_a_power_law_is_found_within_its_error(exponent: float, xmin: int) -> None:
    found = fit_power_law(np.bincount(discrete(exponent, xmin, 20_000)))
    assert found is not None
    assert abs(found.exponent - exponent) < 4 * found.error < 0.3
    assert found.distance < 0.03


def test_the_exponent_varies_by_its_error() -> None:
    fits = [fit_power_law(np.bincount(discrete(2.5, 3, 3000, seed))) for seed in range(40)]
    off = [(fit.exponent - 2.5) / fit.error for fit in fits if fit is not None]
    assert len(off) == 40
    assert 0.6 < np.std(off) < 1.6


def test_the_tail_begins_where_the_power_law_does() -> None:
    tail = discrete(2.5, 40, 5000)
    body = np.random.default_rng(2).integers(1, 40, 15_000)
    found = fit_power_law(np.bincount(np.concatenate([body, tail])))
    assert found is not None
    assert 35 <= found.xmin <= 60
    assert abs(found.exponent - 2.5) < 4 * found.error
    assert found.tail == np.count_nonzero(np.concatenate([body, tail]) >= found.xmin)


def test_where_all_have_as_many_or_few_have_any_there_is_no_tail() -> None:
    assert fit_power_law(np.array([0, 0, 900])) is None
    assert fit_power_law(np.array([900, 20, 5, 1])) is None
    assert fit_power_law(np.array([900])) is None
