"""The page of a roster, as one shows it to who has to work it."""

import re

from dmsim.report.roster_days import horizon_dates, week_days
from dmsim.report.roster_page import render_plan
from dmsim.rostering.plan import plan_roster
from tests.rostering.made_up import demand, shifts_file

ON_TUESDAY = demand({("tue", range(6, 14)): 2, ("tue", range(14, 16)): 3})


def test_days_have_the_dates_of_their_week() -> None:
    told = shifts_file(horizon={"start": "2026-12-21", "weeks": 2})
    assert horizon_dates(told) == "2 weeks, 21 Dec 2026 to 3 Jan 2027"
    assert week_days(told, 0).title == "week 1, 21 to 27 Dec 2026"
    second = week_days(told, 1)
    assert second.title == "week 2, 28 Dec 2026 to 3 Jan 2027"
    assert (second.names[0], second.names[-1]) == ("Mon 28", "Sun 3")
    assert second.hour(167) == "Sun 3 23:00"


def test_weeks_without_dates_have_days_alone() -> None:
    told = shifts_file()
    assert horizon_dates(told) == ""
    days = week_days(told, 0)
    assert (days.title, days.names[0], days.holidays) == ("the week", "Mon", "")


def test_a_month_is_named_once_where_a_week_lies_within_it() -> None:
    told = shifts_file(horizon={"start": "2026-11-30"})
    assert week_days(told, 0).title == "the week, 30 Nov to 6 Dec 2026"


def test_holidays_are_marked_and_told() -> None:
    holidays = {"2026-12-25": 0, "2026-12-26": 0.5, "sun": 1.2, "sat": 1}
    days = week_days(shifts_file(horizon={"start": "2026-12-21"}, holidays=holidays), 0)
    assert [name for name in days.names if "*" in name] == ["Fri 25*", "Sat 26*", "Sun 27*"]
    assert days.holidays == (
        "* Holidays: Fri 25 (no shift begins), Sat 26 (demand × 0.5), Sun 27 (demand × 1.2)."
    )


def test_the_page_says_what_it_is_and_when() -> None:
    told = shifts_file(horizon={"start": "2026-12-21"}, holidays={"2026-12-25": 0})
    text = render_plan(plan_roster(told, ON_TUESDAY, seconds=5), told, "<plan>.csv")
    assert "<h1>Roster for &lt;plan&gt;.csv</h1><p>1 week, 21 to 27 Dec 2026</p>" in text
    assert "Missing in the week, 21 to 27 Dec 2026" in text
    assert 'data-tip="Fri 25* 00:00' in text
    assert text.count("* Holidays: Fri 25 (no shift begins).") == 2


def test_the_cost_is_that_of_work_and_prices_stand_apart() -> None:
    told = shifts_file()
    text = render_plan(plan_roster(told, ON_TUESDAY, seconds=5), told, "demand.csv")
    tiles = {name: figure for figure, name in re.findall(r"<b>([^<]*)</b><span>([^<]*)<", text)}
    assert tiles == {
        "people": "2",
        "of required hours covered": "72.7 %",
        "person-hours missing": "6.0",
        "cost of work": "160",
    }
    assert "<th>1</th><td>160</td><td>300</td><td>0</td><td>460</td>" in text
