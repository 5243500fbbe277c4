"""Teams run alone against queueing theory: Erlang C, Erlang A, and a sinusoidal rate."""

from math import atan, cos, pi, sin
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from dmsim.care.volumes import CountedVolumes, Inbound, read_volumes
from dmsim.scenario import Scenario
from dmsim.staffing.erlang import erlang_queue
from tests.care.queues import holds, poisson_tail, queue, run_waits

AGENTS = 14
RATE = 200 / 3600
SERVICE = 180.0
PATIENCE = 300.0
LOAD = RATE * SERVICE
REPLICATIONS = 10


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
    expected = erlang_queue(RATE, SERVICE, AGENTS)
    assert holds(expected.p_wait, found["waits"])
    assert holds(expected.asa_s, found["wait"])
    # The intervals are narrow enough to tell apart a service that is longer by a twentieth.
    longer = erlang_queue(RATE, 1.05 * SERVICE, AGENTS)
    assert not holds(longer.p_wait, found["waits"])
    assert not holds(longer.asa_s, found["wait"])


def test_waits_and_leaving_agree_with_erlang_a(tmp_path: Path) -> None:
    found = replicate(tmp_path, patience="5m")
    expected = erlang_queue(RATE, SERVICE, AGENTS, PATIENCE)
    longer = erlang_queue(RATE, 1.05 * SERVICE, AGENTS, PATIENCE)
    for name, figure in {"waits": "p_wait", "leaves": "p_abandon", "wait": "asa_s"}.items():
        assert holds(getattr(expected, figure), found[name]), name
        assert not holds(getattr(longer, figure), found[name]), name


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
