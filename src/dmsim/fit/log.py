"""Reading a log of messages: CSV, NDJSON or Parquet, whatever its columns are called."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dmsim.errors import UsageError
from dmsim.fit.parts import Part, read_parts
from dmsim.fit.stamps import Stamps
from dmsim.fit.zones import Zone
from dmsim.progress import Stage

#: Names by which columns are found, the most telling first.
USUAL: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "ts", "datetime", "date_time", "created_at", "sent_at", "createdat"),
        *("created", "date", "unixts", "unix_time", "unixtime", "epoch", "at"),
    ),
    "sender": (
        *("sender", "sender_id", "from", "from_id", "source", "src", "author", "author_id"),
        *("user", "user_id", "actor", "u"),
    ),
    "recipient": (
        *("recipient", "recipient_id", "to", "to_id", "target", "dst", "receiver"),
        *("receiver_id", "addressee", "v"),
    ),
}
#: What a log may tell beside them; such columns are used only where the user names them.
FURTHER = ("text", "action", "outcome")
#: So many of the skipped rows are shown.
_SHOWN = 3
#: With more of its rows unreadable a log is not believed.
_MOST_SKIPPED = 0.5


@dataclass(frozen=True)
class Skipped:
    """A row that could not be used."""

    line: int
    why: str
    value: str


@dataclass
class Reading:
    """What was read, and what was not.

    Attributes:
        columns: The log's names of time, sender and recipient.
        rows: All rows; those used and those skipped together.
        skipped: How many were skipped, by reason.
        examples: The first of them.
        out_of_order: Rows that are older than the one before; they were sorted.
        ambiguous: Stamps within the hour that was repeated when clocks were put back.
        to_oneself: Messages to their senders; they are no part of conversations.
        clock: Whose wall clock the hours of the week are.
        stamps: Of which kind the stamps are.
    """

    columns: dict[str, str]
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    examples: list[Skipped] = field(default_factory=list)
    out_of_order: int = 0
    ambiguous: int = 0
    to_oneself: int = 0
    clock: str = ""
    stamps: str = ""

    @property
    def used(self) -> int:
        """Rows that were used."""
        return self.rows - self.skipped.total()

    def skip(self, line: int, why: str, value: str = "") -> None:
        """Note a row that cannot be used."""
        self.skipped[why] += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(Skipped(line, why, value[:60]))


@dataclass(frozen=True)
class Log:
    """Messages in the order of time.

    ``events`` has ``instant`` and ``wall`` (µs since 1970, of UTC and of the wall clock) and, where
    the log tells them, ``sender`` and ``recipient`` (text or numbers); also the line of each and
    those of :data:`FURTHER` that the user named.
    """

    events: pl.DataFrame
    reading: Reading


def read_log(path: Path, columns: Mapping[str, str | None], zone: Zone | None, stage: Stage) -> Log:
    """Read a log whole.

    Args:
        path: A ``.csv`` (also ``.csv.gz``), ``.ndjson``, ``.jsonl`` or ``.parquet`` file.
        columns: The names of time, sender and recipient where the user gives them, and of
            :data:`FURTHER`. With ``action``, rows may have no recipient.
        zone: Whose wall clock counts; needed where stamps have no time zone.
        stage: Is told of rows that were read.

    Raises:
        UsageError: the file cannot be used, in one line.
    """
    names, parts = read_parts(path, lambda known: find_columns(path, known, columns))
    reading = Reading(names)
    stamps = Stamps(f"{path}, column {names['time']}", zone)
    found = [_usable(part, stamps, reading, stage) for part in parts]
    reading.ambiguous, reading.clock = stamps.ambiguous, stamps.clock
    reading.stamps = f"Unix time in {stamps.unit}" if stamps.unit else "dates with times"
    check_enough(path, reading)
    events = pl.concat(found)
    if "recipient" in events.columns:
        reading.to_oneself = int((events["sender"] == events["recipient"]).sum())
    reading.out_of_order = int((events["instant"].diff() < 0).sum())
    return Log(events.sort("instant", maintain_order=True), reading)


def find_columns(path: Path, known: list[str], told: Mapping[str, str | None]) -> dict[str, str]:
    """The columns of time, sender, recipient and what else is told, by their names in the log.

    Raises:
        UsageError: one that the user names is not there, or no column of times is found.
    """
    found: dict[str, str] = {}
    lower = {name.strip().lower(): name for name in reversed(known)}
    for role in (*USUAL, *FURTHER):
        usual = USUAL.get(role, ())
        wanted = told.get(role)
        if wanted is not None and wanted not in known:
            raise UsageError(
                f"{path}: no column {wanted}; it has {', '.join(known) or 'none'}: "
                f"name one with --{role}"
            )
        name = wanted or next((lower[name] for name in usual if name in lower), None)
        if name is not None:
            found[role] = name
    if "time" not in found:
        listed = ", ".join(known) or "none"
        raise UsageError(f"{path}: which column holds the times? It has {listed}; say --time NAME")
    if "sender" not in found:
        found.pop("recipient", None)
    return found


def _usable(part: Part, stamps: Stamps, reading: Reading, stage: Stage) -> pl.DataFrame:
    """The rows of a part that can be used; the others are counted."""
    reading.rows += part.frame.height + len(part.broken)
    stage.advance(part.frame.height + len(part.broken))
    for line, value, why in part.broken:
        reading.skip(line, why, value)
    frame = stamps.read(part.frame)
    known = part.frame.columns
    people = [name for name in ("sender", "recipient") if name in known]
    if "action" in known:  # not every action has a recipient
        people = people[:1]
    readable = pl.col("instant").is_not_null()
    named = pl.all_horizontal([pl.lit(True), *(pl.col(name).is_not_null() for name in people)])
    for line, text in frame.filter(~readable).select("line", "time").iter_rows():
        reading.skip(line, "no time stamp that can be read", text or "")
    for line in frame.filter(readable & ~named)["line"]:
        reading.skip(line, f"no {' or no '.join(people)}")
    told = [name for name in ("sender", "recipient", *FURTHER) if name in known]
    return frame.filter(readable & named).select("line", "instant", "wall", *told)


def check_enough(path: Path, reading: Reading) -> None:
    """Refuse a log of which too little could be used.

    Raises:
        UsageError: it has no rows, or more than half of them were skipped.
    """
    if not reading.rows:
        raise UsageError(f"{path}: holds no rows; give a log of messages, one on each line")
    share = reading.skipped.total() / reading.rows
    if share > _MOST_SKIPPED:
        first = reading.examples[0]
        raise UsageError(
            f"{path}:{first.line}: {first.why} ({first.value!r}), and {share:.0%} of all rows "
            "cannot be used; check the columns (--time, --sender, --recipient), and write times as "
            '"2026-03-02 08:00:00" or as Unix time'
        )


def lines_of(reading: Reading) -> Iterator[str]:
    """What was read and what was not, in words."""
    names = ", ".join(f"{role} = {name}" for role, name in reading.columns.items())
    yield f"{reading.rows:,} rows, {reading.used:,} used; columns: {names}"
    yield f"{reading.stamps}; hours of the week by the clock of {reading.clock}"
    for why, count in reading.skipped.items():
        yield f"skipped {count:,}: {why}"
    for row in reading.examples:
        yield f"  line {row.line}: {row.why}{f' ({row.value!r})' if row.value else ''}"
    if reading.out_of_order:
        yield f"{reading.out_of_order:,} rows were older than the one before; sorted"
    if reading.to_oneself:
        yield f"{reading.to_oneself:,} to their senders; no part of rows and answers"
    if reading.ambiguous:
        yield f"{reading.ambiguous:,} in an hour that clocks repeated; the earlier one is taken"
