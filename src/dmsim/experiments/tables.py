"""An experiment's outcome as tidy tables."""

from collections.abc import Sequence
from itertools import combinations

import polars as pl

from dmsim.experiments.design import Design, numbers
from dmsim.experiments.execute import Outcome
from dmsim.experiments.measures import MEASURES
from dmsim.experiments.statistics import holm, p_value, paired
from dmsim.experiments.stopping import relative
from dmsim.report.intervals import interval

#: Of more points nobody reads all pairs.
MOST_PAIRED = 200

_DIFFERENCE = {
    "count": pl.Int64,
    "difference": pl.Float64,
    "half_width": pl.Float64,
    "p": pl.Float64,
    "p_holm": pl.Float64,
}


def measured(outcome: Outcome) -> list[str]:
    """The measures that any run has a value of, in the order of pages."""
    return [
        name
        for name in MEASURES
        if any(run.get(name) is not None for runs in outcome.runs for run in runs)
    ]


def column(outcome: Outcome, point: int, measure: str) -> list[float | None]:
    """The values of a measure at a point, by replication."""
    return [run.get(measure) for run in outcome.runs[point]]


def values_table(outcome: Outcome) -> pl.DataFrame:
    """One row for each point, replication and measure: ``point``, keys, ``replication``, ``value``.

    Rows are ordered by point, replication and measure; a run without a sample of a measure has a
    null there.
    """
    names = measured(outcome)
    rows = [
        (point, replication, name, run.get(name))
        for point, runs in enumerate(outcome.runs)
        for replication, run in enumerate(runs)
        for name in names
    ]
    columns = {
        "point": pl.Int64,
        "replication": pl.Int64,
        "measure": pl.String,
        "value": pl.Float64,
    }
    return _with_keys(outcome, pl.DataFrame(rows, columns, orient="row"))


def summary_table(outcome: Outcome) -> pl.DataFrame:
    """One row for each point and measure: ``count``, ``mean``, ``half_width`` (95 %), ``relative``.

    ``count`` are the replications with a value, ``relative`` the half-width as a part of the mean.
    """
    rows = []
    names = measured(outcome)
    for point in range(len(outcome.runs)):
        for name in names:
            found = interval(column(outcome, point, name))
            told = found.count, found.mean, found.half_width, relative(found)
            rows.append((point, name, *told))
    columns = {
        "point": pl.Int64,
        "measure": pl.String,
        "count": pl.Int64,
        "mean": pl.Float64,
        "half_width": pl.Float64,
        "relative": pl.Float64,
    }
    return _with_keys(outcome, pl.DataFrame(rows, columns, orient="row"))


def differences_table(outcome: Outcome, baseline: int) -> pl.DataFrame:
    """Every other point against the baseline, paired by replication, for every measure.

    ``p_holm`` is corrected over the points of a measure (Holm); ``half_width`` is of the 95 %
    interval of the single difference.
    """
    others = [point for point in range(len(outcome.runs)) if point != baseline]
    tables = [
        _differences(outcome, name, [(baseline, point) for point in others])
        for name in measured(outcome)
    ]
    columns = {"baseline": pl.Int64, "point": pl.Int64, "measure": pl.String, **_DIFFERENCE}
    empty = pl.DataFrame(schema=columns)
    return _with_keys(outcome, pl.concat([empty, *tables]), first="baseline")


def pairs_table(outcome: Outcome, measures: Sequence[str]) -> pl.DataFrame:
    """Every pair of points, for some measures: ``point`` minus ``baseline``, paired by replication.

    ``p_holm`` is corrected over all pairs of a measure (Holm). Of more than 200 points no pairs are
    formed.
    """
    points = range(len(outcome.runs)) if len(outcome.runs) <= MOST_PAIRED else ()
    pairs = list(combinations(points, 2))
    columns = {"baseline": pl.Int64, "point": pl.Int64, "measure": pl.String, **_DIFFERENCE}
    tables = [_differences(outcome, name, pairs) for name in measures]
    return pl.concat([pl.DataFrame(schema=columns), *tables])


def points_table(design: Design) -> pl.DataFrame:
    """The points with a column for each key, as whole numbers, decimals, truth values or text."""
    columns = {
        key: numbers([point[place] for point in design.points])
        for place, key in enumerate(design.keys)
    }
    return pl.DataFrame({"point": range(len(design.points)), **columns}).cast({"point": pl.Int64})


def _differences(outcome: Outcome, name: str, pairs: Sequence[tuple[int, int]]) -> pl.DataFrame:
    values = [column(outcome, point, name) for point in range(len(outcome.runs))]
    found = [paired(values[point], values[base]) for base, point in pairs]
    p_values = [p_value(values[point], values[base]) for base, point in pairs]
    rows = [
        (*pair, name, told.count, told.mean, told.half_width, p, corrected)
        for pair, told, p, corrected in zip(pairs, found, p_values, holm(p_values), strict=True)
    ]
    columns = {"baseline": pl.Int64, "point": pl.Int64, "measure": pl.String, **_DIFFERENCE}
    return pl.DataFrame(rows, columns, orient="row")


def _with_keys(outcome: Outcome, table: pl.DataFrame, first: str = "point") -> pl.DataFrame:
    """The table with the values of the keys beside the number of the point."""
    points = points_table(outcome.experiment.design)
    joined = table.join(points, on="point", how="left", maintain_order="left")
    keys = outcome.experiment.design.keys
    ahead = list(dict.fromkeys([first, "point", *keys]))
    return joined.select(*ahead, pl.exclude(ahead))
