"""Required people come from a CSV file or a frame with a row for every interval of the week."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.rostering.demand import Demand, demand_of, read_demand
from dmsim.scenario.units import DAYS

QUARTERS = [
    f"{day} {minute // 60:02}:{minute % 60:02}" for day in DAYS for minute in range(0, 1440, 15)
]
HOURS = QUARTERS[::4]


def frame(starts: list[str] = HOURS, **columns: list[object]) -> pl.DataFrame:
    columns = columns or {"required": [1] * len(starts)}
    return pl.DataFrame({"start": starts, **columns})


@given(st.lists(st.floats(0, 10_000), min_size=168, max_size=168))
def test_rows_may_stand_in_any_order(people: list[float]) -> None:
    rows = frame(required=list(people)).sample(fraction=1.0, shuffle=True, seed=1)
    assert demand_of(rows).required[""].tolist() == people


@pytest.mark.parametrize(("step", "starts"), [(60, HOURS), (30, QUARTERS[::2]), (15, QUARTERS)])
def test_intervals_are_hours_halves_or_quarters(step: int, starts: list[str]) -> None:
    found = demand_of(frame(starts))
    assert (found.step, found.total().sum()) == (step, 7 * 1440 / step)


def test_a_file_says_the_same_as_a_frame(tmp_path: Path) -> None:
    told = frame(required=[n % 7 for n in range(168)], net=["x"] * 168)
    told.write_csv(tmp_path / "demand.csv")
    read = read_demand(tmp_path / "demand.csv")
    assert read.required[""].tolist() == demand_of(told).required[""].tolist()


def test_people_to_schedule_go_before_scheduled_and_these_before_required_ones() -> None:
    both = frame(required=[1] * 168, scheduled=[1.25] * 168)
    assert demand_of(both).total().tolist() == [1.25] * 168
    every = both.with_columns(to_schedule=pl.lit(2))
    assert demand_of(every).total().tolist() == [2.0] * 168


def test_dates_of_one_week_are_its_hours() -> None:
    starts = [f"2026-11-{23 + day} {hour:02}:00" for day in range(7) for hour in range(24)]
    people = [float(n) for n in range(168)]
    read = demand_of(pl.DataFrame({"start": starts, "required": people}))
    assert read.required[""].tolist() == people
    # The same hours, begun in the middle of the week: the last days are those of the next one.
    later = [f"2026-11-{25 + day} {hour:02}:00" for day in range(5) for hour in range(24)]
    later += [f"2026-12-0{day} {hour:02}:00" for day in (1, 2) for hour in range(24)]
    with pytest.raises(UsageError, match=r"demand:122: another week begins; keep the rows of one"):
        demand_of(pl.DataFrame({"start": later, "required": people}))


def test_a_demand_is_that_of_one_team() -> None:
    one = frame(required=[1] * 168, team=["beauty"] * 168)
    assert demand_of(one).total().sum() == 168
    two = pl.concat([one, one.with_columns(team=pl.lit("wallet"))])
    with pytest.raises(UsageError, match=r"holds 2 teams \(beauty, wallet\).*--team beauty"):
        demand_of(two)


def test_each_skill_has_a_week() -> None:
    both = pl.concat([frame(required=[n] * 168, skill=[s] * 168) for s, n in (("de", 1), ("", 2))])
    found = demand_of(both)
    assert {skill: people[0] for skill, people in found.required.items()} == {"de": 1, "": 2}
    assert found.total()[0] == 3


def test_a_week_is_scaled_by_a_factor_and_by_days() -> None:
    scaled = Demand(30, {"": np.ones(336)}).scaled(2.0, [1, 1, 1, 1, 0.5, 1, 0])
    assert scaled.total()[::48].tolist() == [2, 2, 2, 2, 1, 2, 0]


def lines(*rows: str, count: int = 168) -> str:
    week = [f"{start},1" for start in HOURS[: count - len(rows)]]
    return "\n".join(["start,required", *week, *rows]) + "\n"


WRONG = {
    "holds no row": "start,required\n",
    "1: missing column: start": "hour,required\nmon 00:00,1\n",
    "1: missing column: required or scheduled or to_schedule": "start,people\nmon 00:00,1\n",
    "169: start = sun 24:00: no such time of day": lines("sun 24:00,1"),
    "169: start = mon 00:00: the same interval once more": lines("mon 00:00,1"),
    "169: start = sun 23:10: no interval": lines("sun 23:10,1"),
    "169: required = -1: not a number from 0 to 10000": lines("sun 23:00,-1"),
    "169: required = nan: not a number": lines("sun 23:00,nan"),
    "169: required = many: not a number": lines("sun 23:00,many"),
    "169: 1 values for 2 columns": lines("sun 23:00"),
    "167 intervals; a week has 168 hours": lines(count=167),
    "no row for sun 23:00; each interval of 60 minutes": lines("sun 22:30,1"),
    "9 skills; join those that the same people have": "start,required,skill\n"
    + "\n".join(f"mon 00:00,1,s{n}" for n in range(9)),
}


@pytest.mark.parametrize(("told", "text"), WRONG.items())
def test_what_cannot_be_used_is_told_in_one_line(told: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_demand(file)
    assert str(caught.value).startswith(f"{file}:")
    assert told in str(caught.value)


def test_other_encodings_and_places_are_told(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    with pytest.raises(UsageError, match="No such file"):
        read_demand(file)
    file.write_bytes(b"start,required\nmon 00:00,\xff\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_demand(file)
