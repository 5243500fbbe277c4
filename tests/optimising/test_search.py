"""The cheapest roster that keeps a promise, searched on weeks that take no time."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from dmsim.cli.app import app
from dmsim.errors import UsageError
from dmsim.optimising.search import Search, find_roster
from dmsim.optimising.trials import Case, simulate_plan, whole_week
from dmsim.optimising.words import search_lines, search_object
from dmsim.rostering.check import violations
from dmsim.rostering.model import ShiftsFile
from dmsim.scenario import load_scenario
from dmsim.staffing.goal import Goal

QUIET = ["care.volumes.shop.comments_per_week=400", "care.volumes.shop.messages_per_week=0"]
GOAL = Goal(0.8, 600.0)
SHIFTS: dict[str, Any] = {
    "schema": 1,
    "prices": {"missing": 300.0},
    "people": {"all": {"available": 20}},
    "shifts": {
        name: {"starts": [start], "lasts": "8h", "cost_per_hour": 10.0}
        for name, start in {"early": "06:00", "late": "14:00", "night": "22:00"}.items()
    },
}


def case(available: int = 20, goal: Goal = GOAL) -> Case:
    scenario = whole_week(load_scenario("staffing-247", None, QUIET), goal)
    told = ShiftsFile.model_validate({**SHIFTS, "people": {"all": {"available": available}}})
    return Case(scenario, "shop", told, goal, replications=5)


def people(number: int) -> np.ndarray:
    return np.full(168, number)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step that does not help is enough here."""
    monkeypatch.setattr("dmsim.optimising.search._MOST_IDLE", 1)
    monkeypatch.setattr("dmsim.staffing.team_work._CASES", 500)


@pytest.fixture(scope="module")
def searched() -> Search:
    found = find_roster(case(), people(2), seconds=60)
    assert found.kept
    return found


def test_people_who_are_too_many_are_taken_out_as_long_as_the_promise_is_kept(
    searched: Search,
) -> None:
    first, best = searched.trials[0], searched.best
    assert first.missed == best.missed == 0
    assert best.cost < first.cost
    assert best.cost == min(trial.cost for trial in searched.trials if not trial.missed)
    assert searched.ending == "nothing cheaper found"
    assert violations(case().told, best.plan.duties) == []


def test_the_best_is_simulated_in_weeks_that_the_search_has_not_seen(searched: Search) -> None:
    told = case()
    again = simulate_plan(told, searched.best.plan, lambda weeks: None, first=5)
    assert np.array_equal(again["cases"].periods, searched.unseen["cases"].periods)
    assert again["cases"].levels == searched.unseen["cases"].levels
    assert not np.array_equal(again["cases"].periods, searched.best.services["cases"].periods)


def test_people_are_added_where_the_promise_is_missed() -> None:
    few = people(1)
    few[:48] = 0
    found = find_roster(case(), few, seconds=60)
    assert found.trials[0].missed > 0
    assert found.kept
    assert found.best.cost > found.trials[0].cost


def test_where_nobody_more_can_work_the_search_says_so() -> None:
    found = find_roster(case(available=3), people(1), seconds=60)
    assert not found.kept
    assert found.ending == "no more people"
    assert found.best.shortfall.sum() == min(t.shortfall.sum() for t in found.trials)
    told = "\n".join(search_lines(case(), found))
    assert "not kept after" in told
    assert "the shifts file lets nobody more work" in told
    assert "3 people may work 120.0 h a week at most, 120.0 h are worked" in told


def test_where_people_are_too_few_the_search_does_not_ask_for_more_time() -> None:
    found = find_roster(case(available=3), people(1), seconds=0)
    assert found.ending == "time limit"
    told = search_lines(case(), found)
    assert any("but people or shifts are lacking" in line for line in told)
    assert not any("may find more" in line for line in told)
    assert "missing in week 1: 48.0 of 168.0 required person-hours" in told
    assert search_object(case(), found)["week"]["lack"]["too_few_people_hours"] == 48


def test_what_takes_longer_by_itself_is_not_helped_by_more_people() -> None:
    found = find_roster(case(available=200, goal=Goal(0.8, 1.0)), people(1), seconds=60)
    assert not found.kept
    assert found.ending == "more people do not help"


def test_without_time_the_staffing_plan_alone_is_tried() -> None:
    few = people(1)
    few[:48] = 0
    found = find_roster(case(), few, seconds=0)
    assert len(found.trials) == 1
    assert found.ending == "time limit"


TOML = """\
schema = 1
[prices]
missing = 300.0
[people.all]
available = 20
[shifts.day]
starts = ["06:00", "14:00", "22:00"]
lasts = "8h"
cost_per_hour = 10.0
"""


def run(folder: Path, *words: str, toml: str = TOML) -> Result:
    shifts = folder / "shifts.toml"
    shifts.write_text(toml)
    few = [word for change in QUIET for word in ("--set", change)]
    told = ("--shifts", str(shifts), "--replications", "5", "--workers", "1", "--target", "80%/10m")
    found = CliRunner().invoke(app, ["staff", "optimise", "staffing-247", *told, *few, *words])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_the_command_writes_a_roster_that_can_be_worked(tmp_path: Path) -> None:
    out = tmp_path / "roster.csv"
    toml = TOML + "[holidays]\nsun = 0.5\n"
    found = run(tmp_path, "--out", str(out), "--json", "--time-limit", "1ms", toml=toml)
    told = json.loads(found.stdout)
    assert told["kept"] == (found.exit_code == 0)
    assert "(sun x 0.5); what comes is an ordinary week of the scenario" in found.stderr
    assert told["staffing_plan"]["bound"] <= told["staffing_plan"]["cost_with_missing_and_surplus"]
    assert len(told["demand"]) == 168
    assert out.read_text().count("\n") == 1 + len(told["duties"])


def test_a_price_at_which_nobody_would_work_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"prices.missing = 0.1: so cheap that nobody works"):
        run(tmp_path, toml=TOML.replace("300.0", "0.1"))


def test_a_horizon_of_several_weeks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"horizon.weeks = 2: one week is searched.*set it to 1"):
        run(tmp_path, toml=TOML + "[horizon]\nweeks = 2\n")
