"""Why people are missing: what is said of shifts, people and prices is so."""

from typing import Any

import pytest
from hypothesis import given, settings

from dmsim.rostering.demand import Demand
from dmsim.rostering.lacks import explained
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.plan import plan_roster
from dmsim.rostering.planned import Lack
from tests.rostering.made_up import demand, demands, shifts_file, tiny_files

SECONDS = 20.0
TUESDAY = ("tue", range(6, 14))


def lack(told: ShiftsFile, required: Demand, week: int = 0, **more: Any) -> Lack | None:
    plan = plan_roster(told, required, seconds=SECONDS, **more)
    return explained(told, required, plan, seconds=SECONDS, **more).weeks[week].lack


def found(told: ShiftsFile, required: Demand, week: int = 0, **more: Any) -> Lack:
    known = lack(told, required, week, **more)
    assert known is not None
    return known


def with_people(told: ShiftsFile, count: int) -> ShiftsFile:
    """The same with another number of people, who cover whatever they can."""
    document = told.model_dump(mode="json", by_alias=True)
    document["people"]["all"]["available"] = count
    document["prices"]["missing"] = 1e6
    return ShiftsFile.model_validate(document)


def missing(told: ShiftsFile, required: Demand) -> float:
    plan = plan_roster(told, required, seconds=SECONDS)
    return plan.weeks[0].coverage.missing_hours


def test_where_nobody_is_missing_nothing_lacks() -> None:
    assert lack(shifts_file(), demand({TUESDAY: 2})) is None


def test_too_few_people_are_told_with_how_many_more_it_takes() -> None:
    told = found(shifts_file(), demand({TUESDAY: 5}))
    assert (told.people, told.most_hours, told.worked_hours) == ({"all": 2}, 80, 16)
    assert (told.least_hours, told.found_hours) == (24, 24)
    assert (told.more, told.fewest_more) == ({"all": 3}, 3)


def test_nobody_at_all_lacks_everybody() -> None:
    told = found(shifts_file(people={"all": {"available": 0}}), demand({TUESDAY: 1}))
    assert (told.most_hours, told.least_hours, told.more) == (0, 8, {"all": 1})


def test_one_person_who_must_rest_lacks_another() -> None:
    told = found(
        shifts_file(people={"all": {"available": 1}}), demand({TUESDAY: 1, ("tue", range(6)): 1})
    )
    assert (told.least_hours, told.more, told.fewest_more) == (6, {"all": 1}, 1)


def test_where_no_shift_is_more_people_do_not_help() -> None:
    told = found(shifts_file(), demand({("tue", range(14, 16)): 3}))
    assert told.no_shift.missing_hours == told.least_hours == 6
    assert (told.more, told.fewest_more) == (None, 0)


def test_on_a_day_without_shifts_nobody_can_be_there() -> None:
    early = {"starts": ["06:00"], "lasts": "8h", "days": ["mon", "wed"]}
    told = found(
        shifts_file(shifts={"early": early}), demand({TUESDAY: 2, ("wed", range(6, 14)): 3})
    )
    assert (told.no_shift.missing_hours, told.least_hours) == (16, 24)
    assert told.more == {"all": 1}


def test_what_the_most_of_a_shift_keeps_away_is_no_lack_of_people() -> None:
    early = {"starts": ["06:00", "07:00"], "lasts": "8h", "cost_per_hour": 10.0, "most": 3}
    told = found(shifts_file(shifts={"early": early}), demand({TUESDAY: 5}))
    assert (told.no_shift.missing_hours, told.limited_hours, told.least_hours) == (0, 16, 24)
    assert (told.more, told.fewest_more) == ({"all": 1}, 1)


def test_what_costs_more_than_it_is_worth_lacks_a_price() -> None:
    told = found(shifts_file(prices={"missing": 10.0}), demand({("tue", range(6, 7)): 1}))
    assert (told.missing_hours, told.found_hours, told.least_hours) == (1, 0, 0)
    assert (told.price, told.more) == (10, None)


def test_people_of_another_skill_are_no_help() -> None:
    told = shifts_file(
        people={"german": {"available": 1, "skills": ["de"]}, "english": {"available": 9}}
    )
    document = told.model_dump(mode="json", by_alias=True)
    document["people"]["english"]["skills"] = ["en"]
    told = ShiftsFile.model_validate(document)
    both = demand({TUESDAY: 2}).required[""]
    why = found(told, Demand(60, {"de": both, "en": both}))
    assert (why.least_hours, why.more) == (8, {"german": 1, "english": 0})


def test_a_skill_that_nobody_has_is_a_lack_of_no_number_of_people() -> None:
    told = shifts_file(people={"german": {"available": 1, "skills": ["de"]}})
    french = demand({TUESDAY: 1}).required[""]
    why = found(told, Demand(60, {"fr": french}))
    assert why.no_shift.missing_hours == 8
    assert why.no_shift.lacking[30] == {"fr"}


def test_people_with_fixed_duties_count_with_these_alone() -> None:
    told = shifts_file()
    kept = plan_roster(told, demand({TUESDAY: 1}), seconds=SECONDS).duties
    why = found(told, demand({TUESDAY: 2, ("wed", range(6, 14)): 2}), fixed=kept)
    assert (why.people, why.most_hours) == ({"all": 2}, 48)
    assert (why.least_hours, why.more) == (8, {"all": 1})


def test_each_week_of_a_growing_demand_has_its_own_lack() -> None:
    told = shifts_file(horizon={"weeks": 3, "factors": [1.0, 2.0, 3.0]})
    required = demand({TUESDAY: 2})
    assert lack(told, required) is None
    assert [found(told, required, week).fewest_more for week in (1, 2)] == [2, 4]


@settings(max_examples=25, deadline=None)
@given(tiny_files(), demands())
def test_so_many_more_people_are_enough_and_fewer_are_not(
    told: ShiftsFile, required: Demand
) -> None:
    why = lack(told, required)
    if why is None:
        return
    own = told.people["all"].available
    without_shift = why.no_shift.missing_hours + why.limited_hours
    assert missing(with_people(told, own), required) == pytest.approx(why.found_hours, abs=0.01)
    assert without_shift <= why.least_hours + 0.01 <= why.found_hours + 0.02
    if why.more is not None:
        enough = with_people(told, own + why.more["all"])
        assert missing(enough, required) == pytest.approx(without_shift, abs=0.01)
        assert missing(with_people(told, own + why.fewest_more - 1), required) > without_shift
    else:
        assert why.least_hours == pytest.approx(without_shift, abs=0.01)
