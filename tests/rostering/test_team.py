"""A roster becomes the roster of a care team: the same people at the same minutes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.care.alone import run_alone
from dmsim.care.roster import duties as worked_duties
from dmsim.errors import UsageError
from dmsim.rostering.model import WEEK, ShiftsFile
from dmsim.rostering.roster import Duty
from dmsim.rostering.slots import presence, slots
from dmsim.rostering.team import unknown_skills, with_roster
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import MINUTE_US
from tests.rostering.made_up import shifts_file, tiny_files


def minutes_at_work(scenario: Scenario, team: str) -> list[int]:
    """How many agents are there in each minute of the second week."""
    there = np.zeros(3 * WEEK, dtype=int)
    for shift in scenario.care.teams[team].roster.values():
        for duty in worked_duties(shift, 0):
            if duty.begin >= 2 * WEEK * MINUTE_US:
                break
            for since, until in duty.worked:
                first, last = max(since, 0) // MINUTE_US, max(until, 0) // MINUTE_US
                there[first:last] += shift.agents
    return [int(people) for people in there[WEEK : 2 * WEEK]]


@settings(max_examples=25, deadline=None)
@given(tiny_files(), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_the_team_is_at_work_as_the_roster_says(told: ShiftsFile, chosen: list[int]) -> None:
    every = slots(told)
    worked = [every[number % len(every)] for number in chosen]
    duties = [Duty.of(slot, 0, f"p{who}", "all") for who, slot in enumerate(worked)]
    staffed = with_roster(load_scenario("quickstart"), "beauty", told, duties)
    expected = presence([span for duty in duties for span in duty.spans], 1)
    assert minutes_at_work(staffed, "beauty") == expected.tolist()


def test_languages_and_brands_are_skills() -> None:
    told = shifts_file(
        people={"all": {"available": 1, "skills": ["ru", "vip", "beauty"]}, "any": {"available": 1}}
    )
    scenario = load_scenario("quickstart")
    slot = slots(told)[0]
    duties = [Duty.of(slot, 0, "ann", "all"), Duty.of(slot, 0, "bob", "any")]
    roster = with_roster(scenario, "beauty", told, duties).care.teams["beauty"].roster
    assert [(shift.languages, shift.brands) for shift in roster.values()] == [
        ((), ()),
        (("ru",), ("beauty",)),
    ]
    assert unknown_skills(scenario.care.teams["beauty"], told.people) == {"vip"}


def test_nobody_is_no_roster() -> None:
    with pytest.raises(UsageError, match="nobody works in that week"):
        with_roster(load_scenario("quickstart"), "beauty", shifts_file(), [])


def test_agents_are_scheduled_for_the_hours_of_the_roster() -> None:
    told = shifts_file()
    night = next(slot for slot in slots(told) if (slot.shift, slot.day) == ("night", 6))
    scenario = load_scenario("staffing-247", overrides=["time.warm_up=0s", "time.record=7d"])
    volumes = scenario.care.volumes["shop"].model_copy(
        update={"comments_per_week": 20.0, "messages_per_week": 0.0}
    )
    care = scenario.care.model_copy(update={"volumes": {"shop": volumes}})
    quiet = scenario.model_copy(update={"care": care})
    staffed = with_roster(quiet, "shop", told, [Duty.of(night, 0, "ann", "all")])
    _, staff = run_alone(staffed)
    hours = (staff["scheduled"] / (60 * MINUTE_US)).to_list()
    assert [hour for hour, people in enumerate(hours) if people] == [0, 1, 2, 3, 4, 5, 166, 167]
