"""Volumes by the interval, and how many people each of them needs."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.staffing.desk import describe_desk
from dmsim.staffing.goal import Goal
from dmsim.staffing.plan import Desk, add_up, plan_intervals
from dmsim.staffing.planned import plan_file
from dmsim.staffing.text import desk_lines, plan_lines
from dmsim.staffing.volumes import read_intervals, whole_week
from dmsim.staffing.week_plan import plan_week
from tests.cli.test_ends import dmsim

GOAL = Goal(0.8, 20.0, 0.85)


def volumes(folder: Path, *lines: str) -> Path:
    file = folder / "week.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_hours_of_the_week_are_put_in_order(tmp_path: Path) -> None:
    file = volumes(tmp_path, "contacts,start", "12.5,tue 09:00", "100,mon 08:00", "7,mon 09:00")
    read = read_intervals(file)
    assert read["start"].to_list() == ["mon 08:00", "mon 09:00", "tue 09:00"]
    assert read["start_s"].to_list() == [8 * 3600, 9 * 3600, 33 * 3600]
    assert read["length_s"].to_list() == [3600] * 3
    assert read["contacts"].to_list() == [100.0, 7.0, 12.5]


def test_dates_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    read = read_intervals(
        volumes(tmp_path, "start;contacts", "02.03.2026 9:00;5,5", "2026-03-02 10:00;6")
    )
    assert read["start"].to_list() == ["2026-03-02 09:00", "2026-03-02 10:00"]
    assert read["start_s"].to_list() == [9 * 3600, 10 * 3600]


def test_dates_of_quarters_are_counted_from_the_monday_before(tmp_path: Path) -> None:
    rows = [f"2026-03-04 08:{minute:02},{minute}" for minute in (0, 15, 45)]
    read = read_intervals(volumes(tmp_path, "start,contacts", *rows))
    assert read["start_s"].to_list() == [2 * 86_400 + 8 * 3600 + m * 60 for m in (0, 15, 45)]
    assert read["length_s"].to_list() == [900] * 3


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "is empty"),
        (["start,contacts"], "holds no row"),
        (["start;contacts", "mon 08:00;1.234,5"], ":2: contacts = 1.234,5: not an amount"),
        (["start,calls", "mon 08:00,1"], ":1: unknown column: calls; missing column: contacts"),
        (["start,contacts,contacts"], ":1: repeated column: contacts"),
        (["start,scheduled", "mon 08:00,1"], ":1: missing column: contacts"),
        (["start,contacts", "mon 08:00"], ":2: 1 values for 2 columns"),
        (["start,contacts", "mon 8,1"], ":2: start = mon 8: not a time"),
        (["start,contacts", "08:00,1"], ":2: start = 08:00: not a time"),
        (["start,contacts", "2026-03-02T08:00Z,1"], ":2: .*has a time zone"),
        (["start,contacts", "2026-03-02,1"], ":2: start = 2026-03-02: a date without a time"),
        (["start,contacts", "mon 08:00,1", "mon 08:00,2"], ":3: .*of line 2 once more"),
        (["start,contacts", *["2026-10-25 02:00,1"] * 2], ":3: .*mean where clocks went back"),
        (["start,contacts", "mon 08:00,1", "2026-03-02 09:00,2"], "some starts are dates"),
        (["start,contacts", "mon 08:00,1", "mon 08:10,2"], "intervals of 600 s"),
        (["start,contacts", "mon 08:30,1"], ":2: .*multiple of 60 minutes"),
        (["start,contacts", "mon 08:00,-1"], ":2: contacts = -1: not an amount"),
        (["start,contacts", "mon 08:00,1e3"], ":2: contacts = 1e3: not an amount"),
        (["start,contacts", "mon 08:00,nan"], ":2: contacts = nan: not an amount"),
        (["start,contacts", "mon 08:00,1.2.3"], ":2: contacts = 1.2.3: not an amount"),
        (["start,contacts", "mon 08:00,"], ":2: contacts: an empty cell"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path, lines: list[str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        read_intervals(volumes(tmp_path, *lines))


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="check the path"):
        read_intervals(tmp_path / "nothing.csv")
    (tmp_path / "bytes.csv").write_bytes(b"start,contacts\n\xff\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_intervals(tmp_path / "bytes.csv")


def week(contacts: list[float], **columns: list[float]) -> pl.DataFrame:
    hours = range(len(contacts))
    return pl.DataFrame(
        {
            "start": [f"hour {hour}" for hour in hours],
            "start_s": [3600 * hour for hour in hours],
            "length_s": [3600] * len(contacts),
            "contacts": contacts,
            **columns,
        }
    )


def test_every_interval_has_the_agents_of_its_own_desk() -> None:
    planned = plan_intervals(week([200, 0, 20]), Desk(180.0, shrinkage=0.3), GOAL)
    for rate, required, level, busy in planned.select(
        "contacts", "required", "service_level", "occupancy"
    ).iter_rows():
        desk = describe_desk(rate / 3600, 180.0, GOAL)
        assert required == desk.agents_needed
        assert (level, busy) == ((desk.service_level, desk.occupancy) if rate else (None, None))
    assert planned["load_erlang"].to_list() == [10.0, 0.0, 1.0]
    assert planned["scheduled"].to_list() == [20.0, 0.0, 5.0]
    assert planned["net"].to_list() == pytest.approx([0.0, 0.0, 0.5])


def test_who_is_scheduled_already_leaves_people_lacking() -> None:
    desk, given = Desk(180.0, shrinkage=0.3), week([200, 200], scheduled=[10.0, 30.0])
    planned = plan_intervals(given, desk, GOAL)
    assert planned["net"].to_list() == pytest.approx([-7.0, 7.0])
    totals = add_up(planned)
    assert totals.lacking_hours == pytest.approx(7)
    assert (totals.required_hours, totals.scheduled_hours) == (28, 40)
    assert totals.scheduled_fte == pytest.approx(1.0)
    assert totals.workload_hours == pytest.approx(20)
    assert (totals.at_work_hours, totals.surplus_hours) == pytest.approx((28, 7))
    assert totals.lacking_intervals == 1
    assert plan_lines(planned, desk, given)[4:] == [
        "400 contacts, 20 hours of work in 1 week; in person-hours:",
        "required     28  on duty, at most 14 at once: 0.7 FTE of 40 h",
        "/ 0.7        40  required over 1 - 30 % shrinkage",
        "to schedule  40  the same, each interval rounded up to whole people: 1.0 FTE",
        "scheduled    40  by the file: 1.0 FTE",
        "at work      28  scheduled x 0.7, less 30 % shrinkage",
        "lacking       7  in 1 of 2 hours, with fewer at work than required",
        "surplus       7  where more are: required - lacking + surplus = at work",
    ]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 50)), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.1, 0.3, 1 / 3]),
)
def test_every_total_follows_from_those_above_it(
    rows: list[tuple[int, float]], shrinkage: float
) -> None:
    contacts, scheduled = [float(n) for n, _ in rows], [there for _, there in rows]
    desk = Desk(180.0, shrinkage=shrinkage)
    told = add_up(plan_intervals(week(contacts, scheduled=scheduled), desk, GOAL))
    assert told.to_schedule_hours >= told.required_hours / (1 - shrinkage) - 1e-6
    assert told.at_work_hours == pytest.approx(told.scheduled_hours * (1 - shrinkage), abs=1e-6)
    left = told.required_hours - told.lacking_hours + told.surplus_hours
    assert told.at_work_hours == pytest.approx(left, abs=1e-6)
    assert (told.lacking_hours > 0) == (told.lacking_intervals > 0)


def test_without_shrinkage_and_schedule_the_totals_say_so() -> None:
    given = week([200])
    lines = plan_lines(plan_intervals(given, Desk(180.0), GOAL), Desk(180.0), given)
    assert lines[-6:-2] == [
        "required     14  on duty, at most 14 at once: 0.3 FTE of 40 h",
        "to schedule  14  the same, without shrinkage: 0.3 FTE",
        "scheduled    14  as many as to schedule (the file has no column scheduled): 0.3 FTE",
        "at work      14  the same, without shrinkage",
    ]


def test_intervals_in_which_nobody_comes_or_is_required_are_counted_in_one_line() -> None:
    desk = Desk(3600.0)
    whole = week([0.0] * 20 + [0.0, 30.0, 0.0] + [0.0] * 145)
    given = whole[20:22]
    planned = plan_week(whole, desk, GOAL)
    shown = [hour for hour in range(168) if 20 <= hour < 22 or planned["required"][hour]]
    assert len(shown) > 3
    lines = plan_lines(planned, desk, given)
    rows = [f"hour {hour}" for hour in shown]
    assert [line.split("  ")[0] for line in lines[1 : len(rows) + 1]] == rows
    assert lines[len(rows) + 1] == f"{168 - len(rows)} intervals without contacts need nobody"


def test_patience_lets_fewer_people_do() -> None:
    frame = week([200])
    patient = plan_intervals(frame, Desk(180.0), GOAL)
    hasty = plan_intervals(frame, Desk(180.0, patience_s=60.0), GOAL)
    assert hasty["required"][0] < patient["required"][0]
    assert hasty["p_abandon"][0] > patient["p_abandon"][0] == 0


def test_two_threads_at_once_need_fewer_people_than_one() -> None:
    frame = week([200])
    one, two = (
        plan_intervals(frame, Desk(180.0, threads=threads, slowdown=0.25), GOAL)["required"][0]
        for threads in (1, 2)
    )
    assert two < one < 2 * two


@given(st.lists(st.floats(0, 500), min_size=1, max_size=5), st.floats(0, 0.9))
def test_a_schedule_made_for_a_plan_lacks_nobody_and_wastes_less_than_one(
    contacts: list[float], shrinkage: float
) -> None:
    planned = plan_intervals(week(contacts), Desk(60.0, shrinkage=shrinkage), GOAL)
    assert planned["net"].min() >= -1e-6  # type: ignore[operator]
    assert planned["net"].max() < 1  # type: ignore[operator]
    assert add_up(planned).lacking_hours == pytest.approx(0, abs=1e-5)


def test_a_desk_that_is_overrun_is_told_as_such() -> None:
    lines = desk_lines(describe_desk(200 / 3600, 180.0, Goal(), agents=10))
    assert "endless" in "\n".join(lines)
    assert "grows without end" in lines[-1]


def test_who_leaves_silently_and_who_is_paid_without_work_are_parts() -> None:
    told = describe_desk(
        200 / 3600, 180.0, Goal(), agents=10, patience_s=120.0, silent=0.4, shrinkage=0.3
    )
    assert told.p_abandon > 0.05
    assert told.p_abandon_silent == pytest.approx(0.4 * told.p_abandon)
    assert told.utilisation == pytest.approx(0.7 * told.occupancy)


def test_the_command_answers_for_one_desk() -> None:
    words = ["--arrivals", "200/h", "--handle", "180s", "--agents", "14", "--target", "20s"]
    words += ["--shrinkage", "30%"]
    done = dmsim("staff", "erlang", *words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["p_wait"] == pytest.approx(0.1741319335950498, rel=1e-12)
    assert told["service_level"] == pytest.approx(0.8883500191794669, rel=1e-12)
    assert told["occupancy"] == pytest.approx(0.7142857142857143, rel=1e-12)
    assert (told["agents_needed"], told["agents_scheduled"]) == (14, 20)
    assert (told["p_abandon"], told["patience_s"]) == (0, None)


def test_the_command_plans_a_chat_with_several_contacts_at_once(tmp_path: Path) -> None:
    file = volumes(tmp_path, "start,contacts", "mon 08:00,120")
    words = ["staff", "--volumes", str(file), "--handle", "6min", "--json"]
    told = {
        threads: json.loads(dmsim(*words, *threads).stdout)
        for threads in [(), ("--threads", "3"), ("--threads", "3", "--slowdown", "0%")]
    }
    alone, usual, fast = (plan["intervals"][0]["required"] for plan in told.values())
    assert alone > usual > fast
    assert told["--threads", "3"]["desk"]["slowdown"] == 0.25


def test_the_command_plans_a_file_without_a_scenario(tmp_path: Path) -> None:
    file = volumes(tmp_path, "start,contacts", *(f"mon {h:02}:00,{10 * h}" for h in range(8, 12)))
    out = tmp_path / "plan.csv"
    words = ["--handle", "6min", "--target", "80%/20s", "--max-occupancy", "85%"]
    done = dmsim("staff", "--volumes", str(file), *words, "--csv", str(out), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [row["required"] for row in told["intervals"]] == [12, 13, 14, 15]
    assert pl.read_csv(out)["required"].to_list() == [12, 13, 14, 15]
    assert told["totals"]["required_hours"] == 54
    plain = dmsim("staff", "plan", "--volumes", str(file), *words)
    assert "mon 11:00       110      11        15" in plain.stdout


def test_a_simulated_week_fills_what_a_file_leaves_out(tmp_path: Path) -> None:
    whole = whole_week(tmp_path, read_intervals(volumes(tmp_path, "start,contacts", "tue 09:00,5")))
    assert whole.height == 168
    assert whole["start"][33] == "tue 09:00"
    assert whole["contacts"].sum() == whole["contacts"][33] == 5
    dated = read_intervals(volumes(tmp_path, "start,contacts", "2026-03-02 09:00,5"))
    with pytest.raises(UsageError, match="holds dates"):
        whole_week(tmp_path, dated)


def test_more_contacts_than_memory_holds_are_not_simulated(tmp_path: Path) -> None:
    file = volumes(tmp_path, "start,contacts", "mon 08:00,3000000", "mon 09:00,3000000")
    with pytest.raises(UsageError, match="6,000,000 contacts, of which 5,000,000 can be simulated"):
        plan_file(file, Desk(60.0), GOAL, simulate=True)


def test_from_one_monday_to_the_next_are_two_weeks() -> None:
    hours = week([1.0] * 169)
    for count, weeks in ((1, 1), (168, 1), (169, 2)):
        assert add_up(plan_intervals(hours[:count], Desk(60.0), GOAL)).weeks == weeks


def test_nobody_on_duty_is_no_overload_where_nobody_comes() -> None:
    assert not describe_desk(0.0, 180.0, GOAL).overloaded
    assert describe_desk(0.1, 180.0, GOAL, agents=0).overloaded


def test_ten_thousand_agents_are_planned_in_no_time() -> None:
    planned = plan_intervals(week([200_000.0] * 3), Desk(180.0), GOAL)
    assert planned["required"].to_list() == [11_765] * 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["erlang", "--arrivals", "200", "--handle", "3min"], "--arrivals 200: not a rate"),
        (["erlang", "--arrivals", "2/h", "--handle", "3min", "--shrinkage", "100%"], "shrinkage"),
        (["--handle", "3min"], "nothing to staff"),
        (["week.csv", "--handle", "3min"], "so: dmsim staff --volumes week.csv --handle 6min"),
        (["--volumes", "week.csv", "--handle", "3min", "--seed", "0"], "--seed: needs a scenario"),
        (["--volumes", "week.csv", "--team", "shop"], "--team: needs a scenario"),
        (["quickstart", "--patience", "3min"], "--patience: is told by the scenario"),
        (["--volumes", "week.csv", "--max-occupancy", "0%"], "--max-occupancy 0%: nobody could"),
        (["quickstart", "--csv", "no/where.csv"], "no/where.csv: no file can be written there"),
    ],
)
def test_the_command_tells_what_it_cannot_use(words: list[str], told: str) -> None:
    done = dmsim("staff", *words)
    assert done.returncode == 5
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
