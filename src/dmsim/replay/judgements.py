"""``judgements.parquet``: what came of every action of a replay, for whoever counts them later."""

import io
from pathlib import Path

import numpy as np
import polars as pl

from dmsim.errors import UsageError
from dmsim.paths import write_whole
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Record
from dmsim.trace.schema import words
from dmsim.vocabulary import Reason, Verdict, names

JUDGEMENTS = "judgements.parquet"

#: ``judgement`` is ``none`` where there was nothing to judge. ``outcome`` and ``reason`` are the
#: backend's words, null without an answer that says anything; ``status`` is that of HTTP, null
#: without any answer.
COLUMNS: dict[str, pl.DataType] = {
    "seq": pl.Int64(),
    "judgement": words(Judgement),
    "outcome": pl.String(),
    "reason": pl.String(),
    "status": pl.Int16(),
}


def judgements_frame(record: Record) -> pl.DataFrame:
    """One row per action, in the order of the schedule, with :data:`COLUMNS`."""
    schedule = record.schedule
    rows = list(record.outcomes)
    verdicts = [outcome.verdict for outcome in record.outcomes.values()]
    reasons = [outcome.reason or "none" for outcome in record.outcomes.values()]
    # What matched came as it was demanded; what has no verdict is among the rows with an outcome.
    outcome = _words(schedule.verdict, names(Verdict)).scatter(rows, verdicts)
    reason = _words(schedule.reason, names(Reason)).scatter(rows, reasons)
    answered = pl.Series(record.fates == Fate.ANSWERED)
    status = pl.Series(record.statuses)
    return pl.DataFrame(
        {
            "seq": schedule.seq,
            "judgement": pl.Series(record.judgements).cat.to(words(Judgement)),
            "outcome": outcome.zip_with(answered, _nothing(len(schedule))),
            "reason": reason.zip_with(answered, _nothing(len(schedule))),
            "status": status.set(status == 0, None),
        },
        schema=pl.Schema(COLUMNS),
    )


def write_judgements(frame: pl.DataFrame, folder: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    write_whole(folder / JUDGEMENTS, buffer.getvalue())


def read_judgements(folder: Path) -> pl.DataFrame:
    """Read back what a replay wrote into ``folder``.

    Raises:
        UsageError: there is no such file, or it is none of this schema.
    """
    file = folder / JUDGEMENTS
    try:
        frame = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        detail = (str(error) or type(error).__name__).splitlines()[0]
        raise UsageError(f"{file}: no judgements of a replay ({detail}); replay again") from None
    if frame.schema != pl.Schema(COLUMNS):
        raise UsageError(f"{file}: written by another version of dmsim; replay again")
    return frame


def _words(codes: np.ndarray, known: list[str]) -> pl.Series:
    return pl.Series(np.maximum(codes, 0).astype(np.uint8)).cat.to(pl.Enum(known)).cast(pl.String)


def _nothing(length: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, length)
