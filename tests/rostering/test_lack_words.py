"""What a planner reads where people are missing."""

from dataclasses import replace
from typing import Any

import numpy as np

from dmsim.rostering.costs import Costs
from dmsim.rostering.coverage import Coverage
from dmsim.rostering.lack_words import lack_object, why_lines
from dmsim.rostering.planned import Lack, Status, WeekPlan


def covered(*missing: int) -> Coverage:
    """Of hours in which two are required, so many times two missing from Monday 00:00 on."""
    short, required = np.zeros(168), np.full(168, 2.0)
    for hour in missing:
        short[hour] = 2.0
    skills = tuple(
        frozenset({"de"}) if hour in missing else frozenset[str]() for hour in range(168)
    )
    return Coverage(60, required, required - short, short, np.zeros(168), skills)


ALL_COVERED = Lack(
    people={"full": 8, "part": 2},
    most_hours=360.0,
    worked_hours=316.0,
    no_shift=covered(),
    limited_hours=0.0,
    missing_hours=20.0,
    price=300.0,
    least_hours=0.0,
    found_hours=0.0,
    more=None,
    fewest_more=0,
)
TOO_FEW = replace(ALL_COVERED, least_hours=20.0, found_hours=20.0, fewest_more=2)


def told(lack: Lack, status: Status = "optimal") -> list[str]:
    costs = Costs(1.0, 2.0, 3.0)
    return why_lines(WeekPlan(covered(*range(10)), costs, status, 0.0, 0.0, 1.0, lack))


def test_a_price_that_does_not_pay_is_told_with_the_hours_that_people_have_left() -> None:
    could = "20.0 h that these people, who have 44.0 h left, could cover"
    price = "prices.missing = 300 an hour"
    better = "shifts that fit better might"
    assert told(ALL_COVERED) == [f"price: {could}", f"  {price} does not pay for it; {better}"]
    assert told(ALL_COVERED, "within gap")[1] == (
        f"  {price} does not pay for it (within the gap); {better}"
    )
    assert told(ALL_COVERED, "time limit") == [
        f"price or time: {could}",
        f"  a longer --time-limit may find how, if {price} pays for it",
    ]
    exhausted = replace(ALL_COVERED, worked_hours=360.0)
    assert told(exhausted)[0] == "price: 20.0 h that these people could cover"


def test_how_many_more_people_it_takes_is_told_as_well_as_it_is_known() -> None:
    def more(**known: Any) -> str:
        head, line = told(replace(TOO_FEW, **known))
        assert head == (
            "too few people: 20.0 h; 10 people may work 360.0 h a week at most, 316.0 h are worked"
        )
        return line.removeprefix("  no roster of these people covers them")

    assert more(more={"full": 2, "part": 0}) == "; 2 more (2 full) would be enough, fewer would not"
    assert more(more={"full": 1, "part": 2}) == (
        "; 3 more (1 full, 2 part) would be enough, fewer than 2 would not"
    )
    assert more(more={"full": 90, "part": 9}) == "; at least 2 more would be needed"
    assert more() == "; at least 2 more would be needed"
    assert more(fewest_more=0) == ""


def test_where_no_shift_is_the_times_and_skills_are_told() -> None:
    lack = replace(TOO_FEW, no_shift=covered(*range(10)), more=None)
    assert told(lack) == [
        "no shift: 20.0 h when there is none that anybody may work, or all have a break",
        "  mon 00:00 to mon 10:00 of people with de",
    ]
    many = replace(lack, no_shift=covered(*range(0, 20, 2)))
    assert told(many)[1].endswith("mon 04:00 to mon 05:00 of people with de, and 7 more stretches")


def test_a_limit_of_shifts_and_what_time_left_open_are_told() -> None:
    lack = replace(ALL_COVERED, limited_hours=12.0, least_hours=12.0, found_hours=20.0)
    assert [line.split(" h")[0] for line in told(lack)[::2]] == [
        "limit of shifts: 12.0",
        "not known: 8.0",
    ]


def test_fractions_of_people_are_not_told_in_words_but_to_machines() -> None:
    lack = replace(TOO_FEW, least_hours=19.9, found_hours=19.95)
    assert [line.split(":")[0] for line in told(lack)[:1]] == ["too few people"]
    assert len(told(lack)) == 2
    parts = lack_object(lack)
    names = ("no_shift", "limited", "too_few_people", "undecided", "too_dear")
    assert sum(parts[f"{name}_hours"] for name in names) == 20
