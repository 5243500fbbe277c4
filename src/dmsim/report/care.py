"""How the care teams did: waits, shares, endings, occupancy and backlog, from cases and staff."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import polars as pl

from dmsim.scenario.units import parse_duration
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, CASES, STAFF
from dmsim.vocabulary import Ending, Topic, names, word

_SECOND_US = 1_000_000
_HOUR_US = 3_600 * _SECOND_US
_WEEK_HOURS = 168

_SETTLED = (word(Ending.RESOLVED), word(Ending.HANDED_OFF))
_BACKLOGS = ("backlog", "older_than_1h", "older_than_4h", "older_than_24h")


class Reading(NamedTuple):
    """When a case counts as answered in time (R142, Q13).

    Attributes:
        answered_by: which reply answers it, the scenario's ``care.answered_by``.
        within: the target in µs, the scenario's ``care.answered_within``.
    """

    answered_by: str
    within: int


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, in seconds of simulated time; null without a sample."""

    count: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases were answered, by one reading of what answers them (Q13).

    ``young`` ones were not as old as the target when the window ended: they are judged by nobody,
    answered or not, because only the quick answers among them could be seen. Of the ``decided``
    others, ``answered`` were answered at all (R145 demands all of them), ``in_time`` within the
    target (24 h unless the scenario says otherwise, R142).
    """

    young: int
    decided: int
    answered: int
    in_time: int
    answered_share: float | None
    in_time_share: float | None


class CaseMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of some cases.

    Counts and shares are of the cases written in the recorded window, where those that need no
    answer (spam, and what was ``dismissed``) are in no share. Times are of what happened in the
    window, whatever the age of the case: from a comment to its public reply, from there to the
    private reply, from the customer's return to the first human answer in the thread, and from the
    writing to the end of a case that was resolved or handed off. ``endings`` counts by how the
    cases stand at the end.
    """

    cases: int
    by_public_reply: Answers
    by_private_reply: Answers
    public: Waits
    private: Waits
    thread: Waits
    resolution: Waits
    endings: dict[str, int]
    escalated: int


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for an agent, in all and by age; a mean over time may have decimals."""

    all: float
    older_than_1h: float
    older_than_4h: float
    older_than_24h: float


class StaffMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """What agents did in the recorded window, in hours of agents' time.

    ``occupancy`` is the share of the time present that was spent handling, null if nobody was
    there; ``backlog_mean`` is the mean of the full hours, ``backlog_end`` that of the last.
    """

    scheduled: float
    present: float
    busy: float
    occupancy: float | None
    backlog_mean: Backlog
    backlog_end: Backlog


class HourMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """One hour of the week (0 is Monday 00:00), over all its occurrences.

    ``cases`` are those written in it, whenever they were answered; ``present`` are agents and
    ``backlog`` what waits, both as means.
    """

    hour: int
    cases: CaseMeasures
    present: float
    occupancy: float | None
    backlog: float


class CareMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured of the care teams.

    ``answered_by`` says which of the two readings is the scenario's own: ``public_reply`` or
    ``private_reply``; ``target_s`` is the time in which a case should be answered.
    """

    answered_by: str
    target_s: float
    total: CaseMeasures
    by_brand: dict[str, CaseMeasures]
    by_kind: dict[str, CaseMeasures]
    by_hour: list[HourMeasures]
    staff: StaffMeasures
    by_team: dict[str, StaffMeasures]

    def answers(self, cases: CaseMeasures) -> Answers:
        """The shares of some cases in the scenario's own reading."""
        in_public = self.answered_by == "public_reply"
        return cases.by_public_reply if in_public else cases.by_private_reply


def trace_measures(trace: Trace) -> CareMeasures:
    """What a trace says of the care teams."""
    brands = dict(trace.table(ACCOUNTS).filter(kind="brand").select("id", "name").iter_rows())
    care: Any = trace.manifest.scenario["care"]
    window = trace.manifest.from_us, trace.manifest.until_us
    reading = Reading(str(care["answered_by"]), parse_duration(care["answered_within"]))
    return care_measures(trace.table(CASES), trace.table(STAFF), brands, reading, window)


