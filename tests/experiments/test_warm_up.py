"""The warm-up is simulated, and nothing that happens in it is measured."""

from pathlib import Path

import polars as pl
import pytest

from dmsim.care.alone import run_alone
from dmsim.experiments.measures import Measures, of_care
from dmsim.experiments.run import Extent, Job, run_job
from dmsim.report.care import Reading, care_measures
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import WEEK_US
from dmsim.simulation.simulate import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, CASES, STAFF
from tests.worlds import everything

#: The same hours, first recorded all of them, then the later ones alone.
HOURS = ("time.warm_up=0s", "time.record=2h"), ("time.warm_up=1h", "time.record=1h")
DAYS = (
    ("time.warm_up=0s", "time.record=36h"),
    ("time.warm_up=24h", "time.record=12h"),
)


def measures(scenario: Scenario, extent: Extent, folder: Path) -> Measures:
    return run_job(Job(0, 0, scenario, extent, (), folder))


def care_of(
    cases: pl.DataFrame, staff: pl.DataFrame, brands: dict[int, str], later: Scenario
) -> Measures:
    """The care teams' measures of the later hours, from tables of all."""
    window = later.time.from_us, later.time.until_us
    reading = Reading(later.care.answered_by, later.care.answered_within)
    hours = staff.filter(pl.col("at") >= window[0])
    measured = care_measures(cases, hours, brands, reading, window)
    return of_care(measured, later.time.record / WEEK_US)


def test_a_whole_run_measures_what_comes_after_the_warm_up(tmp_path: Path) -> None:
    undivided, later = (everything(*told) for told in HOURS)
    trace = Trace.open(simulate(undivided, tmp_path / "undivided").path)
    actions = trace.actions(["at", "action", "verdict"]).with_columns(
        pl.col("action", "verdict").cast(pl.String)
    )
    own = actions.filter(pl.col("at") >= later.time.from_us)
    writing = own.filter(pl.col("action").is_in(["send_message", "share_content"]))
    found = measures(later, "whole", tmp_path)
    assert found["actions"] == own.height < actions.height
    assert found["messages"] == writing.height
    for verdict in ("inbox", "requests", "filtered", "removed", "refused"):
        assert found[f"{verdict}_share"] == writing.filter(verdict=verdict).height / writing.height
    reports = pl.col("action").str.starts_with("report_") & (pl.col("verdict") != "refused")
    assert found["reports"] == own.filter(reports).height < actions.filter(reports).height
    accounts = trace.table(ACCOUNTS).filter(kind="brand")
    brands = dict(accounts.select("id", "name").iter_rows())
    expected = care_of(trace.table(CASES), trace.table(STAFF), brands, later)
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_care_teams_alone_measure_what_comes_after_the_warm_up(tmp_path: Path) -> None:
    undivided, later = (load_scenario("private-replies", overrides=told) for told in DAYS)
    cases, staff = run_alone(undivided)
    brands = dict(enumerate(undivided.brands))
    found = measures(later, "alone", tmp_path)
    assert found == pytest.approx(care_of(cases, staff, brands, later))
    assert found["cases"] == (cases["written"] >= later.time.from_us).sum() < cases.height
    assert all(found[name] for name in ("cases", "occupancy", "public_median_s", "backlog_mean"))
