"""What an experiment found, as tables."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

import dmsim
from dmsim.experiments.execute import Outcome
from dmsim.experiments.tables import (
    differences_table,
    pairs_table,
    points_table,
    summary_table,
    values_table,
)


@dataclass(frozen=True, repr=False)
class Result:
    """What an experiment found.

    Attributes:
        outcome: the runs and what was asked of them.
        baseline: the number of the point that the others are compared with.
    """

    outcome: Outcome
    baseline: int

    @cached_property
    def points(self) -> pl.DataFrame:
        """The points with a column for each varied key."""
        return points_table(self.outcome.experiment.design)

    @cached_property
    def values(self) -> pl.DataFrame:
        """One row for each point, replication and measure."""
        return values_table(self.outcome)

    @cached_property
    def summary(self) -> pl.DataFrame:
        """One row for each point and measure, with the mean and its 95 % interval."""
        return summary_table(self.outcome)

    @cached_property
    def differences(self) -> pl.DataFrame:
        """Every point against the baseline, paired by replication; p-values corrected (Holm)."""
        return differences_table(self.outcome, self.baseline)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """Every pair of points by the chosen measures; p-values corrected (Holm)."""
        return pairs_table(self.outcome, self.outcome.rule.measures)

    def __repr__(self) -> str:
        """Short enough for a notebook: how much there is, and where."""
        size = f"{len(self.outcome.runs)} points, {self.outcome.replications} replications of each"
        return f"<{size}: .points, .summary, .differences, .pairs, .values>"

    def told(self) -> dict[str, Any]:
        """Everything but the single values, for a machine; the same for the same command."""
        outcome = self.outcome
        experiment, rule = outcome.experiment, outcome.rule
        first = experiment.scenarios[0]
        return {
            "dmsim_version": dmsim.__version__,
            "scenarios": experiment.names(),
            "seed": first.seed,
            "extent": experiment.extent,
            "teams": list(experiment.teams),
            "keys": list(experiment.design.keys),
            "points": self.points.to_dicts(),
            "baseline": self.baseline,
            "replications": outcome.replications,
            "least": rule.least,
            "most": rule.wanted,
            "precision": rule.precision,
            "measures": list(rule.measures),
            "too_wide": [wide._asdict() for wide in outcome.wide],
            "correction": "holm",
            "summary": self.summary.to_dicts(),
            "differences": self.differences.to_dicts(),
            "pairs": self.pairs.to_dicts(),
        }
