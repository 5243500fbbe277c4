"""What is known of a replay while it runs, for whoever looks on.

It is fed with the rows that have finished, block by block, and adds them up; nothing of it is in
the way of the actions. Where several processes replay, each judges by what it knows itself, so
these figures are passing ones until the results are written.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np

from dmsim.replay.dispatcher import Fate
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.result import METRICS, Percentiles, percentiles_ms
from dmsim.replay.rows import Block
from dmsim.replay.schedule import Schedule
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.trace_lines import mismatch_of
from dmsim.replay.words import mismatch_line
from dmsim.vocabulary import Action, names

#: How many mismatches are shown; the last ones.
SHOWN = 20

_ACTIONS = names(Action)

#: What is counted of an answered action, and of one that was not answered.
_OF_JUDGEMENT = {
    Judgement.MATCH: "matches",
    Judgement.MISMATCH: "mismatches",
    Judgement.UNJUDGED: "unjudged",
}
_OF_FATE = {
    Fate.ERROR: "errors",
    Fate.DROPPED: "dropped",
    Fate.SKIPPED: "skipped",
    Fate.UNSUPPORTED: "unsupported",
    Fate.LEFT_OUT: "left_out",
}


class LiveCounts(msgspec.Struct):
    """How the finished actions, or those of one kind, came out so far."""

    finished: int = 0
    matches: int = 0
    mismatches: int = 0
    unordered: int = 0
    unjudged: int = 0
    unsupported: int = 0
    left_out: int = 0
    dropped: int = 0
    skipped: int = 0
    errors: int = 0


class Snapshot(msgspec.Struct, kw_only=True):
    """A replay at one moment.

    Attributes:
        actions: how many the trace holds.
        counts: of all that have finished.
        by_action: the same by kind, the most frequent first.
        response_ms, service_ms, lateness_ms, blocked_ms: over all that were sent.
        response_p99_ms_by_action: by kind.
        mismatches: the last ones in words, newest first.
        invalid_because: the budgets that are overdrawn by now.
        lateness_budget_ms: how late the replay itself may be.
        workers: how many processes replay.
    """

    actions: int
    counts: LiveCounts
    by_action: dict[str, LiveCounts]
    response_ms: Percentiles
    service_ms: Percentiles
    lateness_ms: Percentiles
    blocked_ms: Percentiles
    response_p99_ms_by_action: dict[str, float | None]
    mismatches: list[str]
    invalid_because: list[str]
    lateness_budget_ms: float
    workers: int


class Live:
    """Adds finished rows up.

    Args:
        schedule: what is replayed.
        settings: whose budgets decide on validity.
        workers: how many processes replay it.
    """

    def __init__(self, schedule: Schedule, settings: ReplaySettings, workers: int = 1) -> None:
        self._schedule = schedule
        self._settings = settings
        self._workers = workers
        self._by_action: dict[int, LiveCounts] = {}
        self._metrics = {name: Histogram() for name in METRICS}
        self._response: dict[int, Histogram] = {}
        self._mismatches: deque[str] = deque(maxlen=SHOWN)

    def add(self, block: Block) -> None:
        """Take note of rows that have finished; each once."""
        table = block.table
        actions = self._schedule.action[table["row"]]
        for action in np.unique(actions).tolist():
            self._count(action, table[actions == action])
        sent = table[table["start"] >= 0]
        intended = self._schedule.intended[sent["row"]]
        for name, values in (
            ("response", sent["done"] - intended),
            ("service", sent["done"] - sent["start"]),
            ("lateness", sent["start"] - sent["ready"]),
            ("blocked", sent["ready"] - intended),
        ):
            self._metrics[name].record_all(values)
        # To find an action's line takes a look at all before it, so only what is shown is told.
        for position in np.flatnonzero(table["judgement"] == Judgement.MISMATCH)[-SHOWN:].tolist():
            self._mismatches.appendleft(self._told(position, block))

    def snapshot(self) -> Snapshot:
        """The figures as they stand."""
        most_first = sorted(self._by_action.items(), key=lambda item: -item[1].finished)
        counts = _sum(list(self._by_action.values()))
        metrics = {f"{name}_ms": percentiles_ms(h) for name, h in self._metrics.items()}
        return Snapshot(
            **metrics,
            actions=len(self._schedule),
            counts=counts,
            by_action={_ACTIONS[action]: of_kind for action, of_kind in most_first},
            response_p99_ms_by_action={
                _ACTIONS[action]: percentiles_ms(h).p99 for action, h in self._response.items()
            },
            mismatches=list(self._mismatches),
            invalid_because=self._overdrawn(counts),
            lateness_budget_ms=self._settings.lateness_p99_budget / 1e3,
            workers=self._workers,
        )

    def _count(self, action: int, table: np.ndarray) -> None:
        counts = self._by_action.setdefault(action, LiveCounts())
        counts.finished += len(table)
        answered = table["fate"] == Fate.ANSWERED
        for judgement, name in _OF_JUDGEMENT.items():
            count = np.count_nonzero(answered & (table["judgement"] == judgement))
            setattr(counts, name, getattr(counts, name) + int(count))
        for fate, name in _OF_FATE.items():
            count = np.count_nonzero(table["fate"] == fate)
            setattr(counts, name, getattr(counts, name) + int(count))
        sent = table[table["start"] >= 0]
        response = self._response.setdefault(action, Histogram())
        response.record_all(sent["done"] - self._schedule.intended[sent["row"]])

    def _overdrawn(self, counts: LiveCounts) -> list[str]:
        """Budgets that are shares of the whole trace can only be overdrawn once it is told."""
        settings, size = self._settings, max(len(self._schedule), 1)
        not_sent = counts.dropped + counts.skipped
        unanswered = not_sent + counts.errors + counts.unsupported + counts.left_out
        # What rests on that which was left out was asked for.
        unjudged = 0 if counts.left_out else counts.unjudged
        reasons = [
            f"{count} {what} ({count / of:.2%}, budget {budget:.2%})"
            for what, count, of, budget in (
                ("dropped or skipped", not_sent, size, settings.dropped_budget),
                ("without an answer", counts.errors, size, settings.errors_budget),
                ("unordered", counts.unordered, size, settings.unordered_budget),
                # At most as many as are left can be answered, and so judged.
                ("unjudged", unjudged, max(size - unanswered, 1), settings.unjudged_budget),
            )
            if count / of > budget
        ]
        late = self._metrics["lateness"].percentile(99)
        budget_ms = settings.lateness_p99_budget / 1e3
        if late is not None and late / 1e6 > budget_ms:
            reasons.insert(0, f"lateness p99 {late / 1e6:.3g} ms, budget {budget_ms:g} ms")
        return reasons

    def _told(self, position: int, block: Block) -> str:
        row, status = (int(block.table[name][position]) for name in ("row", "status"))
        sign = block.notes.signs.get(row, "")
        outcome = block.notes.outcomes[row]
        return mismatch_line(mismatch_of(self._schedule, row, outcome, sign, status))


def _sum(parts: Sequence[LiveCounts]) -> LiveCounts:
    total = LiveCounts()
    for part in parts:
        for name in LiveCounts.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(part, name))
    return total
