"""The program of a week: how many people of each contract work what, and who is missing then.

Variables are how many people of each contract go along each arc of its network, so rest, days off
and hours hold by construction, and whole numbers become the weeks of single persons. What is
missing and what is surplus are variables with a price: a demand that cannot be met has an answer.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dmsim.rostering.costs import shift_cost
from dmsim.rostering.coverage import Skills, skills_of, working
from dmsim.rostering.demand import Demand
from dmsim.rostering.model import HOUR, ShiftsFile
from dmsim.rostering.network import week_network
from dmsim.rostering.program import Program, Term
from dmsim.rostering.roster import Duties
from dmsim.rostering.slots import Floats, Slot, presence, slots
from dmsim.rostering.tours import tours_of


@dataclass(frozen=True)
class Week:
    """What one week is planned for.

    Attributes:
        demand: of this week.
        people: by contract, for each person who may be planned, how many minutes of this week he
            still rests from the one before.
        closed: days on which no shift begins, 0 for Monday.
        fixed: duties of others, which stay.
    """

    demand: Demand
    people: Mapping[str, Sequence[int]]
    closed: Collection[int] = ()
    fixed: Duties = ()


class WeekProgram:
    """What is to be found for a week.

    Attributes:
        program: all columns and rows; its cost is that of the shifts, the missing and the surplus.
        contracts: whose columns they are.
        missing: its terms add up to the person-hours that are missing.
    """

    def __init__(self, told: ShiftsFile, week: Week) -> None:
        self.program = Program()
        every = slots(told, week.closed)
        self.contracts = [Contract(self.program, told, week, name, every) for name in told.people]
        _limit_shifts(self.program, told, week, self.contracts)
        self.missing = _cover(self.program, told, week, self.contracts)


class Contract:
    """The columns of the people of one contract, and the rows that make paths of them."""

    def __init__(
        self, program: Program, told: ShiftsFile, week: Week, name: str, every: Sequence[Slot]
    ) -> None:
        people = told.people[name]
        self.name = name
        self.skills = skills_of(people, week.demand)
        self.slots = [slot for slot in every if slot.shift in (people.shifts or told.shifts)]
        self._network = week_network(self.slots, people)
        self._available = len(week.people[name])
        # By arc, and by slot: how many people of this contract work it.
        self.paths = program.columns(len(self._network.arcs), most=self._available, whole=True)
        self.people = [
            program.columns(
                1, shift_cost(told.shifts[slot.shift], slot.worked), self._available, whole=True
            )[0]
            for slot in self.slots
        ]
        self._add_up(program)
        self._balance(program)
        self._limit(program, week.people[name])

    @property
    def working(self) -> list[Term]:
        """Its terms add up to the people who work at all."""
        arcs = zip(self.paths, self._network.arcs, strict=True)
        return [(column, 1.0) for column, arc in arcs if arc.tail is None]

    def tours(self, values: Floats | None) -> list[list[Slot]]:
        """The slots of each person who works; nobody does where nothing was found."""
        if values is None:
            return []
        flow = [round(values[column]) for column in self.paths]
        found = tours_of(self._network, flow, self.slots)
        return [[self.slots[number] for number in tour] for tour in found]

    def _add_up(self, program: Program) -> None:
        """Who works a slot is on some arc of it."""
        terms: list[list[Term]] = [[(people, -1.0)] for people in self.people]
        for column, arc in zip(self.paths, self._network.arcs, strict=True):
            terms[arc.slot].append((column, 1.0))
        for row in terms:
            program.row(row, 0, 0)

    def _balance(self, program: Program) -> None:
        """Nobody goes on from where nobody came; whoever does not go on has the rest off."""
        terms: dict[object, list[Term]] = defaultdict(list)
        for column, arc in zip(self.paths, self._network.arcs, strict=True):
            if arc.head is not None:
                terms[arc.head].append((column, 1.0))
            if arc.tail is not None:
                terms[arc.tail].append((column, -1.0))
        waiting = program.columns(len(self._network.waits), most=self._available)
        for column, (node, later) in zip(waiting, self._network.waits.items(), strict=True):
            terms[node].append((column, -1.0))
            terms[later].append((column, 1.0))
        for row in terms.values():
            program.row(row, 0, np.inf)

    def _limit(self, program: Program, rests: Sequence[int]) -> None:
        """No more people than there are, and nobody before the rest from last week is over."""
        first = [
            (column, self.slots[arc.slot].begin)
            for column, arc in zip(self.paths, self._network.arcs, strict=True)
            if arc.tail is None
        ]
        program.row(self.working, 0, self._available)
        for until in sorted(set(rests) - {0}):
            early = [(column, 1.0) for column, begin in first if begin < until]
            rested = sum(rest < until for rest in rests)
            program.row(early, 0, rested)


def _limit_shifts(
    program: Program, told: ShiftsFile, week: Week, contracts: Sequence[Contract]
) -> None:
    """Nobody begins a shift beyond the most of a day."""
    settled = Counter((duty.shift, duty.day) for duty in week.fixed)
    terms: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for contract in contracts:
        for people, slot in zip(contract.people, contract.slots, strict=True):
            terms[slot.shift, slot.day].append((people, 1.0))
    for (shift, day), row in terms.items():
        most = told.shifts[shift].most
        if most is not None:
            program.row(row, 0, max(most - settled[shift, day], 0))


def _cover(
    program: Program, told: ShiftsFile, week: Week, contracts: Sequence[Contract]
) -> list[Term]:
    """In each interval people serve a skill or are surplus; whom a skill lacks is missing."""
    hours_missing: list[Term] = []
    required = week.demand.required
    there = _there(week, told, contracts)
    for interval, count in _alike(week.demand, there).items():
        hours = count * week.demand.step / HOUR
        serving: dict[str, list[Term]] = {skill: [] for skill in required}
        for skills, (terms, settled) in there.items():
            surplus = program.columns(1, told.prices.surplus * hours)
            shares = program.columns(len(skills))
            for skill, column in zip(sorted(skills), shares, strict=True):
                serving[skill].append((column, 1.0))
            used = [(column, -1.0) for column in (*surplus, *shares)]
            program.row([*terms[interval], *used], -settled[interval], -settled[interval])
        for skill, served in serving.items():
            (missing,) = program.columns(1, told.prices.missing * hours)
            hours_missing.append((missing, hours))
            people = required[skill][interval]
            program.row([(missing, 1.0), *served], people, people)
    return hours_missing


def _alike(
    demand: Demand, there: Mapping[Skills, tuple[list[list[Term]], Floats]]
) -> dict[int, int]:
    """One of all intervals with the same requirement and the same slots, and how many there are."""
    first: dict[object, int] = {}
    counts: Counter[int] = Counter()
    for interval in range(len(demand.total())):
        required = tuple(people[interval] for people in demand.required.values())
        able = tuple((tuple(terms[interval]), told[interval]) for terms, told in there.values())
        counts[first.setdefault((required, able), interval)] += 1
    return counts


def _there(
    week: Week, told: ShiftsFile, contracts: Sequence[Contract]
) -> dict[Skills, tuple[list[list[Term]], Floats]]:
    """By what people can stand for: the columns of each interval, and who is there already."""
    count = len(week.demand.total())
    settled = working(week.fixed, told.people, week.demand)
    there: dict[Skills, tuple[list[list[Term]], Floats]] = {
        skills: ([[] for _ in range(count)], settled.get(skills, np.zeros(count)))
        for skills in dict.fromkeys([*(contract.skills for contract in contracts), *settled])
    }
    shares: dict[Slot, Floats] = {}
    for contract in contracts:
        terms, _ = there[contract.skills]
        for people, slot in zip(contract.people, contract.slots, strict=True):
            if slot not in shares:
                shares[slot] = presence(slot.spans, week.demand.step)
            for interval in np.flatnonzero(shares[slot]):
                terms[interval].append((people, float(shares[slot][interval])))
    return there
