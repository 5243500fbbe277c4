"""A sweep: the same random numbers everywhere, the same table however it came about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import variance

import polars as pl
import pytest

import dmsim
from dmsim.api import sweep
from dmsim.errors import UsageError
from dmsim.experiments.store import FILE
from dmsim.progress import Stage
from dmsim.scenario import Scenario, load_scenario
from tests.worlds import small

AGENTS = "care.teams.eyewear.roster.day.agents"
EYEWEAR = ("eyewear",)


def one_day() -> Scenario:
    """A Monday on which one agent is busy, and two are less so."""
    changes = ["time.record=1d", "time.warm_up=0s", "care.answered_within=2h"]
    return load_scenario("private-replies", overrides=changes)


def table(folder: Path) -> dict[str, bytes]:
    """Everything that a sweep wrote but its store."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != FILE}


class Watching:
    """A progress that keeps what it was told."""

    def __init__(self) -> None:
        self.done = 0.0
        self.total: float | None = None
        self.at_most = False

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        self.total, self.at_most = total, at_most
        yield self

    def advance(self, amount: float) -> None:
        self.done += amount


def test_progress_tells_of_what_is_still_to_be_run(tmp_path: Path) -> None:
    first, second, third = Watching(), Watching(), Watching()
    words = {"vary": {AGENTS: [1, 2]}, "teams": EYEWEAR, "out": tmp_path}
    sweep(one_day(), replications=2, progress=first, **words)  # type: ignore[arg-type]
    assert (first.done, first.total, first.at_most) == (4, 4, False)
    sweep(one_day(), replications=3, progress=second, **words)  # type: ignore[arg-type]
    assert (second.done, second.total) == (2, 2)
    until = {"precision": 0.9, "replications": (4, 10), "progress": third}
    sweep(one_day(), **until, **words)  # type: ignore[arg-type]
    assert (third.done, third.total, third.at_most) == (2, 14, True)


def test_workers_and_a_stop_between_change_no_byte(tmp_path: Path) -> None:
    vary: dict[str, list[int | str]] = {AGENTS: [1, 2], "care.answered_within": ["2h"]}
    one, other = tmp_path / "one", tmp_path / "other"
    sweep(one_day(), vary, teams=EYEWEAR, replications=3, out=one)
    sweep(one_day(), vary, teams=EYEWEAR, replications=1, out=other)
    sweep(one_day(), vary, teams=EYEWEAR, replications=3, out=other, workers=2)
    assert table(one) == table(other)
    assert set(table(one)) == {
        *(f"{name}.{kind}" for name in ("values", "summary", "differences", "pairs")
          for kind in ("csv", "parquet")),
        "experiment.json",
        "experiment.html",
    }  # fmt: skip
    read = pl.read_parquet(one / "values.parquet")
    assert read.columns == ["point", *vary, "replication", "measure", "value"]
    assert read[AGENTS].dtype == pl.Int64
    assert read.height == 2 * 3 * read["measure"].n_unique()


def test_a_difference_is_surer_than_of_independent_runs() -> None:
    found = sweep(one_day(), {AGENTS: [1, 2]}, teams=EYEWEAR, replications=8)
    values = found.values.filter(measure="occupancy").sort("point", "replication")
    one, two = (values.filter(point=point)["value"].to_list() for point in (0, 1))
    paired = variance([b - a for a, b in zip(one, two, strict=True)])
    assert paired < 0.5 * (variance(one) + variance(two))
    told = found.differences.filter(measure="occupancy").row(0, named=True)
    assert told["difference"] == pytest.approx(sum(two) / 8 - sum(one) / 8)
    assert told["p"] < 0.001


def test_what_reaches_the_team_is_the_same_at_every_point() -> None:
    found = sweep(one_day(), {AGENTS: [1, 2]}, teams=EYEWEAR, replications=3)
    cases = found.values.filter(measure="cases").sort("point", "replication")["value"].to_list()
    assert cases[:3] == cases[3:]
    assert len(set(cases)) == 3


def test_replications_are_added_until_the_intervals_are_narrow_enough() -> None:
    found = sweep(
        one_day(),
        {AGENTS: [1, 2]},
        teams=EYEWEAR,
        precision=0.05,
        replications=(2, 30),
        measures=["occupancy"],
    )
    count = found.outcome.replications
    assert 2 < count < 30
    own = found.summary.filter(measure="occupancy")
    assert own["count"].to_list() == [count, count]
    assert max(own["relative"]) <= 0.05
    assert found.pairs["measure"].to_list() == ["occupancy"]


