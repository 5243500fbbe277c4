"""What moderation did: messages kept from the inbox, penalties, and reports that waited."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from typing import Any

import polars as pl

from dmsim.report.bins import Bins, bins_of
from dmsim.report.scan import scan
from dmsim.rules.facts import Policy
from dmsim.rules.sanctions import History, penalty
from dmsim.trace.reader import Trace
from dmsim.trace.schema import STANDINGS
from dmsim.vocabulary import Action, Standing, Verdict, Via, Violation, names, word

_SECOND_US = 1_000_000
_OF_MESSAGES = (Action.REPORT_MESSAGE, Action.REPORT_CONVERSATION, Action.REPORT_REQUEST)
_OUTSIDE_MESSAGES = (Action.REPORT_ACCOUNT, Action.REPORT_CONTENT)
_DECIDES = pl.col("action") == word(Action.MODERATE)
_KEEPING = (Verdict.FILTERED, Verdict.REMOVED)


@dataclass(frozen=True)
class Penalties:
    """Decisions and what they brought.

    ``found`` maps a violation's word to the decisions per interval that found it; ``given`` a
    penalty's word to how often it was given automatically and by moderators.
    """

    found: dict[str, list[int]]
    given: dict[str, tuple[int, int]]

    @property
    def decisions(self) -> int:
        """All decisions, those that found nothing included."""
        return sum(map(sum, self.found.values()))


@dataclass(frozen=True)
class Backlog:
    """Reports and how long they waited for a decision.

    ``before`` waited already when the recording began, ``waiting`` at the end of each interval;
    ``median`` and ``p95`` are seconds of simulated time, None without a sample.
    """

    before: int
    reports: int
    decided: int
    waiting: list[int]
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Moderation:
    """Moderation in a trace's recorded window.

    ``kept`` maps "filtered" and "removed" to the messages per interval that were.
    """

    bins: Bins
    kept: dict[str, list[int]]
    penalties: Penalties
    backlog: Backlog


def moderation(trace: Trace) -> Moderation:
    """Gather what moderation did in a trace."""
    bins = bins_of(trace.manifest)
    values: dict[str, Any] = trace.manifest.policy
    policy = Policy(**values)
    outside = _OUTSIDE_MESSAGES if policy.reports_outside_messages_count else ()
    cases = _cases(trace, [Action.MODERATE, *_OF_MESSAGES, *outside])
    standings = trace.table(STANDINGS)
    return Moderation(
        bins=bins,
        kept={word(verdict): bins.counts(_times(trace, verdict)) for verdict in _KEEPING},
        penalties=_penalties(bins, policy, standings, cases.filter(_DECIDES)),
        backlog=_backlog(bins, standings, cases),
    )


def _times(trace: Trace, verdict: Verdict) -> pl.Series:
    return scan(trace).filter(pl.col("verdict") == word(verdict)).select("at").collect()["at"]


def _cases(trace: Trace, actions: Iterable[Action]) -> pl.DataFrame:
    """Reports and decisions that the rules let happen, in order of time."""
    return (
        scan(trace)
        .filter(pl.col("action").is_in([word(action) for action in actions]))
        .filter(pl.col("verdict") != word(Verdict.REFUSED))
        .select("seq", "at", "action", "target", "via", "switch", "violation")
        .collect()
        .sort("at", "seq")
    )


def _penalties(
    bins: Bins, policy: Policy, standings: pl.DataFrame, decisions: pl.DataFrame
) -> Penalties:
    """Follow every account's record through the decisions, up the ladder (R78-R84)."""
    found = {name: bins.counts(decisions.filter(violation=name)["at"]) for name in names(Violation)}
    records = {
        account: History(violations, Violation[worst.upper()])
        for account, violations, worst in standings.select(
            "account", "violations", "worst"
        ).iter_rows()
    }
    given = {name: [0, 0] for name in names(Standing)[1:]}
    guilty = decisions.filter(pl.col("violation") != word(Violation.NONE))
    for account, via, name in guilty.select("target", "via", "violation").iter_rows():
        violation = Violation[name.upper()]
        record = records.get(account, History(0, Violation.NONE))
        standing = word(Standing(penalty(record, violation, policy)))
        given[standing][via != word(Via.AUTOMATIC)] += 1
        records[account] = History(record.violations + 1, max(record.worst, violation))
    return Penalties(found, {name: (machine, people) for name, (machine, people) in given.items()})


def _backlog(bins: Bins, standings: pl.DataFrame, cases: pl.DataFrame) -> Backlog:
    reports = cases.filter(~_DECIDES)
    before = standings.filter(pl.col("open_reports") > 0)
    closed = _closed(dict(before.select("account", "open_reports").iter_rows()), cases)
    ends = pl.Series([at for at, _ in closed], dtype=pl.Int64)
    waits = [(at - made) / _SECOND_US for at, made in closed if made is not None]
    seconds = pl.Series(waits, dtype=pl.Float64)
    changes = map(sub, bins.counts(reports["at"]), bins.counts(ends))
    at_first = int(before["open_reports"].sum())
    return Backlog(
        before=at_first,
        reports=reports.height,
        decided=len(closed),
        waiting=list(accumulate(changes, initial=at_first))[1:],
        median=seconds.quantile(0.5, "linear"),
        p95=seconds.quantile(0.95, "linear"),
    )


def _closed(before: dict[int, int], cases: pl.DataFrame) -> list[tuple[int, int | None]]:
    """Of every report that was closed: when, and when it was made (None: before the recording).

    An account's first open report is closed first.
    """
    waiting: dict[int, deque[int | None]] = {
        account: deque([None] * number) for account, number in before.items()
    }
    closed = []
    moments = cases.select("at", "target", "switch", decides=_DECIDES)
    for at, account, closes, decides in moments.iter_rows():
        queue = waiting.setdefault(account, deque())
        if not decides:
            queue.append(at)
        elif closes and queue:
            closed.append((at, queue.popleft()))
    return closed
