"""Small care teams whose queue is one of the textbooks'."""

from collections.abc import Sequence
from math import exp, inf
from pathlib import Path
from statistics import fmean, stdev

import polars as pl
from scipy import stats

from dmsim.care.alone import run_alone, stream_key
from dmsim.care.service import service_table
from dmsim.care.volumes import Volumes
from dmsim.draws import ANSWER_TIME, draw, quantile
from dmsim.scenario import Scenario, load_scenario

#: Messages that one answer settles, so that a case is one exponential service of 3 minutes.
PLAIN = """
schema = 1
name = "queue"
time = {{ start = "mon 00:00", warm_up = "4h", record = "{record}" }}
population = {{ persons = 100 }}
archetypes.ordinary = {{ share = 1.0, sessions_per_week = 1, actions_per_session = 1 }}
brands.beauty = {{ followers = 0.0 }}

[care.teams.team]
brands = ["beauty"]
agents = {agents}
answer = "{answer}"
turns = 1

[care.cases]
complex_questions = 0.0

[care.customers]
escalates = 0.0
thread_patience = "{patience}"
"""


def queue(
    folder: Path, *changes: str, agents: int = 14, answer: str = "3m", patience: str = "0s",
    record: str = "32h",
) -> Scenario:  # fmt: skip
    """A team of agents who answer one message after the other, whoever is free the next."""
    file = folder / "queue.toml"
    text = PLAIN.format(agents=agents, answer=answer, patience=patience, record=record)
    file.write_text(text, encoding="utf-8")
    return load_scenario(str(file), None, changes)


def run_waits(scenario: Scenario, volumes: Volumes, replication: int) -> pl.DataFrame:
    """A replication's cases with their ``wait`` in seconds, and whether they ``left`` unanswered.

    A wait is what the service time, which is drawn by the case, leaves of the time to the answer.
    """
    cases, _ = run_alone(scenario, volumes=volumes, replication=replication)
    ended = cases.filter(pl.col("ending").is_in(["resolved", "abandoned"]))
    table = service_table(scenario.care.teams["team"].answer)
    key = stream_key(scenario, replication)
    service = [
        quantile(table, draw(key, case & (1 << 32) - 1, ANSWER_TIME, 0)) for case in ended["case"]
    ]
    left = pl.col("ending") == "abandoned"
    spent = pl.when(left).then(0).otherwise(pl.Series(service, dtype=pl.Int64))
    return ended.select(
        "written",
        left.alias("left"),
        ((pl.col("ended") - pl.col("written") - spent) / 1e6).alias("wait"),
    )


def holds(expected: float, found: Sequence[float], confidence: float = 0.999) -> bool:
    """Whether Student's interval around the mean of independent replications holds a value."""
    reach = stats.t.ppf((1 + confidence) / 2, len(found) - 1) * stdev(found) / len(found) ** 0.5
    return abs(fmean(found) - expected) <= float(reach)


def lower_bound(found: Sequence[float], confidence: float = 0.999) -> float:
    """What the mean of independent replications is above, with so much confidence."""
    reach = stats.t.ppf(confidence, len(found) - 1) * stdev(found) / len(found) ** 0.5
    return fmean(found) - float(reach)


def poisson_tail(mean: float, least: int) -> float:
    """The probability that a Poisson number is at least so much."""
    term, below = exp(-mean), 0.0
    for n in range(least):
        below += term
        term *= mean / (n + 1)
    return 1 - below if mean < inf else 1.0