def care_measures(
    cases: pl.DataFrame,
    staff: pl.DataFrame,
    brands: Mapping[int, str],
    reading: Reading,
    window: tuple[int, int],
) -> CareMeasures:
    """Measure the care teams of a run.

    Args:
        cases: a table like :data:`dmsim.trace.schema.CASES`.
        staff: a table like :data:`dmsim.trace.schema.STAFF`.
        brands: the names of the pages; each has its measures, also without a case.
        reading: when a case counts as answered in time.
        window: the recorded window, from and until in µs.

    Returns:
        The measures; brands in the order of their ids, kinds in that of the vocabulary.
    """
    marked = _marked(cases, window, reading.within)
    by_page = _measured(marked, "page")
    by_topic = _measured(marked, "topic")
    nothing = _case_measures(marked.clear().select(*_FIGURES).to_dicts()[0])
    return CareMeasures(
        answered_by=reading.answered_by,
        target_s=reading.within / _SECOND_US,
        total=_case_measures(marked.select(*_FIGURES).to_dicts()[0]),
        by_brand={name: by_page.get(page, nothing) for page, name in sorted(brands.items())},
        by_kind={topic: by_topic[topic] for topic in names(Topic) if topic in by_topic},
        by_hour=_by_hour(marked, staff),
        staff=_staff_measures(staff),
        by_team={
            str(team): _staff_measures(rows)
            for (team,), rows in staff.group_by("team", maintain_order=True)
        },
    )


def _marked(cases: pl.DataFrame, window: tuple[int, int], within: int) -> pl.DataFrame:
    """The cases with what each adds to the measures, so that groups need only sum up."""
    public, private, answered = (pl.col(name) for name in ("public", "private", "answered"))
    written, ended = pl.col("written"), pl.col("ended")
    is_message = pl.col("topic") == word(Topic.MESSAGE)
    settled = pl.col("ending").is_in(_SETTLED)

    def inside(at: pl.Expr) -> pl.Expr:
        return at.is_between(*window, closed="left")

    def wait(start: pl.Expr, end: pl.Expr) -> pl.Expr:
        return pl.when(inside(end)).then((end - start) / _SECOND_US)

    by_message = pl.when(is_message).then(answered)
    # What is settled by its public reply alone needs no private one.
    in_public = pl.when(settled & private.is_null()).then(public)
    asks = (pl.col("topic") != word(Topic.SPAM)) & (pl.col("ending") != word(Ending.DISMISSED))
    return (
        cases.with_columns(counts=inside(written))
        .with_columns(due=pl.col("counts") & asks)
        .with_columns(
            wait(written, public).alias("to_public"),
            wait(public, private).alias("to_private"),
            wait(pl.col("returned"), answered).alias("to_thread"),
            pl.when(settled).then(wait(written, ended)).alias("to_resolution"),
            *_judged("by_public_reply", pl.coalesce(public, by_message), window[1], within),
            *_judged(
                "by_private_reply",
                pl.coalesce(private, by_message, in_public),
                window[1],
                within,
            ),
        )
    )


def _judged(reading: str, stop: pl.Expr, until: int, within: int) -> list[pl.Expr]:
    """Whether each case is judged, was answered, and in time, where ``stop`` answers it."""
    young = until - pl.col("written") < within
    decided = pl.col("due") & ~young
    in_time = (stop - pl.col("written") <= within).fill_null(False)
    return [
        (pl.col("due") & young).alias(f"{reading}.young"),
        decided.alias(f"{reading}.decided"),
        (decided & stop.is_not_null()).alias(f"{reading}.answered"),
        (decided & in_time).alias(f"{reading}.in_time"),
    ]


def _waits_of(column: str, name: str) -> list[pl.Expr]:
    wait = pl.col(column)
    return [
        wait.count().alias(f"{name}.count"),
        wait.mean().alias(f"{name}.mean_s"),
        wait.quantile(0.5, "linear").alias(f"{name}.median_s"),
        wait.quantile(0.9, "linear").alias(f"{name}.p90_s"),
    ]


