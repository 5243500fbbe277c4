"""Teams run alone against queueing theory: Erlang C, Erlang A, and a sinusoidal rate.

Published figures, to the digits in print. Erlang C: 200 contacts an hour of 180 s and 14 agents
(the worked example "Erlang C Formula - Made Simple" of Call Centre Helper; also the README of
pyworkforce 0.5), 360 in half an hour of 240 s and 55 agents, 10 erlang and 12 servers (the worked
examples of Tanner and Mitan), 3.87 erlang and 8 servers (the table of a TETRA textbook). Erlang A:
100 contacts in half an hour of 3 minutes, patience 5 minutes, 14 agents (regression tests of
pyworkforce 0.5.4). Where patience and service have one mean, the number in the system is Poisson.
"""

from math import atan, cos, pi, sin
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from dmsim.care.volumes import CountedVolumes, Inbound, read_volumes
from dmsim.scenario import Scenario
from tests.care.queues import (
    erlang_a,
    erlang_c,
    erlang_c_wait,
    holds,
    poisson_tail,
    queue,
    run_waits,
)

AGENTS = 14
RATE = 200 / 3600
SERVICE = 180.0
PATIENCE = 300.0
LOAD = RATE * SERVICE
REPLICATIONS = 10


@pytest.mark.parametrize(
    ("agents", "load", "published", "digits"),
    [
        (14, 10.0, 0.1741319335950498, 1e-12),
        (55, 48.0, 0.2387, 5e-5),
        (12, 10.0, 0.44939, 5e-6),
        (8, 3.87, 0.05, 5e-4),
    ],
)
def test_the_formula_of_erlang_c_gives_published_figures(
    agents: int, load: float, published: float, digits: float
) -> None:
    assert erlang_c(agents, load) == pytest.approx(published, abs=digits)


def test_the_formula_of_erlang_a_gives_published_figures() -> None:
    waits, leaves, _ = erlang_a(AGENTS, LOAD, SERVICE, PATIENCE)
    assert waits == pytest.approx(0.14526, abs=5e-6)
    assert leaves == pytest.approx(0.013984, abs=5e-7)
    assert LOAD * (1 - leaves) / AGENTS == pytest.approx(0.704297, abs=5e-7)


def test_with_equal_patience_and_service_erlang_a_is_poisson() -> None:
    waits, leaves, _ = erlang_a(100, 102.0, 1.0, 1.0)
    assert waits == pytest.approx(0.5917186345188438, abs=1e-10)
    assert leaves == pytest.approx(0.04991797599982074, abs=1e-10)
    assert poisson_tail(102.0, 100) == pytest.approx(waits, abs=1e-10)


def flat(folder: Path, scenario: Scenario, replication: int) -> CountedVolumes:
    """A file of messages at a constant rate: a Poisson number in each hour."""
    hours = scenario.time.until_us // 3_600_000_000
    counts = np.random.default_rng(replication).poisson(RATE * 3600, hours)
    file = folder / "volumes.csv"
    lines = [
        f"2026-03-{2 + hour // 24:02} {hour % 24:02}:00,{count}"
        for hour, count in enumerate(counts)
    ]
    file.write_text("\n".join(["start,messages", *lines]), encoding="utf-8")
    return read_volumes(file, ["beauty"])


def replicate(folder: Path, **settings: str) -> dict[str, list[float]]:
    """Of each replication: the shares who wait and who leave, and the mean wait in seconds."""
    scenario = queue(folder, agents=AGENTS, **settings)
    runs = [
        run_waits(scenario, flat(folder, scenario, number), number)
        for number in range(REPLICATIONS)
    ]
    assert all((run["wait"] >= 0).all() for run in runs)
    figures = {"waits": pl.col("wait") > 0, "leaves": pl.col("left"), "wait": pl.col("wait")}
    return {
        name: [float(run.select(figure.mean()).item()) for run in runs]
        for name, figure in figures.items()
    }


