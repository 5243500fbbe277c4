"""A trace's actions for whoever needs a few of its rows and columns only."""

import polars as pl

from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACTIONS


def scan(trace: Trace) -> pl.LazyFrame:
    """All actions, not yet read and in no order."""
    files = trace.action_files()
    if not files:
        return pl.LazyFrame(schema=ACTIONS.schema)
    return pl.scan_parquet(files, hive_partitioning=False)