_READINGS = ("by_public_reply", "by_private_reply")
_JUDGEMENTS = ("young", "decided", "answered", "in_time")
_WAITS = ("public", "private", "thread", "resolution")

#: The figures of a group of marked cases, named by where they belong.
_FIGURES = (
    pl.col("counts").sum().alias("cases"),
    *(pl.col(f"{r}.{judgement}").sum() for r in _READINGS for judgement in _JUDGEMENTS),
    *(figure for name in _WAITS for figure in _waits_of(f"to_{name}", name)),
    *(
        (pl.col("counts") & (pl.col("ending") == ending)).sum().alias(f"endings.{ending}")
        for ending in names(Ending)
    ),
    (pl.col("counts") & pl.col("escalated")).sum().alias("escalated"),
)


def _measured(marked: pl.DataFrame, key: str) -> dict[Any, CaseMeasures]:
    rows = marked.group_by(key).agg(*_FIGURES)
    return {row[key]: _case_measures(row) for row in rows.iter_rows(named=True)}


def _case_measures(row: Mapping[str, Any]) -> CaseMeasures:
    return CaseMeasures(
        cases=row["cases"],
        by_public_reply=_answers(row, "by_public_reply"),
        by_private_reply=_answers(row, "by_private_reply"),
        public=_waits(row, "public"),
        private=_waits(row, "private"),
        thread=_waits(row, "thread"),
        resolution=_waits(row, "resolution"),
        endings={ending: row[f"endings.{ending}"] for ending in names(Ending)},
        escalated=row["escalated"],
    )


def _answers(row: Mapping[str, Any], reading: str) -> Answers:
    counts = {judgement: row[f"{reading}.{judgement}"] for judgement in _JUDGEMENTS}
    return Answers(
        **counts,
        answered_share=_share(counts["answered"], counts["decided"]),
        in_time_share=_share(counts["in_time"], counts["decided"]),
    )


def _waits(row: Mapping[str, Any], name: str) -> Waits:
    figures = ("count", "mean_s", "median_s", "p90_s")
    return Waits(**{figure: row[f"{name}.{figure}"] for figure in figures})


def _by_hour(marked: pl.DataFrame, staff: pl.DataFrame) -> list[HourMeasures]:
    """Every hour of the week that the recorded window touches."""
    written = (pl.col("written") // _HOUR_US % _WEEK_HOURS).alias("hour")
    cases = _measured(marked.filter("counts").with_columns(written), "hour")
    nothing = _case_measures(marked.clear().select(*_FIGURES).to_dicts()[0])
    # Of an hour that comes several times, and of several teams, the mean of the sums over teams.
    sums = staff.group_by("at").agg(pl.col("present", "busy", "backlog").sum())
    worked = sums.group_by((pl.col("at") // _HOUR_US % _WEEK_HOURS).alias("hour")).agg(
        pl.col("present", "busy", "backlog").mean()
    )
    return [
        HourMeasures(
            hour=row["hour"],
            cases=cases.get(row["hour"], nothing),
            present=row["present"] / _HOUR_US,
            occupancy=_share(row["busy"], row["present"]),
            backlog=row["backlog"],
        )
        for row in worked.sort("hour").iter_rows(named=True)
    ]


def _staff_measures(staff: pl.DataFrame) -> StaffMeasures:
    worked = staff.select(pl.col("scheduled", "present", "busy").sum()).row(0)
    scheduled, present, busy = (time / _HOUR_US for time in worked)
    hours = staff.group_by("at").agg(pl.col(*_BACKLOGS).sum()).sort("at")
    return StaffMeasures(
        scheduled=scheduled,
        present=present,
        busy=busy,
        occupancy=_share(busy, present),
        backlog_mean=_backlog(hours.mean()),
        backlog_end=_backlog(hours.tail(1)),
    )


def _backlog(row: pl.DataFrame) -> Backlog:
    found = row.to_dicts()[0] if row.height else {}
    values = [float(found.get(name) or 0) for name in _BACKLOGS]
    return Backlog(
        all=values[0], older_than_1h=values[1], older_than_4h=values[2], older_than_24h=values[3]
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
