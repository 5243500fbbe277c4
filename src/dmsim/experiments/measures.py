"""The figures that an experiment asks of every run, by name; each is defined once."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

import polars as pl

from dmsim.errors import UsageError
from dmsim.report.care import CareMeasures
from dmsim.report.moderation import moderation
from dmsim.report.replications import FIGURES
from dmsim.report.scan import scan
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Ending, Verdict, word

#: A figure of one run; null where the run has no sample of it.
Measures = dict[str, float | None]
Unit = Literal["share", "s", "number"]

#: A full-time agent's hours in a week.
FULL_TIME_HOURS = 40
_WRITING = tuple(map(word, (Action.SEND_MESSAGE, Action.SHARE_CONTENT)))
_VERDICTS = (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED, Verdict.REMOVED, Verdict.REFUSED)


class Measure(NamedTuple):
    """What a measure is called on a page, and in what it is told."""

    title: str
    unit: Unit


#: The measures of the care teams by name, in the order of pages.
OF_CARE: dict[str, Measure] = {
    "in_time_share": Measure("Answered within the target", "share"),
    "answered_share": Measure("Answered at all", "share"),
    "public_mean_s": Measure("Mean speed of the public answer", "s"),
    "public_median_s": Measure("Wait for the public reply, median", "s"),
    "public_p90_s": Measure("Wait for the public reply, p90", "s"),
    "private_median_s": Measure("From public to private reply, median", "s"),
    "private_p90_s": Measure("From public to private reply, p90", "s"),
    "thread_median_s": Measure("Wait in the thread, median", "s"),
    "thread_p90_s": Measure("Wait in the thread, p90", "s"),
    "resolution_median_s": Measure("Until a case was settled, median", "s"),
    "resolution_p90_s": Measure("Until a case was settled, p90", "s"),
    "abandoned_share": Measure("Cases abandoned by the customer", "share"),
    "expired_share": Measure("Cases expired unanswered", "share"),
    "escalated_share": Measure("Cases taken to the public", "share"),
    "cases": Measure("Cases", "number"),
    "occupancy": Measure("Occupancy of the staff", "share"),
    "fte": Measure(f"Full-time agents scheduled ({FULL_TIME_HOURS} h)", "number"),
    "backlog_mean": Measure("Backlog, mean of the full hours", "number"),
    "backlog_end": Measure("Backlog at the end", "number"),
    "backlog_older_than_4h": Measure("Backlog older than 4 h, mean", "number"),
    "backlog_older_than_24h": Measure("Backlog older than 24 h, mean", "number"),
}
#: Those that only the whole simulation has.
OF_TRAFFIC: dict[str, Measure] = {
    "actions": Measure("Actions", "number"),
    "messages": Measure("Messages and shares", "number"),
    "inbox_share": Measure("Messages delivered to the inbox", "share"),
    "requests_share": Measure("Messages delivered to the requests", "share"),
    "filtered_share": Measure("Messages delivered to the filtered requests", "share"),
    "removed_share": Measure("Messages removed by automatic moderation", "share"),
    "refused_share": Measure("Messages refused", "share"),
    "reports": Measure("Reports", "number"),
    "report_median_s": Measure("Wait of reports for a moderator, median", "s"),
    "report_p95_s": Measure("Wait of reports for a moderator, p95", "s"),
}

MEASURES: dict[str, Measure] = OF_CARE | OF_TRAFFIC

#: Beside the figures of :data:`dmsim.report.replications.FIGURES`.
_CARE: dict[str, Callable[[CareMeasures], float | None]] = {
    "public_mean_s": lambda care: care.total.public.mean_s,
    "public_p90_s": lambda care: care.total.public.p90_s,
    "private_p90_s": lambda care: care.total.private.p90_s,
    "thread_p90_s": lambda care: care.total.thread.p90_s,
    "resolution_p90_s": lambda care: care.total.resolution.p90_s,
    "abandoned_share": lambda care: _ended(care, Ending.ABANDONED),
    "expired_share": lambda care: _ended(care, Ending.EXPIRED),
    "escalated_share": lambda care: _share(care.total.escalated, care.total.cases),
    "cases": lambda care: float(care.total.cases),
    "backlog_end": lambda care: care.staff.backlog_end.all,
    "backlog_older_than_4h": lambda care: care.staff.backlog_mean.older_than_4h,
    "backlog_older_than_24h": lambda care: care.staff.backlog_mean.older_than_24h,
}


def of_care(care: CareMeasures, weeks: float) -> Measures:
    """The measures of the care teams.

    Args:
        care: what was measured of a run.
        weeks: how long was recorded.
    """
    found = {name: of(care) for name, of in (FIGURES | _CARE).items()}
    found["fte"] = care.staff.scheduled / weeks / FULL_TIME_HOURS
    return _ordered(found)


def of_traffic(trace: Trace) -> Measures:
    """The measures of what persons wrote, and of the moderators."""
    writing = scan(trace).filter(pl.col("action").is_in(_WRITING))
    counts = dict(writing.group_by("verdict").len().collect().iter_rows())
    messages = sum(counts.values())
    reports = moderation(trace).backlog
    shares = {word(verdict): counts.get(word(verdict), 0) for verdict in _VERDICTS}
    found: Measures = {
        "actions": float(trace.manifest.actions),
        "messages": float(messages),
        **{f"{name}_share": _share(count, messages) for name, count in shares.items()},
        "reports": float(reports.reports),
        "report_median_s": reports.median,
        "report_p95_s": reports.p95,
    }
    return _ordered(found)


def check_measures(names: Sequence[str]) -> None:
    """Refuse unknown names.

    Raises:
        UsageError: Naming the nearest one.
    """
    for name in names:
        if name not in MEASURES:
            close = get_close_matches(name, MEASURES, 1)
            hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(MEASURES)}"
            raise UsageError(f"--measure {name}: no such measure; {hint}")


def _ended(care: CareMeasures, ending: Ending) -> float | None:
    return _share(care.total.endings[word(ending)], care.total.cases)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _ordered(found: Measures) -> Measures:
    return {name: found[name] for name in MEASURES if name in found}
