"""The raw rows of a replay and what they add up to: arithmetic on arrays."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.replay.dispatcher import Fate
from dmsim.replay.heard import Heard, Held
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.result import (
    METRICS,
    WORST,
    WORST_ORIGINS,
    ActionSummary,
    Mismatch,
    Origin,
    VerdictSummary,
    percentiles_ms,
)
from dmsim.replay.schedule import Ints, Schedule
from dmsim.replay.trace_lines import line_of, mismatch_of
from dmsim.replay.words import NOT_PROMISED, TIME
from dmsim.vocabulary import Action, Reason, Verdict, names

_ACTIONS = names(Action)
_VERDICTS = names(Verdict)
_REASONS = names(Reason)

#: Judgements that name another action as their origin.
_BECAUSE_OF_ANOTHER = (
    Judgement.UNJUDGED,
    Judgement.SKIPPED,
    Judgement.UNSUPPORTED,
    Judgement.LEFT_OUT,
)

Mask = npt.NDArray[np.bool_]
Histograms = dict[str, dict[str, Histogram]]


def first_mismatches(judgements: npt.NDArray[np.uint8]) -> list[int]:
    """The rows of the mismatches that are spelled out."""
    rows: list[int] = np.flatnonzero(judgements == Judgement.MISMATCH)[:WORST].tolist()
    return rows


@dataclass(frozen=True)
class Record:
    """One replay, row by row; times are nanoseconds from T0, -1 where something did not happen.

    Attributes:
        fates: codes of :class:`Fate`.
        judgements: codes of :class:`Judgement`.
        statuses: of HTTP, 0 without an answer.
        origins: for each row that could not be judged or sent because of another: that other; for
            each in ``untimed`` and ``unpromised`` itself.
        untimed: rows that came out otherwise and rest on elapsed time that was not promised.
        unpromised: rows that came out otherwise than a rule demands that is not promised.
        outcomes: of each answered row that did not match: what came.
        signs: how the backend would have written what was demanded of those that did not match.
        errors: what kept actions from being answered, by row.
        deliveries: what the probes of sent messages found, as in :class:`dmsim.replay.rows.Notes`.
        ids: of messages, where somebody listened: what the backend calls them.
        heard: what arrived at held connections.
        held: the connections that were to be held.
        stopped: why the run ended early; empty if it did not.
    """

    schedule: Schedule
    ready: Ints
    start: Ints
    done: Ints
    fates: npt.NDArray[np.uint8]
    judgements: npt.NDArray[np.uint8]
    statuses: npt.NDArray[np.int16]
    origins: dict[int, int] = field(default_factory=dict)
    untimed: Set[int] = frozenset()
    unpromised: Set[int] = frozenset()
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    signs: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    deliveries: dict[int, int] = field(default_factory=dict)
    ids: dict[int, bytes] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    stopped: str = ""

    @property
    def sent(self) -> Mask:
        """Which rows were begun."""
        return self.start >= 0

    @property
    def measured(self) -> Mask:
        """Which rows were begun and ended, errors included: those whose times are known."""
        return self.sent & (self.done >= 0)

    @property
    def error_kinds(self) -> dict[str, int]:
        """How often which trouble kept an action from being answered."""
        return dict(Counter(self.errors.values()))

    def times(self) -> dict[str, Ints]:
        """Every metric in nanoseconds; only those of :attr:`measured` rows mean something."""
        intended = self.schedule.intended
        return {
            "response": self.done - intended,
            "service": self.done - self.start,
            "lateness": self.start - self.ready,
            "blocked": self.ready - intended,
        }

    def tally(self, rows: Mask) -> dict[str, int]:
        """The counts of :class:`dmsim.replay.result.Tally` over some rows."""
        judgements = np.bincount(self.judgements[rows], minlength=len(Judgement))
        fates = np.bincount(self.fates[rows], minlength=len(Fate))
        return {
            "sent": int(np.count_nonzero(self.sent & rows)),
            "matches": int(judgements[Judgement.MATCH]),
            "mismatches": int(judgements[Judgement.MISMATCH]),
            "unordered": int(judgements[Judgement.UNORDERED]),
            "unjudged": int(judgements[Judgement.UNJUDGED]),
            "unsupported": int(fates[Fate.UNSUPPORTED]),
            "left_out": int(fates[Fate.LEFT_OUT]),
            "dropped": int(fates[Fate.DROPPED]),
            "skipped": int(fates[Fate.SKIPPED]),
            "errors": int(fates[Fate.ERROR]),
        }

    def histograms(self) -> Histograms:
        """Every metric by action and over all, of all that was begun and ended, errors included."""
        measured, values = self.measured, self.times()
        present = np.unique(self.schedule.action[measured]).tolist()
        result: Histograms = {}
        for metric in METRICS:
            whole = Histogram()
            result[metric] = {"all": whole}
            for action in present:
                part = Histogram()
                part.record_all(values[metric][measured & (self.schedule.action == action)])
                whole.merge(part)
                result[metric][_ACTIONS[action]] = part
        return result

    def by_action(self, histograms: Histograms) -> dict[str, ActionSummary]:
        """Counts and percentiles for every kind of action in the trace."""
        result = {}
        for action in np.unique(self.schedule.action).tolist():
            word = _ACTIONS[action]
            values: dict[str, Any] = self.tally(self.schedule.action == action)
            values |= {
                f"{metric}_ms": percentiles_ms(histograms[metric].get(word, Histogram()))
                for metric in METRICS
            }
            result[word] = ActionSummary(**values)
        return result

    def by_verdict(self) -> dict[str, dict[str, VerdictSummary]]:
        """Matches and mismatches by kind of action and demanded verdict, where one is known."""
        result: dict[str, dict[str, VerdictSummary]] = {}
        known = self.schedule.verdict >= 0
        kinds = np.stack((self.schedule.action[known], self.schedule.verdict[known]))
        for action, verdict in np.unique(kinds, axis=1).T.tolist():
            rows = (self.schedule.action == action) & (self.schedule.verdict == verdict)
            judged = self.judgements[rows]
            result.setdefault(_ACTIONS[action], {})[_VERDICTS[verdict]] = VerdictSummary(
                expected=int(np.count_nonzero(rows)),
                matches=int(np.count_nonzero(judged == Judgement.MATCH)),
                mismatches=int(np.count_nonzero(judged == Judgement.MISMATCH)),
            )
        return result

    def worst_mismatches(self) -> list[Mismatch]:
        """The first mismatches in the order of the trace: later ones may be their consequences."""
        return [self._mismatch(row) for row in first_mismatches(self.judgements)]

    def worst_origins(self) -> list[Origin]:
        """Those on which most rest that could not be judged or sent because of them."""
        dependants: dict[int, Counter[int]] = {}
        for row, origin in self.origins.items():
            judgement = int(self.judgements[row])
            if judgement in _BECAUSE_OF_ANOTHER:
                dependants.setdefault(origin, Counter())[judgement] += 1
        most_first = sorted(dependants.items(), key=lambda item: (-item[1].total(), item[0]))
        return [self._origin(row, counts) for row, counts in most_first[:WORST_ORIGINS]]

    @property
    def unjudged_by_time(self) -> int:
        """How many are unjudged because of elapsed time, in themselves or in what they rest on."""
        return self._unjudged_because_of(self.untimed)

    @property
    def unjudged_by_promise(self) -> int:
        """How many are unjudged because of a rule that is not promised, or rest on such a one."""
        return self._unjudged_because_of(self.unpromised)

    @property
    def not_promised(self) -> dict[str, int]:
        """How many came out otherwise than a rule demands that is not promised, by its word."""
        told = Counter(
            _REASONS[reason] if reason else _VERDICTS[verdict]
            for verdict, reason in (
                (self.schedule.verdict[row], self.schedule.reason[row]) for row in self.unpromised
            )
        )
        return dict(told.most_common())

    @property
    def unjudged_by_left_out(self) -> int:
        """How many are unjudged because what they rest on was left out."""
        return self._unjudged_because_of(set(np.flatnonzero(self.fates == Fate.LEFT_OUT).tolist()))

    def _unjudged_because_of(self, causes: Set[int]) -> int:
        because = [row for row, origin in self.origins.items() if origin in causes]
        return int(np.count_nonzero(self.judgements[because] == Judgement.UNJUDGED))

    def _origin(self, row: int, dependants: Counter[int]) -> Origin:
        judgement = Judgement(self.judgements[row])
        told = Fate(self.fates[row]).name if judgement == Judgement.NONE else judgement.name
        return Origin(
            **line_of(self.schedule, row)._asdict(),
            action=_ACTIONS[self.schedule.action[row]],
            judgement=self._not_promised(row) or told.lower(),
            unjudged=dependants[Judgement.UNJUDGED],
            skipped=dependants[Judgement.SKIPPED],
            unsupported=dependants[Judgement.UNSUPPORTED],
            left_out=dependants[Judgement.LEFT_OUT],
        )

    def _not_promised(self, row: int) -> str:
        """What was not promised of that on which a row rests; empty where all was."""
        return TIME if row in self.untimed else NOT_PROMISED if row in self.unpromised else ""

    def _mismatch(self, row: int) -> Mismatch:
        sign, status = self.signs.get(row, ""), int(self.statuses[row])
        return mismatch_of(self.schedule, row, self.outcomes[row], sign, status)
