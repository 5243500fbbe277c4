"""The page and the words of an experiment, from runs that are made up."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dmsim.experiments.axis import key_axis, measure_axis, per_cent_axis, round_ticks
from dmsim.experiments.charts import Row, efficient, over_key, rows_chart
from dmsim.experiments.design import Design
from dmsim.experiments.execute import Outcome
from dmsim.experiments.files import write_result
from dmsim.experiments.measures import MEASURES, check_measures
from dmsim.experiments.page import render
from dmsim.experiments.result import Result
from dmsim.experiments.stopping import Rule, Wide
from dmsim.experiments.store import Experiment
from dmsim.experiments.tables import MOST_PAIRED
from dmsim.experiments.text import difference_words, outcome_lines, told
from dmsim.report.intervals import interval
from tests.worlds import small


def result(design: Design, wide: tuple[Wide, ...] = ()) -> Result:
    """Three made-up runs of each point; more staff serves better."""
    experiment = Experiment(design, (small(),) * len(design.points), "alone", ())
    runs = tuple(
        tuple(
            {"in_time_share": 0.5 + point / 20 + number / 100, "fte": 2.0 + point, "cases": None}
            for number in range(3)
        )
        for point in range(len(design.points))
    )
    rule = Rule(3, 3, 0.1, ("in_time_share",))
    return Result(Outcome(experiment, rule, 3, runs, wide), 0)


GRID = Design(("a.x", "b<b>"), tuple((x, b) for x in ("1", "2", "3") for b in ("4h", "8h")))


def test_the_page_shows_points_frontier_swings_and_measures() -> None:
    page = render(result(GRID))
    titles = re.findall("<h2>(.*?)</h2>", page)
    assert titles == [
        "What varies",
        "Points",
        "Cost and service",
        "What moves in_time_share",
        "Measures by x",
        "How it was made",
    ]
    assert "b<b>" not in page
    assert "b&lt;b&gt; = 4h" in page
    assert page.count("<figure>") == 2  # of cases nothing is known


def test_the_page_names_keys_in_full_once_and_is_short_otherwise() -> None:
    keys = ("care.teams.a.roster.day.agents", "care.teams.a.threads")
    page = render(result(Design(keys, tuple((x, y) for x in "123" for y in "12"))))
    assert "<h1>quickstart by agents and threads</h1>" in page
    assert "<code>care.teams.a.threads</code> = 1, 2 (baseline: 1)" in page
    assert "joined are those than which none is as cheap and better: agents=1, threads=1;" in page
    assert "agents: 1 (51.0 %) to 3 (71.0 %)" in page
    assert max(page.count(key) for key in keys) == 1


def test_names_of_rows_fit_the_page_and_no_line_goes_through_them() -> None:
    rows = [Row("x" * 60 + "end", 0, 1, None, ""), Row("short", 0, 1, None, "")]
    chart = rows_chart(350, per_cent_axis([0, 1], 3), rows, "title", zero=0, bars=True)
    first, second = re.findall('<text x="16" y="([0-9]+)">([^<]*)<', chart)
    assert first[1].startswith("…x")
    assert first[1].endswith("xend")
    assert len(first[1]) <= 48
    assert second[1] == "short"
    for line in re.findall('class="(?:grid|axis)" d="([^"]*)"', chart):
        for top, height in re.findall(r"M[0-9.]+ ([0-9]+)v([0-9]+)", line):
            for name in (first, second):
                assert not int(top) <= int(name[0]) <= int(top) + int(height)


def test_a_measure_that_is_the_same_everywhere_is_told_and_not_drawn() -> None:
    told = result(GRID)
    runs = tuple(
        tuple({**run, "cases": 7.0 + number} for number, run in enumerate(runs))
        for runs in told.outcome.runs
    )
    page = render(Result(told.outcome._replace(runs=runs), 0))
    assert "The same at every point: cases 8 ± 2.484." in page
    assert page.count("<figure>") == 2


def test_marks_stay_nearest_to_their_own_value() -> None:
    keys = key_axis([str(value) for value in range(20)])
    series = {f"b = {number}": [interval([1.0, 3.0])] * 20 for number in range(7)}
    axis = measure_axis("fte", [0, 4])
    chart = over_key(
        width=350, measure="fte", axis=axis, keys=keys, key="a", series=series, title=""
    )
    marks = [float(x) for x in re.findall('<circle class="s[0-9]" cx="([0-9.]+)"', chart)]
    of_first, of_last = marks[:20], marks[-20:]
    assert of_last[0] < of_first[1]


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".values.csv.partial-123").write_text("point,")
    write_result(result(GRID), tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_runs_without_a_value_are_told() -> None:
    told = result(GRID)
    first, *others = told.outcome.runs
    runs = (({**first[0], "in_time_share": None}, *first[1:]), *others)
    lines = outcome_lines(Result(told.outcome._replace(runs=runs), 0))
    assert "no value of in_time_share in 1 of 18 runs, which are left out" in lines


def test_of_one_replication_it_is_said_that_there_is_no_interval() -> None:
    told = result(GRID).outcome
    runs = tuple(runs[:1] for runs in told.runs)
    one = Result(told._replace(runs=runs, replications=1), 0)
    assert any(line.startswith("1 replication (no interval") for line in outcome_lines(one))
    assert "1 replication (no interval" in render(one)


def test_a_single_key_has_no_swings_to_weigh() -> None:
    page = render(result(Design(("a",), (("1",), ("2",)))))
    assert "What moves" not in page


def test_every_file_is_written_and_the_same_again(tmp_path: Path) -> None:
    write_result(result(GRID), tmp_path / "one")
    write_result(result(GRID), tmp_path / "other")
    written = [{f.name: f.read_bytes() for f in (tmp_path / n).iterdir()} for n in ("one", "other")]
    assert written[0] == written[1]
    assert len(written[0]) == 10


def test_pairs_are_all_pairs_and_differences_are_to_the_baseline() -> None:
    found = result(GRID)
    assert found.pairs.height == 6 * 5 // 2
    assert found.differences.filter(measure="fte")["difference"].to_list() == [1, 2, 3, 4, 5]
    assert set(found.differences["baseline"]) == {0}
    many = Design(("a",), tuple((str(n),) for n in range(MOST_PAIRED + 1)))
    assert result(many).pairs.height == 0


def test_words_tell_what_is_not_precise_enough() -> None:
    wide = (Wide(1, "in_time_share", 0.2), Wide(2, "in_time_share", None))
    lines = outcome_lines(result(GRID, wide))
    assert lines[0].split() == ["a.x", "b<b>", "in_time_share", "±", "(95", "%)"]
    assert "not within ± 10 % after 3 replications; raise --replications:" in lines
    assert "  in_time_share at a.x=1, b<b>=8h: ± 20 %" in lines
    assert "  in_time_share at a.x=2, b<b>=4h: unknown" in lines


def test_values_are_told_in_their_units() -> None:
    assert told("in_time_share", 0.925) == "92.5 %"
    assert told("public_median_s", -5400) == "-1.5 h"
    assert told("cases", 12345.0) == "12,345"
    assert difference_words("in_time_share", interval([0.1, 0.1])) == "+10.0 pp ± 0.0 pp"
    check_measures(list(MEASURES))


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(2, 9))
def test_ticks_enclose_what_they_are_for(low: float, extent: float, wanted: int) -> None:
    ticks = round_ticks(low, low + extent, wanted)
    slack = 1e-6 * max(abs(low), extent, 1)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + extent - slack
    assert 2 <= len(ticks) <= 2 * wanted + 3


def test_an_axis_of_nothing_but_zeros_is_a_round_one() -> None:
    axis = measure_axis("abandoned_share", [0.0, 0.0])
    assert [label for _, label in axis.ticks] == ["0", "1"]


def test_an_axis_of_shares_ends_at_everything() -> None:
    axis = measure_axis("in_time_share", [0.97, 1.02])
    assert axis.unit == "%"
    assert axis.low > 0.9
    assert axis.high == 1.0
    assert measure_axis("in_time_share", [0.1, 0.9]).low == 0
    flat = measure_axis("in_time_share", [1.0, 1.0])
    assert (flat.low, flat.high) == (0, 1)


def test_numbers_and_durations_lie_at_their_size() -> None:
    assert key_axis(["1", "4"]).places == (1, 4)
    assert key_axis(["30m", "2h"]).places == (1800, 7200)
    assert key_axis(["x", "y"]).places == (0, 1)


def test_only_what_none_beats_is_efficient() -> None:
    places = [(2.0, 0.5), (1.0, 0.4), (3.0, 0.45), (2.0, 0.7), (4.0, 0.9)]
    assert efficient(places) == [(1.0, 0.4), (2.0, 0.7), (4.0, 0.9)]
