"""What the rules say of a trace's actions, and why they deny."""

from dataclasses import dataclass

import polars as pl

from dmsim.report.scan import scan
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Reason, Verdict, names, word


@dataclass(frozen=True)
class Outcomes:
    """How many actions have each verdict, and each reason to deny them.

    ``verdicts`` holds every verdict in its order, ``reasons`` those that occur, most frequent
    first.
    """

    actions: int
    verdicts: dict[str, int]
    reasons: dict[str, int]


def outcomes(trace: Trace) -> Outcomes:
    """Count a trace's actions by verdict and by reason, those of which a verdict is known."""
    found = (
        scan(trace)
        .filter(pl.col("verdict").is_not_null())
        .group_by("verdict", "reason")
        .len()
        .collect()
    )
    verdicts = dict.fromkeys(names(Verdict), 0)
    reasons: dict[str, int] = {}
    for verdict, reason, number in found.sort("reason").iter_rows():
        verdicts[verdict] += number
        reasons[reason] = reasons.get(reason, 0) + number
    reasons.pop(word(Reason.NONE), None)
    by_frequency = sorted(reasons.items(), key=lambda item: -item[1])
    return Outcomes(int(found["len"].sum()), verdicts, dict(by_frequency))
