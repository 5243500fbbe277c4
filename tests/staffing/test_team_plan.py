"""The week of a scenario's care teams: what they have to do, and how many people that takes."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dmsim.care.alone import run_alone
from dmsim.care.volumes import read_volumes
from dmsim.population.curves import hourly, load_curve
from dmsim.report.care import Reading, care_measures
from dmsim.scenario import Scenario, Time, load_scenario
from dmsim.scenario.care import _EVERY_DAY, RosterShift
from dmsim.scenario.units import DAY_US, HOUR_US, SECOND_US, WEEK_US
from dmsim.staffing.goal import Goal
from dmsim.staffing.plan import add_up
from dmsim.staffing.team_plan import TeamPlan, plan_scenario, plan_summary
from dmsim.staffing.team_work import mean_comment_s, scheduled_hours, team_work
from dmsim.staffing.text import team_lines
from tests.cli.test_ends import dmsim

BUSY = [
    "care.volumes.skin-lab.comments_per_week=4000",
    "care.volumes.skin-lab.messages_per_week=1500",
    "care.customers.thread_patience=10m",
    "care.customers.leaves_silently=0.4",
    "care.answered_within=8h",
]


def busy(*changes: str) -> Scenario:
    return load_scenario("private-replies", None, [*BUSY, *changes])


@pytest.fixture(autouse=True)
def few_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hundred cases tell what follows from them well enough here."""
    monkeypatch.setattr("dmsim.staffing.team_work._CASES", 500)


@pytest.fixture(scope="module")
def beauty() -> TeamPlan:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dmsim.staffing.team_work._CASES", 1_000)
        return plan_scenario(busy(), "beauty", Goal(0.8, 120.0, 0.85), replications=40)


def test_comments_come_on_their_curve_and_with_campaigns() -> None:
    plain = team_work(busy(), "beauty").comments
    assert plain == pytest.approx(hourly(load_curve("comments")) * 4700 / 168)
    scenario = load_scenario("brand-crisis", None, [])
    brought = sum(c.comments for c in scenario.campaigns.values() if c.comments)
    volume = sum(told.comments_per_week for told in scenario.care.volumes.values())
    assert brought > 0
    assert team_work(scenario, "shop").comments.sum() == pytest.approx(volume + brought)


