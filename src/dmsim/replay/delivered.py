"""What the probes of a replay's messages add up to."""

import numpy as np

from dmsim.replay.delivery import NEVER_SEEN
from dmsim.replay.histogram import Histogram
from dmsim.replay.record import Histograms, Record
from dmsim.replay.result import DELIVERY, DeliverySummary, percentiles_ms
from dmsim.vocabulary import Action, names

_ACTIONS = names(Action)


def delivery_histograms(record: Record) -> Histograms:
    """The durations of those seen, by action and over all; empty where nothing was probed."""
    if not record.deliveries:
        return {}
    rows = np.fromiter(record.deliveries, dtype=np.int64)
    durations = np.fromiter(record.deliveries.values(), dtype=np.int64)
    seen = durations >= 0
    actions = record.schedule.action[rows]
    found = {"all": Histogram()}
    found["all"].record_all(durations[seen])
    for action in np.unique(actions[seen]).tolist():
        part = found[_ACTIONS[action]] = Histogram()
        part.record_all(durations[seen & (actions == action)])
    return {DELIVERY: found}


def delivery_summary(record: Record, histograms: Histograms) -> DeliverySummary | None:
    """The probes of a replay, None where there were none.

    Args:
        record: the rows.
        histograms: of :func:`delivery_histograms`.
    """
    if not histograms:
        return None
    whole = histograms[DELIVERY]["all"]
    return DeliverySummary(
        probes=len(record.deliveries),
        seen=len(whole),
        never_seen=sum(found == NEVER_SEEN for found in record.deliveries.values()),
        delivery_ms=percentiles_ms(whole),
    )
