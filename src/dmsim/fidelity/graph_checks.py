"""The follow graph at the first recorded instant, against the scenario's parameters.

Where the edges are the user's own, everything is shown and nothing has a target.
"""

import numpy as np
from numpy.typing import NDArray

from dmsim.fidelity.check import SHARE, Check, Interval, Subject, judge, too_few, unchecked
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.graph import GraphMeasures, measure_graph
from dmsim.fidelity.intervals import mean_interval, normal_quantile, share_interval
from dmsim.fidelity.warm_up import WarmUp

_CONCERN = "graph"
_SOURCE = "scenario: population.graph."
#: What the generator keeps to: of the mean, of a share, and of the exponent, because follows within
#: communities and back make the tail of all followers steeper than that of those chosen by fame.
_MEAN, _SHARE, _EXPONENT = 0.06, 0.02, 0.7

Ints = NDArray[np.int64]


def graph_checks(facts: Facts) -> tuple[list[Check], GraphMeasures]:
    """All checks of the follows between persons, and their measures."""
    persons = facts.persons.height
    follower, followed = _between_persons(facts)
    found = measure_graph(follower, followed, persons)
    told, before = facts.scenario.population.graph, WarmUp(facts)
    # So many follows of a person may have come or gone before the first recorded instant.
    changed = before.steps(lambda a: a.follow + a.unfollow)
    follows = np.bincount(follower, minlength=persons).astype(np.float64)
    mutual, pairs = round(found.reciprocity * found.edges / 2), max(found.edges // 2, 1)
    checks = [
        _held(
            facts,
            Subject(
                concern=_CONCERN,
                property="persons whom a person follows, in the mean",
                source=f"{_SOURCE}follows_mean",
                target=told.follows_mean,
                tolerance=_MEAN * told.follows_mean + changed,
            ),
            found.mean_degree,
            lambda level: mean_interval(follows, level),
        ),
        _held(
            facts,
            Subject(
                concern=_CONCERN,
                property="follows that are followed back (R5)",
                source=f"{_SOURCE}reciprocity",
                target=told.reciprocity,
                tolerance=_SHARE + changed / max(told.follows_mean, 1e-9),
                unit=SHARE,
            ),
            found.reciprocity,
            lambda level: share_interval(mutual, pairs, level),
        ),
        *_structure(facts, found),
    ]
    return checks, found


def _structure(facts: Facts, found: GraphMeasures) -> list[Check]:
    """The tail of the followers, triangles, and how much hangs together."""
    tail = found.followers.tail
    exponent = Subject(
        concern=_CONCERN,
        property="exponent of the tail of followers",
        source=f"{_SOURCE}followers_exponent",
        target=facts.scenario.population.graph.followers_exponent,
        tolerance=_EXPONENT,
    )
    clustering = Subject(
        concern=_CONCERN, property="mean local clustering", source=f"{_SOURCE}closure"
    )
    largest = Subject(
        concern=_CONCERN,
        property="persons in the largest component",
        source="scenario",
        unit=SHARE,
    )
    return [
        unchecked(_known(facts, exponent), "too few persons have many followers")
        if tail is None
        else _held(facts, exponent, tail.exponent, _normal(tail.exponent, tail.error)),
        _held(
            facts,
            clustering,
            found.clustering,
            _normal(found.clustering, found.clustering_error),
        ),
        _held(
            facts,
            largest,
            found.largest_component,
            lambda _: (found.largest_component, found.largest_component),
        ),
    ]


def _between_persons(facts: Facts) -> tuple[Ints, Ints]:
    """Who follows whom, numbered as in ``persons``; brands are left out."""
    number = np.full(len(facts.offset), -1, dtype=np.int64)
    number[facts.persons["id"].to_numpy()] = np.arange(facts.persons.height)
    follower = number[facts.follows["follower"].to_numpy()]
    followed = number[facts.follows["followed"].to_numpy()]
    between = (follower >= 0) & (followed >= 0)
    return follower[between], followed[between]


def _held(facts: Facts, subject: Subject, measured: float, interval: Interval) -> Check:
    because = too_few(facts.persons.height, "persons")
    known = _known(facts, subject)
    return unchecked(known, because, measured) if because else judge(known, measured, interval)


def _known(facts: Facts, subject: Subject) -> Subject:
    """What is known of a property: of the user's own edges, no target."""
    if facts.scenario.population.graph.edges is None:
        return subject
    return Subject(
        concern=_CONCERN, property=subject.property, source="your edges", unit=subject.unit
    )


def _normal(value: float, error: float) -> Interval:
    def ends(level: float) -> tuple[float, float]:
        half = normal_quantile(level) * error
        return value - half, value + half

    return ends
