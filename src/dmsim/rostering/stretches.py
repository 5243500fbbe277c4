"""The stretches of a week in which people are missing."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dmsim.rostering.coverage import Coverage
from dmsim.rostering.model import HOUR, WEEK
from dmsim.scenario.units import MINUTE_US, format_week_time

#: Fewer than that are an error of rounding.
_NOBODY = 1e-6


def stretches(covered: Coverage) -> list[dict[str, Any]]:
    """The stretches of the week in which people are missing, with how many."""
    short = covered.missing > _NOBODY
    edges = np.flatnonzero(np.diff([False, *short, False]))
    return [
        {
            "from": week_time(since * covered.step),
            "until": week_time(until * covered.step),
            "most": round(float(covered.missing[since:until].max()), 2),
            "hours": round(float(covered.missing[since:until].sum() * covered.step / HOUR), 2),
            "skills": sorted(frozenset().union(*covered.lacking[since:until])),
        }
        for since, until in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def stretch_name(stretch: Mapping[str, Any]) -> str:
    """From when until when; the whole week begins and ends at the same time."""
    since, until = stretch["from"], stretch["until"]
    return "all week" if since == until else f"{since} to {until}"


def week_time(minute: int) -> str:
    """A minute since Monday 00:00 as people say it; beyond the week, of the next."""
    return format_week_time(minute % WEEK * MINUTE_US)
