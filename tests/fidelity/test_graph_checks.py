"""Follow graphs made by hand, against a scenario's parameters."""

import numpy as np
import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.graph_checks import graph_checks
from tests.fidelity.facts import facts, scenario

PERSONS = 1000
Follows = tuple[list[int], list[int]]


def ring(reach: int, *, back: bool = False) -> Follows:
    """Everybody follows the next persons, and is followed back or not."""
    steps = [*range(1, reach + 1), *(range(-reach, 0) if back else ())]
    pairs = [(n, (n + step) % PERSONS) for n in range(PERSONS) for step in steps]
    return [a for a, _ in pairs], [b for _, b in pairs]


def check(words: str, follows: Follows, *overrides: str) -> Check:
    found, _ = graph_checks(facts(scenario(*overrides), persons=PERSONS, follows=follows))
    return next(one for one in found if one.property.startswith(words))


@pytest.mark.parametrize(
    ("words", "follows", "key", "value", "verdict"),
    [
        ("persons whom", ring(5), "follows_mean", 5, "pass"),
        ("persons whom", ring(6), "follows_mean", 5, "fail"),
        ("follows that", ring(4), "reciprocity", 0, "pass"),
        ("follows that", ring(4, back=True), "reciprocity", 1, "pass"),
        ("follows that", ring(4), "reciprocity", 0.4, "fail"),
    ],
)
def test_a_graph_is_held_to_its_parameters(
    words: str, follows: Follows, key: str, value: float, verdict: str
) -> None:
    found = check(words, follows, f"population.graph.{key}={value}")
    assert (found.verdict, found.source) == (verdict, f"scenario: population.graph.{key}")


def followed_by_power_law(exponent: float) -> Follows:
    """Persons whose followers follow a power law."""
    draws = np.random.default_rng(2)
    wanted = np.minimum(np.floor((1 - draws.random(PERSONS)) ** (-1 / (exponent - 1))), 500)
    followed = np.repeat(np.arange(PERSONS), wanted.astype(int))
    place = np.concatenate([np.arange(n) for n in wanted.astype(int)])
    return ((followed + 1 + place) % PERSONS).tolist(), followed.tolist()


@pytest.mark.parametrize(("exponent", "verdict"), [(2.3, "pass"), (4.5, "fail")])
def test_the_tail_of_followers_is_near_its_exponent(exponent: float, verdict: str) -> None:
    follows = followed_by_power_law(exponent)
    told = "population.graph.followers_exponent=2.1"
    assert check("exponent of the tail", follows, told).verdict == verdict


def test_follows_of_brands_are_left_out() -> None:
    follower, followed = ring(5)
    follows = follower + list(range(PERSONS)), followed + [PERSONS] * PERSONS
    assert check("persons whom", follows).measured == 5


def test_follows_that_may_have_come_in_the_warm_up_are_allowed_for() -> None:
    busy = [
        "time.warm_up=7d",
        "archetypes.subscriber.sessions_per_week=10",
        "archetypes.subscriber.follow=0.1",
    ]
    assert check("persons whom", ring(6)).verdict == "fail"
    assert check("persons whom", ring(6), *busy).verdict == "pass"


def test_the_users_own_edges_are_shown_and_not_judged() -> None:
    own = scenario()
    graph = own.population.graph.model_copy(update={"edges": "follows.csv"})
    population = own.population.model_copy(update={"graph": graph})
    told = own.model_copy(update={"population": population})
    found, measured = graph_checks(facts(told, persons=PERSONS, follows=ring(6)))
    assert measured.mean_degree == 6
    told_of = {(one.verdict, one.source) for one in found}
    assert told_of == {("unchecked", "your edges")}
    assert {one.because for one in found if one.measured} == {"no target: your edges"}
