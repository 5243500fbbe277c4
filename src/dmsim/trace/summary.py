"""What is in a trace, in figures."""

from typing import Any

import polars as pl

from dmsim.trace.reader import Trace

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_DAY_MINUTES = 24 * 60


def summarise(trace: Trace) -> dict[str, Any]:
    """How a trace was made, how many rows it holds, its verdicts by action and reason.

    ``actions_per_minute`` lists the recorded window minute by minute; ``after`` says how many
    actions wait for 0, 1, 2 … others.
    """
    manifest = trace.manifest
    frame = trace.actions(["at", "action", "verdict", "reason", "after"])
    verdicts = (
        frame.group_by("action", "verdict", "reason")
        .agg(pl.len().alias("count"))
        .sort("action", "verdict", "reason")
    )
    minute = (frame["at"] - manifest.from_us) // _MINUTE_US
    minutes = -(-(manifest.until_us - manifest.from_us) // _MINUTE_US)
    counts = dict(minute.value_counts().iter_rows())
    waits = frame["after"].list.len().alias("waits").value_counts().sort("waits")
    return {
        "trace": str(trace.path),
        "digest": manifest.digest,
        "scenario": manifest.scenario.get("name", ""),
        "seed": manifest.seed,
        "dmsim_version": manifest.dmsim_version,
        "recorded": f"{week_time(manifest.from_us)} to {week_time(manifest.until_us)}",
        "cells": manifest.cells,
        "counts": manifest.counts,
        "actions": manifest.actions,
        "by_action": manifest.by_action,
        "verdicts": verdicts.to_dicts(),
        "actions_per_minute": [counts.get(i, 0) for i in range(minutes)],
        "after": {str(waited): count for waited, count in waits.iter_rows()},
    }


def week_time(at: int) -> str:
    """A simulated time in µs as people say it.

    ``Fri 14:00``, between full minutes ``Fri 14:00:07``, later on ``Fri 14:00 (week 2)``.
    """
    minutes, seconds = divmod(at // _SECOND_US, 60)
    days, minute = divmod(minutes, _DAY_MINUTES)
    week, weekday = divmod(days, 7)
    exact = f":{seconds:02}" if seconds else ""
    suffix = f" (week {week + 1})" if week else ""
    return f"{_DAYS[weekday]} {minute // 60:02}:{minute % 60:02}{exact}{suffix}"
