"""Whole traces: simulated ones are faithful, and a wrong claim about one is found."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from dmsim.errors import UsageError
from dmsim.fidelity.check import Check
from dmsim.fidelity.measure import Fidelity, measure_fidelity
from dmsim.fidelity.statements import Reading, comment_statements, message_statements
from dmsim.scenario import load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.samples import write_trace


def simulated(folder: Path, name: str, *overrides: str, seed: int = 1) -> Trace:
    simulate(load_scenario(name, seed, overrides), folder)
    return Trace.open(folder)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return simulated(tmp_path_factory.mktemp("panel") / "trace", "panel")


def claiming(trace: Trace, change: Callable[[dict[str, Any]], None]) -> Trace:
    """The trace with a manifest that says it was made from another scenario."""
    scenario: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(trace.manifest.scenario))
    change(scenario)
    return replace(trace, manifest=msgspec.structs.replace(trace.manifest, scenario=scenario))


def verdicts(found: Fidelity, *sources: str) -> set[str]:
    return {check.verdict for check in found.checks if check.source in sources}


def failed(found: Fidelity) -> list[Check]:
    return [check for check in found.checks if check.verdict == "fail"]


def test_the_panel_shows_everything_the_study_says(panel: Trace) -> None:
    found = measure_fidelity(panel)
    assert failed(found) == []
    study = [check for check in found.checks if check.concern == "study"]
    assert {check.verdict for check in study} == {"pass"}
    told = {f"R{number}" for number in (*range(101, 106), *range(107, 112), *range(115, 121))}
    assert {check.source for check in study} == told
    assert (found.passed, found.failed + found.unchecked + found.passed) == (
        sum(check.verdict == "pass" for check in found.checks),
        len(found.checks),
    )


def test_the_counts_by_hour_of_the_panel_show_it_as_well(panel: Trace) -> None:
    found = measure_fidelity(panel)
    comments = np.array(found.comments.per_week, dtype=np.float64)
    messages = np.array(found.dm.per_week, dtype=np.float64)
    for say, week in ((comment_statements, comments), (message_statements, messages)):
        for statement in say(week, Reading()):
            assert min(float(row @ week) for row in statement.weights) >= 0, statement.words
    assert 5 * messages.sum() == pytest.approx(350_000, rel=0.015)
    assert 5 * comments.sum() == pytest.approx(200_000, rel=0.015)


def exchange_curves(scenario: dict[str, Any]) -> None:
    scenario["curves"] |= {"comments": "comments_inclusive", "messages": "messages_inclusive"}


def flat_curve(scenario: dict[str, Any]) -> None:
    scenario["curves"]["comments"] = [1.0] * 168


def fewer_adults(scenario: dict[str, Any]) -> None:
    scenario["population"]["ages"] = {"under_16": 0.0, "teens": 0.15, "adults": 0.85}


def chattier(scenario: dict[str, Any]) -> None:
    scenario["behaviour"]["burst"] = 2.0


def slower(scenario: dict[str, Any]) -> None:
    scenario["behaviour"]["burst_gap_median"] = "14s"


def keener(scenario: dict[str, Any]) -> None:
    scenario["archetypes"]["subscriber"]["comments_per_week"] = 1.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (exchange_curves, "messages peak on the mean weekday from 15:00 to 21:00"),
        (flat_curve, "comments: relative squared error of the week's shape"),
        (fewer_adults, "persons 18 and older (R71)"),
        (chattier, "messages in a row, with pauses under 161 s"),
        (slower, "pauses between messages in a row: median"),
        (keener, "comments in the recorded window"),
    ],
    ids=lambda change: getattr(change, "__name__", ""),
)
def test_a_wrong_claim_about_a_trace_is_found(
    panel: Trace, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    found = measure_fidelity(claiming(panel, change))
    assert words in [check.property for check in failed(found)]


def test_a_curve_of_ones_own_is_no_reading_of_the_study(panel: Trace) -> None:
    found = measure_fidelity(claiming(panel, flat_curve))
    because = {check.because for check in found.checks if check.source in ("R108", "R111")}
    assert because == {"curves.comments is no reading of the study"}
    assert verdicts(found, "R115", "R120") == {"pass"}
    assert verdicts(found, "curves.comments: your curve") == {"fail"}


def test_an_hour_shows_no_week(tmp_path: Path) -> None:
    overrides = ["population.persons=300", "time.record=1h", "time.start=fri 14:00"]
    found = measure_fidelity(simulated(tmp_path / "trace", "panel", *overrides))
    assert verdicts(found, "R108", "R119") == {"unchecked"}
    because = {check.because for check in found.checks if check.source == "R119"}
    assert because == {"needs whole weeks: 1 h were recorded"}
    assert sum(value is not None for value in found.dm.per_week) == 3


def test_a_lively_world_is_faithful_as_well(tmp_path: Path) -> None:
    overrides = ["population.persons=1500", "time.record=2d"]
    found = measure_fidelity(simulated(tmp_path / "trace", "quickstart", *overrides))
    assert failed(found) == []
    assert found.passed > 40


@pytest.mark.parametrize("persons", [2, 30])
def test_hardly_anybody_is_no_trouble(tmp_path: Path, persons: int) -> None:
    overrides = [
        f"population.persons={persons}",
        f"population.graph={{follows_mean={min(5, persons - 1)}, contacts_mean=0, "
        "acquaintances_mean=0}",
        "time.record=7d",
    ]
    found = measure_fidelity(simulated(tmp_path / "trace", "panel", *overrides))
    of_many = [check for check in found.checks if check.concern != "study"]
    assert {check.verdict for check in of_many} == {"unchecked"}


def test_the_same_trace_has_the_same_fidelity(panel: Trace) -> None:
    once, again = measure_fidelity(panel), measure_fidelity(panel)
    assert msgspec.json.encode(once) == msgspec.json.encode(again)


def test_a_trace_of_an_unknown_scenario_is_refused_in_one_line(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", [])
    with pytest.raises(UsageError, match="its scenario cannot be read"):
        measure_fidelity(trace)
