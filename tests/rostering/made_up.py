"""Shifts files and demands small enough to be solved, and counted by hand, in no time."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dmsim.rostering.demand import Demand
from dmsim.rostering.model import ShiftsFile
from dmsim.scenario.units import DAYS

#: The days on which tiny instances have shifts: two in a row, across the end of the week too.
SOME_DAYS = ("mon", "tue", "sun")


def shifts_file(**changes: Any) -> ShiftsFile:
    """Two people, an early and a night shift; tables are replaced as a whole."""
    document: dict[str, Any] = {
        "schema": 1,
        "prices": {"missing": 50.0, "surplus": 1.0},
        "people": {"all": {"available": 2}},
        "shifts": {
            "early": {"starts": ["06:00"], "lasts": "8h", "cost_per_hour": 10.0},
            "night": {"starts": ["22:00"], "lasts": "8h", "cost_per_hour": 12.0},
        },
    }
    return ShiftsFile.model_validate({**document, **changes})


def demand(people: dict[tuple[str, range], float], step: int = 60) -> Demand:
    """Required people by day and hours of the day; nobody elsewhere."""
    required = np.zeros(7 * 24 * 60 // step)
    for (day, hours), count in people.items():
        for hour in hours:
            first = (DAYS.index(day) * 24 + hour) * 60 // step
            required[first : first + 60 // step] = count
    return Demand(step, {"": required})


def _shift(starts: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "starts": st.sampled_from(starts).map(lambda start: [start]),
            "lasts": st.sampled_from(["4h", "8h", "10h30m"]),
            "days": st.just(list(SOME_DAYS)),
            "cost_per_hour": st.sampled_from([0.0, 10.0, 25.0]),
            "cost_per_shift": st.sampled_from([0.0, 5.0]),
        },
        optional={
            "most": st.integers(0, 2),
            "breaks": st.sampled_from([[], [{"after": "1h30m", "lasts": "45m"}]]),
        },
    )


@st.composite
def tiny_files(draw: st.DrawFn, most_people: int = 3) -> ShiftsFile:
    """At most two shifts with one start each, on three days, and one contract."""
    shifts = {"one": draw(_shift(["05:00", "08:00", "09:30"]))}
    if draw(st.booleans()):
        shifts["two"] = draw(_shift(["14:00", "18:00", "22:00"]))
    people = draw(
        st.fixed_dictionaries(
            {
                "available": st.integers(0, most_people),
                "days_off": st.integers(4, 7),
                "rest": st.sampled_from(["0h", "11h", "12h", "30h"]),
            },
            optional={"most_hours": st.sampled_from(["8h", "16h", "20h"])},
        )
    )
    prices = {"missing": draw(st.sampled_from([5.0, 60.0])), "surplus": 2.0}
    return shifts_file(shifts=shifts, people={"all": people}, prices=prices)


@st.composite
def demands(draw: st.DrawFn, step: int = 60) -> Demand:
    """Some stretches of a few people, mostly when there are shifts."""
    stretch = st.tuples(
        st.sampled_from([*SOME_DAYS, *SOME_DAYS, "wed", "fri"]),
        st.sampled_from([0, 5, 6, 8, 13, 18, 22]),
        st.integers(2, 16),
        st.integers(1, 4),
    )
    return demand(
        {
            (day, range(first, min(first + lasts, 24))): people
            for day, first, lasts, people in draw(st.lists(stretch, min_size=2, max_size=6))
        },
        step,
    )
