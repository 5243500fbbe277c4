"""A plan as a page: everything in one file, whatever stands in the texts."""

import re
from math import nan
from pathlib import Path

import polars as pl
import pytest

from dmsim.report.heatmap import heatmap
from dmsim.scenario import load_scenario
from dmsim.staffing.charts import waterfall, week_lines
from dmsim.staffing.goal import Goal
from dmsim.staffing.page import render_plan, render_teams
from dmsim.staffing.plan import Desk, plan_intervals
from dmsim.staffing.team_plan import TeamPlan, plan_scenario
from dmsim.staffing.volumes import whole_week
from dmsim.staffing.week_plan import plan_week
from tests.cli.test_ends import dmsim


def day() -> pl.DataFrame:
    hours = range(8, 20)
    return pl.DataFrame(
        {
            "start": [f"tue {hour:02}:00" for hour in hours],
            "start_s": [(24 + hour) * 3600 for hour in hours],
            "length_s": [3600] * 12,
            "contacts": [20.0 + hour for hour in hours],
        }
    )


def test_a_plan_of_a_file_has_its_heatmaps_and_its_way_from_work_to_people() -> None:
    planned = plan_intervals(day(), Desk(300.0, shrinkage=0.3), Goal())
    told = render_plan("<week>.csv", planned, Desk(300.0), Goal())
    assert "<week>" not in told
    assert "&lt;week&gt;.csv" in told
    for title in ("Required", "To schedule", "From work to FTE", "Words"):
        assert f"<h2>{title}</h2>" in told
    assert "<h2>Net</h2>" not in told
    assert "<h2>Methods</h2>" not in told
    assert not re.search(r'(src|href)="', told)


def test_net_is_shown_of_people_who_are_scheduled() -> None:
    desk, goal = Desk(300.0, shrinkage=0.3), Goal()
    planned = plan_intervals(day().with_columns(scheduled=pl.lit(4.0)), desk, goal)
    told = render_plan("week", planned, desk, goal)
    assert all(f"<h2>{title}</h2>" in told for title in ("Required", "Scheduled", "Net"))
    assert "<h2>To schedule</h2>" not in told


def test_a_simulated_plan_shows_the_methods_and_their_disagreement() -> None:
    planned = plan_week(whole_week(Path("x"), day()), Desk(3600.0), Goal(), replications=20)
    told = render_plan("week", planned, Desk(3600.0), Goal(0.8, 20.0, 0.9))
    for word in (
        "<h2>Sensitivity</h2>",
        "+20 %",
        "Methods",
        "Erlang C",
        "MOL",
        "simulation",
        "Most less fewest",
        "90 % busy",
    ):
        assert word in told
    # Nobody leaves: in the table it stands, in the picture it would hide Erlang C.
    assert told.count("Erlang A<") < told.count("Erlang C<")


@pytest.fixture(scope="module")
def plans() -> list[TeamPlan]:
    scenario = load_scenario("private-replies", None, [])
    goal = Goal(0.8, 300.0)
    return [plan_scenario(scenario, team, goal, replications=20) for team in ("wallet",)]


def test_a_page_of_teams_tells_of_threads_and_replies(plans: list[TeamPlan]) -> None:
    told = render_teams("private-replies", plans)
    assert "<h1>wallet</h1>" in told
    assert "<h2>Threads and replies</h2>" in told
    assert "600 comments of" in told


def test_lines_have_gaps_where_nothing_is_known() -> None:
    drawn = week_lines(400, {"a": [1.0, nan, 2.0] + [0.0] * 165}, "agents", "title", top=2.0)
    path = re.search(r'class="line l0" d="([^"]*)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2


def test_a_waterfall_ends_where_its_parts_lead() -> None:
    drawn = waterfall(400, [("a", 2.0), ("b", 3.0), ("whole", 5.0)], "FTE", "title")
    bars = re.findall(r'<rect class="s\d" x="[\d.]+" y="([\d.]+)"[^>]* height="([\d.]+)"', drawn)
    (_, first), (top, second), (whole_top, whole) = [(float(y), float(h)) for y, h in bars]
    assert whole == pytest.approx(first + second, abs=0.2)
    assert top == pytest.approx(whole_top, abs=0.2)


def test_a_step_down_hangs_from_the_one_before() -> None:
    drawn = waterfall(400, [("a", 5.0), ("saved", -2.0), ("whole", 3.0)], "FTE", "title")
    bars = re.findall(r'<rect class="s\d" x="[\d.]+" y="([\d.]+)"[^>]* height="([\d.]+)"', drawn)
    (top, first), (hung, saved), (whole_top, whole) = [(float(y), float(h)) for y, h in bars]
    assert hung == top
    assert whole == pytest.approx(first - saved, abs=0.2)
    assert whole_top == pytest.approx(hung + saved, abs=0.2)


def test_names_below_bars_do_not_collide() -> None:
    steps = [("work", 1.0), ("shrinkage", 2.0), ("to schedule", 3.0)]
    rows = [
        re.findall(r'class="tick mid" x="[\d.]+" y="(\d+)"', waterfall(width, steps, "FTE", "t"))
        for width in (1038, 200)
    ]
    assert len(set(rows[0])) == 1
    assert rows[1][0] == rows[1][2] != rows[1][1]


def test_threads_side_by_side_take_less_than_their_work() -> None:
    desk = Desk(300.0, shrinkage=0.3, threads=3, slowdown=0.2)
    alone, shared = (
        render_plan("week", plan_intervals(day(), told, Goal()), told, Goal())
        for told in (Desk(300.0, shrinkage=0.3), desk)
    )
    bar = re.compile(r'data-tip="side by side\nFTE\t(-?[\d.]+)')
    assert float(bar.findall(shared)[0]) < 0
    assert not bar.findall(alone)


def test_a_heatmap_has_another_colour_below_zero() -> None:
    drawn = heatmap(1038, [-2.0, 1.0] + [nan] * 166, "net", str)
    assert 'class="s1" fill-opacity="1.000"' in drawn
    assert drawn.count('class="s0"') == 1


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    file, out = tmp_path / "week.csv", tmp_path / "plan.html"
    file.write_text("start,contacts\nmon 08:00,50\n", encoding="utf-8")
    done = dmsim("staff", "--volumes", str(file), "--handle", "3min", "--html", str(out))
    assert done.returncode == 0, done.stderr
    assert "<h1>week.csv</h1>" in out.read_text("utf-8")


def test_an_aim_is_marked_at_its_height_among_the_lines() -> None:
    lines = {"share": [0.5] * 168}
    aimed = week_lines(900, lines, "share", "Shares", top=1.0, aim=0.5)
    at = re.search(r'class="aim" d="M[\d.]+ ([\d.]+)H', aimed)
    line = re.search(r'class="line l0" d="M[\d.]+ ([\d.]+)H', aimed)
    assert at is not None
    assert line is not None
    assert at.group(1) == line.group(1)
    assert "aim" not in week_lines(900, lines, "share", "Shares", top=1.0)
