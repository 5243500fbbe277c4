"""The fidelity page and its command."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.graph import measure_graph
from dmsim.fidelity.measure import Fidelity, Times, Week, measure_fidelity
from dmsim.report.fidelity_page import render_fidelity
from dmsim.report.fidelity_sections import fidelity_section, number
from dmsim.report.heatmap import heatmap
from dmsim.report.html import render
from dmsim.report.scatter import log_log_points
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.report.test_html import Page
from tests.samples import FRIDAY_14, MINUTE_US, comment, summary, write_trace

HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fidelity") / "trace"
    overrides = ["population.persons=2000", "time.record=7d"]
    simulate(load_scenario("panel", 1, overrides), folder)
    return folder


def dmsim(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dmsim", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check(**changes: Any) -> Check:
    values: dict[str, Any] = {
        "concern": "persons",
        "property": "a share",
        "source": "ours",
        "verdict": "pass",
        "target": 0.5,
        "measured": 0.51,
        "low": 0.49,
        "high": 0.53,
        "unit": "share",
    }
    return Check(**(values | changes))


def fidelity(*checks: Check, **changes: Any) -> Fidelity:
    week = Week(per_week=[float(hour) for hour in range(168)], curve=[80.0] * 168)
    times = Times(edges_s=[1, 10, 100, 1000], counts=[5, 0, 2])
    values: dict[str, Any] = {
        "scenario": "mine",
        "seed": 3,
        "digest": "5c0ffee",
        **{name: sum(c.verdict == verdict for c in checks) for name, verdict in VERDICTS.items()},
        "checks": list(checks),
        "comments": week,
        "dm": week,
        "sessions": week,
        "graph": GRAPH,
        "between_messages": times,
        "reply_delays": times,
    }
    return Fidelity(**(values | changes))


VERDICTS = {"passed": "pass", "failed": "fail", "unchecked": "unchecked"}
GRAPH = measure_graph(np.array([0, 1, 2, 0]), np.array([1, 0, 1, 2]), 4)
NO_WEEK = Week(per_week=[None] * 168, curve=[0.0] * 168)
NO_TIMES = Times(edges_s=[1, 10], counts=[0])


def test_the_page_is_whole_and_loads_nothing() -> None:
    text = render_fidelity(fidelity(check(), check(verdict="fail", because="too low")))
    page = Page(text)
    assert page.open == []
    assert not {"src", "href"} & {name for _, attributes in page.tags for name in attributes}
    assert "<h1>1 passed, 1 failed, 0 unchecked</h1>" in text


def test_a_failed_check_comes_first_and_unchecked_ones_say_why() -> None:
    text = render_fidelity(
        fidelity(
            check(property="good one"),
            check(property="bad one", verdict="fail", because="too high"),
            check(property="open one", verdict="unchecked", because="nobody knows"),
        )
    )
    assert text.index("bad one") < text.index("good one")
    assert "<summary>1 unchecked</summary>" in text
    assert "nobody knows" in text


def test_nothing_to_draw_is_no_trouble() -> None:
    empty = {"comments": NO_WEEK, "dm": NO_WEEK, "sessions": NO_WEEK}
    nobody = measure_graph(np.array([], np.int64), np.array([], np.int64), 0)
    text = render_fidelity(
        fidelity(check(), between_messages=NO_TIMES, reply_delays=NO_TIMES, graph=nobody, **empty)
    )
    assert Page(text).open == []
    assert "Rhythm" not in text
    assert "Follows and followers" not in text


def test_texts_from_the_data_are_escaped() -> None:
    text = render_fidelity(
        fidelity(
            check(property=HOSTILE, source=HOSTILE, unit=HOSTILE),
            check(verdict="unchecked", because=HOSTILE),
            scenario=HOSTILE,
            digest=HOSTILE,
        )
    )
    assert "<script>alert" not in text
    assert Page(text).open == []


def test_numbers_are_told_in_their_unit() -> None:
    assert number(check(), 0.1234) == "12.34 %"
    assert number(check(unit="s"), 90) == "1.5 min"
    assert number(check(unit="σ"), 4.567) == "4.57 σ"
    assert number(check(unit=""), 350_000) == "350\u202f000"
    assert number(check(), None) == "\u2013"


def test_a_heatmap_has_a_cell_and_a_tooltip_for_each_hour() -> None:
    drawn = heatmap(1038, [1.0] * 167 + [float("nan")], "a week", lambda hour: f"hour {hour}")
    assert drawn.count("data-tip") == 168
    assert 'data-tip="hour 167"' in drawn
    shades = re.findall(r'fill-opacity="([\d.]+)"', drawn)
    assert shades == ["1.000"] * 167
    assert drawn.count('class="grid"') == 1


def weeks(hours: int) -> dict[str, Week]:
    """Weeks of which only the first hours were recorded."""
    week = Week(per_week=[10.0] * hours + [None] * (168 - hours), curve=[10.0] * 168)
    return {"comments": week, "dm": week, "sessions": week}


def test_a_part_of_a_week_is_told_as_one_and_an_hour_makes_no_picture() -> None:
    part = render_fidelity(fidelity(check(), **weeks(48)))
    assert "Comments, simulated: 480 in 48 hours of a week" in part
    assert "Comments, simulated: 1\u202f680 a week" in render_fidelity(
        fidelity(check(), **weeks(168))
    )
    assert "simulated: " not in render_fidelity(fidelity(check(), **weeks(1)))


def test_a_week_without_events_is_faint_everywhere() -> None:
    drawn = heatmap(500, [0.0] * 168, "a week", str)
    assert set(re.findall(r'fill-opacity="([\d.]+)"', drawn)) == {"0.050"}


def test_points_lie_by_the_logarithms_of_their_coordinates() -> None:
    drawn = log_log_points(
        width=500,
        series={"all": [(1, 1), (10, 0.1), (100, 0.01)]},
        x_label="x",
        y_label="y",
        title="a tail",
    )
    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)
    assert Page(drawn).open == []


def test_the_command_writes_the_page_into_the_trace_and_tells_the_totals(trace: Path) -> None:
    done = dmsim("report", "--fidelity", str(trace))
    assert done.returncode == 0, done.stderr
    assert (trace / "fidelity.html").is_file()
    *_, last = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ passed, \d+ failed, \d+ unchecked: .*/fidelity.html", last)


def test_the_command_writes_one_object_for_other_tools(trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "page.html"
    done = dmsim("report", str(trace), "--fidelity", "--out", str(file), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "meta" not in told
    assert len(told["comments"]["per_week"]) == len(told["dm"]["per_week"]) == 168
    assert sum(told["comments"]["per_week"]) == pytest.approx(2000, rel=0.2)
    assert told["passed"] + told["failed"] + told["unchecked"] == len(told["checks"])
    assert told["report"] == str(file)
    assert file.is_file()
    assert {entry.name for entry in file.parent.iterdir()} == {"page.html"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--fidelity", "{folder}"], "no manifest.json"),
        (["--fidelity", "{folder}/nothing"], "no such trace folder"),
        (["--fidelity", "{trace}", "--out", "{folder}"], "is a folder"),
        (["{folder}", "--out", "x.html"], "only with --fidelity"),
    ],
)
def test_what_cannot_be_reported_on_ends_in_one_line(
    trace: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = dmsim("report", *(a.format(folder=tmp_path, trace=trace) for a in arguments))
    assert done.returncode == 5
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_report_of_a_replay_shows_fidelity(trace: Path) -> None:
    opened = Trace.open(trace)
    text = render(summary(), opened)
    found = measure_fidelity(opened)
    assert f"<h2>Fidelity: {found.passed} passed" in text
    assert "Comments, simulated" in text


def test_the_report_shows_only_failed_checks() -> None:
    shown = fidelity_section(
        fidelity(check(property="good"), check(verdict="fail", property="bad"))
    )
    assert "bad" in shown
    assert "good" not in shown


def test_a_replay_of_a_foreign_trace_says_that_nothing_was_checked(tmp_path: Path) -> None:
    rows = [{"at": FRIDAY_14 + n * MINUTE_US, "action": "send_message"} for n in range(3)]
    text = render(summary(), write_trace(tmp_path / "trace", [*rows, comment(5, 1)]))
    assert "Not checked: " in text
    assert "its scenario cannot be read" in text


def test_the_report_of_a_very_large_replay_leaves_the_check_to_its_own_command(
    trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmsim.report.html.MOST_CHECKED", 10)
    text = render(summary(), Trace.open(trace))
    assert "Not checked here: more than 10 actions" in text
    assert "Comments, simulated" not in text
