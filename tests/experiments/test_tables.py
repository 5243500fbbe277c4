"""The tables of an experiment, against SciPy and Holm's procedure written out."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from dmsim.experiments.design import Design
from dmsim.experiments.execute import Outcome
from dmsim.experiments.measures import Measures
from dmsim.experiments.result import Result
from dmsim.experiments.stopping import Rule
from dmsim.experiments.store import Experiment
from tests.worlds import small

POINTS, RUNS = 5, 12


@pytest.fixture(scope="module")
def result() -> Result:
    """Shares with a common part, some of them unknown, and numbers that never vary."""
    random = np.random.default_rng(1)
    common = random.normal(0.5, 0.1, RUNS)

    def run(point: int, number: int) -> Measures:
        known = (point, number) not in {(1, 3), (2, 0), (2, 7)}
        share = common[number] + random.normal(point / 40, 0.05)
        return {"in_time_share": float(share) if known else None, "fte": 2.0 + point // 2}

    runs = tuple(tuple(run(point, number) for number in range(RUNS)) for point in range(POINTS))
    design = Design(("a",), tuple((str(point),) for point in range(POINTS)))
    experiment = Experiment(design, (small(),) * POINTS, "alone", ())
    rule = Rule(RUNS, RUNS, None, ("in_time_share",))
    return Result(Outcome(experiment, rule, RUNS, runs, ()), 0)


def test_differences_and_pairs_are_student_s_and_holm_s(result: Result) -> None:
    values = result.values.filter(measure="in_time_share").pivot(
        "point", index="replication", values="value"
    )
    for table in (result.differences.filter(measure="in_time_share"), result.pairs):
        p_values = []
        for row in table.iter_rows(named=True):
            both = values.select(str(row["point"]), str(row["baseline"])).drop_nulls().to_numpy()
            found = stats.ttest_rel(both[:, 0], both[:, 1])
            low, high = found.confidence_interval(0.95)
            assert row["count"] == len(both)
            assert row["difference"] == pytest.approx((low + high) / 2)
            assert row["half_width"] == pytest.approx((high - low) / 2, rel=1e-3)
            assert row["p"] == pytest.approx(found.pvalue, rel=1e-9)
            p_values.append(found.pvalue)
        order = np.argsort(p_values)
        steps = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
        expected = np.minimum(1, np.maximum.accumulate(steps))
        assert table["p_holm"].to_numpy()[order] == pytest.approx(expected, rel=1e-9)
    assert result.pairs.height == POINTS * (POINTS - 1) / 2


def test_summaries_are_of_the_runs_that_have_a_value(result: Result) -> None:
    values = result.values.filter(measure="in_time_share").drop_nulls()
    for row in result.summary.filter(measure="in_time_share").iter_rows(named=True):
        own = values.filter(point=row["point"])["value"].to_numpy()
        low, high = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
        assert (row["count"], row["mean"]) == (len(own), pytest.approx(own.mean()))
        assert row["half_width"] == pytest.approx((high - low) / 2, rel=1e-3)


def test_a_measure_without_spread_differs_surely_or_not_at_all(result: Result) -> None:
    told = result.differences.filter(measure="fte").select("difference", "half_width", "p")
    assert told.rows() == [(0, 0, 1), (1, 0, 0), (1, 0, 0), (2, 0, 0)]
    assert result.summary.filter(measure="fte")["half_width"].to_list() == [0] * POINTS
    assert result.values.filter(pl.col("value").is_null()).height == 3
