"""``rows.parquet``: every action of a replay with its times, for figures of one's own."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dmsim.paths import write_whole
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.judgements import judgements_frame
from dmsim.replay.record import Mask, Record
from dmsim.replay.result import METRICS
from dmsim.replay.schedule import Ints
from dmsim.trace.schema import words
from dmsim.vocabulary import Action, Reason, Verdict

RAW = "rows.parquet"

#: Times are nanoseconds from T0, ``*_ns`` durations; null where something did not happen.
#: ``verdict`` (null if nobody knows it) and ``reason`` are demanded, ``outcome`` and
#: ``outcome_reason`` came. ``origin`` is the ``seq`` of the action because of which this one could
#: not be judged or sent.
COLUMNS: dict[str, pl.DataType] = {
    "seq": pl.Int64(),
    "action": words(Action),
    "actor": pl.Int64(),
    "target": pl.Int64(),
    "intended": pl.Int64(),
    "ready": pl.Int64(),
    "start": pl.Int64(),
    "done": pl.Int64(),
    **{f"{metric}_ns": pl.Int64() for metric in METRICS},
    "fate": words(Fate),
    "judgement": words(Judgement),
    "verdict": words(Verdict),
    "reason": words(Reason),
    "outcome": pl.String(),
    "outcome_reason": pl.String(),
    "status": pl.Int16(),
    "origin": pl.Int64(),
    "error": pl.String(),
}


def raw_frame(record: Record) -> pl.DataFrame:
    """One row per action, in the order of the schedule, with :data:`COLUMNS`."""
    schedule, judged = record.schedule, judgements_frame(record)
    sent, measured = record.sent, record.measured
    times = record.times()
    return pl.DataFrame(
        {
            "seq": schedule.seq,
            "action": _words(schedule.action, COLUMNS["action"]),
            "actor": schedule.actor,
            "target": _where(schedule.target >= 0, schedule.target),
            "intended": schedule.intended,
            "ready": _where(sent, record.ready),
            "start": _where(sent, record.start),
            "done": _where(record.done >= 0, record.done),
            **{f"{metric}_ns": _where(measured, times[metric]) for metric in METRICS},
            "fate": _words(record.fates, COLUMNS["fate"]),
            "judgement": judged["judgement"],
            "verdict": _words(schedule.verdict, COLUMNS["verdict"]),
            "reason": _words(schedule.reason, COLUMNS["reason"]),
            "outcome": judged["outcome"],
            "outcome_reason": judged["reason"],
            "status": judged["status"],
            "origin": _origins(record),
            "error": _errors(record),
        },
        schema=pl.Schema(COLUMNS),
    )


def write_raw(record: Record, folder: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    buffer = io.BytesIO()
    raw_frame(record).write_parquet(buffer, compression="zstd", compression_level=1)
    write_whole(folder / RAW, buffer.getvalue())


def _words(codes: npt.NDArray[np.integer], kind: pl.DataType) -> pl.Series:
    known = pl.Series(np.maximum(codes, 0).astype(np.uint8)).cat.to(kind)
    return known.zip_with(pl.Series(codes >= 0), _nothing(len(codes), kind))


def _where(there: Mask, values: Ints) -> pl.Series:
    return pl.Series(values).zip_with(pl.Series(there), _nothing(len(values), pl.Int64()))


def _nothing(length: int, kind: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=kind).new_from_index(0, length)


def _origins(record: Record) -> pl.Series:
    rows = list(record.origins)
    origins = np.fromiter(record.origins.values(), dtype=np.int64, count=len(rows))
    return _nothing(len(record.schedule), pl.Int64()).scatter(rows, record.schedule.seq[origins])


def _errors(record: Record) -> pl.Series:
    empty = _nothing(len(record.schedule), pl.String())
    return empty.scatter(list(record.errors), list(record.errors.values()))
