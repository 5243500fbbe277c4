"""From the kernel's row records to the trace's columns."""

from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.engine.state import Records
from dmsim.population.model import Population
from dmsim.trace.schema import ACTIONS, CELL_SHIFT, OF_COMMENTS, words
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Platform,
    Reason,
    Setting,
    Verdict,
    Via,
    Violation,
)

#: Actions that name a comment or a video of their cell.
_NAME_OBJECT_OF_CELL = (
    *(action.value for action in OF_COMMENTS),
    Action.WATCH_VIDEO.value,
    Action.CHANGE_VIDEO_PRIVACY.value,
    Action.REPORT_CONTENT.value,
)
_POLARS = {"int32": pl.Int32, "int64": pl.Int64}


def rows_to_frame(
    rows: Records, afters: NDArray[np.int64], first: int, population: Population
) -> pl.DataFrame:
    """Rows as they stand in the trace: ids of the whole population, words for codes."""
    cell = population.cell << CELL_SHIFT
    count = len(rows)
    columns = {
        "seq": pl.Series(np.arange(first, first + count, dtype=np.int64) + cell),
        "at": pl.Series(rows["at"].copy()),
        "actor": pl.Series(rows["actor"] + np.int32(population.first_account)),
        "action": _words(rows["action"], Action),
        "target": _nullable(rows["target"], population.first_account),
        "uses": pl.Series(_objects(rows, population)).replace(-1, None),
        "binds": _nullable(rows["binds"], cell),
        "text": _nullable(rows["text"], 0),
        "setting": _words(rows["setting"], Setting),
        "content": _words(rows["content"], ContentKind),
        "switch": _switches(rows["switch"]),
        "violation": _words(rows["violation"], Violation),
        "until": _nullable(rows["until"], 0),
        "fanout": _nullable(rows["fanout"], cell),
        "via": _words(rows["via"], Via),
        "platform": _words(rows["platform"], Platform),
        "verdict": _words(rows["verdict"], Verdict),
        "reason": _words(rows["reason"], Reason),
        "after": _lists(afters + cell, rows["afters_end"].astype(np.int64)),
    }
    return pl.DataFrame(columns, schema=ACTIONS.schema)


def _objects(rows: Records, population: Population) -> NDArray[np.int64]:
    """What actions name, with ids of the whole population: posts, comments and videos of the cell.

    Sticker sets, effects, hashtags and sounds are the same everywhere.
    """
    uses = rows["uses"].copy()
    action, content = rows["action"], rows["content"]
    shared = (action == Action.SHARE_CONTENT.value) & (content == ContentKind.VIDEO.value)
    of_cell = np.isin(action, _NAME_OBJECT_OF_CELL) | shared
    uses[of_cell & (uses >= 0)] += population.cell << CELL_SHIFT
    uses[action == Action.COMMENT.value] += population.first_post
    return uses


def _switches(values: NDArray[np.int8]) -> pl.Series:
    """Whether something is on; -1 becomes null."""
    given = values >= 0
    if not given.any():
        return pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(values))
    return pl.Series(values == 1).zip_with(pl.Series(given), pl.Series([None], dtype=pl.Boolean))


def _nullable(values: NDArray[np.signedinteger], offset: int) -> pl.Series:
    """Ids of the whole population; -1 becomes null."""
    if (values < 0).all():
        return pl.Series([None], dtype=_POLARS[values.dtype.name]).new_from_index(0, len(values))
    dtype = values.dtype.type
    return pl.Series(np.where(values >= 0, values + dtype(offset), dtype(-1))).replace(-1, None)


def _words(codes: NDArray[np.int8], enumeration: type[IntEnum]) -> pl.Series:
    """Words for codes; -1 becomes null."""
    known = pl.Series(np.maximum(codes, 0).astype(np.uint8)).cat.to(words(enumeration))
    if (codes >= 0).all():
        return known
    if (codes < 0).all():
        return pl.Series([None], dtype=known.dtype).new_from_index(0, len(codes))
    return known.zip_with(pl.Series(codes >= 0), pl.Series([None], dtype=known.dtype))


def _lists(values: NDArray[np.int64], ends: NDArray[np.int64]) -> pl.Series:
    """One list per row from consecutive runs of values, each run given by its end."""
    row = np.repeat(np.arange(len(ends), dtype=np.int64), np.diff(ends, prepend=0))
    filled = (
        pl.DataFrame({"row": row, "after": values})
        .with_columns(pl.col("row").set_sorted())
        .group_by("row", maintain_order=True)
        .agg("after")
    )
    everyone = pl.DataFrame({"row": np.arange(len(ends), dtype=np.int64)})
    joined = everyone.join(filled, on="row", how="left", maintain_order="left")["after"]
    return joined.fill_null(pl.Series([[]], dtype=pl.List(pl.Int64)))
