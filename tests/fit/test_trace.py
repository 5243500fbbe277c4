"""A trace that dmsim made is fitted back to what made it."""

from pathlib import Path

import numpy as np
import pytest

from dmsim.errors import UsageError
from dmsim.fit.behaviour import Estimate
from dmsim.fit.curve import Curve
from dmsim.fit.fitting import Fit, Options, fit
from dmsim.fit.zones import Zone
from dmsim.population.curves import HOURS, load_curve
from dmsim.progress import Silent
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import MINUTE_US
from dmsim.simulation import simulate
from tests.fit.made_up import squared_error
from tests.simulation.lives import BUSY, addressees
from tests.worlds import everybody, small

SESSIONS, ACTIONS, COMMENTS, TO_BRANDS = 12.0, 6.0, 5.0, 4.0
WEEKS = 4
#: Every step acts, nobody is told of a message, and the clock of some is ahead.
TOLD = [
    *BUSY,
    "time.start=mon 00:00",
    f"time.record={7 * WEEKS}d",
    "population.persons=300",
    'population.utc_offsets={"0" = 0.6, "3" = 0.4}',
    "behaviour.notified_visit=0",
    "behaviour.think_time_median=20s",
    "behaviour.think_time_sigma=0.8",
    "behaviour.burst_gap_median=5s",
    "care.teams={}",
    *[f"brands.{name}.followers=0.9" for name in small().brands],
    *everybody(
        sessions_per_week=SESSIONS,
        actions_per_session=ACTIONS,
        search_content=1,
        comments_per_week=COMMENTS,
        brand_messages_per_week=TO_BRANDS,
    ),
]
#: Friends write to each other and answer; who is no friend would have two chances to answer, when
#: accepting a request and when reading.
REPLY, ROW = 0.6, 1.6
TALK = [
    *BUSY,
    "time.start=mon 00:00",
    f"time.record={7 * WEEKS}d",
    "population.persons=300",
    "behaviour.notified_visit=1",
    "behaviour.visit_delay_median=30m",
    "behaviour.visit_delay_sigma=0.7",
    "behaviour.think_time_median=4s",
    "behaviour.burst_gap_median=5s",
    "behaviour.burst_gap_sigma=0.4",
    "population.graph.reciprocity=1",
    "brands={}",
    "care.teams={}",
    *everybody(
        sessions_per_week=3,
        actions_per_session=30,
        reply=REPLY,
        new_conversation=0.004,
    ),
    *addressees(followed=1),
]


def fitted(folder: Path, told: list[str]) -> tuple[Scenario, Fit]:
    scenario = load_scenario("quickstart", None, told)
    simulate(scenario, folder)
    # What comes later than that is rather another conversation than an answer.
    return scenario, fit(folder, Options(within=240 * MINUTE_US), Silent())


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Fit]:
    return fitted(tmp_path_factory.mktemp("acting") / "trace", TOLD)


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Fit]:
    return fitted(tmp_path_factory.mktemp("talking") / "trace", TALK)


def value(told: Estimate | None) -> float:
    assert told is not None
    return told.value


def assert_recovered(curve: Curve, name: str) -> None:
    true = load_curve(name) * curve.rate.sum() / HOURS
    assert squared_error(curve.rate, true) <= 0.01
    assert np.mean((curve.low <= true) & (true <= curve.high)) >= 0.85


@pytest.mark.parametrize(
    ("name", "curve"),
    [("sessions", "messages"), ("comments", "comments"), ("messages", "messages")],
)
def test_the_curves_of_a_trace_are_those_of_its_scenario(
    acting: tuple[Scenario, Fit], name: str, curve: str
) -> None:
    """By the hours of the audience, of which some are three hours ahead."""
    assert_recovered(acting[1].weeks[name].curve, curve)


def test_bursts_of_messages_to_brands_show_as_dispersion(acting: tuple[Scenario, Fit]) -> None:
    scenario, found = acting
    rows = 2 * scenario.behaviour.burst - 1
    assert found.weeks["messages"].curve.dispersion == pytest.approx(rows, rel=0.15)
    assert found.weeks["comments"].curve.dispersion == pytest.approx(1, rel=0.1)


def test_sessions_are_those_of_the_scenario(acting: tuple[Scenario, Fit]) -> None:
    found = acting[1].sessions
    assert found is not None
    assert found.per_week.low * 0.97 <= SESSIONS <= found.per_week.high * 1.03
    # Sessions that are under way when another would begin, and the last ones, lose a little.
    assert value(found.actions) == pytest.approx(ACTIONS, rel=0.05)
    mean_pause = 20 * np.exp(0.8**2 / 2)
    assert value(found.length_s) == pytest.approx(ACTIONS * mean_pause, rel=0.07)
    assert found.pauses is not None
    assert value(found.pauses.median_s) == pytest.approx(20, rel=0.05)
    assert value(found.pauses.sigma) == pytest.approx(0.8, rel=0.05)


def test_answers_are_those_of_the_scenario(talking: tuple[Scenario, Fit]) -> None:
    found = talking[1].turns
    assert found is not None
    assert value(found.replies) == pytest.approx(REPLY, abs=0.05)
    # Far more than a session lasts; the few who are still there answer sooner.
    assert found.delays is not None
    assert value(found.delays.median_s) == pytest.approx(1800, rel=0.2)
    assert value(found.delays.sigma) == pytest.approx(0.7, rel=0.3)


def test_rows_of_messages_are_those_of_the_scenario(tmp_path: Path) -> None:
    """Nobody answers into them."""
    _, found = fitted(tmp_path / "trace", [*TALK, *everybody(reply=0), f"behaviour.burst={ROW}"])
    assert found.turns is not None
    assert value(found.turns.burst) == pytest.approx(ROW, rel=0.05)
    assert found.turns.burst_gaps is not None
    assert value(found.turns.burst_gaps.median_s) == pytest.approx(5, rel=0.1)


def test_a_trace_that_is_too_short_is_refused(tmp_path: Path) -> None:
    simulate(small("population.persons=2000"), tmp_path / "short")
    with pytest.raises(UsageError, match=r"covers 0\.0 days; a curve of the week needs"):
        fit(tmp_path / "short", Options(), Silent())
    simulate(small("population.persons=10"), tmp_path / "few")
    with pytest.raises(UsageError, match="fewer than 100 sessions, comments and messages to brand"):
        fit(tmp_path / "few", Options(), Silent())


def test_a_folder_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a folder, but no trace"):
        fit(tmp_path, Options(), Silent())
    with pytest.raises(UsageError, match="no such file; give a log"):
        fit(tmp_path / "nothing", Options(), Silent())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Options(zone=Zone.parse("UTC")), "--time-zone"),
        (Options(columns={"time": None, "sender": "who"}), "--sender"),
    ],
)
def test_a_trace_needs_no_column_and_no_zone(tmp_path: Path, options: Options, told: str) -> None:
    simulate(small(), tmp_path / "trace")
    with pytest.raises(UsageError, match=f"tells its columns and clocks itself; leave out {told}"):
        fit(tmp_path / "trace", options, Silent())
