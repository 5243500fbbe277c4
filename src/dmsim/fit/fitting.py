"""From a log, or a trace, to weekly curves and habits."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from dmsim.errors import UsageError
from dmsim.fidelity.facts import Facts, read_facts
from dmsim.fidelity.week import clocks
from dmsim.fit.behaviour import Sessions, Turns, fit_sessions, fit_turns
from dmsim.fit.curve import Curve, fit_curve
from dmsim.fit.log import Log, Reading, read_log
from dmsim.fit.weeks import MONDAY_US, Ints, Weeks, count_weeks
from dmsim.fit.zones import Zone
from dmsim.progress import Progress, Stage
from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, WEEK_US
from dmsim.trace.reader import Trace, is_trace
from dmsim.vocabulary import Action, Verdict, word

#: Fewer events of a kind in a trace have no curve.
_LEAST_EVENTS = 100


@dataclass(frozen=True)
class Options:
    """How a log is read and cut.

    Attributes:
        columns: The names of time, sender and recipient, where the user gives them.
        zone: Whose wall clock counts.
        gap: A longer pause ends a session, or a turn, in µs.
        within: An answer comes in this time, in µs.
    """

    columns: dict[str, str | None] = field(default_factory=dict)
    zone: Zone | None = None
    gap: int = 30 * MINUTE_US
    within: int = DAY_US


@dataclass(frozen=True)
class Week:
    """A fitted curve with the counts that it rests on."""

    weeks: Weeks
    curve: Curve


@dataclass(frozen=True)
class Fit:
    """What a log says.

    Attributes:
        source: The log.
        reading: How the log was read; None of a trace, which is read whole or not at all.
        weeks: The curves by name: ``messages`` of a log; of a trace ``sessions``, ``comments`` and
            ``messages`` to brands, as far as there are enough of them.
        sessions: None where the log does not tell who acted.
        turns: None where it does not tell to whom.
    """

    source: Path
    reading: Reading | None
    weeks: dict[str, Week]
    sessions: Sessions | None
    turns: Turns | None


def fit(path: Path, options: Options, progress: Progress) -> Fit:
    """Fit a log (a file) or a trace (a folder).

    Raises:
        UsageError: it cannot be used, in one line.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file; give a log, or the folder of a trace")
    if not path.is_dir():
        with progress.stage("read", None, "rows") as stage:
            log = read_log(path, options.columns, options.zone, stage)
        return _fit_log(path, log, options, progress)
    if not is_trace(path):
        raise UsageError(f"{path}: a folder, but no trace; give a log, or the folder of a trace")
    return _fit_trace(path, options, progress)


def _fit_log(path: Path, log: Log, options: Options, progress: Progress) -> Fit:
    events = log.events
    weeks = count_weeks(events["wall"].to_numpy(), None, str(path))
    with progress.stage("fit", 1, "curves") as stage:
        curve = _fit_week(weeks, stage)
    people = {"messages": curve}
    if "sender" not in events.columns:
        return Fit(path, log.reading, people, None, None)
    numbered = _numbered(events)
    at = events["instant"]
    length = float(weeks.observed.sum()) * HOUR_US / WEEK_US
    sessions = fit_sessions(numbered.select("actor", "at"), length, options.gap)
    turns = None
    if "target" in numbered.columns:
        apart = numbered.filter(pl.col("actor") != pl.col("target"))
        turns = fit_turns(apart, int(at[-1]), options.gap, options.within)
    return Fit(path, log.reading, people, sessions, turns)


def _numbered(events: pl.DataFrame) -> pl.DataFrame:
    """People as numbers, the same ones as senders and as recipients."""
    sides = {"sender": "actor", "recipient": "target"}
    roles = [role for role in sides if role in events.columns]
    ids = pl.concat([events[role].rename("id") for role in roles]).unique(maintain_order=True)
    known = ids.to_frame().with_row_index("number")
    columns = {"at": events["instant"]}
    for role in roles:
        named = events[role].rename("id").to_frame()
        columns[sides[role]] = named.join(known, on="id", how="left", maintain_order="left")[
            "number"
        ]
    return pl.DataFrame(columns)


def _fit_trace(path: Path, options: Options, progress: Progress) -> Fit:
    given = [f"--{role}" for role, column in options.columns.items() if column is not None]
    given += ["--time-zone"] if options.zone else []
    if given:
        raise UsageError(
            f"{path}: a trace tells its columns and clocks itself; leave out {given[0]}"
        )
    trace = Trace.open(path)
    with progress.stage("read", None, "") as stage:
        facts = read_facts(trace)
        stage.advance(1)
    series = {
        "sessions": facts.opens,
        "comments": facts.comments,
        "messages": facts.received,
    }
    found: dict[str, Week] = {}
    with progress.stage("fit", len(series), "curves") as stage:
        for name, events in series.items():
            if events.height >= _LEAST_EVENTS:
                found[name] = _fit_week(_weeks_of(path, facts, events), stage)
    if not found:
        told = f"fewer than {_LEAST_EVENTS} sessions, comments and messages to brands each"
        raise UsageError(f"{path}: {told}; simulate more persons or a longer time")
    length = (facts.manifest.until_us - facts.manifest.from_us) / WEEK_US
    between = facts.messages.filter("delivered", ~pl.col("to_brand"))
    turns = fit_turns(between, facts.manifest.until_us, options.gap, options.within)
    sessions = fit_sessions(_in_sessions(trace, facts), length, options.gap)
    return Fit(path, None, found, sessions, turns)


def _fit_week(weeks: Weeks, stage: Stage) -> Week:
    fitted = Week(weeks, fit_curve(weeks))
    stage.advance(1)
    return fitted


def _weeks_of(path: Path, facts: Facts, events: pl.DataFrame) -> Weeks:
    """Counts by the clock that the scenario's curves mean; what every clock saw was observed."""
    offsets = clocks(facts)
    wall = events["at"].to_numpy() + offsets[events["actor"].to_numpy()] + MONDAY_US
    persons = offsets[facts.persons["id"].to_numpy()]
    window = (
        facts.manifest.from_us + MONDAY_US + int(persons.max(initial=0)),
        facts.manifest.until_us + MONDAY_US + int(persons.min(initial=0)),
    )
    inside: Ints = wall[(wall >= window[0]) & (wall < window[1])]
    return count_weeks(inside, window, str(path))


def _in_sessions(trace: Trace, facts: Facts) -> pl.DataFrame:
    """What persons did, each session begun by opening the inbox.

    Comments are made outside sessions, and so are most messages to brands.
    """
    rows = trace.actions(["at", "actor", "action", "target", "verdict"])
    persons = np.zeros(len(facts.offset), dtype=np.bool_)
    persons[facts.persons["id"].to_numpy()] = True
    brand = facts.brands[rows["target"].fill_null(0).to_numpy()]
    message = pl.col("action") == word(Action.SEND_MESSAGE)
    outside = (pl.col("action") == word(Action.COMMENT)) | (message & pl.Series(brand))
    begins = pl.col("action") == word(Action.OPEN_INBOX)
    refused = pl.col("verdict") == word(Verdict.REFUSED)
    by_person = pl.Series(persons[rows["actor"].to_numpy()])
    found = rows.filter(by_person & ~outside & ~(begins & refused))
    return found.select("actor", "at", begins=begins)
