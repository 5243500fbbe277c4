"""A roster that breaks a rule is told which, who and when; its file says all that it holds."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from dmsim.errors import UsageError
from dmsim.rostering.check import violations
from dmsim.rostering.demand import Demand
from dmsim.rostering.files import read_roster, write_roster
from dmsim.rostering.model import ShiftsFile
from dmsim.rostering.plan import plan_roster
from dmsim.rostering.roster import Duty
from dmsim.rostering.slots import shift_of, slot_at
from dmsim.scenario.units import MINUTE_US
from tests.rostering.made_up import demands, shifts_file, tiny_files

TOLD = shifts_file(
    people={"all": {"available": 2, "most_hours": "40h", "shifts": ["early", "night"]}},
    shifts={
        "early": {"starts": ["06:00"], "lasts": "8h", "most": 1},
        "night": {"starts": ["22:00"], "lasts": "8h", "days": ["mon", "sun"]},
        "short": {"starts": ["10:00"], "lasts": "3h"},
    },
    holidays={"sat": 0},
)


def duty(shift: str, day: int, who: str = "ann", week: int = 0, told: ShiftsFile = TOLD) -> Duty:
    template = told.shifts[shift]
    slot = slot_at(shift, template, day, template.starts[0] // MINUTE_US)
    return Duty.of(slot, week, who, "all")


BROKEN: dict[str, list[Duty]] = {
    "rest: 0s of rest between tue 06:00 and tue 06:00; 11h are due": [
        duty("night", 0),
        duty("early", 1),
    ],
    "rest: 0s of rest between mon 06:00 and mon 06:00": [duty("night", 6), duty("early", 0)],
    "rest: begins twice on one day (mon 06:00 and mon 22:00)": [duty("early", 0), duty("night", 0)],
    "days_off: 1 days off; 2 are due": [duty("early", day) for day in (0, 1, 2, 3, 4, 6)],
    "most_hours: works 48 h; at most 40 h": [duty("early", day) for day in (0, 1, 2, 3, 4, 6)],
    "shifts: works short (mon 10:00), which is none of the shifts of all": [duty("short", 0)],
    "days: works night (tue 22:00), which does not begin on that day": [duty("night", 1)],
    "holidays: begins on a day without work (sat 06:00)": [duty("early", 5)],
    "most: 2 begin it on mon; at most 1 may": [duty("early", 0), duty("early", 0, "bob")],
    "available: 3 people work; 2 are available": [
        duty("early", day, who) for day, who in enumerate(("ann", "bob", "cid"))
    ],
    "people: temps: not a contract of the shifts file (all)": [
        replace(duty("early", 0), people="temps")
    ],
    "shifts: mon 06:00 to mon 14:30: no shift of the shifts file": [
        replace(duty("early", 0), shift="", end=14 * 60 + 30)
    ],
}


@pytest.mark.parametrize(("told", "duties"), BROKEN.items())
def test_a_broken_rule_is_told(told: str, duties: list[Duty]) -> None:
    found = [f"{each.rule}: {each.text}" for each in violations(TOLD, duties)]
    assert any(text.startswith(told) for text in found), found


def test_a_roster_within_the_rules_breaks_none() -> None:
    fine = [duty("early", day) for day in (0, 1, 2, 3)] + [duty("night", 6, "bob")]
    assert violations(TOLD, fine) == []


def test_the_rest_between_two_weeks_counts_where_both_are_told() -> None:
    told = shifts_file(horizon={"weeks": 2})
    last, first = duty("night", 6, told=told), duty("early", 0, week=1, told=told)
    own = duty("early", 0, told=told)
    assert [each.rule for each in violations(told, [last, first])] == ["rest"]
    # Its own Monday is not the one that comes after.
    assert violations(told, [own, last, replace(first, begin=1440 + 360, end=1440 + 840)]) == []


@settings(max_examples=20, deadline=None)
@given(tiny_files(), demands())
def test_a_written_roster_is_read_as_it_was(told: ShiftsFile, required: Demand) -> None:
    found = plan_roster(told, required, seconds=20).duties
    if not found:
        return
    with TemporaryDirectory() as folder:
        write_roster(Path(folder) / "roster.csv", told, found)
        assert read_roster(Path(folder) / "roster.csv", told) == list(found)


def test_the_columns_tell_who_works_when(tmp_path: Path) -> None:
    told = shifts_file(
        horizon={"start": "2026-12-21"},
        shifts={"night": {"starts": ["22:00"], "lasts": "8h", "breaks": [
            {"after": "1h30m", "lasts": "45m"}, {"after": "5h", "lasts": "15m"}]}},
    )  # fmt: skip
    file = tmp_path / "roster.csv"
    write_roster(file, told, [duty("night", 6, told=told)])
    assert file.read_text().splitlines() == [
        "week,date,who,people,day,shift,start,end,break",
        "1,2026-12-27,ann,all,sun,night,22:00,06:00,23:30-00:15 03:00-03:15",
    ]


def test_a_roster_of_ones_own_needs_four_columns(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    rows = ("ann,Mon,06:00,14:00", "bob,Sunday,22:00,6:00", "cid,tue,07:00,07:00")
    file.write_text("\n".join(("who,day,start,end", *rows)))
    round_the_clock = Duty(0, "cid", "all", "", 1440 + 7 * 60, 2 * 1440 + 7 * 60, ())
    assert read_roster(file, TOLD) == [
        duty("early", 0),
        duty("night", 6, "bob"),
        round_the_clock,
    ]
    assert shift_of(TOLD, 360, 840) == "early"
    assert shift_of(TOLD, 360, 841) == ""


ROWS = {
    "1: missing column: who": "day,start,end\n",
    "holds no row": "who,day,start,end\n",
    "2: day = someday: no day": "who,day,start,end\nann,someday,06:00,14:00\n",
    "2: who: an empty cell": "who,day,start,end\n,mon,06:00,14:00\n",
    "2: start = 6: not a time of day": "who,day,start,end\nann,mon,6,14:00\n",
    "2: start = 24:00: begins the next day": "who,day,start,end\nann,mon,24:00,14:00\n",
    "2: end = 25:00: not a time of day": "who,day,start,end\nann,mon,06:00,25:00\n",
    "2: break = noon: not a break": "who,day,start,end,break\nann,mon,06:00,14:00,noon\n",
    "2: break = 13:30-14:30: not within the shift": (
        "who,day,start,end,break\nann,mon,06:00,14:00,13:30-14:30\n"
    ),
    "2: week = 2: not a week of the horizon; write 1 to 1": (
        "who,day,start,end,week\nann,mon,06:00,14:00,2\n"
    ),
    "2: 2 values for 4 columns": "who,day,start,end\nann,mon\n",
}


@pytest.mark.parametrize(("told", "text"), ROWS.items())
def test_a_row_that_cannot_be_used_is_told(told: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_roster(file, TOLD)
    assert f"{file}:" in str(caught.value)
    assert told in str(caught.value)


def test_who_has_which_of_several_contracts_must_be_told(tmp_path: Path) -> None:
    told = shifts_file(people={"all": {"available": 1}, "part": {"available": 1}})
    file = tmp_path / "roster.csv"
    file.write_text("who,day,start,end\nann,mon,06:00,14:00\n")
    with pytest.raises(UsageError, match="people: which contract"):
        read_roster(file, told)


def _changed(**changes: Any) -> ShiftsFile:
    return ShiftsFile.model_validate({**TOLD.model_dump(mode="json", by_alias=True), **changes})


def test_a_shifts_file_survives_the_trip_through_json() -> None:
    assert _changed() == TOLD
