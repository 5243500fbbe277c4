"""What is planned keeps every rule, costs what it says, and is as cheap as can be."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.rostering.check import violations
from dmsim.rostering.demand import Demand
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.plan import plan_roster, week_demand
from dmsim.rostering.planned import Plan
from dmsim.rostering.program import Program, Solved
from dmsim.rostering.roster import Duty
from tests.rostering import by_hand
from tests.rostering.made_up import demand, demands, shifts_file, tiny_files

SECONDS = 20.0


def planned(told: ShiftsFile, required: Demand, **more: Any) -> Plan:
    return plan_roster(told, required, seconds=SECONDS, **more)


def costs(told: ShiftsFile, required: Demand) -> float:
    return planned(told, required).weeks[0].costs.total


def changed(told: ShiftsFile, **people: Any) -> ShiftsFile:
    document = told.model_dump(mode="json", by_alias=True)
    document["people"]["all"].update(people)
    return ShiftsFile.model_validate(document)


@settings(max_examples=30, deadline=None)
@given(tiny_files(most_people=2), demands())
def test_nothing_is_cheaper_than_what_is_planned(told: ShiftsFile, required: Demand) -> None:
    found = planned(told, required).weeks[0]
    best = by_hand.least_cost(told, required)
    assert found.costs.total <= best / (1 - 1e-3) + 1e-6
    assert found.bound <= best + 1e-6 * max(best, 1)
    assert found.relaxed <= found.bound
    if found.status == "optimal":
        assert found.costs.total == pytest.approx(best)


@settings(max_examples=30, deadline=None)
@given(tiny_files(most_people=4), demands(step=30))
def test_every_rule_is_kept_and_costs_add_up(told: ShiftsFile, required: Demand) -> None:
    found = planned(told, required)
    own: dict[str, list[Duty]] = defaultdict(list)
    for duty in found.duties:
        own[duty.who].append(duty)
    assert len(own) <= told.people["all"].available
    for duties in own.values():
        assert by_hand.is_allowed(told, by_hand.worked_shifts(duties))
    assert violations(told, found.duties) == []
    shifts = by_hand.worked_shifts(found.duties)
    assert found.weeks[0].costs.total == pytest.approx(by_hand.cost(told, required, shifts))


@settings(max_examples=15, deadline=None)
@given(tiny_files(), demands(), st.integers(0, 167), st.integers(1, 3))
def test_more_demand_never_costs_less(
    told: ShiftsFile, required: Demand, interval: int, more: int
) -> None:
    higher = required.required[""].copy()
    higher[interval] += more
    # Each is known to a thousandth.
    assert costs(told, Demand(60, {"": higher})) >= 0.999 * costs(told, required) - 1e-6


RELAXED: list[dict[str, Any]] = [
    {"rest": "0h"},
    {"days_off": 0},
    {"available": 4},
    {"most_hours": None},
]


@settings(max_examples=20, deadline=None)
@given(tiny_files(), demands(), st.sampled_from(RELAXED))
def test_a_relaxed_rule_never_costs_more(
    told: ShiftsFile, required: Demand, relaxed: dict[str, Any]
) -> None:
    assert 0.999 * costs(changed(told, **relaxed), required) <= costs(told, required) + 1e-6


def test_the_night_of_sunday_covers_the_morning_of_monday() -> None:
    found = planned(shifts_file(), demand({("mon", range(6)): 1}))
    assert [(duty.shift, duty.day) for duty in found.duties] == [("night", 6)]
    assert found.weeks[0].coverage.missing_hours == 0


def test_who_works_on_sunday_night_rests_on_monday() -> None:
    """Two would have to do the work of one, who cannot be there at 6 again."""
    told = shifts_file(people={"all": {"available": 1}})
    both = demand({("mon", range(14)): 1})
    found = planned(told, both)
    assert len(found.duties) == 1
    assert found.weeks[0].coverage.missing_hours == 6
    rested = planned(changed(told, rest="0h"), both)
    assert len(rested.duties) == 2


def test_too_few_people_are_an_answer_with_the_hours_that_are_missing() -> None:
    required = demand({("tue", range(6, 14)): 5})
    week = planned(shifts_file(), required).weeks[0]
    assert week.status == "optimal"
    assert week.coverage.missing_hours == 3 * 8
    assert week.coverage.step == 60
    assert np.flatnonzero(week.coverage.missing).tolist() == list(range(30, 38))


def test_nobody_at_all_is_an_answer_too() -> None:
    told = shifts_file(people={"all": {"available": 0}})
    week = planned(told, demand({("tue", range(6, 14)): 1})).weeks[0]
    assert (week.costs.total, week.bound, week.status) == (400, 400, "optimal")


def test_what_costs_more_than_it_is_worth_stays_missing() -> None:
    told = shifts_file(prices={"missing": 10.0})
    one_hour = planned(told, demand({("tue", range(6, 7)): 1}))
    assert one_hour.duties == []
    assert one_hour.weeks[0].costs.total == 10


def test_a_part_of_a_person_is_missing_or_surplus_as_a_part() -> None:
    told = shifts_file(prices={"missing": 30.0}, holidays={"tue": 0.5, "wed": 0.25})
    required = demand({("tue", range(6, 14)): 1, ("wed", range(6, 14)): 1})
    plan = planned(told, required)
    covered = plan.weeks[0].coverage
    assert [duty.day for duty in plan.duties] == [1]
    assert (covered.surplus_hours, covered.missing_hours) == (4, 2)


def test_a_break_of_all_is_missing_whatever_the_mean_of_the_hour() -> None:
    breaks = [{"after": "2h", "lasts": "30m"}]
    early = {"starts": ["06:00"], "lasts": "8h", "cost_per_hour": 10.0, "breaks": breaks}
    told = shifts_file(shifts={"early": early})
    for step in (60, 30):
        found = planned(told, demand({("tue", range(6, 14)): 1}, step=step)).weeks[0].coverage
        assert (found.step, found.missing_hours) == (30, 0.5)
        assert found.missing[2 * (24 + 8)] == 1


def test_a_skill_is_covered_by_who_has_it() -> None:
    quiet, busy = np.zeros(168), np.zeros(168)
    busy[6:14] = 2
    told = shifts_file(
        people={
            "all": {"available": 3},
            "german": {"available": 1, "skills": ["de"]},
            "english": {"available": 3, "skills": ["en"]},
        },
        prices={"missing": 1000.0},
    )
    found = planned(told, Demand(60, {"de": busy, "en": busy, "fr": quiet}))
    assert found.weeks[0].coverage.missing_hours == 0
    assert len(found.duties) == 4
    alone = changed(told, available=0)
    week = planned(alone, Demand(60, {"de": busy, "en": busy, "fr": quiet})).weeks[0]
    assert week.coverage.missing_hours == 8
    assert week.coverage.lacking[6] == {"de"}


def test_no_more_begin_a_shift_on_a_day_than_may() -> None:
    early = {"starts": ["06:00", "07:00"], "lasts": "8h", "cost_per_hour": 10.0, "most": 2}
    told = shifts_file(shifts={"early": early}, people={"all": {"available": 5}})
    required = demand({("tue", range(6, 15)): 5})
    assert len(planned(told, required).duties) == 2
    kept = planned(told, required).duties[:1]
    assert len(planned(told, required, fixed=kept).duties) == 2


def test_contracts_work_their_own_shifts_alone() -> None:
    told = shifts_file(
        people={"day": {"available": 1, "shifts": ["early"]}, "all": {"available": 0}}
    )
    found = planned(told, demand({("tue", range(6, 14)): 1, ("wed", range(6)): 1}))
    assert [duty.shift for duty in found.duties] == ["early"]


def test_fixed_duties_stay_and_their_people_get_no_others() -> None:
    told = shifts_file()
    required = demand({("tue", range(6, 14)): 2, ("wed", range(6, 14)): 2})
    kept = planned(told, demand({("tue", range(6, 14)): 1})).duties
    found = planned(told, required, fixed=kept)
    assert [duty for duty in found.duties if duty.who == kept[0].who] == list(kept)
    assert len({duty.who for duty in found.duties}) == 2
    assert found.weeks[0].coverage.missing_hours == 8
    assert found.weeks[0].costs.total == pytest.approx(found.weeks[0].bound)


WEEKS = {"start": "2026-12-21", "weeks": 2, "factors": [1.0, 2.0], "growth": 0.5}


def test_weeks_grow_by_season_and_growth_and_holidays() -> None:
    told = shifts_file(horizon=WEEKS, holidays={"2026-12-25": 0.5, "sun": 0, "2027-01-03": 1})
    one = Demand(60, {"": np.ones(168)})
    first, second = (week_demand(told, one, week).required[""][::24] for week in range(2))
    assert first.tolist() == [1, 1, 1, 1, 0.5, 1, 0]
    assert second.tolist() == [3, 3, 3, 3, 3, 3, 3]


def test_no_shift_begins_on_a_day_without_work() -> None:
    told = shifts_file(holidays={"tue": 0})
    found = planned(told, demand({("tue", range(24)): 2, ("wed", range(6)): 2}))
    assert found.duties == []
    assert found.weeks[0].coverage.missing_hours == 12


def test_who_comes_from_the_last_night_of_a_week_does_not_begin_the_next() -> None:
    early = {"starts": ["06:00"], "lasts": "8h", "cost_per_hour": 45.0}
    night = {"starts": ["22:00"], "lasts": "8h", "cost_per_hour": 12.0}
    # In the second week nobody works on Sunday, so that the night before its Monday is missing.
    told = shifts_file(
        shifts={"early": early, "night": night},
        people={"all": {"available": 1}},
        horizon={"start": "2026-12-21", "weeks": 2},
        holidays={"2027-01-03": 0},
    )
    found = planned(told, demand({("mon", range(14)): 1}))
    assert [(duty.week, duty.shift) for duty in found.duties] == [(0, "night")]
    two = changed(told, available=2)
    duties = planned(two, demand({("mon", range(14)): 1})).duties
    assert [(duty.week, duty.shift) for duty in duties if duty.week] == [(1, "early")]
    assert violations(two, duties) == []


@settings(max_examples=10, deadline=None)
@given(demands(), st.sampled_from(["11h", "30h"]))
def test_everybody_rests_between_the_weeks(required: Demand, rest: str) -> None:
    told = shifts_file(
        horizon={"weeks": 3, "factors": [1.0, 2.0, 1.0]},
        people={"all": {"available": 3, "rest": rest}},
    )
    assert violations(told, planned(told, required).duties) == []


def test_a_search_without_time_says_so_and_still_keeps_the_rules() -> None:
    shift = {"starts": [f"{h:02}:00" for h in range(24)], "lasts": "8h", "cost_per_hour": 10.0}
    told = shifts_file(
        shifts={"any": shift},
        people={"all": {"available": 40, "most_hours": "36h"}},
    )
    rng = np.random.default_rng(1)
    required = Demand(60, {"": rng.integers(0, 9, 168).astype(float)})
    found = plan_roster(told, required, seconds=0.01)
    assert violations(told, found.duties) == []
    week = found.weeks[0]
    assert week.status == "time limit"
    assert 0 <= week.bound <= week.costs.total


def test_slots_without_whole_tours_are_searched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    solve = Program.solve

    def without_tours(self: Program, **told: Any) -> Solved:
        found = solve(self, **told)
        return replace(found, values=None) if told.get("fixed") else found

    monkeypatch.setattr(Program, "solve", without_tours)
    required = demand({("tue", range(6, 14)): 5})
    week = planned(shifts_file(), required).weeks[0]
    assert (week.status, week.coverage.missing_hours) == ("optimal", 3 * 8)
