"""Whom a roster brings to each interval of the week, and who is missing there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dmsim.rostering.demand import Demand
from dmsim.rostering.model import HOUR, People
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Floats, presence

#: The skills of a demand that some people have.
Skills = frozenset[str]


@dataclass(frozen=True)
class Coverage:
    """People of each interval of a week; where somebody works a part of one, that part.

    Attributes:
        step: minutes of an interval.
        required: whatever their skill.
        working: whatever their skill.
        missing: the required whom nobody present can stand for.
        surplus: the working whom nobody requires.
        lacking: which skills are missing, where some are asked for.
    """

    step: int
    required: Floats
    working: Floats
    missing: Floats
    surplus: Floats
    lacking: tuple[Skills, ...]

    @property
    def required_hours(self) -> float:
        """Person-hours that are required."""
        return float(self.required.sum() * self.step / HOUR)

    @property
    def worked_hours(self) -> float:
        """Person-hours that are worked."""
        return float(self.working.sum() * self.step / HOUR)

    @property
    def missing_hours(self) -> float:
        """Person-hours that are required and not covered."""
        return float(self.missing.sum() * self.step / HOUR)

    @property
    def surplus_hours(self) -> float:
        """Person-hours that are worked and not required."""
        return float(self.surplus.sum() * self.step / HOUR)

    @property
    def covered_share(self) -> float | None:
        """Share of the required person-hours that are covered."""
        total = float(self.required.sum())
        return 1 - float(self.missing.sum()) / total if total else None


def skills_of(people: People, demand: Demand) -> Skills:
    """What people can stand for: the empty skill is everybody's, who lists none has all."""
    return frozenset(
        skill
        for skill in demand.required
        if not skill or not people.skills or skill in people.skills
    )


def working(
    duties: Duties, contracts: Mapping[str, People], demand: Demand
) -> dict[Skills, Floats]:
    """The people of each interval of one week, by what they can stand for.

    Who has a contract of no name in the shifts file is taken to have all skills.
    """
    spans: dict[Skills, list[tuple[int, int]]] = {}
    for duty in duties:
        known = contracts.get(duty.people)
        skills = skills_of(known, demand) if known else frozenset(demand.required)
        spans.setdefault(skills, []).extend(duty.spans)
    return {skills: presence(of_these, demand.step) for skills, of_these in spans.items()}


def coverage(demand: Demand, people: Mapping[Skills, Floats]) -> Coverage:
    """Hold people against a demand of the same week.

    People are given to the skills so that as few as possible are missing. By the theorem of max
    flow and min cut that is the largest lack of any set of skills: what it requires less everybody
    who has one of them.
    """
    required = demand.total()
    missing = np.zeros_like(required)
    lacking = [frozenset[str]()] * len(required)
    for skills in _sets(demand.required):
        lack = sum((demand.required[skill] for skill in skills), np.zeros_like(required))
        for able, there in people.items():
            lack = lack - there if able & skills else lack
        for interval in np.flatnonzero(lack > missing + 1e-9):
            lacking[interval] = skills
        missing = np.maximum(missing, lack)
    there = sum(people.values(), np.zeros_like(required))
    surplus = np.maximum(there - required + missing, 0)
    return Coverage(demand.step, required, there, missing, surplus, tuple(lacking))


def _sets(skills: Iterable[str]) -> list[Skills]:
    """Every set of skills but the empty one, small ones first."""
    told = sorted(skills)
    return [
        frozenset(chosen)
        for count in range(1, len(told) + 1)
        for chosen in combinations(told, count)
    ]
