"""What one change must do to a team, the customers and all chance being the same.

Where there is one class of work, first come first served, and each case brings its own handling
time, nobody's start can become later by one more agent or by shorter times: that is exact, case by
case. Where customers go on in threads and work has priorities, it is true in the mean, so there the
paired differences of independent replications have an interval that leaves out the contrary.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from dmsim.care.alone import run_alone
from dmsim.care.volumes import Inbound
from dmsim.report.care import CareMeasures, Reading, care_measures
from dmsim.scenario import Scenario, load_scenario
from tests.care.queues import lower_bound, queue

#: Complaints that are answered publicly and privately, and end there.
COMPLAINTS = [
    "brands.beauty.topics={question=0,complaint=1,praise=0,spam=0}",
    "care.customers.opens_told=0",
    "care.customers.opens_untold=0",
]
#: The whole workflow, in days without a quiet hour.
BUSY = [
    "care.volumes.beauty.comments_per_week=3000",
    "care.volumes.beauty.messages_per_week=200",
    "time.start=mon 00:00",
    "time.warm_up=12h",
    "time.record=2d",
    "care.teams.beauty.agents=1",
]
#: Far more than one agent can do.
TOO_MUCH = "care.volumes.beauty.comments_per_week=7000"
REPLICATIONS = 8


class Constant:
    """Comments, or messages, as a Poisson process of so many an hour."""

    def __init__(self, kind: Inbound, per_hour: float) -> None:
        self._kind = kind
        self._per_hour = per_hour

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        hours = (window[1] - window[0]) / 3.6e9
        number = rng.poisson(self._per_hour * hours) if kind == self._kind else 0
        return np.sort(rng.integers(*window, number))


def moments(scenario: Scenario, volumes: Constant, *names: str) -> pl.DataFrame:
    """Moments of all cases, in the order of the cases; those that did not come are very late."""
    cases, _ = run_alone(scenario, volumes=volumes)
    never = 1 << 60
    return cases.sort("person").select("person", pl.col(names).fill_null(never))


def never_later(early: pl.DataFrame, late: pl.DataFrame) -> bool:
    """Whether no case has any moment later in the first table, and some have one earlier."""
    # A case that had ended before the recorded window began stands in one of them alone.
    both = early.join(late, on="person", suffix=" late")
    names = [name for name in early.columns if name != "person"]
    later = [both[name] > both[f"{name} late"] for name in names]
    earlier = [both[name] < both[f"{name} late"] for name in names]
    return not any(column.any() for column in later) and all(column.any() for column in earlier)


@pytest.mark.parametrize(("few", "many"), [(11, 12), (11, 20), (14, 15)])
def test_with_more_staff_nobody_waits_longer_for_an_answer(
    few: int, many: int, tmp_path: Path
) -> None:
    told = Constant("messages", 200)
    less, more = (
        moments(queue(tmp_path, agents=agents), told, "answered", "ended") for agents in (few, many)
    )
    assert never_later(more, less)


def test_with_more_staff_no_comment_waits_longer(tmp_path: Path) -> None:
    told = Constant("comments", 40)
    less, more = (
        moments(queue(tmp_path, *COMPLAINTS, agents=agents), told, "public", "private")
        for agents in (2, 3)
    )
    assert never_later(more, less)


def test_shorter_handling_makes_nobody_wait_longer(tmp_path: Path) -> None:
    told = Constant("messages", 200)
    short, long = (
        moments(queue(tmp_path, answer=answer), told, "answered") for answer in ("170s", "3m")
    )
    assert never_later(short, long)


def test_without_templates_no_reply_is_faster(tmp_path: Path) -> None:
    """Exact where making a templated reply personal takes no time (R174)."""
    told = Constant("comments", 40)
    quick = [*COMPLAINTS, "care.teams.team.personalise=0s"]
    with_templates, without = (
        moments(
            queue(tmp_path, *quick, f"care.teams.team.templates={templates}", agents=3),
            told,
            "public",
            "private",
        )
        for templates in ("true", "false")
    )
    assert never_later(with_templates, without)


def differences(
    figure: Callable[[CareMeasures], float | None], change: str, *others: str
) -> list[float]:
    """By how much a change raises a figure, in each replication."""
    found = []
    scenarios = [
        load_scenario("quickstart", None, [*BUSY, *others, *more]) for more in ([change], [])
    ]
    for number in range(REPLICATIONS):
        changed, before = (figure(_measures(scenario, number)) for scenario in scenarios)
        assert changed is not None
        assert before is not None
        found.append(changed - before)
    return found


def _measures(scenario: Scenario, replication: int) -> CareMeasures:
    cases, staff = run_alone(scenario, teams=["beauty"], replication=replication)
    window = scenario.time.from_us, scenario.time.until_us
    reading = Reading("public_reply", scenario.care.answered_within)
    return care_measures(cases, staff, {0: "beauty"}, reading, window)


def test_more_staff_answers_a_greater_share() -> None:
    def answered(care: CareMeasures) -> float | None:
        return care.total.by_public_reply.answered_share

    more = differences(answered, "care.teams.beauty.agents=2", TOO_MUCH)
    assert lower_bound(more) > 0


def test_a_longer_window_lets_fewer_cases_expire() -> None:
    def spared(care: CareMeasures) -> float:
        return -care.total.endings["expired"]

    short, long = (f"policy.private_reply_days={days}" for days in (1, 2))
    longer = differences(spared, long, short, TOO_MUCH)
    assert lower_bound(longer) > 0


def test_without_templates_the_public_reply_comes_later() -> None:
    """R174, although making replies personal takes time (R175)."""

    def wait(care: CareMeasures) -> float | None:
        return care.total.public.median_s

    slower = differences(wait, "care.teams.beauty.templates=false", "care.teams.beauty.agents=2")
    assert lower_bound(slower) > 0
