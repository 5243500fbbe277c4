"""Known totals of a service: rates are found that give them."""

from pathlib import Path

import polars as pl
import pytest

from dmsim.errors import UsageError
from dmsim.progress import Silent
from dmsim.scenario import Scenario, load_scenario
from dmsim.simulation import simulate
from dmsim.simulation.totals import reach_totals
from dmsim.trace.reader import Trace

DAY_US = 86_400_000_000
#: Whole days after one of warm-up; nobody answers, nobody is banned.
WEEK = [
    "time.start=mon 00:00",
    "time.warm_up=1d",
    "time.record=7d",
    "care.teams={}",
    "moderation.recall=0",
]


#: Among few, chance moves the totals by more than the search misses them.
PERSONS = "population.persons=6000"


def told(dau: int, messages: float | None, *more: str) -> Scenario:
    each = "" if messages is None else f", messages_per_dau_day = {messages}"
    return load_scenario(
        "quickstart", None, [*WEEK, f"population.totals={{dau = {dau}{each}}}", *more]
    )


def found(trace: Trace) -> tuple[float, float]:
    """Daily active users, and messages for each of them, as counted in a trace."""
    persons = trace.manifest.scenario["population"]["persons"]  # type: ignore[index]
    rows = trace.actions(["at", "actor", "action"]).filter(pl.col("actor") < persons)
    visits = rows.filter(action="open_inbox").select(pl.col("at") // DAY_US, "actor")
    active = visits.unique().height / 7
    wrote = rows.filter(pl.col("action").cast(pl.String).is_in(["send_message", "share_content"]))
    return active, wrote.height / 7 / active


@pytest.mark.parametrize(("dau", "messages"), [(4500, 3.0), (2000, 2.0)])
def test_a_trace_has_the_totals_that_are_known(dau: int, messages: float, tmp_path: Path) -> None:
    trace = Trace.open(simulate(told(dau, messages, PERSONS), tmp_path / "trace").path)
    active, each = found(trace)
    # The week has draws of its own, of which those of one person hang together.
    assert active == pytest.approx(dau, rel=0.05)
    assert each == pytest.approx(messages, rel=0.08)


def test_more_persons_than_a_trial_has_reach_them_as_well(tmp_path: Path) -> None:
    scenario = told(12_000, 2.0, "population.persons=20k", "population.cells=2")
    active, each = found(Trace.open(simulate(scenario, tmp_path / "trace").path))
    assert active == pytest.approx(12_000, rel=0.05)
    assert each == pytest.approx(2.0, rel=0.08)


def test_without_messages_only_sessions_become_more_or_fewer() -> None:
    before = told(500, None)
    after = reach_totals(before, Silent())
    for name, archetype in before.archetypes.items():
        found = after.archetypes[name]
        assert found.actions_per_session == archetype.actions_per_session
        assert found.sessions_per_week < archetype.sessions_per_week
    ratios = {
        round(after.archetypes[name].sessions_per_week / a.sessions_per_week, 9)
        for name, a in before.archetypes.items()
    }
    assert len(ratios) == 1


def test_the_scenario_that_a_trace_holds_makes_the_same_trace_again(tmp_path: Path) -> None:
    scenario = told(400, 2.0, "population.persons=800")
    first = simulate(scenario, tmp_path / "first")
    held = Scenario.model_validate(Trace.open(first.path).manifest.scenario)
    assert held.population.totals is not None
    assert held.population.totals.reached
    assert reach_totals(held, Silent()) is held
    assert simulate(held, tmp_path / "again").digest == first.digest


def test_what_cannot_be_reached_is_refused_with_what_could() -> None:
    scenario = told(795, 0.01, "population.persons=800")
    with pytest.raises(UsageError) as refused:
        reach_totals(scenario, Silent())
    assert "population.totals.dau = 795 with messages_per_dau_day = 0.01" in str(refused.value)
    assert "the nearest tried had dau = " in str(refused.value)


def test_more_active_users_than_persons_are_refused_at_once() -> None:
    with pytest.raises(UsageError, match=r"totals\.dau = 2001: more than there are persons"):
        told(2001, 3.0)