def test_waits_agree_with_erlang_c(tmp_path: Path) -> None:
    found = replicate(tmp_path)
    assert found["leaves"] == [0.0] * REPLICATIONS
    assert holds(erlang_c(AGENTS, LOAD), found["waits"])
    assert holds(erlang_c_wait(AGENTS, LOAD, SERVICE), found["wait"])
    # The intervals are narrow enough to tell apart a service that is longer by a twentieth.
    assert not holds(erlang_c(AGENTS, 1.05 * LOAD), found["waits"])
    assert not holds(erlang_c_wait(AGENTS, 1.05 * LOAD, 1.05 * SERVICE), found["wait"])


def test_waits_and_leaving_agree_with_erlang_a(tmp_path: Path) -> None:
    found = replicate(tmp_path, patience="5m")
    expected = erlang_a(AGENTS, LOAD, SERVICE, PATIENCE)
    longer = erlang_a(AGENTS, 1.05 * LOAD, 1.05 * SERVICE, PATIENCE)
    for name, figure, other in zip(("waits", "leaves", "wait"), expected, longer, strict=True):
        assert holds(figure, found[name]), name
        assert not holds(other, found[name]), name


class Sinusoidal:
    """Messages at the rate ``RATE * (1 + swing * sin(omega * t))``."""

    swing = 0.3
    #: As fast as the system forgets: the answer to the rate lags behind by an eighth of a period.
    omega = 1 / SERVICE

    def arrivals(
        self, brand: str, kind: Inbound, window: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Thinned from the highest rate."""
        start, until = window
        most = RATE * (1 + self.swing)
        number = rng.poisson(most * (until - start) / 1e6) if kind == "messages" else 0
        at = np.sort(rng.integers(start, until, number))
        rate = RATE * (1 + self.swing * np.sin(self.omega * at / 1e6))
        return np.asarray(at[rng.random(number) * most < rate])

    def load(self, at: float, service: float = SERVICE) -> float:
        """The mean number in M_t/G/infinity with exponential service (Eick, Massey and Whitt)."""
        lag = atan(self.omega * service)
        return RATE * service * (1 + self.swing * cos(lag) * sin(self.omega * at - lag))

    def waits(self, phase: tuple[float, float], service: float = SERVICE) -> float:
        """P(wait) of those who come in a part of the period: as many in the system as agents."""
        times = (np.linspace(*phase, 200) / self.omega).tolist()
        rates = [1 + self.swing * sin(self.omega * at) for at in times]
        tails = [poisson_tail(self.load(at, service), AGENTS) for at in times]
        return float(np.average(tails, weights=rates))


def test_the_load_of_a_sinusoidal_rate_swings_as_published() -> None:
    """With the rate 100 + 20 sin t and services of 1, it is at most 114.142135623731."""
    told = Sinusoidal()
    most = max(told.load(at) for at in np.linspace(0, 2 * pi / told.omega, 10_000).tolist())
    assert most / LOAD == pytest.approx(1 + (114.142135623731 / 100 - 1) * told.swing / 0.2)


def test_with_equal_patience_and_service_a_sinusoidal_rate_meets_a_poisson_number(
    tmp_path: Path,
) -> None:
    told, parts = Sinusoidal(), 8
    scenario = queue(tmp_path, agents=AGENTS, patience="3m")
    edges = [(2 * pi * n / parts, 2 * pi * (n + 1) / parts) for n in range(parts)]
    phase = pl.col("written") / 1e6 * told.omega % (2 * pi)
    part = (phase / (2 * pi / parts)).floor().cast(pl.Int64).alias("part")
    shares: list[list[float]] = []
    for number in range(REPLICATIONS):
        found = run_waits(scenario, told, number).with_columns(waits=pl.col("wait") > 0)
        by_part = found.group_by(part).agg(pl.mean("waits")).sort("part")
        shares.append([*by_part["waits"], found.select(pl.mean("waits")).item()])
    *by_edge, overall = [list(column) for column in zip(*shares, strict=True)]
    for edge, waits in zip(edges, by_edge, strict=True):
        assert holds(told.waits(edge), waits), edge
    assert holds(told.waits((0, 2 * pi)), overall)
    assert not holds(told.waits((0, 2 * pi), 1.05 * SERVICE), overall)
    # Neither is it the load of a constant rate as high as that of the moment.
    still = poisson_tail(LOAD * (1 + told.swing * sin(sum(edges[1]) / 2)), AGENTS)
    assert not holds(still, by_edge[1])
