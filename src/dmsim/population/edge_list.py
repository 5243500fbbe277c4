"""Who follows whom, from the user's own file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dmsim.errors import UsageError
from dmsim.population.edges import Edges, distinct

_COLUMNS = ("follower", "followed")
_REMEDY = "write the columns follower and followed, one follow on a row"
_DAMAGE = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


@dataclass(frozen=True)
class EdgeList:
    """The follows of a file.

    Attributes:
        edges: (follower, followed), sorted, without duplicates or loops.
        named: How many persons the file names; they have the numbers from 0 on.
        duplicates: Rows that said again what another one says; they were dropped.
        loops: Rows by which somebody follows himself; they were dropped.
    """

    edges: Edges
    named: int
    duplicates: int
    loops: int


def read_edge_list(path: Path, persons: int) -> EdgeList:
    """Read a CSV or Parquet file with the columns ``follower`` and ``followed``.

    Ids are whole numbers or text. Persons are numbered as they first appear: first the followers,
    down the file, then those who are only followed. Persons beyond them follow nobody.

    Raises:
        UsageError: the file cannot be used, or names more than ``persons``.
    """
    frame = _read(path)
    _check_ids(path, frame)
    frame = _alike(path, frame)
    ids = pl.concat([frame["follower"], frame["followed"].rename("follower")])
    ids = ids.unique(maintain_order=True)
    if len(ids) > persons:
        told = f"names {len(ids):,} persons, but population.persons is {persons:,}"
        raise UsageError(f"{path}: {told}; raise population.persons to {len(ids)}")
    follower, followed = (_numbered(frame[name], ids) for name in _COLUMNS)
    loops = int(np.count_nonzero(follower == followed))
    edges = distinct(follower, followed, max(persons, 1))
    return EdgeList(edges, len(ids), len(follower) - loops - len(edges[0]), loops)


def _read(path: Path) -> pl.DataFrame:
    """The two columns as they stand; those of a CSV file are text."""
    try:
        if path.suffix == ".parquet":
            names = list(pl.read_parquet_schema(path))
            _check_columns(path, names)
            return pl.read_parquet(path, columns=list(_COLUMNS))
        names = pl.read_csv(path, n_rows=0, infer_schema=False).columns
        _check_columns(f"{path}:1", names)
        frame = pl.read_csv(path, columns=list(_COLUMNS), infer_schema=False)
        stripped = (pl.col(name).str.strip_chars() for name in _COLUMNS)
        return frame.select(stripped).select(pl.all().replace("", None))
    except pl.exceptions.NoDataError:
        raise UsageError(f"{path}: empty; {_REMEDY}") from None
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; check population.graph.edges") from None
    except _DAMAGE as error:
        kind = "Parquet file" if path.suffix == ".parquet" else "CSV file in UTF-8"
        reason = str(error).splitlines()[0]
        raise UsageError(f"{path}: not a {kind} ({reason}); {_REMEDY}") from None


def _check_columns(place: Path | str, names: list[str]) -> None:
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        told = f"no column {missing[0]}, it has {', '.join(names)}"
        raise UsageError(f"{place}: {told}; {_REMEDY}")


def _check_ids(path: Path, frame: pl.DataFrame) -> None:
    """Refuse rows without an id, with the first one's place."""
    empty = frame["follower"].is_null() | frame["followed"].is_null()
    row = empty.arg_max()
    if row is None or not empty[row]:
        return
    name = next(name for name in _COLUMNS if frame[name][row] is None)
    # The head is line 1 of a CSV file.
    place = f"{path}:{row + 2}" if path.suffix == ".csv" else f"{path}: row {row + 1}"
    raise UsageError(f"{place}: {name} is empty; write an id there or drop the row")


def _alike(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    """Both columns as text, or both as whole numbers of one kind."""
    types = frame.schema
    if all(kind.is_integer() for kind in types.values()):
        wide = [pl.col(name).cast(pl.Int128) for name in _COLUMNS]
        return frame if len(set(types.values())) == 1 else frame.select(wide)
    text = (pl.String, pl.Categorical, pl.Enum)
    if all(isinstance(kind, text) for kind in types.values()):
        return frame.select(pl.col(name).cast(pl.String) for name in _COLUMNS)
    told = " and ".join(f"{name} is {kind}" for name, kind in types.items())
    raise UsageError(f"{path}: {told}; write ids as whole numbers, or as text, in both columns")


def _numbered(column: pl.Series, ids: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The place of each value among the ids."""
    numbers = ids.rename("id").to_frame().with_row_index("number")
    found = column.rename("id").to_frame().join(numbers, on="id", how="left", maintain_order="left")
    return found["number"].to_numpy().astype(np.int64)