def test_a_precision_that_is_not_reached_is_told() -> None:
    found = sweep(one_day(), {AGENTS: [1]}, teams=EYEWEAR, precision=0.0001, replications=(2, 3))
    assert found.outcome.replications == 3
    assert [(wide.point, wide.measure) for wide in found.outcome.wide] == [(0, "in_time_share")]


def test_the_whole_simulation_tells_of_verdicts_too() -> None:
    found = sweep(
        small("time.warm_up=0s"),
        pl.DataFrame({"policy.strangers_to_requests": [True, False]}),
        replications=2,
    )
    assert found.outcome.experiment.extent == "whole"
    requests = found.values.filter(measure="requests_share").sort("point", "replication")
    with_them, without = requests["value"].to_list()[:2], requests["value"].to_list()[2:]
    assert min(with_them) > 0
    assert with_them[0] != with_them[1]
    assert without == [0.0, 0.0]
    assert {"cases", "occupancy", "actions", "reports"} <= set(found.values["measure"])


def test_a_folder_of_another_sweep_is_refused(tmp_path: Path) -> None:
    sweep(one_day(), {AGENTS: [1]}, teams=EYEWEAR, replications=1, out=tmp_path)
    before = table(tmp_path)
    for other, why in (
        ({"vary": {AGENTS: [2]}}, "other values"),
        ({"vary": {"care.teams.eyewear.threads": [1]}}, f"keys {AGENTS}"),
        ({"seed": 2}, "seed 1"),
        ({"teams": ("eyewear", "wallet")}, "teams eyewear"),
    ):
        words = {"vary": {AGENTS: [1]}, "teams": EYEWEAR, "replications": 1, **other}
        with pytest.raises(UsageError, match=f"holds another experiment .{why}"):
            sweep(one_day(), out=tmp_path, **words)  # type: ignore[arg-type]
    assert table(tmp_path) == before


def test_a_file_that_the_scenario_names_belongs_to_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges, module, out = tmp_path / "edges.csv", tmp_path / "own_routing.py", tmp_path / "out"
    edges.write_text("follower,followed\n0,1\n")
    module.write_text("from dmsim.care.routing import default as mine\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    changes = [f"population.graph.edges={edges}", "care.teams.eyewear.routing=own_routing:mine"]
    days = ["time.record=1d", "time.warm_up=0s", "care.answered_within=2h"]
    scenario = load_scenario("private-replies", overrides=[*days, *changes])
    words = {"vary": {AGENTS: [1]}, "teams": EYEWEAR, "replications": 1, "out": out}
    sweep(scenario, **words)  # type: ignore[arg-type]
    for file, text in ((edges, "follower,followed\n1,0\n"), (module, "# changed\n")):
        before = file.read_text()
        file.write_text(text)
        with pytest.raises(UsageError, match="a file that it names"):
            sweep(scenario, **words)  # type: ignore[arg-type]
        file.write_text(before)
    sweep(scenario, **words)  # type: ignore[arg-type]


def test_a_scenario_can_be_compared_with_an_equal_one(tmp_path: Path) -> None:
    first, again = Watching(), Watching()
    words = {"teams": EYEWEAR, "replications": 2, "out": tmp_path}
    found = dmsim.compare(one_day(), one_day(), progress=first, **words)  # type: ignore[arg-type]
    assert set(found.differences["difference"]) == {0}
    dmsim.compare(one_day(), one_day(), progress=again, **words)  # type: ignore[arg-type]
    assert again.total == 0


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"something else, and long enough to be looked at" * 20)
    with pytest.raises(UsageError, match="no store of runs"):
        sweep(one_day(), {AGENTS: [1]}, teams=EYEWEAR, replications=1, out=tmp_path)


def test_two_scenarios_are_compared_on_the_same_random_numbers(tmp_path: Path) -> None:
    before = one_day()
    care = before.care.model_copy(update={"answered_within": 600_000_000})
    after = before.model_copy(update={"care": care, "name": "strict"})
    found = dmsim.compare(before, after, teams=EYEWEAR, replications=3, out=tmp_path)
    differences = dict(found.differences.select("measure", "difference").iter_rows())
    assert differences["in_time_share"] < 0
    assert (differences["occupancy"], differences["cases"]) == (0, 0)
    page = (tmp_path / "experiment.html").read_text()
    assert "private-replies and strict" in page
    assert "Relative differences" in page


def test_simulate_is_offered_at_the_top(tmp_path: Path) -> None:
    made = dmsim.simulate(small("time.warm_up=0s"), out=tmp_path / "trace", seed=3)
    assert made.actions > 0
    assert {"simulate", "sweep", "compare"} <= set(dir(dmsim))
    with pytest.raises(AttributeError):
        _ = dmsim.nothing  # type: ignore[attr-defined]