def test_a_file_gives_the_mean_of_its_weeks(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    rows = ["2026-03-02 08:00,10", "2026-03-09 08:00,30", "2026-03-15 23:00,0"]
    file.write_text("\n".join(["start,comments", *rows]), encoding="utf-8")
    scenario = load_scenario("private-replies", None, ["campaigns={}"])
    counted = read_volumes(file, ["glasses"])
    comments = team_work(scenario, "eyewear", counted).comments
    assert (comments[8], comments.sum()) == (20, 20)


def test_turns_follow_what_the_simulated_team_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a run of the team itself with plenty of agents, and as late."""
    monkeypatch.setattr("dmsim.staffing.team_work._CASES", 3_000)
    calmer = "care.volumes.skin-lab.comments_per_week=2000"
    scenario = busy(calmer, "care.teams.beauty.roster={}", "care.teams.beauty.agents=300")
    time = Time.model_construct(start=0, warm_up=2 * DAY_US, record=WEEK_US)
    cases, _ = run_alone(scenario.model_copy(update={"time": time}), teams=["beauty"])
    turns = cases.filter(pl.col("returned").is_between(time.from_us, time.until_us))["turns"].sum()
    found = team_work(busy(calmer), "beauty").turns
    assert found.sum() == pytest.approx(turns, rel=0.12)
    # The evening has more than the morning, and the hour after the busiest of comments the most.
    by_hour = found.reshape(7, 24).sum(axis=0)
    assert 16 <= int(np.argmax(by_hour)) <= 20


def test_threads_follow_their_comments_as_late_as_customers_look(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("start,comments\nmon 08:00,1000\n", encoding="utf-8")
    late = ["care.customers.told_after=6h", "care.customers.sigma=0.1", "campaigns={}"]
    scenario = load_scenario("private-replies", None, late)
    turns = team_work(scenario, "eyewear", read_volumes(file, ["glasses"])).turns
    assert turns[13:17].sum() > 0.8 * turns.sum() > 100


def test_handling_a_comment_is_triage_and_what_its_topic_asks_for() -> None:
    told = load_scenario("private-replies", None, ["care.teams.eyewear.templates=false"])
    team = told.care.teams["eyewear"].model_copy(update={"private_share": 0.5})
    seconds = mean_comment_s(told, team, {"glasses": np.ones(168)})
    asked = 0.55 * (0.15 + 0.85 * 0.5) + 0.20 * (0.4 + 0.6 * 0.5)
    assert seconds == pytest.approx(6 + 0.95 * 35 + asked * 60)


def test_a_roster_counts_people_at_work_in_each_hour() -> None:
    team = load_scenario("private-replies", None, []).care.teams["wallet"]
    day = scheduled_hours(team).reshape(7, 24)
    assert (day == day[0]).all()
    assert (
        day[0].tolist() == [1.0] * 6 + [2.0] * 4 + [1.0] + [2.0] * 7 + [1.0] + [2.0] * 3 + [1.0] * 2
    )


def test_threads_are_staffed_by_all_methods_and_replies_fill_what_they_leave(
    beauty: TeamPlan,
) -> None:
    hours = beauty.hours
    assert hours.height == 168
    assert hours["service_level_low"].min() >= 0.8  # type: ignore[operator]
    assert hours["occupancy"].max() <= 0.85  # type: ignore[operator]
    assert (hours["required"] == hours["simulated"] + hours["reply_people"]).all()
    assert hours["backlog_age_h"].max() <= 8  # type: ignore[operator]
    assert {"erlang_c", "erlang_a", "mol", "disagreement"} <= set(hours.columns)
    # Nobody is busier for the replies than was promised.
    done = hours["occupancy"] * hours["simulated"] + hours["reply_hours"]
    assert float(done.sum()) <= 0.85 * float(hours["required"].sum())
    # What threads leave is used: fewer people do than the work of replies alone asks for.
    assert float(hours["reply_people"].sum()) < float(hours["reply_hours"].sum()) / 0.85
    summary = plan_summary(beauty)
    assert summary.person_hours["replies"] == hours["reply_people"].sum()
    assert summary.totals == add_up(hours)
    lines = team_lines(beauty)
    assert "40 h" not in "\n".join(lines[:4])
    names = ["required", "/ 0.9", "to schedule", "scheduled", "at work", "lacking", "surplus"]
    assert [line[:11].rstrip() for line in lines[8:15]] == names
    net = hours["net"].to_list()
    last = lines[-1].split()
    assert last[1:8] == [str(people) for people in hours["required"].to_list()[23::24]]
    assert [float(people) for people in last[8:]] == pytest.approx(net[23::24], abs=0.051)


def test_more_than_memory_holds_is_refused_before_it_is_drawn() -> None:
    many = busy("care.volumes.skin-lab.messages_per_week=900000000")
    with pytest.raises(ValueError, match=r"contacts a week, of which 5,000,000 can be simulated"):
        plan_scenario(many, "beauty", Goal(0.8, 120.0))


def test_people_as_planned_come_near_both_promises_in_the_simulated_team(beauty: TeamPlan) -> None:
    """The plan knows mean turns and a flow of replies, the team cases, shifts and priorities."""
    scenario = busy("care.teams.beauty.shrinkage=0", "care.customers.escalates=0")
    shifts = {
        f"h{hour}": RosterShift.model_construct(
            days=(_EVERY_DAY[hour // 24],), start=hour % 24 * HOUR_US,
            until=(hour % 24 + 1) * HOUR_US, agents=people,
        )
        for hour, people in enumerate(beauty.hours["required"].to_list())
        if people
    }  # fmt: skip
    team = scenario.care.teams["beauty"].model_copy(update={"roster": shifts})
    care = scenario.care.model_copy(update={"teams": {"beauty": team}})
    time = Time.model_construct(start=0, warm_up=DAY_US, record=WEEK_US)
    staffed = scenario.model_copy(update={"care": care, "time": time, "campaigns": {}})
    cases, staff = run_alone(staffed)
    reading = Reading("public_reply", scenario.care.answered_within)
    window = time.from_us, time.until_us
    measured = care_measures(cases, staff, {0: "skin-lab", 1: "lipstick-house"}, reading, window)
    told = measured.total.by_public_reply
    assert told.in_time_share is not None
    assert told.in_time_share > 0.97
    answer = pl.col("answered") - pl.col("returned")
    handled = scenario.care.teams["beauty"].answer.mean
    first = cases.filter(pl.col("returned").is_between(*window)).select(
        (answer <= 120 * SECOND_US + handled).mean()
    )
    assert first.item() > 0.7


def test_a_team_is_staffed_for_customers_who_leave_silently(beauty: TeamPlan) -> None:
    assert (beauty.desk.patience_s, beauty.desk.silent) == (600.0, 0.4)
    assert "patience 10 min, 40 % of who leave do so silently" in " ".join(team_lines(beauty))


def test_a_window_too_short_to_put_work_off_has_people_of_its_own() -> None:
    plan = plan_scenario(
        load_scenario("private-replies", None, ["care.answered_within=30m"]),
        "wallet",
        Goal(0.8, 120.0), replications=20,
    )  # fmt: skip
    assert plan.hours["reply_people"].min() == 1
    assert plan.hours["backlog"].max() == 0


def test_the_command_staffs_a_team_of_a_scenario_for_a_file(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("start,comments\nmon 09:00,600\n", encoding="utf-8")
    out = tmp_path / "plan.csv"
    words = ["--team", "wallet", "--volumes", str(file), "--shrinkage", "50%", "--csv", str(out)]
    done = dmsim("staff", "private-replies", *words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["teams"]) == ["wallet"]
    wallet = told["teams"]["wallet"]
    assert len(wallet["hours"]) == 168
    assert pl.read_csv(out).group_by("team").len().rows() == [("wallet", 168)]
    assert wallet["comments_per_week"] == 600
    assert wallet["totals"]["to_schedule_hours"] == 2 * wallet["totals"]["required_hours"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["private-replies", "--handle", "3min"], "--handle: is told by the scenario"),
        (
            ["private-replies", "--simulate"],
            "--simulate: of a scenario all methods are told anyway",
        ),
        (
            ["--volumes", "x.csv", "--handle", "3min", "--slowdown", "9%"],
            "give --threads, such as 3",
        ),
        (
            ["--volumes", "x.csv", "--handle", "3min", "--silent", "9%"],
            "give --patience, such as 2min",
        ),
        (["private-replies", "--team", "nobody"], "--team nobody: no such team"),
        (["quickstart"], "nothing reaches its teams; set care.volumes.beauty"),
        (["--volumes", "x.csv", "--handle", "3min", "--team", "a"], "--team: needs a scenario"),
    ],
)
def test_the_command_tells_what_does_not_go_together(words: list[str], told: str) -> None:
    done = dmsim("staff", *words)
    assert done.returncode == 5
    assert told in done.stderr
